"""Waves cut off at the end of the scale, and samples that are stuck there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.rolling import rolling_max, rolling_mean, rolling_quantile, rolling_sum

__all__ = ["equal_runs", "piled_up", "stuck_and_clipped"]

Floats = NDArray[np.float64]

STUCK = 0.25  # s of equal samples at the end of the scale: saturated; as in `detect_peaks`
CLIPPED = (3, 0.006)  # samples, s: fewer equal samples at the end of the scale may be the top of a wave
HELD = 0.5  # of the values last for three samples or more: the file repeats each sample of a slower device
STEEP = 3.0  # quanta: the last step of a clipped wave into the end of the scale; the top of a wave is level
REST = 0.25  # of the range: a value so near the median is the baseline, not the end of the scale
# Of a signal like noise (EMG) that is cut off, the values beyond lie on the last one. In a normal distribution cut off
# at 2 (2.5, 3) standard deviations there are 3.6 (2.1, 1.3) times as many as in the last twentieth before the end;
# where nothing is cut off the last value is the rarest.
TAIL = 0.05  # of the distance from the middle to the end
PILED = 1.5  # times as many samples at the end as in that tail
OFTEN = 0.04  # of the samples of a second, at both ends: a wave that touches the end of the scale now and then is whole
VISITS = 5  # within 5 s to either side


def equal_runs(x: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first sample of each run of three or more equal samples, and one past its last.

    Examples
    --------
    >>> [ends.tolist() for ends in equal_runs(np.array([1, 2, 2, 2, 3, 3], dtype=np.float32))]
    [[1], [4]]
    """
    same = np.zeros(len(x) + 1, dtype=np.int8)
    same[1:-1] = x[1:] == x[:-1]
    turns = np.flatnonzero(np.diff(same))
    first, last = turns[::2], turns[1::2] + 1
    enough = last - first >= 3
    return first[enough], last[enough]


