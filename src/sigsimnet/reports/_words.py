"""Numbers in words, for tables of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import SigSimNetError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["add", "cell", "counted", "number", "p_words", "sentence", "time_words"]


def sentence(text: str) -> str:
    """Return a sentence with a capital and a full stop; the name of a file stays as it is."""
    word = text.split(" ", 1)[0]
    begun = text if any(sign in word for sign in "/._\\") else f"{text[:1].upper()}{text[1:]}"
    return f"{begun}{'' if text.endswith('.') else '.'}"


def time_words(seconds: float) -> str:
    hours, rest = divmod(round(seconds, 3), 3600)
    minutes, left = divmod(rest, 60)
    return (
        f"{hours:.0f} h {minutes:.0f} min {left:.0f} s"
        if hours
        else f"{minutes:.0f} min {left:.1f} s"
        if minutes
        else f"{left:g} s"
    )


def number(value: Any) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{float(value):.4g}"


def cell(value: Any) -> Any:
    return (
        value
        if isinstance(value, str)
        else f"{int(value):,}"
        if isinstance(value, (int, np.integer))
        else number(value)
    )


def p_words(value: float) -> str:
    return "–" if not np.isfinite(value) else "<\u00a00.0001" if value < 1e-4 else f"{value:.4f}"


def add(figures: list[tuple[str, Figure]], title: str, draw: Callable[..., Figure], *given: Any, **more: Any) -> None:
    """Add a picture, or none where the recording is too short for it."""
    try:
        figures.append((title, draw(*given, **more)))
    except SigSimNetError:
        return


def counted(n: int, what: str) -> str:
    """Return a number of things: one gap, two gaps.

    Examples
    --------
    >>> counted(1, "gap"), counted(2000, "pause")
    ('1 gap', '2,000 pauses')
    """
    return f"{n:,} {what}{'' if n == 1 else 's'}"
