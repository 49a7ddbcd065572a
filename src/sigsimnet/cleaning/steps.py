"""Steps of a chain: settings, what each does to a recording, and a note of what it did."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from sigsimnet._utils.registry import Registry
from sigsimnet._utils.settings import Corner, Hertz, LongestGap, Order, Positive, Seconds, check_fields
from sigsimnet.cleaning.denoise import median_baseline, moving_average, notch, savitzky_golay, wavelet_denoise
from sigsimnet.cleaning.filters import bandpass
from sigsimnet.cleaning.mains import find_mains, remove_mains
from sigsimnet.cleaning.missing import FILLS, fill_missing
from sigsimnet.cleaning.outliers import OUTLIERS, find_clipped, find_flat, find_outliers, replace_outliers
from sigsimnet.cleaning.packets import repair_steps
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = [
    "STEPS", "Average", "Bandpass", "Baseline", "Clipped", "Flat", "Gaps", "Mains", "Notch", "Outliers", "PacketSteps",
    "SavitzkyGolay", "Step", "StepLog", "Wavelet",
]  # fmt: skip

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StepLog:
    """What one step did.

    Attributes
    ----------
    name : str
    settings : mapping
    note : str
        In words: what it found, how much it changed.

    Examples
    --------
    >>> StepLog("gaps", {}, "nothing to bridge").note
    'nothing to bridge'
    """

    name: str
    settings: Mapping[str, Any]
    note: str


class Step(ABC):
    """One step: a recording in, a recording out, the samples it invented, and a note.

    Examples
    --------
    >>> sorted(STEPS)[:3]
    ['average', 'bandpass', 'baseline']
    """

    name: ClassVar[str]

    def __post_init__(self) -> None:
        check_fields(self)

    @abstractmethod
    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Return the changed recording, a mask of invented samples (None: none), and what was done."""


class _EachChannel(Step):
    """A step that changes every uninterrupted channel by itself."""

    @abstractmethod
    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Return one uninterrupted channel changed."""

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Return the changed recording; no filter crosses the border of two spans."""
        changed = _each_channel(recording, lambda x: self.change(x, recording.sampling_rate))
        return changed, None, _removed(recording.data, changed.data)


def _each_channel(recording: Recording, change: Callable[[NDArray[np.float32]], Floats]) -> Recording:
    data = np.empty(recording.data.shape, dtype=np.float32)
    for span, samples in recording.iter_spans():
        for row, channel in enumerate(samples):
            data[row, span.start : span.stop] = change(channel)
    return recording.replace(data=data)


def _removed(before: NDArray[np.float32], after: NDArray[np.float32]) -> str:
    known = ~np.isnan(before) & ~np.isnan(after)
    if not known.any():
        return "nothing to filter"
    taken = before[known].astype(np.float64) - after[known]
    size = float(np.std(before[known].astype(np.float64)))
    return f"took away {100 * float(np.std(taken)) / size:.1f} % of the standard deviation" if size else "no change"


@dataclass(frozen=True)
class Gaps(Step):
    """`fill_missing` as a step."""

    method: str = "linear"
    max_gap: LongestGap = 0.1
    name: ClassVar[str] = "gaps"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in FILLS:
            raise ParameterError(f"unknown way to fill gaps {self.method!r} (known: {', '.join(FILLS)})")

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Bridge short gaps."""
        filled, invented = fill_missing(recording, method=self.method, max_gap=self.max_gap)
        left = int(np.isnan(filled.data).sum())
        return filled, invented, f"bridged {int(invented.sum())} samples, {left} stay missing"


@dataclass(frozen=True)
class Outliers(Step):
    """`find_outliers` and `replace_outliers` as a step."""

    method: str = "beat"
    threshold: Positive | None = None
    window: Seconds = 10.0
    max_gap: LongestGap = 0.1
    name: ClassVar[str] = "outliers"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in OUTLIERS:
            raise ParameterError(f"unknown kind of outliers {self.method!r} (known: {', '.join(OUTLIERS)})")

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Replace outliers, and interpolate across short gaps."""
        found = find_outliers(recording, method=self.method, threshold=self.threshold, window=self.window)
        mended, invented = replace_outliers(recording, found, max_gap=self.max_gap)
        lost = int((found & ~invented).sum())
        return mended, invented, f"{int(found.sum())} samples: bridged {int(invented.sum())}, now missing {lost}"


