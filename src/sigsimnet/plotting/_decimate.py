"""Fewer points that draw the same picture: the lowest and the highest sample of each column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["downsample_minmax", "extremes"]

MOST_POINTS = 4000  # a page is narrower than that; beyond, each column shows its lowest and highest sample


def extremes(values: NDArray[np.floating], size: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the lowest and the highest sample of each column of ``size`` samples; NaN of columns with none.

    Examples
    --------
    >>> low, high = extremes(np.array([1.0, 5.0, np.nan, 2.0, np.nan]), 2)
    >>> low.tolist(), high.tolist()
    ([1.0, 2.0, nan], [5.0, 2.0, nan])
    """
    edges = np.arange(0, len(values), size)
    missing = np.isnan(values)
    if not missing.any():
        return np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
    low = np.minimum.reduceat(np.where(missing, np.inf, values), edges)
    high = np.maximum.reduceat(np.where(missing, -np.inf, values), edges)
    empty = ~np.isfinite(low)
    return np.where(empty, np.nan, low).astype(values.dtype), np.where(empty, np.nan, high).astype(values.dtype)


def downsample_minmax(
    times: NDArray[np.float64], values: NDArray[np.floating], most: int = MOST_POINTS
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """Return at most ``most`` points that draw the same picture: lowest and highest sample of each column.

    The two stand a quarter and three quarters into their column: nothing moves by more than that.

    Examples
    --------
    >>> t = np.arange(100_000.0)
    >>> len(downsample_minmax(t, np.sin(t))[0])
    4000
    """
    n = len(values)
    if n <= most:
        return times, values
    size = int(np.ceil(n / (most // 2)))
    low, high = extremes(values, size)
    first = np.arange(0, n, size)
    last = np.minimum(first + size - 1, n - 1)
    quarter = (times[last] - times[first]) / 4
    return np.column_stack([times[first] + quarter, times[last] - quarter]).ravel(), np.column_stack(
        [low, high]
    ).ravel()
