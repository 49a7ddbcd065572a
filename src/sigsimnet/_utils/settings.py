"""Settings of functions and steps, checked by their type hints: what is no such number gets one clear sentence."""

from __future__ import annotations

import inspect
import math
import re
import types
from collections.abc import Callable, Hashable
from dataclasses import fields
from functools import cache, wraps
from typing import Annotated, Any, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
from msgspec import Meta

from sigsimnet._utils.checks import check_sampling_rate
from sigsimnet._utils.samples import numbers_of
from sigsimnet.errors import ParameterError, printable

__all__ = ["Corner", "Hertz", "LongestGap", "Order", "Positive", "Seconds", "check_fields", "checked", "in_words"]

Order = Annotated[int, Meta(ge=1, le=10)]
"""Of a filter: beyond, rounding makes more of it than the signal."""
Seconds = Annotated[float, Meta(gt=0, le=1e7)]
LongestGap = Annotated[float, Meta(ge=0)]
"""In s; ``inf`` for any."""
Hertz = Annotated[float, Meta(gt=0, le=1e9)]
Corner = Annotated[float, Meta(ge=0, le=1e9)] | None
"""Of a filter, in Hz."""
Positive = Annotated[float, Meta(gt=0, le=1e9)]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_PLAIN = (bool, int, float, str, type(None))
_LONGEST = 60  # characters of a value in a message


def checked(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Check the arguments of a function that are numbers, text or flags by their type hints; others are not looked at.

    ``x`` must be an array of real numbers, and ``sampling_rate`` a rate.

    Examples
    --------
    >>> @checked
    ... def smooth(x: np.ndarray, *, order: Order = 3) -> int:
    ...     return order
    >>> smooth(np.zeros(3), order=50)
    Traceback (most recent call last):
    sigsimnet.errors.ParameterError: order is 50: expected a whole number <= 10
    """
    signature = inspect.signature(function)

    @wraps(function)
    def with_checks(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # which says it with its own name
        hints = _plain_hints(function)
        for name, value in given.arguments.items():
            if name == "x":
                given.arguments[name] = numbers_of(value, name)
            elif name == "sampling_rate" and value is not None:
                given.arguments[name] = check_sampling_rate(value)
            elif name in hints:
                given.arguments[name] = _converted(value, hints[name], name)
        return function(*given.args, **given.kwargs)

    return with_checks


def check_fields(settings: Any) -> None:
    """Check the fields of a frozen dataclass by their type hints; NumPy's numbers become Python's.

    Raises
    ------
    ParameterError
        Naming the first that does not fit.
    """
    hints = _plain_hints(cast("Hashable", type(settings)))
    for field in fields(settings):
        if field.name in hints:
            value = getattr(settings, field.name)
            new = _converted(value, hints[field.name], field.name)
            if new is not value:
                object.__setattr__(settings, field.name, new)


@cache
def _plain_hints(of: Any) -> dict[str, Any]:
    """Return the hints that are of plain types."""
    return {name: hint for name, hint in get_type_hints(of, include_extras=True).items() if _is_plain(hint)}


def _is_plain(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return _is_plain(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return all(map(_is_plain, get_args(hint)))
    return hint in _PLAIN


def _converted(value: Any, hint: Any, name: str) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    try:
        found = msgspec.convert(plain, hint)
    except (msgspec.ValidationError, OverflowError, TypeError) as error:
        raise ParameterError(f"{name} is {_short(value)}: {in_words(str(error))}") from error
    if isinstance(found, float) and math.isnan(found):
        raise ParameterError(f"{name} is nan: a number is needed")
    return found


_WORDS = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "True or False", "null": "None",
    "array": "a list", "object": "a table",
}  # fmt: skip
_TYPES = re.compile(r"`([a-z]+(?: \| [a-z]+)*)`")


def in_words(said: str) -> str:
    """Return what msgspec says of a value with words for its types, and the place as a path.

    Examples
    --------
    >>> in_words("Expected `int | null`, got `str` - at `$.card.n_people`")
    'expected a whole number or None, got text (at card.n_people)'
    """
    plain = _TYPES.sub(
        lambda found: " or ".join(_WORDS.get(word, word) for word in found[1].split(" | ")), printable(said)
    )
    plain = re.sub(r" - at `\$\.?(.*?)`$", r" (at \1)", plain)
    return f"{plain[:1].lower()}{plain[1:]}"


def _short(value: Any) -> str:
    text = printable(repr(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
