"""Cycles: one segment for each pulse wave or breath, from one onset to the next, at one length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.checks import check_number
from sigsimnet.channels import modality_of
from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.segments._breaths import find_breaths
from sigsimnet.segments._cutter import alias_free, check_band, normalised, sample_around, template_correlation
from sigsimnet.segments._segments import Segments

__all__ = ["ANCHORS", "CycleCutter", "cycle_channels"]

MOST_SAMPLES = 100_000  # of a cycle; more is a slip of the pen


class _Anchor(NamedTuple):
    """What cycles of a kind are: modality, how many a minute there may be, and what suits them."""

    modality: str
    slowest: float
    fastest: float
    length: float
    sampling_rate: float
    band: tuple[float | None, float]
    lowest_rate: float  # Hz, that onsets take


ANCHORS: Mapping[str, _Anchor] = {
    # 0.5–8 Hz: Elgendi 2013 (doi:10.1371/journal.pone.0076585); to 16 Hz the notch of pressure waves stays sharp.
    "pulse": _Anchor("ppg", 25, 220, 1.0, 100.0, (0.5, 16.0), 20.0),
    # As of windows of respiration: 3–60 breaths a minute.
    "breath": _Anchor("resp", 3, 60, 4.0, 25.0, (0.05, 2.0), 2.5),
}


@dataclass(frozen=True)
class CycleCutter:
    """Cut one segment for each cycle of a signal that repeats itself: a pulse wave, or a breath.

    Parameters
    ----------
    anchor : {"pulse", "breath"}, default "pulse"
        What begins a cycle: the onset of a pulse wave (`sigsimnet.detect_peaks` with ``method="ppg"``; PPG, arterial
        and venous pressure), or the middle of a breath's rise (respiration).
    length : float, default 1
        Time in s that a cycle is given, whatever it took: 60 pulse waves/min, or 15 breaths/min for 4 s.
    before : float, default 0.1
        Share of a cycle before its onset that its segment begins with.
    sampling_rate : float, default 100
        Of the segments, in Hz, whatever that of the recording.
    band : (float or None, float or None), default (0.5, 16)
        Corner frequencies of the band-pass, in Hz.
    rate_normalise : bool, default True
        Stretch each cycle to ``length``, so that the rate does not decide. False keeps time as it is.
    normalise : {"zscore", "asinh", "none"}, default "zscore"
        Scale of each segment (`Segments`).
    max_gap : float, default 0.1
        Longest gap that is bridged, in s. A cycle with a longer one is left out.

    Raises
    ------
    ParameterError
        If a value is not positive, the corners of the band are not in order, or there is no such anchor.

    Examples
    --------
    >>> CycleCutter.for_modality("resp").describe()
    'breaths as of 4 s at 25 Hz, 0.05–2 Hz'
    """

    anchor: str = "pulse"
    length: float = 1.0
    before: float = 0.1
    sampling_rate: float = 100.0
    band: tuple[float | None, float | None] = (0.5, 16.0)
    rate_normalise: bool = True
    normalise: str = "zscore"
    max_gap: float = 0.1
    kind: ClassVar[str] = "cycles"

    def __post_init__(self) -> None:
        if self.anchor not in ANCHORS:
            raise ParameterError(f"unknown anchor of cycles {self.anchor!r} (known: {', '.join(ANCHORS)})")
        check_number(self.length, "length of cycles", "s", above=0)
        check_number(self.sampling_rate, "sampling_rate of cycles", "Hz", above=0)
        check_number(self.before, "before of cycles", "of a cycle")
        if not 0 <= self.before < 1:
            raise ParameterError(f"before of cycles is {self.before:g}: a share of a cycle, from 0 to below 1")
        if not 2 <= self.length * self.sampling_rate <= MOST_SAMPLES:
            raise ParameterError(
                f"a cycle of {self.length:g} s at {self.sampling_rate:g} Hz holds "
                f"{self.length * self.sampling_rate:,.0f} samples: 2 to {MOST_SAMPLES:,} are taken"
            )
        check_band(self.band)

    @classmethod
    def for_modality(cls, modality: str, **settings: Any) -> Self:
        """Return the cycles that suit a kind of signal: breaths of respiration, else pulse waves.

        Raises
        ------
        ParameterError
            If a signal of that kind has no cycles, or a value is invalid.

        Examples
        --------
        >>> CycleCutter.for_modality("ppg").anchor
        'pulse'
        """
        known = {about.modality: name for name, about in ANCHORS.items()}
        if modality not in known:
            raise ParameterError(
                f"{modality!r} has no cycles to cut (known: {', '.join(known)}); cut windows, or beats of an ECG"
            )
        about = ANCHORS[known[modality]]
        usual = {"length": about.length, "sampling_rate": about.sampling_rate, "band": about.band}
        return cls(anchor=known[modality], **{**usual, **settings})

    @property
    def modality(self) -> str:
        """Modality whose rules of quality count."""
        return ANCHORS[self.anchor].modality

    @property
    def n_samples(self) -> int:
        """Samples of each cycle."""
        return round(self.length * self.sampling_rate)

    @property
    def reach(self) -> tuple[float, float]:
        """How far a cycle of the usual length reaches before and after its onset, in s."""
        return self.before * self.length, (1 - self.before) * self.length

    @property
    def extra_channels(self) -> tuple[str, ...]:
        """Cycles have the channels of the recording and no others."""
        return ()

    def describe(self) -> str:
        """Return anchor, length, rate and band in words."""
        low, high = alias_free(self.band, self.sampling_rate)
        what = "pulse waves" if self.anchor == "pulse" else "breaths"
        corners = f"{low:g}–{high:g} Hz" if low is not None else f"up to {high:g} Hz"
        return f"{what} as of {self.length:g} s at {self.sampling_rate:g} Hz, {corners}"

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them."""
        return {"kind": self.kind, **asdict(self)}

    def cut(self, recording: Recording) -> Segments:
        """Return the cycles of a recording, of all its channels, by the onsets in the first that suits the anchor.

        A recording that is too short for any cycle gives none. One without whole cycles says how many onsets there
        were (`Segments.n_r_peaks`).

        Raises
        ------
        SignalError
            If the sampling rate is too low for onsets.
        """
        cleaned = preprocess(recording, band=alias_free(self.band, self.sampling_rate), max_gap=self.max_gap, order=3)
        times, same_stretch, span, polarity, n_onsets = self._onsets(recording)
        period = np.diff(times)
        about = ANCHORS[self.anchor]
        usable = same_stretch & (period >= 60 / about.fastest) & (period <= 60 / about.slowest)
        starts, period, span = times[:-1][usable], period[usable], span[:-1][usable]
        phase = np.arange(self.n_samples) / self.n_samples - self.before
        offsets = phase * (period[:, None] if self.rate_normalise else self.length)
        found = sample_around(cleaned, span, starts, np.broadcast_to(offsets, (len(starts), self.n_samples)))
        good = ~np.isnan(found).any(axis=(1, 2))
        data = normalised(found[good], self.normalise)
        return Segments(
            data=data,
            sampling_rate=self.sampling_rate,
            times=starts[good],
            quality=template_correlation(data),
            kind=self.kind,
            channel_names=recording.channel_names,
            source=recording.source,
            rr=period[good],
            n_r_peaks=n_onsets,
            heart_rate=float(60 / np.median(period)) if len(period) else float("nan"),
            n_rejected=max(n_onsets - 1, 0) - int(good.sum()),
            polarity=polarity,
            before=self.before * self.length,
        )

    def _onsets(
        self, recording: Recording
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64], int, int]:
        """Return onsets in s, whether each and the next lie in one stretch, their spans, polarity, and how many."""
        channel = cycle_channels(recording, self.anchor)[0]
        where = np.array([span.time for span in recording.spans])
        try:
            if self.anchor == "pulse":
                peaks = detect_peaks(recording, method="ppg", channel=channel)
                times, stretch, polarity = peaks.times, peaks.gap_free_span, peaks.polarity
            else:
                breaths = find_breaths(recording, channel)
                times, stretch, polarity = breaths.times, breaths.stretch, 1
        except SignalError:  # too short, or gaps everywhere: no cycles
            if recording.sampling_rate < ANCHORS[self.anchor].lowest_rate:
                raise
            return np.empty(0), np.empty(0, bool), np.empty(0, np.int64), 0, 0
        span = np.clip(np.searchsorted(where, times + 1e-9, side="right") - 1, 0, max(len(where) - 1, 0))
        return times, np.diff(stretch) == 0, span, polarity, len(times)


def cycle_channels(recording: Recording, anchor: str) -> tuple[str, ...]:
    """Return the channels that cycles are cut from: those of the anchor's modality by name; all when none is.

    Examples
    --------
    >>> cycle_channels(Recording(np.zeros((2, 9)), 100, channel_names=["ECG", "PLETH"]), "pulse")
    ('PLETH',)
    """
    wanted = ANCHORS[anchor].modality
    return tuple(name for name in recording.channel_names if modality_of(name) == wanted) or recording.channel_names
