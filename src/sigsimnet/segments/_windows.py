"""Windows: segments of equal time, one after another, with or without overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from sigsimnet._utils.checks import check_number
from sigsimnet._utils.settings import checked
from sigsimnet.channels import check_modality
from sigsimnet.cleaning import bandpass, fill_short_gaps
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import takes_recordings
from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import SCALES, alias_free, check_band, normalised, sample_at
from sigsimnet.segments._segments import Segments

__all__ = ["WindowCutter", "windows"]


class _Usual(NamedTuple):
    """Length in s, sampling rate in Hz, band in Hz and more of the windows of a modality (`WindowCutter`)."""

    length: float
    sampling_rate: float
    band: tuple[float | None, float]
    step: float | None = None
    normalise: str = "zscore"


# The bands are those of `sigsimnet.cleaning.PRESETS`, where their sources stand, unless another is named.
USUAL: Mapping[str, _Usual] = {
    # Several beats, at the rate of the slowest public ECGs (PTB-XL).
    "ecg": _Usual(4.0, 100.0, (0.5, 40.0)),
    # 4 s: two periods of the lowest rhythm.
    "eeg": _Usual(4.0, 100.0, (0.5, 40.0)),
    # From 20 Hz: De Luca et al. 2010. Which muscle is how strong is what EMG says (Hudgins, Parker & Scott 1993,
    # doi:10.1109/10.204774), so amplitude stays in. 1 s at 500 Hz: what did
    # best among five (docs/decisions/0016).
    "emg": _Usual(1.0, 500.0, (20.0, 225.0), 0.5, "asinh"),
    # 4 s: a few saccades, fixations and blinks.
    "eog": _Usual(4.0, 100.0, (0.1, 30.0)),
    # 8 s: Zhang, Pi & Liu 2015 (TROIKA, doi:10.1109/TBME.2014.2359372).
    "ppg": _Usual(8.0, 50.0, (0.5, 8.0)),
    # 32 s: Charlton et al. 2018 (doi:10.1109/RBME.2017.2763681). Up to 2 Hz: the first harmonic of 60 breaths a minute.
    "resp": _Usual(32.0, 10.0, (0.05, 2.0)),
    # Responses rise in 1–3 s, recover in 2–10 s and come 1–3 times a minute at rest (Boucsein et al. 2012,
    # doi:10.1111/j.1469-8986.2012.01384.x). 4 Hz is the rate of wearables; the level stays in.
    "eda": _Usual(60.0, 4.0, (None, 1.0)),
}

MOST_SAMPLES = 1_000_000  # of a window: five minutes at 3 kHz; more is a slip of the pen


MOST_CUT = 1 << 31  # samples of all windows of a span: 16 GB while they are cut


@dataclass(frozen=True)
class WindowCutter:
    """Cut windows of equal time.

    Parameters
    ----------
    length : float, default 4
        In s.
    step : float, optional
        From one start to the next, in s; ``length`` by default: no overlap.
    sampling_rate : float, default 100
        Of the windows, in Hz, whatever that of the recording.
    band : (float or None, float or None), default (0.5, 40)
        Corner frequencies of the band-pass in Hz; the upper one is lowered to 0.45 of the windows' rate.
    normalise : {"zscore", "asinh", "none"}, default "zscore"
        Scale of each window: each channel to mean 0 and standard deviation 1; arsinh(x / ``scale``), which keeps how
        strong a signal is; or as it is.
    scale : float, default 0.1
        Of ``"asinh"``, in the unit of the recording: linear below, logarithmic above. 0.1 mV is the height of a P wave.
    max_gap : float, default 0.1
        Longest gap that is bridged, in s. A window with a longer one is left out.
    modality : str, default ""
        Modality that the windows were chosen for (`WindowCutter.for_modality`), for the record; empty when unknown.

    Raises
    ------
    ParameterError
        If a value is not positive, the corners of the band are not in order, or a window has fewer than two samples.

    Examples
    --------
    >>> WindowCutter(length=2.5, sampling_rate=100).n_samples
    250
    """

    length: float = 4.0
    step: float | None = None
    sampling_rate: float = 100.0
    band: tuple[float | None, float | None] = (0.5, 40.0)
    normalise: str = "zscore"
    max_gap: float = 0.1
    modality: str = ""
    scale: float = 0.1
    kind: ClassVar[str] = "windows"

    def __post_init__(self) -> None:
        step = self.length if self.step is None else self.step
        for value, name, unit in (
            (self.length, "length", "s"), (step, "step", "s"), (self.sampling_rate, "sampling_rate", "Hz")
        ):  # fmt: skip
            check_number(value, f"{name} of windows", unit, above=0)
        if self.length * self.sampling_rate > MOST_SAMPLES:
            raise ParameterError(
                f"a window of {self.length:g} s at {self.sampling_rate:g} Hz holds "
                f"{self.length * self.sampling_rate:,.0f} samples; at most "
                f"{MOST_SAMPLES:,} are taken: lower the rate or the length"
            )
        if self.n_samples < 2:
            raise ParameterError(
                f"a window of {self.length:g} s at {self.sampling_rate:g} Hz holds fewer than two samples"
            )
        if step * self.sampling_rate < 1:
            raise ParameterError(f"step of windows is {step:g} s: less than a sample at {self.sampling_rate:g} Hz")
        check_band(self.band)
        check_number(self.scale, "scale of windows", "", above=0)
        if self.normalise not in SCALES:
            raise ParameterError(f"unknown normalisation {self.normalise!r} (known: {', '.join(SCALES)})")
        if self.modality:
            check_modality(self.modality)

    @classmethod
    def for_modality(cls, modality: str, **settings: Any) -> Self:
        """Return the windows that suit a kind of signal; ``settings`` overrule them.

        ECG and EEG: 4 s, 0.5–40 Hz, 100 Hz. EMG: 1 s, every 0.5 s, 20–225 Hz, 500 Hz, by arsinh. EOG: 4 s, 0.1–30 Hz,
        100 Hz. PPG: 8 s, 0.5–8 Hz, 50 Hz. Respiration: 32 s, 0.05–2 Hz, 10 Hz. EDA: 60 s, up to 1 Hz, 4 Hz.
        `choose_windows` also lowers the band to what a recording carries, and takes its amplitude for ``scale``.

        Parameters
        ----------
        modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda"}
        **settings
            Of `WindowCutter`.

        Raises
        ------
        ParameterError
            If the modality is unknown or a value is invalid.

        Examples
        --------
        >>> WindowCutter.for_modality("eeg", step=2.0)
        WindowCutter(length=4.0, step=2.0, sampling_rate=100.0, band=(0.5, 40.0), normalise='zscore', max_gap=0.1,
        modality='eeg', scale=0.1)
        """
        if modality not in USUAL:
            raise ParameterError(f"unknown modality {modality!r} (known: {', '.join(USUAL)})")
        return cls(**{**USUAL[modality]._asdict(), "modality": modality, **settings})

    def describe(self) -> str:
        """Return length, step, rate and band in words.

        Examples
        --------
        >>> WindowCutter(step=2).describe()
        'windows of 4 s, one every 2 s, at 100 Hz, 0.5–40 Hz'
        """
        low, high = alias_free(self.band, self.sampling_rate)
        every = f", one every {self.step:g} s," if self.step is not None and self.step != self.length else ""
        corners = f"{low:g}–{high:g} Hz" if low is not None else f"up to {high:g} Hz"
        return f"windows of {self.length:g} s{every} at {self.sampling_rate:g} Hz, {corners}"

    @property
    def n_samples(self) -> int:
        """Samples of each window."""
        return round(self.length * self.sampling_rate)

    @property
    def reach(self) -> tuple[float, float]:
        """How far a window reaches before and after its start, in s."""
        return 0.0, self.length

    @property
    def extra_channels(self) -> tuple[str, ...]:
        """Windows have the channels of the recording and no others."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them."""
        return {"kind": self.kind, **asdict(self)}

    def cut(self, recording: Recording) -> Segments:
        """Return the windows of a recording; the first window of each span starts with it."""
        rate = recording.sampling_rate
        step = self.length if self.step is None else self.step
        low, high = alias_free(self.band, self.sampling_rate)
        longest = int(self.max_gap * rate + 1e-9)
        grid = np.arange(self.n_samples) / self.sampling_rate
        data, times, quality, rejected = [], [], [], 0
        for span, samples in recording.iter_spans():
            duration = samples.shape[1] / rate
            n_windows = int(np.floor((duration - self.length) / step + 1e-9)) + 1
            if n_windows < 1:
                continue
            if n_windows * self.n_samples > MOST_CUT:
                raise SignalError(
                    f"{recording.source or 'recording'}: {n_windows:,} windows of {self.n_samples:,} samples do not "
                    "fit into memory: lengthen the step, or lower the rate of the windows"
                )
            starts = np.arange(n_windows) * step
            positions = np.minimum((starts[:, None] + grid) * rate, samples.shape[1] - 1)
            filtered = [bandpass(fill_short_gaps(x, longest), rate, low, high) for x in samples]
            cut = np.stack([sample_at(x, positions) for x in filtered], axis=1)
            good = ~np.isnan(cut).any(axis=(1, 2))
            rejected += int((~good).sum())
            missing = np.concatenate([[0.0], np.cumsum(np.isnan(samples).mean(axis=0))])
            first = np.round(starts * rate).astype(np.int64)
            last = np.minimum(first + round(self.length * rate), samples.shape[1])
            data.append(cut[good])
            times.append(span.time + starts[good])
            quality.append((1.0 - (missing[last] - missing[first]) / np.maximum(last - first, 1))[good])
        shape = (0, recording.n_channels, self.n_samples)
        found = np.concatenate(data) if data else np.empty(shape)
        return Segments(
            data=normalised(found, self.normalise, self.scale),
            sampling_rate=self.sampling_rate,
            times=np.concatenate(times) if times else np.empty(0),
            quality=np.concatenate(quality) if quality else np.empty(0),
            kind=self.kind,
            channel_names=recording.channel_names,
            source=recording.source,
            rr=np.full(len(found), np.nan),
            n_rejected=rejected,
        )


