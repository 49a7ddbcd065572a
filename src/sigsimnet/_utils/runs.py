"""Stretches of samples that belong together: the unit in which everything here is filtered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["changed_runs", "runs_of"]


def runs_of(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where a mask is true, as intervals of samples.

    Parameters
    ----------
    mask : ndarray of bool, shape (n_samples,)

    Returns
    -------
    ndarray of int, shape (n_runs, 2)
        First sample, and one past the last.

    Examples
    --------
    >>> import numpy as np
    >>> runs_of(np.array([True, True, False, True])).tolist()
    [[0, 2], [3, 4]]
    """
    padded = np.zeros(len(mask) + 2, dtype=np.int8)
    padded[1:-1] = mask
    edges = np.flatnonzero(np.diff(padded))
    return edges.reshape(-1, 2)


def changed_runs(
    x: NDArray[np.floating], least: int, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return a channel changed in each interval without a gap; those shorter than ``least`` samples stay as they are.

    Examples
    --------
    >>> changed_runs(np.array([1.0, 2.0, np.nan, 4.0]), 2, lambda samples: -samples).tolist()
    [-1.0, -2.0, nan, 4.0]
    """
    out = np.asarray(x, dtype=np.float64).copy()
    for start, stop in runs_of(~np.isnan(x)):
        if stop - start >= least:
            out[start:stop] = change(out[start:stop])
    return out
