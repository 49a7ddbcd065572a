"""Stretches of samples that belong together: the unit in which everything here is filtered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["runs_of"]


def runs_of(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where a mask is true, as runs.

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
