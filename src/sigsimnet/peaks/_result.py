"""`Peaks`: where the heart beats are, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.late import provided
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Peaks"]


@dataclass(frozen=True, eq=False)
class Peaks:
    """Heart beats of a recording.

    Attributes
    ----------
    samples : ndarray of int, shape (n_beats,)
        Nearest sample of each R peak, into `Recording.data`.
    times : ndarray of float, shape (n_beats,)
        In s since the start of the recording, at sub-sample precision; pauses between spans count.
    confidence : ndarray of float, shape (n_beats,)
        0–1: the height of the beat's slope energy, from the level between beats (0) to the usual beat of the
        surrounding 18 s (1). Of beats fused over channels: the share of the channels' votes.
    method : str
        Name of the detector.
    channel : str
        Channel that the beats were detected in; several, joined by ``+``, when fused.
    polarity : int
        +1 when R waves point up, −1 when they point down.
    lag : float
        Time in s from the detector's own marks to the R peaks, median (negative: the marks were late); it is already
        corrected.
    sampling_rate : float
        In Hz.
    span : ndarray of int, shape (n_beats,)
        Number of the span of the recording that each beat lies in.
    gap_free_span : ndarray of int, shape (n_beats,)
        Number of the gap-free span, without missing samples, flat line or saturation, that each beat lies in: between
        two of them beats may be missing. Of beats fused over channels: the span.
    warnings : tuple of str
        What to know about the beats: stretches without a pulse, what could not be told apart, rates not looked for.

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
    warnings: tuple[str, ...] = ()

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

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a beat: ``sample, time, confidence, rr, span, gap_free_span``.

        ``rr`` is the interval from the beat before in s; NaN for the first, and across a pause or a gap.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> peaks = detect_peaks(simulate(1, 1, duration=20, seed=1)[0])
        >>> len(peaks.to_dataframe()) == len(peaks)
        True
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "sample": self.samples,
                "time": self.times,
                "confidence": self.confidence,
                "rr": np.append(np.nan, self.rr)[: len(self)],
                "span": self.span,
                "gap_free_span": self.gap_free_span,
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything in the types that JSON knows; times to 10 µs, confidence to three digits.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> detect_peaks(simulate(1, 1, duration=20, seed=1)[0]).to_dict()["method"]
        'sigsimnet'
        """
        values = {
            "method": self.method,
            "channel": self.channel,
            "n_beats": len(self),
            "heart_rate": self.heart_rate,
            "polarity": self.polarity,
            "lag": self.lag,
            "sampling_rate": self.sampling_rate,
            "samples": self.samples,
            "times": self.times.round(5),
            "confidence": self.confidence.round(3),
            "warnings": self.warnings,
        }
        return {key: to_jsonable(value) for key, value in values.items()}

    def plot(self, recording: Recording | None = None, *, start: float = 0.0, stop: float | None = None) -> Figure:
        """Draw the beats in the channel that they were found in, or, without a recording, the heart rate over time.

        Parameters
        ----------
        recording : Recording, optional
            The one that the beats were found in.
        start, stop : float
            Part of the recording to draw, in s.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        SignalError
            If the recording has no such channel.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> recording = simulate(1, 1, duration=20, seed=1)[0]
        >>> figure = detect_peaks(recording).plot(recording, stop=10.0)
        """
        return _later().plot(self, recording, start, stop)

    def _repr_html_(self) -> str:
        return _later().to_html(self)


class Later(Protocol):
    """What later rooms do for beats."""

    def plot(self, peaks: Peaks, recording: Recording | None, start: float, stop: float | None) -> Figure: ...

    def to_html(self, peaks: Peaks) -> str: ...


def _later() -> Later:
    services: Later = provided("peaks")
    return services
