"""Arrays that are files mapped into memory: a week of samples need not be in memory at once."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

__all__ = ["release_mmap_pages"]


def release_mmap_pages(x: NDArray[np.generic]) -> None:
    """Give back the memory of a file that is mapped read-only; its pages are read again when they are asked for.

    Parameters
    ----------
    x : ndarray
        Any array; one that is not a read-only map, or a view of one, is left alone.

    Examples
    --------
    >>> import numpy as np
    >>> release_mmap_pages(np.zeros(3))
    """
    base: object = x
    read_only = False
    while isinstance(base, np.ndarray):
        # Of other maps nothing is known, and the written pages of a private one would be lost.
        read_only = read_only or (isinstance(base, np.memmap) and base.mode == "r")
        base = base.base
    if read_only and isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)