def stuck_and_clipped(
    x: NDArray[np.float32],
    runs: tuple[NDArray[np.int64], NDArray[np.int64]],
    edges: NDArray[np.int64],
    extremes: tuple[Floats, Floats],
    rate: float,
    *,
    slow: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which runs lie at the end of the scale (the extremes of the seconds around): saturated, clipped.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    runs : (ndarray, ndarray)
        From `equal_runs`.
    edges : ndarray of int, shape (n_seconds + 1,)
    extremes : (ndarray, ndarray)
        Highest and lowest value of each second.
    rate : float
        In Hz.
    slow : bool
        Of a signal that may be constant for seconds: saturated is only what begins or ends with a steep flank.

    Examples
    --------
    >>> x = np.minimum(np.sin(np.arange(200) / 8), 0.7).astype(np.float32)
    >>> extremes, edges = (np.full(2, float(x.max())), np.full(2, float(x.min()))), np.array([0, 100, 200])
    >>> [of_runs.tolist() for of_runs in stuck_and_clipped(x, equal_runs(x), edges, extremes, 100.0, slow=False)]
    [[False, False, False, False], [True, True, True, True]]
    """
    (first, last), (highest, lowest) = runs, extremes
    second = np.searchsorted(edges, first, side="right") - 1
    value = x[first].astype(np.float64)
    typical = rolling_quantile(0.5 * (highest + lowest), 15, 0.5)[0]
    ends = {}
    for reach in (5, 15):
        top, bottom = rolling_max(highest, reach), -rolling_max(-lowest, reach)
        resting = np.abs(value - typical[second]) <= REST * (top - bottom)[second]
        ends[reach] = ((value == top[second]) | (value == bottom[second])) & ~resting
    jump = np.abs(np.diff(x.astype(np.float64), prepend=np.nan, append=np.nan))
    moves = _moves(x.astype(np.float64))
    quantum = _quantum(moves, edges)
    # Where a run ends at a gap or a border the other side decides.
    into = np.fmax(jump[first], jump[last])
    steep = into >= STEEP * quantum[second]
    stuck = ends[15] & (last - first >= max(3, STUCK * rate)) & (steep if slow else True)
    held = _hold_length(moves < np.inf, second, last - first, edges)[second]
    is_clipped = ends[5] & steep & (last - first >= np.maximum(CLIPPED[0] * held, CLIPPED[1] * rate)) & ~stuck
    return stuck, is_clipped


def piled_up(x: NDArray[np.float32], edges: NDArray[np.int64], extremes: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    """Return the seconds of a signal like noise in which values pile up at the end of the scale: it is clipped.

    Neither a run of equal samples nor the end of 8 bits says so: of EMG in few bits many neighbours are equal, and a
    strong contraction may reach the last value now and then.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    edges : ndarray of int, shape (n_seconds + 1,)
    extremes : (ndarray, ndarray)
        Highest and lowest value of each second.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(0, 40, 2000).round().astype(np.float32)
    >>> edges, lowest = np.array([0, 1000, 2000]), np.full(2, x.min())
    >>> [piled_up(y, edges, (np.full(2, y.max()), lowest)).tolist() for y in (x, np.minimum(x, 60))]
    [[False, False], [True, True]]
    """
    n = len(edges) - 1
    cut_off = np.zeros(n)
    starts, size = edges[:-1], np.diff(edges)
    second = np.repeat(np.arange(n), size)
    values = x.astype(np.float64)
    quantum = _quantum(_moves(values), edges)
    middle = rolling_quantile(0.5 * (extremes[0] + extremes[1]), 15, 0.5)[0]
    for sign, extreme in ((1.0, extremes[0]), (-1.0, -extremes[1])):
        end = rolling_max(extreme, 5)
        tail = np.maximum(TAIL * (end - sign * middle), quantum)
        short = end[second] - sign * values  # of the end; NaN where missing
        at_end, near = short == 0, (short > 0) & (short <= 1.001 * tail[second])
        entered = at_end & ~np.append(False, at_end[:-1])
        share = np.add.reduceat(at_end, starts, dtype=np.int64) / size
        ends, tails, visits = (
            rolling_sum(np.add.reduceat(what, starts, dtype=np.int64), 5) for what in (at_end, near, entered)
        )
        cut_off += np.where((ends >= PILED * tails) & (visits >= VISITS), share, 0.0)
    return np.asarray(cut_off >= OFTEN)


def _moves(x: Floats) -> Floats:
    """Return how far each sample is from the one before; infinite where it is equal, or there is none."""
    jump = np.abs(np.diff(x, prepend=np.nan))
    return np.where(jump > 0, jump, np.inf)


def _quantum(moves: Floats, edges: NDArray[np.int64]) -> Floats:
    """Return the smallest move within 5 s of each second."""
    return -rolling_max(-np.minimum.reduceat(moves, edges[:-1]), 5)


def _hold_length(
    moves: NDArray[np.bool_], second: NDArray[np.int64], lengths: NDArray[np.int64], edges: NDArray[np.int64]
) -> Floats:
    """Return how many samples one sample of the device lasts around each second; 1 unless the signal is held.

    Some devices' files repeat each sample until the next one arrives (sample and hold). Most values of such
    a signal last for three samples or more; a clipped wave is constant for three samples of the device.

    Parameters
    ----------
    moves : ndarray of bool, shape (n_samples,)
        Samples that differ from the one before.
    second, lengths : ndarray of int, shape (n_runs,)
        Second and length of each run of three or more equal samples.
    edges : ndarray of int, shape (n_seconds + 1,)
    """
    n = len(edges) - 1
    runs = np.bincount(second, minlength=n).astype(np.float64)
    share = rolling_mean(runs, 5) / np.maximum(rolling_mean(np.add.reduceat(moves, edges[:-1], dtype=np.int64), 5), 1.0)
    mean = np.bincount(second, weights=lengths, minlength=n) / np.where(runs > 0, runs, np.nan)
    return np.where(share > HELD, rolling_quantile(mean, 5, 0.5)[0], 1.0)
