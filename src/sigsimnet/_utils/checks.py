"""Checks of parameters that many functions share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

from sigsimnet.errors import ParameterError

__all__ = ["check_count", "check_number", "check_sampling_rate", "is_number", "items_of"]

T = TypeVar("T")
HIGHEST_RATE = 1e9  # Hz: a million times what a biomedical signal needs; times and counts are exact to there


def is_number(value: object) -> bool:
    """Return whether a value is one real number; True and False are none.

    Examples
    --------
    >>> is_number(3), is_number(np.float32(0.5)), is_number(True), is_number("3"), is_number(1j)
    (True, True, False, False, False)
    """
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def check_number(value: object, name: str, unit: str, *, least: float = -math.inf, above: float = -math.inf) -> float:
    """Return a finite number as a float.

    Raises
    ------
    ParameterError
        If it is no number, or less than ``least``, or not more than ``above``.

    Examples
    --------
    >>> check_number(4, "window", "s", above=0)
    4.0
    """
    try:
        number = float(value) if is_number(value) else math.nan  # type: ignore[arg-type]
    except OverflowError:
        number = math.nan
    if not (math.isfinite(number) and number >= least and number > above):
        kind = "positive number" if above == 0 else "number"
        bound = f", {least:g} or more" if least > -math.inf else ""
        raise ParameterError(f"{name} is {value!r}: it must be a {kind}{f' of {unit}' if unit else ''}{bound}")
    return number


def check_count(value: object, name: str, *, least: int = 1) -> int:
    """Return a whole number.

    Raises
    ------
    ParameterError
        If it is none, or less than ``least``.

    Examples
    --------
    >>> check_count(2, "workers")
    2
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ParameterError(f"{name} is {value!r}: it must be a whole number of {least} or more")
    return value


def items_of(values: object, kind: type[T], name: str) -> tuple[T, ...]:
    """Return the items of a sequence, all of one kind.

    Raises
    ------
    ParameterError
        If it is no sequence, or an item is of another kind.

    Examples
    --------
    >>> items_of(["I", "II"], str, "channel_names")
    ('I', 'II')
    """
    items = tuple(values) if isinstance(values, Iterable) else (values,)
    for item in items:
        if not isinstance(item, kind):
            raise ParameterError(f"{name} holds {item!r}: expected items of type {kind.__name__}")
    return items


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
    if not 0 < rate <= HIGHEST_RATE:
        most = f", {HIGHEST_RATE:g} at most" if rate > 0 else ""
        raise ParameterError(f"{name} is {value!r}: it must be a positive number of Hz{most}")
    return rate
