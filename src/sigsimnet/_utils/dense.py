"""Products of small matrices."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.floating)

__all__ = ["small_product"]


def small_product(values: NDArray[T], weight: NDArray[T]) -> NDArray[T]:
    """Return ``values @ weight.T`` without BLAS, where a product takes a few milliseconds.

    BLAS would start its threads for them, which then spin: a comparison of two half-hour records took half as much CPU
    time again.

    Parameters
    ----------
    values : ndarray, shape (n, n_in)
    weight : ndarray, shape (n_out, n_in)

    Returns
    -------
    ndarray, shape (n, n_out)

    Examples
    --------
    >>> small_product(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])).tolist()
    [[11.0]]
    """
    found: NDArray[T] = np.einsum("ij,kj->ik", values, weight)
    return found
