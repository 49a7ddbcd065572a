"""What `config.json` of a model folder may hold: types and bounds, checked before anything is made of it."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sigsimnet._utils.settings import in_words
from sigsimnet.errors import ModelError
from sigsimnet.peaks import DETECTORS

__all__ = ["check_config"]

_MOST_PLACES = 1 << 16  # channels, samples, dimensions: a thousand times what a signal or an embedding needs
_MOST_ITEMS = 4096  # steps of an isotonic calibration; names of channels

Count = Annotated[int, Meta(ge=0)]
Size = Annotated[int, Meta(ge=1, le=_MOST_PLACES)]
Share = Annotated[float, Meta(ge=0, le=1)]
Prior = Annotated[float, Meta(gt=0, lt=1)]
Positive = Annotated[float, Meta(gt=0, le=1e6)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Band = tuple[Annotated[float, Meta(ge=0, le=1e6)] | None, Annotated[float, Meta(ge=0, le=1e6)] | None]
Scale = Literal["zscore", "asinh", "none"]
Values = Annotated[list[float], Meta(min_length=1, max_length=_MOST_ITEMS)]


class _Beats(msgspec.Struct, tag_field="kind", tag="beats", forbid_unknown_fields=True):
    sampling_rate: Positive
    before: Positive
    after: Positive
    band: Band
    rate_normalise: bool
    normalise: Scale
    detector: Name
    max_gap: Annotated[float, Meta(ge=0, le=1e6)]
    rhythm: bool = False
    fiducial: Literal["qrs", "r_peak"] = "r_peak"
    qt: Literal["measured", "bazett"] = "bazett"


class _Windows(msgspec.Struct, tag_field="kind", tag="windows", forbid_unknown_fields=True):
    length: Positive
    sampling_rate: Positive
    band: Band
    normalise: Scale
    max_gap: Annotated[float, Meta(ge=0, le=1e6)]
    step: Positive | None = None
    modality: str = ""
    scale: Positive = 0.1


class _Cycles(msgspec.Struct, tag_field="kind", tag="cycles", forbid_unknown_fields=True):
    anchor: Literal["pulse", "breath"]
    length: Positive
    before: Share
    sampling_rate: Positive
    band: Band
    rate_normalise: bool
    normalise: Scale
    max_gap: Annotated[float, Meta(ge=0, le=1e6)]


class _Calibration(msgspec.Struct, forbid_unknown_fields=True):
    """Of either kind: a slope and an intercept, or scores and ratios."""

    slope: Annotated[float, Meta(gt=0, le=1e6)] | None = None
    intercept: Annotated[float, Meta(ge=-1e6, le=1e6)] | None = None
    prior: Prior = 0.5
    scores: Values | None = None
    ratios: Values | None = None

    def __post_init__(self) -> None:
        line = self.slope is not None and self.intercept is not None
        stairs = self.scores is not None and self.ratios is not None
        if line == stairs:
            raise ValueError("a calibration has a slope and an intercept, or scores and ratios")


class _Card(msgspec.Struct):
    same: Literal["", "subject", "label", "recording", "view"] = ""
    trained_on: str = ""
    n_people: Count = 0
    n_recordings: Count = 0
    n_segments: Count = 0
    n_held_out: Count = 0
    people: str = ""
    recordings: str = ""
    salt: str = ""
    calibrated_on: str = ""
    n_calibrated: Count = 0
    same_above: Share = 0.9
    different_below: Share = 0.1
    thresholds: dict[str, float] = {}
    min_segments: Count = 3
    training: dict[str, Any] = {}
    history: list[dict[str, float | None]] = []
    extra: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if self.different_below > self.same_above:
            raise ValueError("different_below is above same_above")
        if not all(_is_share(rate) for rate in self.thresholds):
            raise ValueError("thresholds are by a false accept rate between 0 and 1")


class _Config(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal[1, 2]
    encoder: Name
    encoder_options: dict[str, Any]
    head: Name
    segments: _Beats | _Windows | _Cycles
    n_channels: Size
    channels: Annotated[list[Name], Meta(min_length=1, max_length=_MOST_ITEMS)] | None
    calibration: _Calibration | None
    card: _Card
    dim: Size | None = None
    fusion: Literal["quality", "mean", "attention"] = "quality"
    normalisation: Literal["none", "z", "t", "s", "as"] = "none"
    calibration_by_count: dict[Annotated[str, Meta(pattern="^[1-9][0-9]{0,5}$")], _Calibration] | None = None
    calibration_by_leads: (
        dict[
            Annotated[str, Meta(pattern="^[2-9]$|^1[0-2]$")],
            Annotated[dict[Annotated[str, Meta(pattern="^(0|[1-9][0-9]{0,5})$")], _Calibration], Meta(min_length=1)],
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        if self.format > 1 and self.dim is None:
            raise ValueError("it says nothing of dim")
        if (self.calibration_by_count or self.calibration_by_leads) and self.calibration is None:
            raise ValueError("it is calibrated by count but not as a whole")


def check_config(config: object) -> None:
    """Check what the JSON of a model folder holds.

    Raises
    ------
    ModelError
        Naming the first entry that is missing, unknown, of another type or out of bounds.

    Examples
    --------
    >>> check_config({"format": 2, "encoder": 3})
    Traceback (most recent call last):
    sigsimnet.errors.ModelError: expected text, got a whole number (at encoder)
    """
    try:
        known = msgspec.convert(config, _Config)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ModelError(in_words(str(error))) from error
    numbers = [known.calibration, *(known.calibration_by_count or {}).values()]
    for one in (number for number in numbers if number is not None):
        if not all(map(math.isfinite, (one.slope or 0, one.intercept or 0, *(one.scores or ()), *(one.ratios or ())))):
            raise ModelError("a number of its calibration is not finite")
    segments, channels = known.segments, known.channels
    own = known.n_channels - (2 if isinstance(segments, _Beats) and segments.rhythm else 0)
    if channels is not None and len(set(channels)) < len(channels):
        raise ModelError("it names a channel twice")
    low = segments.band[0]
    if low is not None and low >= segments.sampling_rate / 2:
        raise ModelError(f"the low corner of its band is {low:g} Hz, for segments at {segments.sampling_rate:g} Hz")
    if own < 1 or (channels is not None and len(channels) != own):
        raise ModelError(f"n_channels is {known.n_channels}, which does not fit its segments and channels")
    if isinstance(segments, _Beats) and segments.detector not in DETECTORS:
        raise ModelError(f"unknown detector {segments.detector!r} (known: {', '.join(DETECTORS)})")
    if not all(map(math.isfinite, known.card.thresholds.values())):
        raise ModelError("a threshold is not finite")


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) < 1
    except ValueError:
        return False
