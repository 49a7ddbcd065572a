"""Faults of the samples as they were recorded: missing, flat, saturated, clipped, wrapped, steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.clipping import equal_runs, piled_up, stuck_and_clipped
from sigsimnet.signal_quality.features.rolling import rolling_max, rolling_quantile
from sigsimnet.signal_quality.features.wraps import wrapped_seconds

__all__ = ["SampleFaults", "bridged", "sample_faults"]

Floats = NDArray[np.float64]

FLAT = 1.0  # s of equal samples; as in `detect_peaks`: quantised baselines stand still for tenths of a second
FLAT_SLOW = 15.0  # s: skin conductance at rest, or a breath held, at a coarse resolution
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
    wrapped: NDArray[np.bool_]
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
    x: NDArray[np.float32], edges: NDArray[np.int64], sampling_rate: float, *, slow: bool = False, noisy: bool = False
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
    noisy : bool
        Of a signal like noise, such as EMG: clipped is where values pile up at the end of the scale, not where a few
        equal ones follow each other.

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
    first, last = equal_runs(x)
    long = last - first >= max(2, np.ceil(FLAT * sampling_rate))
    if slow:
        beside = np.concatenate([[True], missing, [True]])  # equal samples with a gap on both sides are flat, too
        long &= (last - first >= FLAT_SLOW * sampling_rate) | (beside[first] & beside[last + 1])
    flat = _share(first[long], last[long], len(x), starts, size)
    stuck, is_clipped = stuck_and_clipped(x, (first, last), edges, (highest, lowest), sampling_rate, slow=slow)
    clipped = np.zeros(len(starts), dtype=bool)
    if noisy:
        clipped = piled_up(x, edges, (highest, lowest))
    else:
        clipped[np.searchsorted(edges, first[is_clipped], side="right") - 1] = True
    ends = rolling_max(highest, 30), -rolling_max(-lowest, 30)
    return SampleFaults(
        missing=np.add.reduceat(missing, starts, dtype=np.int64) / size,
        flat=flat,
        saturated=_share(first[stuck], last[stuck], len(x), starts, size),
        clipped=clipped,
        wrapped=wrapped_seconds(x, edges, sampling_rate, ends),
        range=highest - lowest,
        range_61=ends[0] - ends[1],
        step=_steps(x, len(starts), sampling_rate),
    )


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
