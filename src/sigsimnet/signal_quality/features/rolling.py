"""Statistics of the seconds around each second; NaN marks seconds without a value."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["rolling", "rolling_max", "rolling_mean", "rolling_quantile", "rolling_sum"]

Floats = NDArray[np.float64]


def rolling(values: NDArray[np.floating], reach: int) -> Floats:
    """Return each second with ``reach`` seconds on both sides, NaN beyond the ends.

    Parameters
    ----------
    values : ndarray, shape (n_seconds,) or (n_seconds, k)

    Returns
    -------
    ndarray, shape (n_seconds, k × (2 reach + 1))

    Examples
    --------
    >>> rolling(np.array([1.0, 2.0, 3.0]), 1).tolist()
    [[nan, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, nan]]
    """
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    padded = np.pad(table, ((reach, reach), (0, 0)), constant_values=np.nan)
    return sliding_window_view(padded, 2 * reach + 1, axis=0).reshape(len(table), -1)


def rolling_quantile(values: NDArray[np.floating], reach: int, *shares: float) -> list[Floats]:
    """Return quantiles of the known values around each second (the nearest known value; NaN where there is none).

    Examples
    --------
    >>> [q.tolist() for q in rolling_quantile(np.array([1.0, np.nan, 3.0, 9.0]), 1, 0.5)]
    [[1.0, 1.0, 3.0, 3.0]]
    """
    table = np.sort(rolling(values, reach), axis=1)  # NaN goes last
    known = np.count_nonzero(~np.isnan(table), axis=1)
    rows = np.arange(len(table))
    return [table[rows, np.maximum(0, ((known - 1) * share)).astype(np.int64)] for share in shares]


def rolling_max(values: NDArray[np.floating], reach: int) -> Floats:
    """Return the largest known value around each second.

    Examples
    --------
    >>> rolling_max(np.array([1.0, np.nan, 3.0]), 1).tolist()
    [1.0, 3.0, 3.0]
    """
    return np.asarray(np.fmax.reduce(rolling(values, reach), axis=1))


def rolling_sum(values: NDArray[np.number], reach: int) -> Floats:
    """Return the sum around each second of values that are all known.

    Examples
    --------
    >>> rolling_sum(np.array([1, 2, 4]), 1).tolist()
    [3.0, 7.0, 6.0]
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    n, seconds = len(values), np.arange(len(values))
    return np.asarray(sums[np.minimum(seconds + reach + 1, n)] - sums[np.maximum(seconds - reach, 0)])


def rolling_mean(values: NDArray[np.floating], reach: int) -> Floats:
    """Return the mean of the known values around each second, column by column; NaN where there is none.

    Examples
    --------
    >>> rolling_mean(np.array([1.0, np.nan, 3.0]), 1).tolist()
    [1.0, 2.0, 3.0]
    """
    table = np.asarray(values, dtype=np.float64)
    n = len(table)
    known = ~np.isnan(table)
    filled = np.where(known, table, 0.0)
    total, count = np.zeros(table.shape), np.zeros(table.shape)
    for shift in range(-min(reach, n - 1), min(reach, n - 1) + 1):
        to, of = slice(max(0, -shift), n - max(0, shift)), slice(max(0, shift), n - max(0, -shift))
        total[to] += filled[of]
        count[to] += known[of]
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
