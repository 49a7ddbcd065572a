"""Opening an index: a file, or tables of a server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sigsimnet.archive._duck import DuckStore
from sigsimnet.archive._store import Store, is_url

__all__ = ["is_there", "open_store"]


def open_store(where: str | Path, *, write: bool = False, make: Mapping[str, str] | None = None) -> Store:
    """Open an index for reading, or for writing; make it with what is said of it.

    Raises
    ------
    ArchiveError, WriteError, MissingExtraError
        As `DuckStore` and `PostgresStore`.
    """
    if is_url(where):
        from sigsimnet.archive._postgres import PostgresStore

        return PostgresStore(str(where), write=write, make=make)
    return DuckStore(where, write=write, make=make)


def is_there(where: str | Path) -> bool:
    """Return whether there is something at that place; whether it is an index shows when it is opened.

    Raises
    ------
    ArchiveError
        If a server does not answer.
    """
    if is_url(where):
        from sigsimnet.archive._postgres import is_made

        return is_made(str(where))
    return Path(where).exists()
