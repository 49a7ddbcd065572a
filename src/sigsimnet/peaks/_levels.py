"""Levels of a signal by windows of 2 s, and their running medians."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["by_window", "levels_of", "quantiles", "running_median"]

Floats = NDArray[np.float64]

NEIGHBOURS = 9  # windows: usual levels are medians over 18 s


def running_median(of_windows: Floats) -> Floats:
    """Return the running median over 18 s. Odd sizes make x and −x equivalent."""
    n = len(of_windows)
    return np.asarray(ndimage.median_filter(of_windows, size=min(NEIGHBOURS, n - 1 + n % 2), mode="mirror"))


def by_window(x: Floats, size: int, reduce: Callable[..., Floats]) -> Floats:
    """Return a figure of every window of ``size`` samples; what is left at the end belongs to none."""
    n = len(x) // size
    if n == 0:
        return np.asarray(reduce(x[None, :], axis=1))
    return np.asarray(reduce(x[: n * size].reshape(n, size), axis=1))


def quantiles(energy: Floats, size: int, *shares: float) -> list[Floats]:
    """Return quantiles of every window; every third sample is enough for that."""
    n = max(1, len(energy) // size)
    some = energy[: n * size].reshape(n, -1)[:, ::3]
    places = [round(share * (some.shape[1] - 1)) for share in shares]
    ordered = np.partition(some, places, axis=1)
    return [ordered[:, place] for place in places]


def levels_of(feature: Floats, size: int) -> tuple[Floats, Floats]:
    """Return the usual height of a feature at beats, and between beats, for every window of ``size`` samples."""
    return running_median(by_window(feature, size, np.max)), running_median(quantiles(feature, size, 0.5)[0])
