"""Which channels a model looks at, and what stands for one that a recording does not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.text import shorten_list
from sigsimnet.channels import ecg_channels, match_channels
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, CycleCutter, Segments, cycle_channels

__all__ = ["channels_for", "check_channel_count", "covariance_of", "enough_channels", "with_channels"]

RIDGE = 0.01
LEAST_PRESENT = 0.5  # of the channels that a model of several takes


def channels_for(recording: Recording, cutter: Cutter, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the channels that segments are cut from.

    Beats come from one ECG channel, the first by name; cycles from the channels of their modality; windows from all
    channels; unless some are named. Several that are named may have other names in the recording
    (`sigsimnet.channels.match_channels`), and up to half of them may be missing, where two remain.

    Raises
    ------
    SignalError
        If a named channel is missing, or more than half of several.
    """
    if wanted and len(wanted) > 1:
        found = match_channels(recording.channel_names, wanted)
        present = tuple(name for name in found if name is not None)
        if not enough_channels(len(present), len(wanted)):
            where = f"{recording.source}: " if recording.source else ""
            missing = [name for name, own in zip(wanted, found, strict=True) if own is None]
            raise SignalError(
                f"{where}{len(missing)} of {len(wanted)} channels are missing ({shorten_list(missing, 8)}; there are: "
                f"{shorten_list(recording.channel_names, 8)}): at least half, and two, are needed"
            )
        return present
    if wanted:
        for name in wanted:
            recording.channel_index(name)
        return tuple(wanted)
    if isinstance(cutter, CycleCutter):
        return cycle_channels(recording, cutter.anchor)
    return ecg_channels(recording)[:1] if cutter.kind == "beats" else recording.channel_names


def enough_channels(present: int, wanted: int) -> bool:
    """Return whether a model of several channels can do with those that are present: half of them, and two.

    Examples
    --------
    >>> enough_channels(4, 8), enough_channels(1, 2)
    (True, False)
    """
    return present >= max(2, LEAST_PRESENT * wanted)


def with_channels(
    segments: Segments, wanted: Sequence[str] | None, covariance: NDArray[np.float64] | None = None
) -> Segments:
    """Return segments with the channels that a model takes, in its order.

    One that is missing becomes what the others make one expect of it: its conditional mean under the ``covariance`` of
    the channels in training (Gaussian, ridge of 1 % of the mean variance); 0 throughout where that is not known.
    """
    if not wanted or len(wanted) < 2 or segments.cut_apart or segments.channel_names[: len(wanted)] == tuple(wanted):
        return segments
    own = match_channels(segments.channel_names, wanted)
    extra = [name for name in segments.channel_names if name not in own]
    data = np.zeros((len(segments), len(wanted) + len(extra), segments.data.shape[2]), dtype=np.float32)
    for place, name in enumerate([*own, *extra]):
        if name is not None:
            data[:, place] = segments.data[:, segments.channel_names.index(name)]
    missing = [place for place, name in enumerate(own) if name is None]
    if missing and covariance is not None:
        present = [place for place, name in enumerate(own) if name is not None]
        known = covariance[np.ix_(present, present)] + RIDGE * np.trace(covariance) / len(wanted) * np.eye(len(present))
        weights = np.linalg.solve(known, covariance[np.ix_(present, missing)])
        data[:, missing] = np.einsum("pm,nps->nms", weights, data[:, present])
    lacking = tuple(wanted[place] for place in missing)
    return replace(segments, data=data, channel_names=(*wanted, *extra), missing_channels=lacking)


def covariance_of(segments: NDArray[np.float32]) -> list[list[float]]:
    """Return the second moments of the channels of segments, shape (n, n_channels, n_samples), for a card."""
    moments = np.einsum("nas,nbs->ab", segments, segments, dtype=np.float64) / (len(segments) * segments.shape[2])
    return [[float(f"{value:.5g}") for value in row] for row in moments]


def check_channel_count(recording: Recording, names: Sequence[str], takes: int, wanted: Sequence[str] | None) -> None:
    """Refuse another number of channels than the network takes; of several that it knows by name, less than half.

    Raises
    ------
    SignalError
        Naming the channels.
    """
    where = f"{recording.source}: " if recording.source else ""
    if wanted and len(wanted) > 1:
        known = sum(name is not None for name in match_channels(names, wanted))
        if known < len(names) or not enough_channels(known, len(wanted)):
            raise SignalError(
                f"{where}{known} of the {len(wanted)} channels of this network ({shorten_list(wanted, 8)}) are among "
                f"{shorten_list(names, 8)}; at least half, and two, are needed, and no others"
            )
    elif takes and len(names) != takes:
        raise SignalError(f"{where}{len(names)} channels ({', '.join(names)}) for a network of {takes}")
