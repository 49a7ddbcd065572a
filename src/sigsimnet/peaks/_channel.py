"""One channel: from samples to R peaks, in chunks, so that memory does not grow with the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.mmap import release_mmap_pages
from sigsimnet._utils.registry import Registry
from sigsimnet.cleaning import fill_short_gaps
from sigsimnet.recording import Recording

if TYPE_CHECKING:  # the compiled kernels are loaded when a detector runs
    from sigsimnet.peaks._preprocess import Preprocessed

__all__ = ["DETECTORS", "Beats", "Detector", "beats_of_channel"]

Detector = Callable[["Preprocessed"], NDArray[np.int64]]
Marks = tuple[NDArray[np.int64], NDArray[np.float64], float]  # middles, confidence, vote on the polarity

DETECTORS: Registry[Detector] = Registry(
    "detector",
    {
        "christov": "sigsimnet.peaks.detectors.christov:detect_christov",
        "engzee": "sigsimnet.peaks.detectors.engzee:detect_engzee",
        "hamilton": "sigsimnet.peaks.detectors.hamilton:detect_hamilton",
        "matched_filter": "sigsimnet.peaks.detectors.matched_filter:detect_matched_filter",
        "pan_tompkins": "sigsimnet.peaks.detectors.pan_tompkins:detect_pan_tompkins",
        "sigsimnet": "sigsimnet.peaks.detectors.sigsimnet:detect_sigsimnet",
        "swt": "sigsimnet.peaks.detectors.swt:detect_swt",
        "two_average": "sigsimnet.peaks.detectors.two_average:detect_two_average",
        "wqrs": "sigsimnet.peaks.detectors.wqrs:detect_wqrs",
    },
)

CHUNK = 900  # windows of 2 s: half an hour at a time
MARGIN = 15  # windows to either side, in which levels settle; longer than the 18 s of the medians
READ = 1 << 22  # samples that are read before the pages of a mapped file are released
BRIDGED = 0.1  # s: a gap shorter than a QRS complex
FLAT = 1.0  # s of equal samples: no signal (quantised baselines stand still for tenths of a second)
STUCK = 0.25  # s of equal samples at the end of the scale: the amplifier is saturated
RESTING = 0.2  # of all samples at one value: the level between the beats of a simulated signal
LONGEST_REST = 3.0  # s
SAMPLE = 1000  # samples, taken at twenty places, from which the distribution of the signal is estimated
SEAM = 0.1  # s
SHORTEST = 1.0  # s: in less no level can be estimated
APART = 0.15  # s: two peaks closer than that are one complex


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats of one channel: positions in samples (fractional), confidence, spans, polarity, lag in s."""

    positions: NDArray[np.float64]
    confidence: NDArray[np.float64]
    span: NDArray[np.int64]
    gap_free_span: NDArray[np.int64]
    polarity: int
    lag: float


def _chunks(n_samples: int, sampling_rate: float) -> Iterator[tuple[int, int, int, int]]:
    """Yield (read from, read to, keep from, keep to); windows fall on the same samples in every chunk."""
    from sigsimnet.peaks._preprocess import window_samples

    window = window_samples(sampling_rate)
    core, margin = CHUNK * window, MARGIN * window
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
    """Return the beats of one channel, one gap-free span after another."""
    rate = recording.sampling_rate
    marks: list[tuple[int, _GapFreeSpan, int, list[Marks]]] = []
    votes: list[float] = []
    for number, span in enumerate(recording.spans):
        x = recording.data[index, span.start : span.stop]
        # A long record with many gaps has many gap-free spans: all of them in memory would be as long as the record.
        short = recording.n_samples <= CHUNK * 2.0 * rate
        for start, stop in _gap_free_spans(x, rate):
            gap_free = _GapFreeSpan(x[start:stop], rate, keep=short)
            found = [_chunk(gap_free, detector, *limits) for limits in _chunks(stop - start, rate)]
            marks.append((number, gap_free, span.start + int(start), found))
            votes += [vote * len(where) for where, _, vote in found]
    polarity = 1 if sum(votes) >= 0 else -1
    positions, confidences, numbers, counts, lags = [], [], [], [], []
    for count, (number, gap_free, offset, found) in enumerate(marks):
        refined = np.concatenate([gap_free.refine_peaks(where, polarity) for where, _, _ in found])
        if not len(refined):
            continue
        confidence = np.concatenate([sure for _, sure, _ in found])
        lag = refined - np.concatenate([where for where, _, _ in found])
        order = np.argsort(refined, kind="stable")
        kept = order[_without_duplicates(refined[order], confidence[order], APART * rate)]
        positions.append(refined[kept] + offset)
        confidences.append(confidence[kept])
        numbers.append(np.full(len(kept), number, dtype=np.int64))
        counts.append(np.full(len(kept), count, dtype=np.int64))
        lags.append(lag[kept])
    if not positions:
        none = np.empty(0, dtype=np.int64)
        return Beats(np.empty(0), np.empty(0), none, none, polarity, 0.0)
    return Beats(
        np.concatenate(positions),
        np.concatenate(confidences),
        np.concatenate(numbers),
        np.concatenate(counts),
        polarity,
        float(np.median(np.concatenate(lags))) / rate,
    )


