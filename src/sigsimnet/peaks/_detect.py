"""`detect_peaks`: one call for every detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._registry import Registry
from sigsimnet.clean import bandpass
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.peaks._back import polarity_of, snap
from sigsimnet.peaks._front import prepare
from sigsimnet.recording import Recording

__all__ = ["DETECTORS", "Peaks", "detect_peaks"]

Detector = Callable[[NDArray[np.float64], float], tuple[NDArray[np.int64], NDArray[np.float64]]]

DETECTORS: Registry[Detector] = Registry("detector", {"sigsimnet": "sigsimnet.peaks.sigsimnet:detect_sigsimnet"})

LOWEST_RATE = 80.0  # Hz: below it the QRS band (5–20 Hz) is no longer sampled well enough to place a peak
SNAP = 0.08  # s to either side of the middle of the complex in which its tip is looked for


@dataclass(frozen=True, eq=False)
class Peaks:
    """R peaks of one channel.

    Attributes
    ----------
    samples : ndarray of int, shape (n_beats,)
        Nearest sample of each R peak, into `Recording.data`.
    times : ndarray of float, shape (n_beats,)
        In s since the start of the recording, at sub-sample precision; pauses between segments count.
    confidence : ndarray of float, shape (n_beats,)
        0–1; 0.5 is a beat that just passed.
    method : str
        Name of the detector.
    channel : str
        Channel that was looked at.
    polarity : int
        +1 when R waves point up, −1 when they point down.
    lag : float
        Time in s by which the detector's own marks were early (negative: late) against the tip of the R wave; it has
        been taken off.
    sampling_rate : float
        In Hz.
    segment : ndarray of int, shape (n_beats,)
        Number of the uninterrupted segment that each beat lies in.
    """

    samples: NDArray[np.int64]
    times: NDArray[np.float64]
    confidence: NDArray[np.float64]
    method: str
    channel: str
    polarity: int
    lag: float
    sampling_rate: float
    segment: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        return f"<Peaks {len(self)} beats in {self.channel} by {self.method}, {self.heart_rate:.0f}/min>"

    @property
    def rr(self) -> NDArray[np.float64]:
        """Intervals from each beat to the next in s, shape (n_beats − 1,); NaN across a pause."""
        intervals = np.diff(self.times)
        return np.where(np.diff(self.segment) == 0, intervals, np.nan)

    @property
    def heart_rate(self) -> float:
        """Median heart rate in beats per minute; NaN when there are fewer than two beats in a row."""
        intervals = self.rr[np.isfinite(self.rr)]
        return float(60.0 / np.median(intervals)) if len(intervals) else float("nan")


def _one_channel(
    recording: Recording, index: int, detector: Detector
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], int, float]:
    rate = recording.sampling_rate
    half = max(1, round(SNAP * rate))
    found: list[tuple[int, NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]] = []
    for number, (_, samples) in enumerate(recording.spans()):
        x = prepare(samples[index], rate)
        if len(x) < rate or np.isnan(x).all():
            continue
        where, confidence = detector(x, rate)
        if len(where):
            # 1–40 Hz keeps the shape of the R wave and takes away the slope of the baseline under it.
            found.append((number, bandpass(x, rate, 1.0, 40.0), where, confidence))
    if not found:
        return np.empty(0), np.empty(0), np.empty(0, dtype=np.int64), 1, 0.0
    votes = [polarity_of(shape, where, half) * len(where) for _, shape, where, _ in found]
    polarity = 1 if sum(votes) >= 0 else -1
    positions, confidences, numbers, lags = [], [], [], []
    for number, shape, where, confidence in found:
        tips = snap(shape, where, half, polarity)
        order = np.argsort(tips, kind="stable")
        tips, sure, lag = tips[order], confidence[order], (tips - where)[order]
        # Two humps of one complex may end on the same tip.
        once = np.concatenate([[True], np.diff(tips) > 0.15 * rate])
        positions.append(tips[once] + recording.segments[number].start)
        confidences.append(sure[once])
        numbers.append(np.full(int(once.sum()), number, dtype=np.int64))
        lags.append(lag[once])
    lag_s = float(np.median(np.concatenate(lags))) / rate
    return np.concatenate(positions), np.concatenate(confidences), np.concatenate(numbers), polarity, lag_s


def detect_peaks(
    recording: Recording | ArrayLike,
    sampling_rate: float | None = None,
    *,
    method: str = "sigsimnet",
    channel: str | int | None = None,
) -> Peaks:
    """Find the R peaks.

    Parameters
    ----------
    recording : Recording or array_like, shape (n_samples,) or (n_channels, n_samples)
        At least 80 Hz. NaN = missing; missing and flat stretches are skipped and the rest is unaffected.
    sampling_rate : float, optional
        In Hz; for arrays only.
    method : str, default "sigsimnet"
        Name of the detector; an unknown one lists the known.
    channel : str or int, optional
        Channel to look at; by default the one whose beats stand out most clearly.

    Returns
    -------
    Peaks
        Empty when there are no beats. ``x`` and ``−x`` give the same peaks.

    Raises
    ------
    ParameterError
        If the sampling rate is missing or too low, or the method unknown.
    SignalError
        If the channel is not there.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> peaks = detect_peaks(recording)
    >>> len(peaks) == len(recording.annotations)
    True
    """
    if not isinstance(recording, Recording):
        if sampling_rate is None:
            raise ParameterError("an array needs its sampling_rate in Hz")
        recording = Recording(recording, sampling_rate)
    elif sampling_rate is not None and sampling_rate != recording.sampling_rate:
        raise ParameterError(f"sampling_rate is {sampling_rate} Hz but the recording says {recording.sampling_rate} Hz")
    detector = DETECTORS.get(method)
    where = f"{recording.source}: " if recording.source else ""
    if recording.sampling_rate < LOWEST_RATE:
        raise SignalError(f"{where}sampled at {recording.sampling_rate:g} Hz: R peaks need at least {LOWEST_RATE:g} Hz")
    indices = range(recording.n_channels) if channel is None else [recording.channel_index(channel)]
    best = None
    for index in indices:
        result = (index, *_one_channel(recording, index, detector))
        # A clear channel marks many beats with confidence; an empty one scores nothing.
        clarity = float(np.sum(np.clip(result[2] - 0.5, 0.0, None)))
        if best is None or clarity > best[0]:
            best = (clarity, result)
    assert best is not None  # noqa: S101 - a Recording has at least one channel
    index, positions, confidence, segment, polarity, lag = best[1]
    return Peaks(
        samples=np.clip(np.round(positions), 0, max(recording.n_samples - 1, 0)).astype(np.int64),
        times=recording.time_of(positions) if len(positions) else np.empty(0),
        confidence=confidence,
        method=method,
        channel=recording.channel_names[index],
        polarity=polarity,
        lag=lag,
        sampling_rate=recording.sampling_rate,
        segment=segment,
    )