class _Marks(Step):
    """A step that makes samples missing that are no signal."""

    @abstractmethod
    def mark(self, recording: Recording) -> Mask:
        """Return the samples to make missing."""

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Make them missing; the time axis does not change."""
        found = self.mark(recording) & ~np.isnan(recording.data)
        data = np.where(found, np.float32(np.nan), recording.data)
        return recording.replace(data=data), None, f"{int(found.sum())} samples, now missing"


@dataclass(frozen=True)
class Flat(_Marks):
    """`find_flat` as a step: constant intervals become missing."""

    min_duration: Seconds = 1.0
    name: ClassVar[str] = "flat"

    def mark(self, recording: Recording) -> Mask:
        """Return the constant samples."""
        return find_flat(recording, min_duration=self.min_duration)


@dataclass(frozen=True)
class Clipped(_Marks):
    """`find_clipped` as a step: equal samples at the end of the scale become missing."""

    min_samples: Annotated[int, Meta(ge=1)] = 3
    name: ClassVar[str] = "clipped"

    def mark(self, recording: Recording) -> Mask:
        """Return the equal samples at the channel's highest or lowest value."""
        return find_clipped(recording, min_samples=self.min_samples)


@dataclass(frozen=True)
class PacketSteps(Step):
    """`repair_steps` as a step."""

    every: Annotated[int, Meta(ge=1)] | None = None
    threshold: Positive = 8.0
    packets_only: bool = False
    name: ClassVar[str] = "steps"

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Join packets."""
        repaired, steps = repair_steps(
            recording, every=self.every, threshold=self.threshold, packets_only=self.packets_only
        )
        return repaired, None, f"re-joined at {len(steps)} borders"


@dataclass(frozen=True)
class Bandpass(_EachChannel):
    """`bandpass` as a step."""

    low: Corner = 0.5
    high: Corner = 40.0
    order: Order = 2
    causal: bool = False
    name: ClassVar[str] = "bandpass"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Filter."""
        return bandpass(x, sampling_rate, self.low, self.high, order=self.order, causal=self.causal)


@dataclass(frozen=True)
class Notch(_EachChannel):
    """`notch` as a step."""

    frequency: Hertz = 50.0
    quality: Positive = 30.0
    causal: bool = False
    name: ClassVar[str] = "notch"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Filter."""
        return notch(x, sampling_rate, self.frequency, quality=self.quality, causal=self.causal)


@dataclass(frozen=True)
class Mains(Step):
    """`find_mains` and `remove_mains` as a step; a recording without hum stays as it is."""

    frequency: Hertz | None = None
    harmonics: Annotated[int, Meta(ge=1, le=100)] = 3
    window: Seconds = 1.0
    name: ClassVar[str] = "mains"

    def frequency_in(self, recording: Recording) -> float:
        """Return the frequency of the hum in Hz, that of the setting if there is one; 0 for none."""
        return self.frequency if self.frequency is not None else find_mains(recording) or 0.0

    def apply(self, recording: Recording, mains: float | None = None) -> tuple[Recording, Mask | None, str]:
        """Find the hum, unless it was found before (in Hz, 0 for none), and subtract it."""
        if mains is None:
            mains = self.frequency_in(recording)
        if not mains:
            return recording, None, "no hum at 50 or 60 Hz"
        rate, harmonics, window = recording.sampling_rate, self.harmonics, self.window
        changed = _each_channel(recording, lambda x: remove_mains(x, rate, mains, harmonics=harmonics, window=window))
        return changed, None, f"{mains:g} Hz: {_removed(recording.data, changed.data)}"


@dataclass(frozen=True)
class Baseline(_EachChannel):
    """`median_baseline` as a step."""

    first: Seconds = 0.2
    second: Seconds = 0.6
    name: ClassVar[str] = "baseline"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Subtract the baseline."""
        return median_baseline(x, sampling_rate, first=self.first, second=self.second)


@dataclass(frozen=True)
class Wavelet(_EachChannel):
    """`wavelet_denoise` as a step."""

    wavelet: str = "sym4"
    rule: str = "universal"
    lowest: Hertz = 8.0
    name: ClassVar[str] = "wavelet"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Shrink."""
        return wavelet_denoise(x, sampling_rate, wavelet=self.wavelet, rule=self.rule, lowest=self.lowest)


@dataclass(frozen=True)
class SavitzkyGolay(_EachChannel):
    """`savitzky_golay` as a step."""

    window: Seconds = 0.04
    order: Order = 3
    name: ClassVar[str] = "savgol"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Smooth."""
        return savitzky_golay(x, sampling_rate, window=self.window, order=self.order)


@dataclass(frozen=True)
class Average(_EachChannel):
    """`moving_average` as a step."""

    window: Seconds = 0.02
    name: ClassVar[str] = "average"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Average."""
        return moving_average(x, sampling_rate, window=self.window)


_KINDS = (Average, Bandpass, Baseline, Clipped, Flat, Gaps, Mains, Notch, Outliers, PacketSteps, SavitzkyGolay, Wavelet)
STEPS: Registry[type[Step]] = Registry(
    "step", {kind.name: f"sigsimnet.cleaning.steps:{kind.__name__}" for kind in _KINDS}
)
