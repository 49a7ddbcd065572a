"""Loops that Numba compiles, and keeps compiled where it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function when it is first called; it releases the GIL.

    The machine code is kept for the next process beside the file, or in the user's cache. Where neither can be written
    (a read-only install and a service without a home) or the disk is full, it is compiled anew in each process.

    Examples
    --------
    >>> @compiled
    ... def total(x):
    ...     s = 0.0
    ...     for value in x:
    ...         s += value
    ...     return s
    >>> import numpy as np
    >>> total(np.ones(3))
    3.0
    """
    try:
        dispatcher = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no place to keep it
        return cast("F", njit(nogil=True)(function))
    keep = getattr(dispatcher, "_cache", None)
    if keep is not None:
        keep.save_overload = _unless_full(keep.save_overload)
    return cast("F", dispatcher)


def _unless_full(save: Callable[..., None]) -> Callable[..., None]:
    def save_if_possible(*args: Any) -> None:
        try:
            save(*args)
        except OSError:  # a full disk takes away the next start's head start, and nothing else
            return

    return save_if_possible
