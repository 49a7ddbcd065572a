"""Samples as a recording keeps them: single precision, and nobody else's to change."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.mmap import release_mmap_pages
from sigsimnet.errors import ParameterError

__all__ = ["any_infinite", "numbers_of", "own_samples"]

CHUNK = 1 << 22  # samples looked at together: a mask of a week of samples would take hundreds of megabytes


def numbers_of(data: ArrayLike, name: str = "data") -> NDArray[Any]:
    """Return an array of real numbers, not copied where it is one already; ``name`` is what messages call it.

    Raises
    ------
    ParameterError
        If it is no array, or holds anything but real numbers.

    Examples
    --------
    >>> numbers_of([1, 2]).tolist()
    [1, 2]
    """
    try:
        given = np.asanyarray(data)
    except (ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise ParameterError(f"{name} is no array of numbers ({str(error).partition('. ')[0]})") from error
    if given.dtype.kind not in "biuf":
        raise ParameterError(f"{name} holds {given.dtype} values: real numbers are needed")
    return given


def own_samples(data: ArrayLike) -> NDArray[np.float32]:
    """Return samples that nobody else can change: a copy, unless the array is read-only to its root.

    Raises
    ------
    ParameterError
        If the data are no real numbers.

    Examples
    --------
    >>> own_samples([1, 2]).flags.writeable
    False
    """
    given = numbers_of(data)
    if isinstance(given, np.ma.MaskedArray):
        given = np.ma.filled(given.astype(np.float32), np.nan)  # masked is missing
    root: object = data
    while isinstance(root, np.ndarray) and not root.flags.writeable:
        root = root.base
    shared = isinstance(data, np.ndarray) and not isinstance(root, np.ndarray)
    with np.errstate(over="ignore"):  # what is beyond single precision becomes infinite, and so missing
        samples = np.asarray(given, dtype=np.float32) if shared else np.array(given, dtype=np.float32, order="C")
    samples.flags.writeable = False
    return samples


def any_infinite(samples: NDArray[np.float32]) -> bool:
    """Return whether a sample is infinite; shape (n_channels, n_samples).

    Examples
    --------
    >>> any_infinite(np.array([[0.0, np.inf]], dtype=np.float32))
    True
    """
    for first in range(0, samples.shape[1], CHUNK):
        found = bool(np.isinf(samples[:, first : first + CHUNK]).any())
        release_mmap_pages(samples)
        if found:
            return True
    return False
