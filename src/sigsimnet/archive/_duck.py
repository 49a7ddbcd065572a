"""An index in one file: a DuckDB database, who holds it, and what may be asked of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.archive._store import COLUMNS, SCALE, Store, about_rows, check_about
from sigsimnet.errors import ArchiveError, MissingExtraError, ParameterError, WriteError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

__all__ = ["DuckStore", "condition_on", "fault_of"]

_TYPES = {"text": "varchar", "floats": "float[{dim}]", "whole": "smallint[{dim}]"}


class DuckStore(Store):
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
    >>> with DuckStore(path, write=True, make={"dim": "4"}) as store:
    ...     store.about["dim"]
    '4'
    """

    def __init__(self, path: str | Path, *, write: bool = False, make: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        self.where = str(path)
        if make is None and not self.path.is_file():
            raise ArchiveError(f"{path}: no such index; make one with: sigsimnet index add FOLDER --index {path}")
        if make is not None and self.path.exists():
            raise ArchiveError(f"{path}: is there already, and is no index")
        self.connection = _connect(self.path, write=write)
        if make is not None:
            with self.writing():
                for table, columns in COLUMNS.items():
                    kinds = [f"{name} {_TYPES.get(kind, kind)}" for name, kind in columns.items()]
                    kinds += ["primary key (id)"] if "id" in columns else []
                    self.execute(f"create table {table} ({', '.join(kinds)})".format(dim=int(make["dim"])))
                for row in about_rows(dict(make)):
                    self.execute("insert into about values (?, ?)", row)
        try:
            self.about = dict(self.connection.execute("select key, value from about").fetchall())
            check_about(self.where, self.about)
        except Exception as error:
            self.close()
            if isinstance(error, ArchiveError):
                raise
            raise ArchiveError(f"{path}: is no index of sigsimnet") from error
        # What users ask in SQL reaches this file and nothing else. A process that has it open already has locked it.
        if not write and not self.rows("select current_setting('lock_configuration')")[0][0]:
            self.connection.execute("set enable_external_access=false")
            self.connection.execute("set lock_configuration=true")

    def close(self) -> None:
        """Let others have the file."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write a batch, whole or not at all.

        Raises
        ------
        WriteError
            If the disk is full or the file cannot be written.
        """
        import duckdb

        self.connection.execute("begin")
        try:
            yield
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

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Change something; within `writing`."""
        self.connection.execute(sql, list(parameters))

    def insert(self, table: str, columns: dict[str, Any], vectors: NDArray[np.generic]) -> None:
        """Add rows with vectors; within `writing`."""
        import pyarrow as pa

        width = vectors.shape[1]
        made = {name: pa.array(values) for name, values in columns.items()}
        made["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width)
        self.connection.register("rows_to_add", pa.table(made))
        kind = "smallint" if vectors.dtype == np.int16 else "float"
        names = ", ".join(columns)
        self.connection.execute(
            f"insert into {table} ({names}, vector) select {names}, vector::{kind}[{width}] from rows_to_add"  # noqa: S608
        )
        self.connection.unregister("rows_to_add")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises
        ------
        ArchiveError
            If the file is damaged.
        """
        import duckdb

        try:
            return list(self.connection.execute(sql, list(parameters)).fetchall())
        except duckdb.Error as error:
            raise ArchiveError(f"{self.path}: cannot be read ({fault_of(error)})") from error

    def table(self, name: str, where: str = "true", parameters: Sequence[Any] = ()) -> pa.Table:
        """Return rows of a table, in the order in which they were added.

        Raises
        ------
        ArchiveError
            If the file is damaged.
        """
        import duckdb

        sql = f"select * from {name} where {where}"  # noqa: S608 - our names
        try:
            return self.connection.sql(sql, params=list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            raise ArchiveError(f"{self.path}: cannot be read ({fault_of(error)})") from error

    def cosine(self, vector: NDArray[np.floating]) -> tuple[str, Any]:
        """Return the expression of the inner product with the column ``vector``, and its parameter."""
        n = len(vector)
        return f"array_inner_product(vector::float[{n}], ?::float[{n}]) / {SCALE}", vector.tolist()

    @contextmanager
    def chosen(self, numbers: Sequence[int]) -> Iterator[str]:
        """Return a condition that holds of rows whose ``recording`` is among these."""
        import pyarrow as pa

        self.connection.register("wanted", pa.table({"id": pa.array(numbers, pa.int64())}))
        try:
            yield "recording in (select id from wanted)"
        finally:
            self.connection.unregister("wanted")

    def condition(self, where: str) -> list[int]:
        """Return the numbers of the recordings that a condition of the user holds of.

        Raises
        ------
        ParameterError
            If it is no condition on the columns of a recording.
        """
        return condition_on(self.connection, where)

    def size(self) -> int:
        """Return how many bytes the file has."""
        return self.path.stat().st_size

    def drop(self) -> None:
        """Delete the file."""
        self.close()
        self.path.unlink()

    def compact(self) -> None:
        """Write the file anew, whole or not at all.

        Raises
        ------
        WriteError
            If it cannot be written; what was there stays.
        """
        import duckdb

        self.close()  # what was left of a kill is settled by having been open
        fresh = self.path.with_name(f".{self.path.name}.compact")
        fresh.unlink(missing_ok=True)
        connection = duckdb.connect()
        try:
            connection.execute(f"attach '{_quoted(self.path)}' as old (read_only)")
            connection.execute(f"attach '{_quoted(fresh)}' as new")
            connection.execute("copy from database old to new")
            connection.close()
            fresh.replace(self.path)
        except (duckdb.Error, OSError) as error:
            connection.close()
            raise WriteError(f"{self.path}: cannot be compacted ({fault_of(error)})") from error
        finally:
            fresh.unlink(missing_ok=True)


def condition_on(connection: DuckDBPyConnection, where: str) -> list[int]:
    """Return the ``id`` of the rows of the table ``recording`` that a condition holds of.

    The text is one expression given to a relation, never pasted into a statement; the connection must not reach files.

    Raises
    ------
    ParameterError
        If it is no condition on its columns.
    """
    import duckdb

    try:
        return [int(row[0]) for row in connection.table("recording").filter(where).project("id").fetchall()]
    except (duckdb.Error, RuntimeError) as error:
        raise ParameterError(
            f"--where {where!r}: is no condition on a recording ({fault_of(error)}); columns: "
            f"{', '.join(COLUMNS['recording'])}"
        ) from error


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


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
