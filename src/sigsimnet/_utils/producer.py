"""Who made a page or a picture: written into its metadata, so that its maker may write over it."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["made_by_words", "producer"]

producer: ContextVar[str] = ContextVar("producer", default="")
"""Name of the command that is running; empty in Python."""


def made_by_words(command: str | None = None) -> str:
    """Return the words that pages, pictures and models carry.

    Parameters
    ----------
    command : str, optional
        The one that is running by default.

    Examples
    --------
    >>> made_by_words("compare"), made_by_words()
    ('made by sigsimnet compare', 'made by sigsimnet')
    """
    return f"made by sigsimnet {producer.get() if command is None else command}".strip()
