"""Faults of the samples as they were recorded: missing, flat, saturated, clipped, steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.rolling import rolling_max, rolling_mean, rolling_quantile

__all__ = ["SampleFaults", "bridged", "sample_faults"]

Floats = NDArray[np.float64]

FLAT = 1.0  # s of equal samples; as in `detect_peaks`: quantised baselines stand still for tenths of a second
FLAT_SLOW = 15.0  # s: skin conductance at rest, or a breath held, at a coarse resolution
STUCK = 0.25  # s of equal samples at the end of the scale: saturated; as in `detect_peaks`
CLIPPED = (3, 0.006)  # samples, s: fewer equal samples at the end of the scale may be the top of a wave
HELD = 0.5  # of the values last for three samples or more: the file repeats each sample of a slower device
STEEP = 3.0  # quanta: the last step of a clipped wave into the end of the scale; the top of a wave is level
REST = 0.25  # of the range: a value so near the median is the baseline, not the end of the scale
STEP_RATE = 40.0  # Hz: at lower rates a step cannot be distinguished from a wave
BINS = 20  # a second: levels are those of 50 ms
SIDE = 8  # bins on each side of a step whose medians are compared: 0.4 s, longer than QRS and ST
SHARP = 0.6  # of a step happens within 10 ms
SUDDEN = 4.0  # times the median change within 10 ms


@dataclass(frozen=True)
class SampleFaults:
    """Of every second: shares of its samples (0–1), and ranges and steps in the unit of the samples."""

    missing: Floats
    flat: Floats
    saturated: Floats
    clipped: NDArray[np.bool_]
    range: Floats
    range_61: Floats  # of 30 s to either side
    step: Floats


def bridged(x: NDArray[np.floating]) -> Floats:
    """Return a channel with straight lines over missing samples, and a mean of zero.

    Examples
    --------
    >>> bridged(np.array([1.0, np.nan, 3.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    values = np.asarray(x, dtype=np.float64)
    known = ~np.isnan(values)
    if not known.any():
        return np.zeros(len(values))
    if not known.all():
        at = np.flatnonzero(known)
        values = np.interp(np.arange(len(values)), at, values[at])
    return np.asarray(values - values.mean())


def sample_faults(
    x: NDArray[np.float32], edges: NDArray[np.int64], sampling_rate: float, *, slow: bool = False
) -> SampleFaults:
    """Return the faults of one span of a channel.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        NaN = missing.
    edges : ndarray of int, shape (n_seconds + 1,)
        From `second_edges`.
    sampling_rate : float
        In Hz.
    slow : bool
        Of a signal that changes slowly and may be constant for seconds: flat is longer, and saturated is only what
        begins or ends with a steep flank.

    Examples
    --------
    >>> x = np.concatenate([np.sin(np.arange(100)), np.full(100, np.nan)]).astype(np.float32)
    >>> sample_faults(x, np.array([0, 100, 200]), 100).missing.tolist()
    [0.0, 1.0]
    """
    starts, size = edges[:-1], np.diff(edges)
    missing = np.isnan(x)
    highest = np.maximum.reduceat(np.where(missing, -np.inf, x), starts).astype(np.float64)
    lowest = np.minimum.reduceat(np.where(missing, np.inf, x), starts).astype(np.float64)
    nothing = ~np.isfinite(highest)
    highest[nothing], lowest[nothing] = np.nan, np.nan
    first, last = _equal_runs(x)
    long = last - first >= max(2, np.ceil(FLAT * sampling_rate))
    if slow:
        beside = np.concatenate([[True], missing, [True]])  # equal samples with a gap on both sides are flat, too
        long &= (last - first >= FLAT_SLOW * sampling_rate) | (beside[first] & beside[last + 1])
    flat = _share(first[long], last[long], len(x), starts, size)
    stuck, is_clipped = _at_the_end(x, first, last, edges, highest, lowest, sampling_rate, slow)
    clipped = np.zeros(len(starts), dtype=bool)
    clipped[np.searchsorted(edges, first[is_clipped], side="right") - 1] = True
    return SampleFaults(
        missing=np.add.reduceat(missing, starts, dtype=np.int64) / size,
        flat=flat,
        saturated=_share(first[stuck], last[stuck], len(x), starts, size),
        clipped=clipped,
        range=highest - lowest,
        range_61=rolling_max(highest, 30) + rolling_max(-lowest, 30),
        step=_steps(x, len(starts), sampling_rate),
    )


def _equal_runs(x: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first sample of each run of three or more equal samples, and one past its last."""
    same = np.zeros(len(x) + 1, dtype=np.int8)
    same[1:-1] = x[1:] == x[:-1]
    turns = np.flatnonzero(np.diff(same))
    first, last = turns[::2], turns[1::2] + 1
    enough = last - first >= 3
    return first[enough], last[enough]


def _share(
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    n: int,
    starts: NDArray[np.int64],
    size: NDArray[np.int64],
) -> Floats:
    turns = np.zeros(n + 1, dtype=np.int32)
    turns[first] += 1
    turns[last] -= 1
    return np.asarray(np.add.reduceat(np.cumsum(turns[:-1]), starts) / size)


def _at_the_end(
    x: NDArray[np.float32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    edges: NDArray[np.int64],
    highest: Floats,
    lowest: Floats,
    rate: float,
    slow: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which runs lie at the end of the scale (the extremes of the seconds around): saturated, clipped."""
    second = np.searchsorted(edges, first, side="right") - 1
    value = x[first].astype(np.float64)
    typical = rolling_quantile(0.5 * (highest + lowest), 15, 0.5)[0]
    ends = {}
    for reach in (5, 15):
        top, bottom = rolling_max(highest, reach), -rolling_max(-lowest, reach)
        resting = np.abs(value - typical[second]) <= REST * (top - bottom)[second]
        ends[reach] = ((value == top[second]) | (value == bottom[second])) & ~resting
    jump = np.abs(np.diff(x.astype(np.float64), prepend=np.nan, append=np.nan))
    moves = np.where((jump[:-1] > 0), jump[:-1], np.inf)
    quantum = -rolling_max(-np.minimum.reduceat(moves, edges[:-1]), 5)
    # Where a run ends at a gap or a border the other side decides.
    into = np.fmax(jump[first], jump[last])
    steep = into >= STEEP * quantum[second]
    stuck = ends[15] & (last - first >= max(3, STUCK * rate)) & (steep if slow else True)
    held = _hold_length(moves < np.inf, second, last - first, edges)[second]
    is_clipped = ends[5] & steep & (last - first >= np.maximum(CLIPPED[0] * held, CLIPPED[1] * rate)) & ~stuck
    return stuck, is_clipped


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


def _steps(samples: NDArray[np.float32], n_seconds: int, rate: float) -> Floats:
    """Return the largest lasting change of level of each second that took place within 10 ms."""
    if rate < STEP_RATE or len(samples) < 2 * rate / BINS:
        return np.zeros(n_seconds)
    x = bridged(samples)
    n = n_seconds * BINS
    bounds = np.minimum(np.rint(np.arange(n) * rate / BINS).astype(np.int64), len(x) - 1)
    width = np.maximum(np.diff(np.append(bounds, len(x))), 1)
    level = np.add.reduceat(x, bounds) / width
    reach = max(1, round(0.01 * rate))
    quick = np.zeros(len(x))
    quick[: len(x) - reach] = np.abs(x[reach:] - x[:-reach])
    quick = np.maximum.reduceat(quick, bounds)
    padded = np.pad(level, (SIDE, SIDE + 2), mode="edge")
    medians = np.median(sliding_window_view(padded, SIDE), axis=1)
    # The change lies within the bins k and k + 1.
    change = np.abs(medians[SIDE + 2 : SIDE + 2 + n] - medians[:n])
    # The median of a bin is known where at least half of its samples are.
    known = np.pad(
        np.add.reduceat(~np.isnan(samples), bounds, dtype=np.int64) > width / 2, (SIDE, SIDE + 2), mode="edge"
    )
    enough = sliding_window_view(known, SIDE).sum(axis=1) >= SIDE / 2
    change[~(enough[SIDE + 2 : SIDE + 2 + n] & enough[:n])] = 0.0
    typically = rolling_quantile(np.median(quick.reshape(n_seconds, BINS), axis=1), 5, 0.5)[0]
    sudden = np.maximum(SHARP * change, SUDDEN * np.repeat(typically, BINS))
    sharp = np.maximum(quick, np.append(quick[1:], 0.0)) >= sudden
    return np.asarray(np.where(sharp, change, 0.0).reshape(n_seconds, BINS).max(axis=1))
