"""The wfdb library, imported where a record needs it: its import takes longer than the reading of a plain one."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["library"]


@contextmanager
def library() -> Iterator[Any]:
    """Give the wfdb library, without its warnings: they are about what pandas means to change, not about the file.

    Examples
    --------
    >>> with library() as wfdb:
    ...     wfdb.__name__
    'wfdb'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb

        yield wfdb
