"""Steps of cleaning in a chain: named, saved as JSON, applied to a whole recording, and told what they did."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._registry import Registry
from sigsimnet.clean.denoise import (
    median_baseline,
    moving_average,
    notch,
    savitzky_golay,
    wavelet_denoise,
)
from sigsimnet.clean.filters import bandpass
from sigsimnet.clean.mains import find_mains, remove_mains
from sigsimnet.clean.missing import FILLS, fill_missing
from sigsimnet.clean.outliers import OUTLIERS, find_outliers, repair_steps, replace_outliers
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = ["PRESETS", "STEPS", "Chain", "Cleaned", "Step", "StepLog", "preset"]

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

    @abstractmethod
    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Return the changed recording, a mask of invented samples (None: none), and what was done."""


class _EachChannel(Step):
    """A step that changes every uninterrupted channel by itself."""

    @abstractmethod
    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Return one uninterrupted channel changed."""

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Return the changed recording; nothing crosses the border of two segments."""
        changed = _each_channel(recording, lambda x: self.change(x, recording.sampling_rate))
        return changed, None, _removed(recording.data, changed.data)


def _each_channel(recording: Recording, change: Callable[[NDArray[np.float32]], Floats]) -> Recording:
    data = np.empty(recording.data.shape, dtype=np.float32)
    for span, samples in recording.spans():
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
    max_gap: float = 0.1
    name: ClassVar[str] = "gaps"

    def __post_init__(self) -> None:
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
    threshold: float | None = None
    window: float = 10.0
    max_gap: float = 0.1
    name: ClassVar[str] = "outliers"

    def __post_init__(self) -> None:
        if self.method not in OUTLIERS:
            raise ParameterError(f"unknown kind of outliers {self.method!r} (known: {', '.join(OUTLIERS)})")

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Take outliers away and bridge the short ones."""
        found = find_outliers(recording, method=self.method, threshold=self.threshold, window=self.window)
        mended, invented = replace_outliers(recording, found, max_gap=self.max_gap)
        lost = int((found & ~invented).sum())
        return mended, invented, f"{int(found.sum())} samples: bridged {int(invented.sum())}, now missing {lost}"


@dataclass(frozen=True)
class PacketSteps(Step):
    """`repair_steps` as a step."""

    every: int | None = None
    threshold: float = 8.0
    packets_only: bool = False
    name: ClassVar[str] = "steps"

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Re-join blocks."""
        repaired, steps = repair_steps(
            recording, every=self.every, threshold=self.threshold, packets_only=self.packets_only
        )
        return repaired, None, f"re-joined at {len(steps)} borders"


@dataclass(frozen=True)
class Bandpass(_EachChannel):
    """`bandpass` as a step."""

    low: float | None = 0.5
    high: float | None = 40.0
    order: int = 2
    causal: bool = False
    name: ClassVar[str] = "bandpass"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Filter."""
        return bandpass(x, sampling_rate, self.low, self.high, order=self.order, causal=self.causal)


@dataclass(frozen=True)
class Notch(_EachChannel):
    """`notch` as a step."""

    frequency: float = 50.0
    quality: float = 30.0
    causal: bool = False
    name: ClassVar[str] = "notch"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Filter."""
        return notch(x, sampling_rate, self.frequency, quality=self.quality, causal=self.causal)


@dataclass(frozen=True)
class Mains(Step):
    """`find_mains` and `remove_mains` as a step; a recording without hum stays as it is."""

    frequency: float | None = None
    harmonics: int = 3
    window: float = 1.0
    name: ClassVar[str] = "mains"

    def apply(self, recording: Recording) -> tuple[Recording, Mask | None, str]:
        """Find the hum, and subtract it."""
        mains = self.frequency if self.frequency is not None else find_mains(recording)
        if mains is None:
            return recording, None, "no hum at 50 or 60 Hz"
        rate, harmonics, window = recording.sampling_rate, self.harmonics, self.window
        changed = _each_channel(recording, lambda x: remove_mains(x, rate, mains, harmonics=harmonics, window=window))
        return changed, None, f"{mains:g} Hz: {_removed(recording.data, changed.data)}"


@dataclass(frozen=True)
class Baseline(_EachChannel):
    """`median_baseline` as a step."""

    first: float = 0.2
    second: float = 0.6
    name: ClassVar[str] = "baseline"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Subtract the baseline."""
        return median_baseline(x, sampling_rate, first=self.first, second=self.second)


@dataclass(frozen=True)
class Wavelet(_EachChannel):
    """`wavelet_denoise` as a step."""

    wavelet: str = "sym4"
    rule: str = "universal"
    lowest: float = 8.0
    name: ClassVar[str] = "wavelet"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Shrink."""
        return wavelet_denoise(x, sampling_rate, wavelet=self.wavelet, rule=self.rule, lowest=self.lowest)


