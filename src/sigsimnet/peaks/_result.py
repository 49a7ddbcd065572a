"""`Peaks`: where the heart beats are, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet.recording import Recording

__all__ = ["Peaks"]


@dataclass(frozen=True, eq=False)
class Peaks:
    """Heart beats of a recording.

    Attributes
    ----------
    samples : ndarray of int, shape (n_beats,)
        Nearest sample of each R peak, into `Recording.data`.
    times : ndarray of float, shape (n_beats,)
        In s since the start of the recording, at sub-sample precision; pauses between segments count.
    confidence : ndarray of float, shape (n_beats,)
        0–1: the height of the beat's slope energy, from what lies between beats (0) to the usual beat of the
        surrounding 18 s (1). Of beats fused over channels: the share of the channels' votes.
    method : str
        Name of the detector.
    channel : str
        Channel that was looked at; several, joined by ``+``, when fused.
    polarity : int
        +1 when R waves point up, −1 when they point down.
    lag : float
        Time in s by which the detector's own marks were early (negative: late) against the tip of the R wave; it has
        been taken off.
    sampling_rate : float
        In Hz.
    span : ndarray of int, shape (n_beats,)
        Number of the span of the recording that each beat lies in.
    stretch : ndarray of int, shape (n_beats,)
        Number of the stretch without a gap, a flat line or saturation that each beat lies in: between two of them beats
        may be missing. Of beats fused over channels: the span.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> detect_peaks(simulate(1, 1, duration=20, seed=1)[0]).method
    'sigsimnet'
    """

    samples: NDArray[np.int64]
    times: NDArray[np.float64]
    confidence: NDArray[np.float64]
    method: str
    channel: str
    polarity: int
    lag: float
    sampling_rate: float
    span: NDArray[np.int64]
    gap_free_span: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        rate = f", {self.heart_rate:.0f}/min" if np.isfinite(self.heart_rate) else ""
        return f"<Peaks {len(self)} beats in {self.channel} by {self.method}{rate}>"

    @property
    def rr(self) -> NDArray[np.float64]:
        """Intervals from each beat to the next in s, shape (n_beats − 1,); NaN across a pause or a gap."""
        intervals = np.diff(self.times)
        return np.where((np.diff(self.span) == 0) & (np.diff(self.gap_free_span) == 0), intervals, np.nan)

    def crop(self, recording: Recording, start: float, stop: float) -> Peaks:
        """Return the peaks of `Recording.crop` between two times of the recording that they were found in.

        Parameters
        ----------
        recording : Recording
            The whole one.
        start, stop : float
            In s since its first sample.

        Raises
        ------
        ParameterError
            If nothing was recorded between the two.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> recording = simulate(1, 1, duration=20, seed=1)[0]
        >>> part = detect_peaks(recording).crop(recording, 5.0, 15.0)
        >>> bool(part.times[0] < 1.5), bool(part.times[-1] < 10.0)
        (True, True)
        """
        first, last = recording.samples_between(start, stop)
        inside = (self.samples >= first) & (self.samples < last)
        return replace(
            self,
            samples=self.samples[inside] - first,
            times=self.times[inside] - float(recording.time_of(first)),
            confidence=self.confidence[inside],
            span=self.span[inside] - sum(span.stop <= first for span in recording.spans),
            gap_free_span=self.gap_free_span[inside],
        )

    @property
    def heart_rate(self) -> float:
        """Median heart rate in beats per minute; NaN when there are fewer than two beats in a row."""
        intervals = self.rr[np.isfinite(self.rr)]
        return float(60.0 / np.median(intervals)) if len(intervals) else float("nan")
