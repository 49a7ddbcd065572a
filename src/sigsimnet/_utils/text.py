"""Lists in sentences."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["shorten_list"]


def shorten_list(names: Iterable[object], most: int = 6) -> str:
    """Return names with commas between them, those after the first ``most`` as an ellipsis.

    Examples
    --------
    >>> shorten_list(["I", "II", "III"]), shorten_list(["I", "II", "III"], 2)
    ('I, II, III', 'I, II, …')
    """
    words = [str(name) for name in names]
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")
