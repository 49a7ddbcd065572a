"""`Store`: where an index lies, behind a few methods, so that a file and a server are asked the same questions."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sigsimnet.errors import ArchiveError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["LEVELS", "PARTS", "SCALE", "Store", "check_about", "is_url", "shown"]

LEVELS = {"beat": "segments", "stretch": "stretches of 10 s", "recording": "recordings", "person": "people"}
"""What can be searched, and what that is called: single segments, 10 s, whole recordings, people."""
PARTS = ("template", "stretch", "beat")
"""Tables whose rows belong to a recording."""
WHAT = "sigsimnet index"
FORMAT = "1"
# Of the whole numbers that unit vectors of beats and stretches are kept as: 16 bits take half the room of floats, are
# searched in two thirds of the time, and change a cosine by 0.00003 at most in practice (docs/decisions/0017).
SCALE = 32767
COLUMNS = {
    "about": {"key": "text", "value": "text"},
    "recording": {
        "id": "bigint",
        "path": "text",
        "start": "double",
        "stop": "double",
        "channel": "text",
        "state": "text",
        "digest": "text",
        "subject": "text",
        "session": "text",
        "label": "text",
        "database": "text",
        "age": "double",
        "sex": "text",
        "duration": "double",
        "sampling_rate": "double",
        "leads": "text",
        "heart_rate": "double",
        "n_segments": "bigint",
        "n_left_out": "bigint",
        "added": "timestamp",
    },
    "template": {"recording": "bigint", "lead": "text", "quality": "float", "n_segments": "bigint", "vector": "floats"},
    "stretch": {
        "recording": "bigint",
        "start": "double",
        "stop": "double",
        "lead": "text",
        "quality": "float",
        "n_segments": "bigint",
        "vector": "whole",
    },
    "beat": {"recording": "bigint", "time": "double", "lead": "text", "quality": "float", "vector": "whole"},
    "left_out": {
        "path": "text",
        "start": "double",
        "stop": "double",
        "channel": "text",
        "state": "text",
        "what": "text",
        "n_segments": "bigint",
        "reason": "text",
    },
}
"""Columns of each table, and what they hold; ``floats`` and ``whole`` are vectors."""


class Store(ABC):
    """An index, open for reading or for writing.

    SQL that is given to its methods is what DuckDB and PostgreSQL understand alike, with ``?`` for each parameter.

    Attributes
    ----------
    where : str
        For people to read: a path, or a URL without its password.
    about : dict of str to str
        What is known of the index as a whole.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet.archive._open import open_store
    >>> with open_store(tempfile.mkdtemp() + "/a.index", write=True, make={"dim": "4"}) as store:
    ...     store.about["dim"]
    '4'
    """

    where: str
    about: dict[str, str]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let others have it."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """Write a batch, whole or not at all.

        Raises
        ------
        WriteError
            If the disk is full or it cannot be written.
        """

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Change something; within `writing`."""

    @abstractmethod
    def insert(self, table: str, columns: dict[str, Any], vectors: NDArray[np.generic]) -> None:
        """Add rows with vectors; within `writing`.

        Parameters
        ----------
        table : {"template", "stretch", "beat"}
        columns : dict of str to array
            All but ``vector``, as long as ``vectors``.
        vectors : ndarray, shape (n, dim)
        """

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises
        ------
        ArchiveError
            If the index cannot be read.
        """

    @abstractmethod
    def table(self, name: str, where: str = "true", parameters: Sequence[Any] = ()) -> pa.Table:
        """Return rows of a table, in the order in which they were added, with vectors as lists of one length.

        Raises
        ------
        ArchiveError
            If the index cannot be read.
        """

    @abstractmethod
    def cosine(self, vector: NDArray[np.floating]) -> tuple[str, Any]:
        """Return the expression of the inner product of the column ``vector`` and a parameter, and that parameter."""

    @abstractmethod
    def chosen(self, numbers: Sequence[int]) -> AbstractContextManager[str]:
        """Return a condition that holds of rows whose ``recording`` is among these."""

    @abstractmethod
    def condition(self, where: str) -> list[int]:
        """Return the numbers of the recordings that a condition of the user holds of.

        Raises
        ------
        ParameterError
            If it is no condition on the columns of a recording.
        """

    @abstractmethod
    def size(self) -> int:
        """Return how many bytes it takes."""

    @abstractmethod
    def drop(self) -> None:
        """Take the whole index away, and let it go."""

    @abstractmethod
    def compact(self) -> None:
        """Give back the room of what was removed; nobody else may have it open."""

    def wanted(self, where: str | None) -> list[int]:
        """Return the numbers of the recordings that a condition of the user holds of, all without one.

        Raises
        ------
        ParameterError
            If it is no condition on the columns of a recording.
        """
        if where is None or not where.strip():
            return [int(row[0]) for row in self.rows("select id from recording order by id")]
        return sorted(self.condition(where))

    def delete(self, numbers: Sequence[int]) -> None:
        """Take recordings out; within `writing`."""
        for table, column in [*((part, "recording") for part in PARTS), ("recording", "id")]:
            self.execute(
                f"delete from {table} where {column} in (select unnest(?::bigint[]))",  # noqa: S608 - our names
                [list(numbers)],
            )


def check_about(where: str, about: dict[str, str]) -> None:
    """Refuse what is no index.

    Raises
    ------
    ArchiveError
        If it says nothing, or something else, of itself.
    """
    if about.get("what") != WHAT or about.get("format") != FORMAT:
        raise ArchiveError(f"{where}: is no index of sigsimnet, or of a newer one")


def is_url(where: str | Path) -> bool:
    """Return whether an index lies on a server.

    Examples
    --------
    >>> is_url("postgresql://me@host/signals"), is_url("a.index")
    (True, False)
    """
    return isinstance(where, str) and where.startswith(("postgresql://", "postgres://"))


def shown(where: str | Path) -> str:
    """Return where an index lies, without a password.

    Examples
    --------
    >>> shown("postgresql://me:secret@host/signals")
    'postgresql://me@host/signals'
    """
    if not is_url(where):
        return str(where)
    return re.sub(r"(?<=[?&])password=[^&]*&?", "", re.sub(r"(?<=://)([^:@/]*):[^@/]*@", r"\1@", str(where)))


def about_rows(make: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a new index says of itself."""
    yield from {"what": WHAT, "format": FORMAT, **make}.items()
