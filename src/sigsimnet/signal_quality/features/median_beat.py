"""The median beat of each channel, from the best minute of a recording: for faults of whole channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.cleaning.butterworth import butterworth, filter_zero_phase
from sigsimnet.errors import SignalError
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.signal_quality._result import Quality

__all__ = ["PR", "QRS", "P", "T", "best_minute", "median_beats"]

Floats = NDArray[np.float64]

LONGEST = 60  # s
SHORTEST = 4.0  # s: `detect_peaks` wants 3
FEWEST = 4  # beats
TIMES = np.arange(-25, 45) / 100.0  # s around R
PR = slice(15, 20)  # −0.10 to −0.05 s: the level that waves are measured from
P, QRS, T = slice(3, 17), slice(20, 31), slice(38, 65)  # −0.22 to −0.08, −0.05 to 0.06, 0.13 to 0.40 s


def best_minute(recording: Recording, found: Quality) -> tuple[int, int] | None:
    """Return first and past-last sample of the best minute, or of the best span; None when all spans are too short.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.signal_quality import quality
    >>> recording = simulate(1, 1, duration=90, seed=1)[0]
    >>> start, stop = best_minute(recording, quality(recording))
    >>> (stop - start) / recording.sampling_rate
    60.0
    """
    best: tuple[float, int, int] | None = None
    for span in recording.spans:
        first, last = np.searchsorted(found.starts, [span.start, span.stop])
        if (span.stop - span.start) / recording.sampling_rate < SHORTEST:
            continue
        size = min(LONGEST, int(last - first))
        sums = np.concatenate([[0.0], np.cumsum(found.index[:, first:last].sum(axis=0, dtype=np.float64))])
        within = sums[size:] - sums[:-size]
        at = int(within.argmax())
        if best is None or within[at] > best[0]:
            edges = [*found.starts[first:last].tolist(), span.stop]
            best = (float(within[at]), edges[at], edges[at + size])
    return None if best is None else best[1:]


def median_beats(
    recording: Recording, channel: int | None = None, *, r_peaks: NDArray[np.int64] | None = None
) -> Floats | None:
    """Return the median beat of every channel around the R peaks of one of them, less its level before Q.

    Parameters
    ----------
    recording : Recording
        A single span.
    channel : int, optional
        Where R peaks are detected; the channel in which they are clearest when left out.
    r_peaks : ndarray of int, optional
        Samples of the R peaks, where they were found before.

    Returns
    -------
    ndarray, shape (n_channels, 70), or None
        −0.25 to 0.44 s around R in steps of 10 ms, 0.5–40 Hz. None when there are fewer than four beats.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> median_beats(simulate(1, 1, duration=10, seed=1)[0]).argmax()
    np.int64(25)
    """
    rate = recording.sampling_rate
    if r_peaks is None:
        try:
            r_peaks = detect_peaks(recording, channel=channel).samples
        except SignalError:
            return None
    beats = r_peaks / rate
    beats = beats[(beats > -TIMES[0]) & (beats < recording.duration - TIMES[-1])]
    if len(beats) < FEWEST:
        return None
    sections = butterworth(2, 0.5, min(40.0, 0.45 * rate), rate)
    samples = recording.data.astype(np.float64)
    known = ~np.isnan(samples)
    mean = np.where(known, samples, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)  # 0 where all are missing
    data = np.where(known, samples - mean[:, None], 0.0)
    extension = min(data.shape[1] - 1, int(3 * rate))
    waves = [filter_zero_phase(sections, channel, extension) for channel in data]
    at, grid = (beats[:, None] + TIMES) * rate, np.arange(data.shape[1])
    median = np.stack([np.median(np.interp(at, grid, wave), axis=0) for wave in waves])
    return np.asarray(median - median[:, PR].mean(axis=1, keepdims=True))
