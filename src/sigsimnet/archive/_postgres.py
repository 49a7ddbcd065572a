"""An index on a server: PostgreSQL with pgvector, for those who have one; the same rows, the same answers."""

from __future__ import annotations

import io
import os
import re
import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np

from sigsimnet.archive._duck import condition_on
from sigsimnet.archive._store import COLUMNS, SCALE, Store, about_rows, check_about, shown
from sigsimnet.errors import ArchiveError, MissingExtraError, ParameterError, WriteError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

__all__ = ["PostgresStore", "is_made"]

# Text sorts by its bytes, as in a file, whatever the language of the server.
_TYPES = {
    "text": 'text collate "C"',
    "double": "double precision",
    "float": "real",
    "floats": "vector({dim})",
    "whole": "vector({dim})",
}
_BINARY = {"bigint": ">i8", "double": ">f8", "float": ">f4"}
_NEAR = ("", "localhost", "127.0.0.1", "::1")
_LOCK = 0x516  # of sigsimnet's advisory locks; the second number is that of the schema
_KNOWN = ("schema", "host", "port", "user", "password", "sslmode")
_MODES = ("disable", "require", "verify-full")
_REFUSED = "28P01"
_TIMEOUT = 10  # s to connect


class PostgresStore(Store):
    """An index in one schema of a database with pgvector (0.5 or newer), open for reading or for writing.

    One process writes at a time; others read what was there when they opened it.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/database?schema=name&sslmode=verify-full``. The schema is ``sigsimnet``
        by default; the password may be in the variable PGPASSWORD instead; ``host`` may be the folder of a socket. A
        server that is not on this machine is spoken to by TLS with its certificate checked, unless ``sslmode`` says
        ``require`` (not checked) or ``disable``.
    write : bool, default False
    make : mapping, optional
        Make the tables, and write this about them; it needs ``dim``.

    Raises
    ------
    ArchiveError
        If the server does not answer or knows no such user, there is no index, or another process writes to it.
    WriteError
        If it cannot be written.
    ParameterError
        If the URL cannot be understood.
    MissingExtraError
        If pg8000 is not installed.
    """

    def __init__(self, url: str, *, write: bool = False, make: Mapping[str, str] | None = None) -> None:
        self.where = shown(url)
        self._connection, self._line, self.schema = _connect(url)
        self._conditions: DuckDBPyConnection | None = None
        try:
            if write:
                self._claim()
            if make is not None:
                self._make(dict(make))
            elif not _has_tables(self._connection, self.schema):
                raise ArchiveError(
                    f"{self.where}: no such index; make one with: sigsimnet index add FOLDER --index '{self.where}'"
                )
            if not write:
                self._send("create temporary table wanted (id bigint)")
                # One state of the index for all questions of a search.
                self._send("begin transaction isolation level repeatable read read only")
            self.about = dict(self.rows("select key, value from about"))
            check_about(self.where, self.about)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others write."""
        if self._conditions is not None:
            self._conditions.close()
            self._conditions = None
        _hang_up(self._connection, self._line)

    def _claim(self) -> None:
        number = zlib.crc32(self.schema.encode()) & 0x7FFFFFFF
        if self.rows(f"select pg_try_advisory_lock({_LOCK}, {number})")[0][0]:
            return
        held = self.rows(
            "select a.application_name, coalesce(host(a.client_addr), 'that machine') from pg_locks l "  # noqa: S608
            "join pg_stat_activity a on a.pid = l.pid "
            f"where l.locktype = 'advisory' and l.classid = {_LOCK} and l.objid = {number}"
        )
        who = f"{held[0][0]} on {held[0][1]}" if held else "another process"
        raise ArchiveError(f"{self.where}: is held by {who}; wait until it is done, or stop it")

    def _make(self, make: dict[str, str]) -> None:
        with self.writing():
            self.execute("create extension if not exists vector")
            self.execute(f'create schema if not exists "{self.schema}"')
            for table, columns in COLUMNS.items():
                kinds = [
                    f'"{name}" {_TYPES.get(kind, kind)}'.format(dim=int(make["dim"])) for name, kind in columns.items()
                ]
                last = "primary key (id)" if "id" in columns else "rowid bigserial"
                made = ", ".join([*kinds, last])
                self.execute(f'create table "{self.schema}".{table} ({made})')
            for table in ("template", "stretch", "beat"):
                self.execute(f'create index on "{self.schema}".{table} (recording)')
            for row in about_rows(make):
                self.execute("insert into about (key, value) values (?, ?)", row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write a batch, whole or not at all.

        Raises
        ------
        WriteError
            If the server refuses or is gone.
        """
        try:
            self._send("begin")
            yield
            self._send("commit")
        except _faults() as error:
            self._back()
            raise WriteError(f"{self.where}: cannot be written ({_said(error)})") from error
        except BaseException:
            self._back()
            raise

    def _back(self) -> None:
        try:
            self._send("rollback")
        except _faults():  # the server is gone, and with it what was not committed
            return

    def _send(self, sql: str, parameters: Sequence[Any] = (), **options: Any) -> Any:
        cursor = self._connection.cursor()
        plain = [value.item() if isinstance(value, np.generic) else value for value in parameters]
        cursor.execute(sql.replace("?", "%s"), plain, **options)
        return cursor

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Change something; within `writing`."""
        self._send(sql, parameters)

    def insert(self, table: str, columns: dict[str, Any], vectors: NDArray[np.generic]) -> None:
        """Add rows with vectors by PostgreSQL's binary COPY; within `writing`."""
        names = ", ".join(f'"{name}"' for name in columns)
        whole = io.BytesIO()
        whole.write(b"PGCOPY\n\xff\r\n\0" + b"\0" * 8)
        leads = np.asarray(columns["lead"])
        starts = np.flatnonzero(np.r_[True, leads[1:] != leads[:-1]]) if len(leads) else np.empty(0, int)
        for first, last in zip(starts, [*starts[1:], len(leads)], strict=True):
            part = {name: np.asarray(values)[first:last] for name, values in columns.items()}
            whole.write(_binary(table, part, vectors[first:last]))
        whole.write(b"\xff\xff")
        whole.seek(0)
        self._send(f"copy {table} ({names}, vector) from stdin with (format binary)", stream=whole)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises
        ------
        ArchiveError
            If the server refuses or is gone.
        """
        try:
            return [tuple(row) for row in self._send(sql, parameters).fetchall()]
        except _faults() as error:
            raise ArchiveError(f"{self.where}: cannot be read ({_said(error)})") from error

    def table(self, name: str, where: str = "true", parameters: Sequence[Any] = ()) -> pa.Table:
        """Return rows of a table, in the order in which they were added.

        Raises
        ------
        ArchiveError
            If the server refuses or is gone.
        """
        import pyarrow as pa

        kinds = {"text": pa.string(), "double": pa.float64(), "float": pa.float32(), "bigint": pa.int64()}
        kinds["timestamp"] = pa.timestamp("us")
        columns = COLUMNS[name]
        asked = ", ".join(f'"{one}"' if one != "vector" else "vector_send(vector)" for one in columns)
        order = "id" if "id" in columns else "rowid"
        found = self.rows(f"select {asked} from {name} where {where} order by {order}", parameters)  # noqa: S608
        made: dict[str, Any] = {}
        for (one, kind), values in zip(
            columns.items(), zip(*found, strict=True) if found else [()] * len(columns), strict=True
        ):
            if one == "vector":
                # https://github.com/pgvector/pgvector, src/vector.c: two 16-bit numbers, then floats of the network's
                # byte order.
                flat = np.frombuffer(b"".join(value[4:] for value in values), ">f4").astype(np.float32)
                flat = flat.astype(np.int16) if kind == "whole" else flat
                width = int(self.about["dim"])
                made[one] = pa.FixedSizeListArray.from_arrays(pa.array(flat), width)
            else:
                made[one] = pa.array(values, kinds[kind])
        return pa.table(made)

    def cosine(self, vector: NDArray[np.floating]) -> tuple[str, Any]:
        """Return the expression of the inner product with the column ``vector``, and its parameter."""
        return f"-(vector <#> ?::vector) / {SCALE}", str(vector.tolist())

    @contextmanager
    def chosen(self, numbers: Sequence[int]) -> Iterator[str]:
        """Return a condition that holds of rows whose ``recording`` is among these."""
        self._send("insert into wanted select unnest(?::bigint[])", [[int(n) for n in numbers]])
        try:
            yield "recording in (select id from wanted)"
        finally:
            self._send("delete from wanted")

    def condition(self, where: str) -> list[int]:
        """Return the numbers of the recordings that a condition of the user holds of.

        The table of the recordings is asked in DuckDB, in memory: the same language as of a file, and nothing of the
        server within reach.

        Raises
        ------
        ParameterError
            If it is no condition on the columns of a recording.
        """
        if self._conditions is None:
            import duckdb

            known = self.table("recording")  # noqa: F841 - DuckDB finds it by its name
            self._conditions = duckdb.connect()
            self._conditions.execute("create table recording as select * from known")
            self._conditions.execute("set enable_external_access=false")
            self._conditions.execute("set lock_configuration=true")
        return condition_on(self._conditions, where)

    def size(self) -> int:
        """Return how many bytes the tables and their indexes have on the server."""
        names = " + ".join(f"pg_total_relation_size('\"{self.schema}\".{table}')" for table in COLUMNS)
        return int(self.rows(f"select {names}")[0][0])

    def drop(self) -> None:
        """Drop the tables, and let the server go."""
        with self.writing():
            for table in COLUMNS:
                self.execute(f'drop table "{self.schema}".{table}')
        self.close()

    def compact(self) -> None:
        """Give back the room of what was removed.

        Raises
        ------
        WriteError
            If the server refuses.
        """
        try:
            for table in COLUMNS:
                self._send(f'vacuum (full, analyze) "{self.schema}".{table}')
        except _faults() as error:
            raise WriteError(f"{self.where}: cannot be compacted ({_said(error)})") from error


def _binary(table: str, columns: dict[str, NDArray[Any]], vectors: NDArray[np.generic]) -> bytes:
    """Return rows of one lead as PostgreSQL's COPY takes them in binary: of each field its length, then its bytes."""
    n, dim = vectors.shape
    fields: list[tuple[str, Any] | tuple[str, Any, int]] = [("count", ">i2")]
    sizes: dict[str, int] = {}
    for name, values in columns.items():
        kind = COLUMNS[table][name]
        if kind == "text":
            sizes[name] = len(str(values[0]).encode())
            fields += [(f"{name}_size", ">i4"), (name, f"S{max(sizes[name], 1)}")]
        else:
            sizes[name] = np.dtype(_BINARY[kind]).itemsize
            fields += [(f"{name}_size", ">i4"), (name, _BINARY[kind])]
    fields += [("size", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("vector", ">f4", dim)]
    made = np.zeros(n, np.dtype(fields))
    made["count"] = len(columns) + 1
    for name, values in columns.items():
        made[f"{name}_size"] = sizes[name]
        made[name] = str(values[0]).encode() if COLUMNS[table][name] == "text" else values
    made["size"], made["dim"], made["vector"] = 4 + 4 * dim, dim, vectors
    return made.tobytes()


def _faults() -> tuple[type[BaseException], ...]:
    from pg8000.exceptions import DatabaseError, InterfaceError

    return DatabaseError, InterfaceError, OSError


def _said(error: BaseException) -> str:
    """Return what the server says, in a line."""
    first = error.args[0] if error.args else error
    said = first.get("M", first) if isinstance(first, dict) else first
    return " ".join(str(said).split())[:160]


def _hang_up(connection: Any, line: socket.socket) -> None:
    try:
        connection.close()
    except _faults():  # closed before, or the server is gone
        pass
    finally:
        line.close()


def _connect(url: str) -> tuple[Any, socket.socket, str]:
    """Return a connection that commits single statements by itself, its line, and the name of the schema."""
    try:
        import duckdb  # noqa: F401 - conditions are asked in it
        import pg8000.dbapi
        import pyarrow as pa  # noqa: F401 - vectors travel by it
    except ImportError as error:
        raise MissingExtraError("an index on a server", "postgres") from error
    where = shown(url)
    options, schema = _settings(url)
    line: socket.socket | None = None
    try:
        line = _line(options.pop("address"))
        connection = pg8000.dbapi.connect(**options, sock=line, application_name=f"sigsimnet, process {os.getpid()}")
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f'set search_path to "{schema}", public')
    except _faults() as error:
        if line is not None:
            line.close()
        said = _said(error)
        if error.args and isinstance(error.args[0], dict) and error.args[0].get("C") == _REFUSED:
            said += "; say it in the variable PGPASSWORD"
        raise ArchiveError(f"{where}: the server cannot be reached ({said})") from error
    return connection, line, schema


