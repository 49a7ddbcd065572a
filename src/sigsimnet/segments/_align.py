"""Where in a beat its time 0 lies, and how long its QT interval is: measured on the median beat of a recording.

A detector names the R peak; in a lead whose R and S are about equally deep it names one in this recording and the
other in the next, 25 ms apart, and what lies at one place of a segment is another wave. The rules here depend on the
shape of the median beat alone, and not on the polarity of the lead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from sigsimnet._utils.sampling import evenly_spaced

__all__ = ["align_beats", "qt_factor"]

Floats = NDArray[np.float64]
Sample = Callable[[NDArray[np.int64], Floats, Floats], Floats]  # beats, their times, offsets (one row, or one a beat)

FINE = 500.0  # Hz: the grid on which beats are aligned
AROUND = 0.2  # s on either side of the R peak that the alignment looks at
REACH = 0.1  # s: R and S lie within
SHIFT = 0.06  # s: the most that one beat is moved against the median beat; Q to S is 0.1 s at most
ALIKE = 2 / 3  # the smaller of two deflections over the larger, above which either could be named the R peak tomorrow
MOST = 512  # beats in a median
CHUNK = 2048  # beats that are aligned together

T_WINDOW = (0.11, 0.42)  # s after the fiducial at 60 beats/min: where T peaks
T_PEAK = 0.258  # s: where T peaks at 60 beats/min, in the median of people at rest
T_SMOOTH = 0.02  # s, standard deviation
LEAST_T = 0.1  # of the height of the beat; lower, the peak of T is not found to 20 ms
FACTOR = (0.8, 1.25)  # beyond, what was found is not T


def align_beats(sample: Sample, times: Floats) -> Floats:
    """Return the fiducial of each beat in s, given its R peak.

    Each beat is moved to where its slopes match those of the median beat best; then all by one and the same time, so
    that the fiducial of the median beat is at 0: the earlier of its two largest deflections (upward and downward
    within 0.1 s) where the smaller is more than 2/3 of the larger, else the larger. Of several channels that with the
    highest complex decides.

    Parameters
    ----------
    sample : callable
        Returns beats (their numbers, their times, offsets in s) as an array (n, n_channels, n_offsets), NaN where a
        beat is not whole.
    times : ndarray, shape (n_beats,)
    """
    grid = np.arange(-AROUND, AROUND + 0.5 / FINE, 1.0 / FINE)
    few = evenly_spaced(len(times), MOST)
    median = _median(sample(few, times[few], grid))
    if median is None:
        return times
    moved = times.copy()
    for first in range(0, len(times), CHUNK):
        chunk = np.arange(first, min(first + CHUNK, len(times)))
        moved[chunk] += _lags(sample(chunk, times[chunk], grid), median) / FINE
    median = _median(sample(few, moved[few], grid))
    return moved if median is None else moved + _fiducial(median, grid)


def qt_factor(sample: Sample, times: Floats, stretched: Callable[[Floats], Floats], qrs_end: float) -> float:
    """Return by how much ST and T of a recording are longer than √RR says; 1 where T is too low to tell.

    It is the square root of the measured over the expected time from the end of the QRS complex to the peak of T, so
    that the whole stretch is the geometric mean of √RR and of what is measured: how QT follows the heart rate differs
    between people (Malik et al. 2002, doi:10.1136/heart.87.3.220), and it does so with a lag, after effort above all.

    Parameters
    ----------
    sample, times
        As for `align_beats`; times of the fiducials.
    stretched : callable
        Returns offsets of each of all beats, shape (n_beats, n), of offsets at 60 beats/min.
    qrs_end : float
        In s after the fiducial.
    """
    few = evenly_spaced(len(times), MOST)
    grid = np.arange(-0.05, T_WINDOW[1] + 0.08, 0.004)
    median = _median(sample(few, times[few], stretched(grid)[few]))
    if median is None:
        return 1.0
    inside = (grid >= T_WINDOW[0]) & (grid <= T_WINDOW[1])
    wave = ndimage.gaussian_filter1d(median, T_SMOOTH / 0.004, axis=-1)[:, inside]
    height = np.abs(wave - wave[:, -1:]).sum(axis=0)  # after T the signal is at its level
    tops, found = signal.find_peaks(height, prominence=LEAST_T * np.ptp(median, axis=-1).sum())
    if not len(tops):
        return 1.0
    peak = tops[found["prominences"].argmax()]
    measured = (grid[inside][peak] - qrs_end) / (T_PEAK - qrs_end)
    return float(np.sqrt(np.clip(measured, *FACTOR)))


def _median(beats: Floats) -> Floats | None:
    """Return the median of the beats that are whole, shape (n_channels, n); None where there is none."""
    whole = beats[~np.isnan(beats).any(axis=(1, 2))]
    return np.median(whole, axis=0) if len(whole) else None


def _lags(beats: Floats, median: Floats) -> Floats:
    """Return how many samples each beat lies after the median beat; 0 for a beat that is not whole."""
    most = round(SHIFT * FINE)
    slopes = np.gradient(beats, axis=-1)
    wanted = np.gradient(median, axis=-1)[:, most:-most]
    views = np.lib.stride_tricks.sliding_window_view(slopes, wanted.shape[-1], axis=-1)
    products = np.einsum("nclm,cm->nl", views, wanted)
    energy = np.cumsum(np.pad((slopes**2).sum(axis=1), ((0, 0), (1, 0))), axis=-1)
    norm = np.sqrt(np.maximum(energy[:, wanted.shape[-1] :] - energy[:, : -wanted.shape[-1]], 1e-12))
    found = np.argmax(np.nan_to_num(products / norm, nan=-np.inf), axis=1) - most
    return np.where(np.isnan(beats).any(axis=(1, 2)), 0.0, found)


def _fiducial(median: Floats, grid: Floats) -> float:
    level = median - np.median(median, axis=-1, keepdims=True)
    near = np.abs(grid) <= REACH
    channel = level[np.ptp(level[:, near], axis=-1).argmax(), near]
    up, down = int(channel.argmax()), int(channel.argmin())
    high, deep = channel[up], -channel[down]
    if min(high, deep) > ALIKE * max(high, deep):
        return float(grid[near][min(up, down)])
    return float(grid[near][up if high >= deep else down])