def _gap_free_spans(x: NDArray[np.floating], rate: float) -> list[tuple[int, int]]:
    """Return first sample and one past the last of what carries a signal: no gap, no flat line, no saturation."""
    from sigsimnet.peaks._kernels import find_runs

    if not len(x):
        return []
    reads = [(first, min(first + READ, len(x))) for first in range(0, len(x), READ)]
    low, high = np.inf, -np.inf
    for first, last in reads:
        low, high = min(low, np.fmin.reduce(x[first:last])), max(high, np.fmax.reduce(x[first:last]))
        release_mmap_pages(x)
    some = np.concatenate([x[first : first + SAMPLE] for first in range(0, len(x), max(SAMPLE, len(x) // 20))])
    known = np.sort(some[~np.isnan(some)])
    resting = np.nan
    if len(known):
        # The end of the scale is reached now and then; a value of a quarter of all samples is not the end.
        quarter, three = known[len(known) // 4], known[(3 * len(known)) // 4]
        low, high = (low if quarter > low else -np.inf), (high if three < high else np.inf)
        values, counts = np.unique(known, return_counts=True)
        if counts.max() > RESTING * len(known):
            resting = values[counts.argmax()]
    limits = (
        int(BRIDGED * rate + 1e-9),
        max(2, int(FLAT * rate)),
        max(2, int(STUCK * rate)),
        float(low),
        float(high),
        float(resting),
        int(LONGEST_REST * rate),
    )
    runs, place = [], np.zeros(2, dtype=np.int64)
    for _, last in reads:
        runs += find_runs(x, place, last, *limits).tolist()
        release_mmap_pages(x)
    found = []
    for start, stop in runs:
        while stop > start and np.isnan(x[stop - 1]):  # a short gap before a flat line cannot be interpolated
            stop -= 1  # noqa: PLW2901
        if stop - start >= SHORTEST * rate:
            found.append((start, stop))
    return found


def _without_duplicates(
    refined: NDArray[np.float64], confidence: NDArray[np.float64], apart: float
) -> NDArray[np.int64]:
    """Return which of the ascending peaks are kept: of two in one complex, the one of higher confidence."""
    kept = np.arange(len(refined))
    while True:
        close = np.flatnonzero(np.diff(refined[kept]) <= apart)
        if not len(close):
            return kept
        close = close[np.concatenate([[True], np.diff(close) > 1])]  # of a chain one pair at a time
        kept = np.delete(kept, close + (confidence[kept[close]] >= confidence[kept[close + 1]]))


class _GapFreeSpan:
    """Samples of one channel without a gap longer than is bridged; read chunk by chunk."""

    def __init__(self, x: NDArray[np.floating], rate: float, *, keep: bool) -> None:
        self.x, self.rate, self._keep = x, rate, keep
        self._whole: NDArray[np.float32] | None = None

    def read(self, first: int, last: int) -> NDArray[np.float32]:
        """Return samples first…last with gaps bridged, those at either end as well."""
        if self._whole is not None:
            return self._whole[first:last]
        wider = int(BRIDGED * self.rate) + 2
        start = max(0, first - wider)
        # A copy each time: Numba compiles another version for read-only arrays.
        wide = np.array(self.x[start : last + wider], dtype=np.float32)
        bridged = fill_short_gaps(wide, int(BRIDGED * self.rate + 1e-9))
        samples = np.ascontiguousarray(bridged[first - start : last - start], dtype=np.float32)
        if self._keep and first == 0 and last == len(self.x):
            self._whole = samples  # read again when the peaks are refined
        return samples

    def refine_peaks(self, where: NDArray[np.int64], polarity: int) -> NDArray[np.float64]:
        """Return the R peak near each of the ascending positions, which lie in one chunk."""
        from sigsimnet.peaks._postprocess import snap

        if not len(where):
            return np.empty(0)
        first, last = max(0, int(where[0] - self.rate)), min(len(self.x), int(where[-1] + self.rate))
        refined = first + snap(self.read(first, last), where - first, self.rate, polarity)
        release_mmap_pages(self.x)
        return refined


def _chunk(channel: _GapFreeSpan, detector: Detector, first: int, last: int, keep_from: int, keep_to: int) -> Marks:
    from sigsimnet.peaks._postprocess import polarity_of
    from sigsimnet.peaks._preprocess import preprocess

    samples = channel.read(first, last)
    prepared = preprocess(samples, channel.rate)
    found = prepared.without_t_waves(detector(prepared))
    confidence = np.minimum(prepared.share_of_beat(found), 1.0)
    middles = found * prepared.factor + prepared.factor // 2
    # A beat at the border may lie on either side of it in the two chunks: both keep it.
    seam = int(SEAM * channel.rate)
    inside = (middles + first >= keep_from - seam) & (middles + first < keep_to + seam)
    vote = polarity_of(samples, middles[inside], channel.rate)
    release_mmap_pages(channel.x)
    return middles[inside] + first, confidence[inside], vote