def _line(address: str | tuple[str, int]) -> socket.socket:
    """Return an open line to a server: the limit of time is of connecting, not of a long query."""
    if isinstance(address, str):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    line = socket.create_connection(address, _TIMEOUT)
    line.settimeout(None)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return line


def _settings(url: str) -> tuple[dict[str, Any], str]:
    """Return what a connection needs, and the schema.

    Raises
    ------
    ParameterError
        If the URL cannot be understood.
    """
    where = shown(url)
    try:
        parts = urlsplit(url)
        said = dict(parse_qsl(parts.query))
        port = int(said.get("port") or parts.port or 5432)
    except ValueError as error:
        raise ParameterError(f"{where}: is no URL of a server ({error})") from error
    if unknown := set(said) - set(_KNOWN):
        raise ParameterError(f"{where}: unknown {min(unknown)!r} in the URL (known: {', '.join(_KNOWN)})")
    schema = said.get("schema", "sigsimnet")
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise ParameterError(f"{where}: schema {schema!r} is no name of small letters, digits and _")
    host = said.get("host") or unquote(parts.hostname or "") or "localhost"
    mode = said.get("sslmode", "disable" if host in _NEAR or host.startswith("/") else "verify-full")
    if mode not in _MODES:
        raise ParameterError(f"{where}: unknown sslmode {mode!r} (known: {', '.join(_MODES)})")
    context: ssl.SSLContext | bool = False
    if mode != "disable":
        context = ssl.create_default_context()
        if mode == "require":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    user = said.get("user") or unquote(parts.username or "") or os.environ.get("PGUSER") or os.environ.get("USER")
    password = said.get("password") or unquote(parts.password or "") or os.environ.get("PGPASSWORD") or None
    options: dict[str, Any] = {
        "user": user or "postgres",
        "password": password,
        "database": unquote(parts.path.lstrip("/")) or user or "postgres",
        "ssl_context": context,
    }
    return options | {
        "host": host,
        "address": f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port),
    }, schema


def _has_tables(connection: Any, schema: str) -> bool:
    cursor = connection.cursor()
    cursor.execute("select to_regclass(%s) is not null", [f'"{schema}".about'])
    return bool(cursor.fetchone()[0])


def is_made(url: str) -> bool:
    """Return whether a server has an index in that schema.

    Raises
    ------
    ArchiveError
        If it does not answer.
    """
    connection, line, schema = _connect(url)
    try:
        return _has_tables(connection, schema)
    finally:
        _hang_up(connection, line)
