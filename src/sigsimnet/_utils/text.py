"""Words of others in our sentences: lists, causes of errors, and what a damaged file may have put into them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sigsimnet.errors import printable

__all__ = ["reason_of", "shorten_list"]

_LONGEST_REASON = 160  # of what another library says
_OBJECT = re.compile(r"<([\w.]+) object at 0x[0-9a-f]+>")
_ZIP_INFO = re.compile(r"<ZipInfo filename=(['\"])(.*?)\1[^>]*>")


def reason_of(error: BaseException) -> str:
    """Return what another library says as a part of our sentence: short, and without its objects.

    Examples
    --------
    >>> reason_of(KeyError("fs")), reason_of(RecursionError("maximum recursion depth exceeded"))
    ("'fs'", 'nested too deep')
    >>> reason_of(ValueError())
    'ValueError'
    """
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if len(error.args) == 2 and isinstance(error.args[0], str):
        return reason_of(Exception(error.args[0]))  # where it is stands in the second
    said = printable(str(error)).strip().rstrip(".") or type(error).__name__
    said = _OBJECT.sub(r"\1", _ZIP_INFO.sub(r"\2", said))
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]} …"


def shorten_list(names: Iterable[object], most: int = 6) -> str:
    """Return names with commas between them, those after the first ``most`` as an ellipsis.

    Examples
    --------
    >>> shorten_list(["I", "II", "III"]), shorten_list(["I", "II", "III"], 2)
    ('I, II, III', 'I, II, …')
    """
    words = [str(name) for name in names]
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")
