"""Few of many items, evenly chosen."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["evenly_spaced", "subsample_evenly"]

T = TypeVar("T", bound=np.generic)


def evenly_spaced(n_items: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` positions among ``n_items``: the middle of each of ``most`` equal shares.

    Examples
    --------
    >>> evenly_spaced(10, 2).tolist(), evenly_spaced(3, 8).tolist()
    ([2, 7], [0, 1, 2])
    """
    if n_items <= most:
        return np.arange(n_items, dtype=np.int64)
    return ((np.arange(most) + 0.5) / most * n_items).astype(np.int64)


def subsample_evenly(values: NDArray[T], most: int) -> NDArray[T]:
    """Return at most ``most`` of the values (rows, of an array of several dimensions), evenly chosen.

    Examples
    --------
    >>> subsample_evenly(np.arange(100, 110), 2).tolist()
    [102, 107]
    """
    chosen: NDArray[Any] = values if len(values) <= most else values[evenly_spaced(len(values), most)]
    return chosen