@dataclass(frozen=True)
class SavitzkyGolay(_EachChannel):
    """`savitzky_golay` as a step."""

    window: float = 0.04
    order: int = 3
    name: ClassVar[str] = "savgol"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Smooth."""
        return savitzky_golay(x, sampling_rate, window=self.window, order=self.order)


@dataclass(frozen=True)
class Average(_EachChannel):
    """`moving_average` as a step."""

    window: float = 0.02
    name: ClassVar[str] = "average"

    def change(self, x: NDArray[np.floating], sampling_rate: float) -> Floats:
        """Average."""
        return moving_average(x, sampling_rate, window=self.window)


_KINDS = (Average, Bandpass, Baseline, Gaps, Mains, Notch, Outliers, PacketSteps, SavitzkyGolay, Wavelet)
STEPS: Registry[type[Step]] = Registry("step", {kind.name: f"sigsimnet.clean.chain:{kind.__name__}" for kind in _KINDS})


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What a chain made of a recording.

    Attributes
    ----------
    recording : Recording
    invented : ndarray of bool, shape (n_channels, n_samples)
        Samples that no instrument recorded: bridged gaps and outliers.
    log : tuple of StepLog

    Examples
    --------
    >>> cleaned = Chain([Gaps()]).apply(Recording([1, float("nan"), 3], 10))
    >>> cleaned.recording.data.tolist(), cleaned.invented.tolist(), cleaned.log[0].note
    ([[1.0, 2.0, 3.0]], [[False, True, False]], 'bridged 1 samples, 0 stay missing')
    """

    recording: Recording
    invented: Mask
    log: tuple[StepLog, ...]


@dataclass(frozen=True)
class Chain:
    """Steps, one after another.

    Parameters
    ----------
    steps : sequence of Step
    modality : str, optional
        What it is made for.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> chain = Chain([Gaps(), Bandpass(0.5, 40)])
    >>> [entry.name for entry in chain.apply(simulate(1, 1, duration=5, seed=1)[0]).log]
    ['gaps', 'bandpass']
    >>> Chain.from_dict(chain.to_dict()) == chain
    True
    """

    steps: tuple[Step, ...] = field(default_factory=tuple)
    modality: str = ""

    def __init__(self, steps: Iterable[Step], modality: str = "") -> None:
        object.__setattr__(self, "steps", tuple(steps))
        object.__setattr__(self, "modality", modality)

    def apply(self, recording: Recording) -> Cleaned:
        """Return the recording after all steps; each sees what the one before it made.

        Raises
        ------
        ParameterError
            If a setting does not fit the sampling rate.
        """
        invented = np.zeros(recording.data.shape, dtype=bool)
        log = []
        for step in self.steps:
            recording, new, note = step.apply(recording)
            if new is not None:
                invented |= new
            log.append(StepLog(step.name, asdict(step), note))  # type: ignore[call-overload]
        return Cleaned(recording, invented & ~np.isnan(recording.data), tuple(log))

    def to_dict(self) -> dict[str, Any]:
        """Return names and settings, for JSON."""
        return {
            "modality": self.modality,
            "steps": [{"step": step.name, **asdict(step)} for step in self.steps],  # type: ignore[call-overload]
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Chain:
        """Return the chain that `to_dict` described.

        Raises
        ------
        ParameterError
            If a step or a setting is unknown.
        """
        steps = []
        for item in values.get("steps", ()):
            settings = {key: value for key, value in item.items() if key != "step"}
            try:
                steps.append(STEPS.get(item["step"])(**settings))
            except (KeyError, TypeError) as error:
                raise ParameterError(f"not a step of a chain: {dict(item)} ({error})") from error
        return cls(steps, str(values.get("modality", "")))


PRESETS: dict[str, Chain] = {
    # 0.5–40 Hz: monitoring (Kligfield et al. 2007, doi:10.1161/CIRCULATIONAHA.106.180200), 3 dB down at 40 Hz after
    # both passes. The flank is steep for the sake of narrow QRS complexes: those of the article lose 3 %, with a filter
    # of the second order 7 %. Packets' borders are re-joined where the reader found packets.
    "ecg": Chain(
        [Gaps(), PacketSteps(packets_only=True), Outliers(), Mains(), Bandpass(0.5, None), Bandpass(None, 45.0, 4)],
        "ecg",
    ),
    # 0.05–150 Hz: for ST segments and late potentials, by the same recommendation; hum lies inside, and is tracked.
    "ecg_diagnostic": Chain(
        [Gaps(), PacketSteps(packets_only=True), Outliers(), Mains(), Bandpass(0.05, 150.0)], "ecg"
    ),
    # 0.5–40 Hz: the classical rhythms δ to β (Niedermeyer's Electroencephalography, 7th ed. 2018).
    "eeg": Chain([Gaps(), Outliers("rolling", 12.0), Mains(), Bandpass(0.5, 40.0)], "eeg"),
    # 20–450 Hz: De Luca et al. 2010, doi:10.1016/j.jbiomech.2010.01.027 (20 Hz against movement); SENIAM.
    "emg": Chain([Gaps(), Outliers("beat", 4.0), Mains(harmonics=5), Bandpass(20.0, 450.0, 4)], "emg"),
    # 0.1–30 Hz: the ISCEV standard for clinical EOG (Constable et al. 2017, doi:10.1007/s10633-017-9573-2).
    "eog": Chain([Gaps(), Mains(), Bandpass(0.1, 30.0)], "eog"),
    # 0.5–8 Hz: Elgendi et al. 2013, doi:10.1371/journal.pone.0076585.
    "ppg": Chain([Gaps(), Outliers("beat", 4.0), Bandpass(0.5, 8.0)], "ppg"),
    # 0.05–3 Hz, 3 to 180 breaths a minute: Khodadad et al. 2018, doi:10.1088/1361-6579/aad7e6.
    "resp": Chain([Gaps(max_gap=0.5), Bandpass(0.05, 3.0)], "resp"),
}


def preset(name: str) -> Chain:
    """Return the chain of a modality.

    Raises
    ------
    ParameterError
        If there is none of this name.

    Examples
    --------
    >>> [step.name for step in preset("ecg").steps]
    ['gaps', 'steps', 'outliers', 'mains', 'bandpass', 'bandpass']
    """
    if name not in PRESETS:
        raise ParameterError(f"unknown preset {name!r} (known: {', '.join(PRESETS)})")
    return PRESETS[name]
