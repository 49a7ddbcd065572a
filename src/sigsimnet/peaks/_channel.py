"""One channel: from samples to R peaks, in chunks, so that memory does not grow with the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet._registry import Registry
from sigsimnet.clean import fill_short_gaps
from sigsimnet.peaks._back import polarity_of, snap
from sigsimnet.peaks._front import Front, block_samples, front_of
from sigsimnet.peaks._kernels import find_runs
from sigsimnet.recording import Recording

__all__ = ["DETECTORS", "Beats", "Detector", "beats_of_channel"]

Detector = Callable[[Front], NDArray[np.int64]]

DETECTORS: Registry[Detector] = Registry(
    "detector",
    {
        "christov": "sigsimnet.peaks.christov:detect_christov",
        "engzee": "sigsimnet.peaks.engzee:detect_engzee",
        "hamilton": "sigsimnet.peaks.hamilton:detect_hamilton",
        "matched_filter": "sigsimnet.peaks.matched_filter:detect_matched_filter",
        "pan_tompkins": "sigsimnet.peaks.pan_tompkins:detect_pan_tompkins",
        "sigsimnet": "sigsimnet.peaks.sigsimnet:detect_sigsimnet",
        "swt": "sigsimnet.peaks.swt:detect_swt",
        "two_average": "sigsimnet.peaks.two_average:detect_two_average",
        "wqrs": "sigsimnet.peaks.wqrs:detect_wqrs",
    },
)

CHUNK = 900  # blocks of 2 s: half an hour at a time
MARGIN = 15  # blocks to either side, in which levels settle; longer than the 18 s that medians look at
BRIDGED = 0.1  # s: a gap shorter than a QRS complex
FLAT = 1.0  # s of equal samples: no signal (quantised baselines stand still for tenths of a second)
SHORTEST = 1.0  # s: a shorter stretch holds no level to compare with
APART = 0.15  # s: two tips closer than that are one complex


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats of one channel: positions in samples (fractional), confidence, segment, polarity, lag in s."""

    positions: NDArray[np.float64]
    confidence: NDArray[np.float64]
    segment: NDArray[np.int64]
    polarity: int
    lag: float


def _chunks(n_samples: int, sampling_rate: float) -> Iterator[tuple[int, int, int, int]]:
    """Yield (read from, read to, keep from, keep to); blocks fall on the same samples in every chunk."""
    block = block_samples(sampling_rate)
    core, margin = CHUNK * block, MARGIN * block
    if n_samples <= core + 2 * margin:
        yield 0, n_samples, 0, n_samples
        return
    start = 0
    while start < n_samples:
        stop = min(start + core, n_samples)
        if n_samples - stop < margin:
            stop = n_samples
        yield max(0, start - margin), min(n_samples, stop + margin), start, stop
        start = stop


def beats_of_channel(recording: Recording, index: int, detector: Detector) -> Beats:
    """Return the beats of one channel, segment by segment, stretch by stretch."""
    rate = recording.sampling_rate
    marks: list[tuple[int, NDArray[np.floating], int, NDArray[np.int64], NDArray[np.float64]]] = []
    votes: list[float] = []
    for number, span in enumerate(recording.segments):
        x = fill_short_gaps(recording.data[index, span.start : span.stop], int(BRIDGED * rate + 1e-9))
        for start, stop in find_runs(x, max(2, int(FLAT * rate))):
            if stop - start < SHORTEST * rate:
                continue
            run = x[start:stop]
            found = [_chunk(run, rate, detector, *limits) for limits in _chunks(len(run), rate)]
            where = np.concatenate([middles for middles, _ in found])
            if len(where):
                confidence = np.concatenate([sure for _, sure in found])
                marks.append((number, run, span.start + int(start), where, confidence))
                votes.append(polarity_of(run, where, rate) * len(where))
    if not marks:
        return Beats(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64), 1, 0.0)
    polarity = 1 if sum(votes) >= 0 else -1
    positions, confidences, numbers, lags = [], [], [], []
    for number, run, offset, where, confidence in marks:
        tips = snap(run, where, rate, polarity)
        order = np.argsort(tips, kind="stable")
        tips, sure, lag = tips[order], confidence[order], (tips - where)[order]
        once = np.concatenate([[True], np.diff(tips) > APART * rate])
        positions.append(tips[once] + offset)
        confidences.append(sure[once])
        numbers.append(np.full(int(once.sum()), number, dtype=np.int64))
        lags.append(lag[once])
    return Beats(
        np.concatenate(positions),
        np.concatenate(confidences),
        np.concatenate(numbers),
        polarity,
        float(np.median(np.concatenate(lags))) / rate,
    )


def _chunk(
    run: NDArray[np.floating], rate: float, detector: Detector, first: int, last: int, keep_from: int, keep_to: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    front = front_of(run[first:last], rate)
    found = detector(front)
    confidence = np.minimum(front.share_of_beat(found), 1.0)
    middles = first + found * front.factor + front.factor // 2
    inside = (middles >= keep_from) & (middles < keep_to)
    return middles[inside], confidence[inside]