@takes_recordings
@checked
def windows(
    recording: Recording,
    length: float = 4.0,
    step: float | None = None,
    *,
    channels: list[str | int] | None = None,
    sampling_rate: float = 100.0,
    band: tuple[float | None, float | None] = (0.5, 40.0),
    normalise: str = "none",
) -> Segments:
    """Cut a recording into windows of equal time.

    A window never crosses a pause, and one with a gap longer than 0.1 s is left out and counted in
    `Segments.n_rejected`.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.
    length : float, default 4
        In s.
    step : float, optional
        From one start to the next, in s; ``length`` by default: no overlap.
    channels : list of str or int, optional
        All by default.
    sampling_rate : float, default 100
        Of the windows, in Hz.
    band : (float or None, float or None), default (0.5, 40)
        Corner frequencies of the band-pass, in Hz.
    normalise : {"none", "zscore", "asinh"}
        Scale of each window; ``"none"`` keeps the unit of the recording.

    Returns
    -------
    Segments
        Empty when the recording is shorter than one window.

    Raises
    ------
    ParameterError, SignalError
        If a setting or a channel is invalid.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> windows(simulate(1, 1, duration=20, seed=1)[0], 5.0).data.shape
    (4, 1, 500)
    """
    chosen = recording if channels is None else recording.pick(channels)
    return WindowCutter(length, step, sampling_rate, band, normalise).cut(chosen)
