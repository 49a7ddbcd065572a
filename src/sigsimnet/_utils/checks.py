"""Checks of parameters that many functions share."""

from __future__ import annotations

import math

import numpy as np

from sigsimnet.errors import ParameterError

__all__ = ["check_sampling_rate", "is_number"]


def is_number(value: object) -> bool:
    """Return whether a value is one real number; True and False are none.

    Examples
    --------
    >>> is_number(3), is_number(np.float32(0.5)), is_number(True), is_number("3"), is_number(1j)
    (True, True, False, False, False)
    """
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def check_sampling_rate(value: object, name: str = "sampling_rate") -> float:
    """Return a sampling rate in Hz as a float.

    Raises
    ------
    ParameterError
        If it is not a positive number.

    Examples
    --------
    >>> check_sampling_rate(250)
    250.0
    """
    try:
        rate = float(value) if is_number(value) else math.nan  # type: ignore[arg-type]
    except OverflowError:
        rate = math.inf
    if not 0 < rate < math.inf:
        raise ParameterError(f"{name} is {value!r}: it must be a positive number of Hz")
    return rate
