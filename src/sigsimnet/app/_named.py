"""How a file that does not say all of itself is named: ``signal.npy?rate=250&unit=mV``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from sigsimnet.errors import ParameterError

__all__ = ["OPTIONS", "as_named", "split_name"]

OPTIONS = {"rate": "sampling_rate", "unit": "units", "key": "key", "time": "time_column", "layout": "layout"}
"""What may stand behind a name, and the argument of `sigsimnet.read` that it is."""
_BEHIND = re.compile(rf"\?(?=(?:{'|'.join(OPTIONS)})=)")


def split_name(name: str) -> tuple[str, dict[str, Any]]:
    """Return the file that a name means, and how to read it.

    Raises
    ------
    ParameterError
        If an option is unknown, or the rate no number.

    Examples
    --------
    >>> split_name("a/signal.npy?rate=250&key=x")
    ('a/signal.npy', {'sampling_rate': 250.0, 'key': 'x'})
    >>> split_name("why?.csv")
    ('why?.csv', {})
    """
    file, *behind = _BEHIND.split(name, maxsplit=1)
    found: dict[str, Any] = {}
    for option, value in parse_qsl(behind[0]) if behind else ():
        if option not in OPTIONS:
            raise ParameterError(f"{file}: knows no {option!r} behind its name (known: {', '.join(OPTIONS)})")
        found[OPTIONS[option]] = value
    if str(found.get("time_column", "")).isdigit():
        found["time_column"] = int(found["time_column"])
    if "sampling_rate" in found:
        try:
            found["sampling_rate"] = float(found["sampling_rate"])
        except ValueError:
            raise ParameterError(f"{file}: rate is {found['sampling_rate']!r}: a number of Hz") from None
    return file, found


def as_named(sentence: str) -> str:
    """Return a sentence that names arguments of `sigsimnet.read` with what to write behind the name of a file.

    Examples
    --------
    >>> as_named("a.npy: cannot tell the sampling rate; pass sampling_rate=…")
    'a.npy: cannot tell the sampling rate; pass ?rate=… behind its name'
    """
    short = {argument: option for option, argument in OPTIONS.items()}
    return re.sub(rf"\b({'|'.join(short)})=(\S*)", lambda hit: f"?{short[hit[1]]}={hit[2]} behind its name", sentence)
