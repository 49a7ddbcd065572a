"""Progress bars on standard error, so that what a command prints stays clean."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["track"]

LOG = logging.getLogger(__name__)
LONG = 50  # items; fewer are soon done

T = TypeVar("T")


def track(items: Iterable[T], what: str, total: int | None = None, *, show: bool = True) -> Iterator[T]:
    """Yield the items; show a bar on a terminal, and a line to the log ten times where there is none."""
    if not show:
        yield from items
        return
    if not sys.stderr.isatty():
        every = max(1, (total or 0) // 10)
        for number, item in enumerate(items, 1):
            yield item
            if total and total >= LONG and number % every == 0:
                LOG.info("%s: %d of %d", what, number, total)
        return
    from rich.console import Console
    from rich.progress import track as rich_track

    yield from rich_track(items, what, total=total, console=Console(stderr=True), transient=True)
