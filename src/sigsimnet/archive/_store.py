"""The file of an index: a DuckDB database, its tables, who holds it, and what may be asked of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sigsimnet.errors import ArchiveError, MissingExtraError, ParameterError, WriteError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

__all__ = ["LEVELS", "PARTS", "SCALE", "Store", "fault_of"]

LEVELS = {"beat": "segments", "stretch": "stretches of 10 s", "recording": "recordings", "person": "people"}
"""What can be searched, and what that is called: single segments, 10 s, whole recordings, people."""
PARTS = ("template", "stretch", "beat")
"""Tables whose rows belong to a recording."""
FORMAT = "1"
# Of the whole numbers that unit vectors of beats and stretches are kept as: 16 bits take half the room of floats, are
# searched in two thirds of the time, and change a cosine by 0.00003 at most in practice (docs/decisions/0017).
SCALE = 32767
_WHAT = "sigsimnet index"
_TABLES = """
create table about (key varchar primary key, value varchar);
create table recording (
    id bigint primary key, path varchar, start double, stop double, channel varchar, state varchar, digest varchar,
    subject varchar, session varchar, label varchar, database varchar, age double, sex varchar, duration double,
    sampling_rate double, leads varchar, heart_rate double, n_segments bigint, n_left_out bigint, added timestamp
);
create table template (recording bigint, lead varchar, quality float, n_segments bigint, vector float[{dim}]);
create table stretch (
    recording bigint, start double, stop double, lead varchar, quality float, n_segments bigint, vector smallint[{dim}]
);
create table beat (recording bigint, time double, lead varchar, quality float, vector smallint[{dim}]);
create table left_out (
    path varchar, start double, stop double, channel varchar, state varchar, what varchar, n_segments bigint,
    reason varchar
);
"""


class Store:
    """One index file, open for reading or for writing.

    Parameters
    ----------
    path : str or Path
    write : bool, default False
        Only one process at a time can write, and nobody reads meanwhile.
    make : mapping, optional
        Make a new file, and write this about it; it needs ``dim``.

    Raises
    ------
    ArchiveError
        If the file is missing, is no index, is damaged, or another process holds it.
    WriteError
        If it cannot be written.
    MissingExtraError
        If DuckDB is not installed.

    Examples
    --------
    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/a.index"
    >>> with Store(path, write=True, make={"dim": "4"}) as store:
    ...     store.about["dim"]
    '4'
    """

    def __init__(self, path: str | Path, *, write: bool = False, make: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        if make is None and not self.path.is_file():
            raise ArchiveError(f"{path}: no such index; make one with: sigsimnet index add FOLDER --index {path}")
        if make is not None and self.path.exists():
            raise ArchiveError(f"{path}: is there already, and is no index")
        self.connection = _connect(self.path, write=write)
        if make is not None:
            with self.writing():
                self.connection.execute(_TABLES.format(dim=int(make["dim"])))
                rows = {"what": _WHAT, "format": FORMAT, **make}
                self.connection.executemany("insert into about values (?, ?)", list(rows.items()))
        try:
            self.about = dict(self.connection.execute("select key, value from about").fetchall())
        except Exception as error:
            self.close()
            raise ArchiveError(f"{path}: is no index of sigsimnet") from error
        if self.about.get("what") != _WHAT or self.about.get("format") != FORMAT:
            self.close()
            raise ArchiveError(f"{path}: is no index of sigsimnet, or of a newer one")
        if not write:  # what users ask in SQL reaches this file and nothing else
            self.connection.execute("set enable_external_access=false")
            self.connection.execute("set lock_configuration=true")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others have the file."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[DuckDBPyConnection]:
        """Write a batch, whole or not at all.

        Raises
        ------
        WriteError
            If the disk is full or the file cannot be written.
        """
        import duckdb

        self.connection.execute("begin")
        try:
            yield self.connection
            self.connection.execute("commit")
        except (duckdb.Error, OSError) as error:
            self._back()
            raise WriteError(f"{self.path}: cannot be written ({fault_of(error)})") from error
        except BaseException:
            self._back()
            raise

    def _back(self) -> None:
        import duckdb

        try:
            self.connection.execute("rollback")
        except duckdb.Error:  # the database gave up by itself: what was committed is in the file
            return

    def arrow(self, sql: str, parameters: list[Any] | None = None) -> pa.Table:
        """Return what a query finds as a table.

        Raises
        ------
        ArchiveError
            If the file is damaged.
        """
        import duckdb

        try:
            return self.connection.sql(sql, params=parameters or []).to_arrow_table()
        except duckdb.Error as error:
            raise ArchiveError(f"{self.path}: cannot be read ({fault_of(error)})") from error

    def delete(self, numbers: Sequence[int]) -> None:
        """Take recordings out; within `writing`."""
        for table, column in [*((part, "recording") for part in PARTS), ("recording", "id")]:
            self.connection.execute(
                f"delete from {table} where {column} in (select unnest(?))",  # noqa: S608 - our names
                [list(numbers)],
            )

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises
        ------
        ArchiveError
            If the file is damaged.
        """
        import duckdb

        try:
            return list(self.connection.execute(sql, parameters or []).fetchall())
        except duckdb.Error as error:
            raise ArchiveError(f"{self.path}: cannot be read ({fault_of(error)})") from error

    def wanted(self, where: str | None) -> list[int]:
        """Return the numbers of the recordings that a condition of the user holds of, all without one.

        Raises
        ------
        ParameterError
            If it is no condition on the columns of a recording.
        """
        import duckdb

        if where is None or not where.strip():
            return [int(row[0]) for row in self.rows("select id from recording order by id")]
        try:
            found = self.connection.table("recording").filter(where).project("id").fetchall()
        except (duckdb.Error, RuntimeError) as error:
            columns = ", ".join(row[0] for row in self.rows("select column_name from (describe recording)"))
            raise ParameterError(
                f"--where {where!r}: is no condition on a recording ({fault_of(error)}); columns: {columns}"
            ) from error
        return sorted(int(row[0]) for row in found)


def _connect(path: Path, *, write: bool) -> DuckDBPyConnection:
    try:
        import duckdb
        import pyarrow as pa  # noqa: F401 - vectors travel by it
    except ImportError as error:
        raise MissingExtraError("an index", "search") from error
    if write and not os.access(path if path.exists() else path.resolve().parent, os.W_OK):
        raise WriteError(f"{path}: cannot be written (no permission, or no such folder)")
    try:
        return duckdb.connect(str(path), read_only=not write)
    except duckdb.Error as error:
        said = str(error)
        holder = re.search(r"PID (\d+)", said)
        if "lock" in said and holder:
            raise ArchiveError(
                f"{path}: is held by process {holder.group(1)}; wait until it is done, or stop it"
            ) from error
        if "different configuration" in said:
            raise ArchiveError(f"{path}: is open in this process already; close it first") from error
        if "space" in said or "ermission" in said:
            raise WriteError(f"{path}: cannot be written ({fault_of(error)})") from error
        raise ArchiveError(f"{path}: is no index, or is damaged ({fault_of(error)})") from error


def fault_of(error: BaseException) -> str:
    """Return what the database or the system says, in a line."""
    for said in ("No space left on device", "File too large", "Permission denied"):
        if said in str(error):
            return said
    return " ".join(str(error).strip().split("\n")[0].split())[:160]
