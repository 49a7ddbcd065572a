"""What libraries write to their log while they read, kept instead of printed."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["log_of"]

_MOST = 5  # lines that are kept


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.lines) < _MOST:
            self.lines.append(record.getMessage()[:200])


@contextmanager
def log_of(library: str) -> Iterator[list[str]]:
    """Give the first warnings that a library logs within the context; none of them is printed.

    Examples
    --------
    >>> with log_of("somebody") as said:
    ...     logging.getLogger("somebody").warning("the end is missing")
    >>> said
    ['the end is missing']
    """
    logger = logging.getLogger(library)
    handler = _Lines()
    kept, spread = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [handler], False  # some print by handlers of their own
    try:
        yield handler.lines
    finally:
        logger.handlers, logger.propagate = kept, spread
