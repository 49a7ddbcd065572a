"""From files to rows: what is new is read once, cut, encoded, and written in whole batches."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.progress import track
from sigsimnet.archive._work import Block, Rows, Task, results
from sigsimnet.datasets import Entry, as_dataset
from sigsimnet.errors import MissingExtraError, SigSimNetError, WorkInterrupted
from sigsimnet.io import files_read, find_recordings

if TYPE_CHECKING:
    from sigsimnet.archive._store import Store
    from sigsimnet.model import SigSimNet

__all__ = ["Added", "add", "entries_of"]

BATCH = 20_000  # rows of beats a transaction
MOST_RECORDINGS = 200  # of a transaction


@dataclass(frozen=True)
class Added:
    """What an `Index.add` did.

    Attributes
    ----------
    n_new, n_changed, n_unchanged, n_moved : int
        Recordings: read, read anew as their file changed, skipped, and known under another path.
    n_beats : int
        Segments that were added, counted once for all leads.
    failed : tuple of str
        Recordings that could not be used, each with the reason; `Index.left_out` has them, too.
    """

    n_new: int = 0
    n_changed: int = 0
    n_unchanged: int = 0
    n_moved: int = 0
    n_beats: int = 0
    failed: tuple[str, ...] = ()


@dataclass
class _Batch:
    rows: list[Rows] = field(default_factory=list)
    left_out: list[tuple[Any, ...]] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    n_beats: int = 0

    def full(self) -> bool:
        return self.n_beats >= BATCH or len(self.rows) + len(self.left_out) >= MOST_RECORDINGS


def entries_of(what: Any) -> list[Entry]:
    """Return the recordings of a folder, a pattern, a table, or whatever `as_dataset` takes.

    Examples
    --------
    >>> [entry.path for entry in entries_of(["a.edf", "b.edf"])]
    ['a.edf', 'b.edf']
    """
    if isinstance(what, str | os.PathLike):
        name = os.fspath(what)
        if Path(name).is_dir():
            return list(as_dataset([str(path) for path in find_recordings(name)] or [name]))
        if any(sign in name for sign in "*?[") and not Path(name).exists():
            anchor = Path(Path(name).anchor)
            found = sorted(str(path) for path in anchor.glob(str(Path(name).relative_to(anchor))) if path.is_file())
            return list(as_dataset(found or [name]))
    return list(as_dataset(what))


def add(
    store: Store, network: SigSimNet, what: Any, *, min_good_fraction: float, workers: int, progress: bool
) -> Added:
    """Add what is new or changed (`sigsimnet.archive.Index.add`)."""
    if find_spec("pyarrow") is None:  # vectors travel by it
        raise MissingExtraError("an index", "search")
    counts = dict.fromkeys(("new", "changed", "unchanged", "moved", "beats"), 0)
    tasks = _to_do(store, entries_of(what), counts)
    batch, failed = _Batch(), []
    found = results(tasks, network, min_good_fraction=min_good_fraction, workers=min(workers, max(len(tasks), 1)))
    try:
        for task, rows in track(found, "indexing", total=len(tasks), show=progress):
            if rows.reason:
                failed.append(rows.reason)
                batch.left_out.append((task.path, task.state, "file", 0, rows.reason))
            else:
                batch.rows.append(rows)
                batch.n_beats += rows.n
                counts["beats"] += rows.n
                counts["changed" if task.replaces is not None else "new"] += 1
            # What a file held before it changed is gone; one that is out of reach keeps its rows.
            if task.replaces is not None and (task.state or not rows.reason):
                batch.replaced.append(task.replaces)
            if batch.full():
                _write(store, batch)
                batch = _Batch()
        _write(store, batch)
    except KeyboardInterrupt as stop:
        _write(store, batch)
        done = counts["new"] + counts["changed"]
        raise WorkInterrupted(
            f"stopped; {done} recordings are in {store.path}: the same command goes on from there"
        ) from stop
    return Added(counts["new"], counts["changed"], counts["unchanged"], counts["moved"], counts["beats"], tuple(failed))


def _to_do(store: Store, entries: list[Entry], counts: dict[str, int]) -> list[Task]:
    """Return what is to be read; count what is there, and say where files have moved."""
    known = {
        (row[1], row[2], row[3], row[4]): row
        for row in store.rows("select id, path, start, stop, channel, state, digest from recording")
    }
    by_digest = {(row[6], row[2], row[3], row[4]): row for row in known.values()}
    refused = {(row[0], row[1]) for row in store.rows("select path, state from left_out where what = 'file'")}
    number = int(store.rows("select coalesce(max(id), 0) from recording")[0][0])
    tasks = []
    for entry in entries:
        path, state = _absolute(entry), _state(entry)
        key = (path, entry.start, entry.stop, entry.channel)
        row = known.get(key)
        if state and ((row is not None and row[5] == state) or (path, state) in refused):
            counts["unchanged"] += 1
            continue
        digest = _digest(entry)
        if row is not None and digest and row[6] == digest:
            _renamed(store, row[0], path, state)  # touched, not changed
            counts["unchanged"] += 1
            continue
        moved = by_digest.get((digest, *key[1:]))
        if row is None and moved is not None and entry.recording is None and not Path(moved[1]).exists():
            _renamed(store, moved[0], path, state)
            counts["moved"] += 1
            continue
        number += 1
        tasks.append(Task(entry, number, path, state, digest, row[0] if row is not None else None))
    return tasks


def _absolute(entry: Entry) -> str:
    return entry.path if entry.recording is not None else str(Path(entry.path).resolve())


def _state(entry: Entry) -> str:
    """Return sizes and times of a recording's files; empty where there are none."""
    if entry.recording is not None:
        return ""
    try:
        stats = [path.stat() for path in files_read(entry.path)]
    except (OSError, ValueError, SigSimNetError):
        return ""
    if not stats:
        return ""
    about = (entry.subject, entry.session, entry.label, entry.database, entry.sampling_rate)
    return " ".join([*(f"{one.st_size}:{one.st_mtime_ns}" for one in stats), repr(about)])


def _digest(entry: Entry) -> str:
    """Return a digest of the bytes of a recording's files, or of its samples where it came from none."""
    found = hashlib.sha256()
    about = (entry.subject, entry.session, entry.label, entry.database, entry.sampling_rate)
    found.update(repr(about).encode())
    if entry.recording is not None:
        found.update(np.ascontiguousarray(entry.recording.data).tobytes())
        return found.hexdigest()[:32]
    try:
        for path in files_read(entry.path):
            with path.open("rb") as file:
                while chunk := file.read(1 << 22):
                    found.update(chunk)
    except OSError:
        return ""  # reading says what is wrong
    return found.hexdigest()[:32]


def _renamed(store: Store, number: int, path: str, state: str) -> None:
    with store.writing() as connection:
        connection.execute("update recording set path = ?, state = ? where id = ?", [path, state, number])


def _write(store: Store, batch: _Batch) -> None:
    """Write a batch in one transaction."""
    if not (batch.rows or batch.left_out or batch.replaced):
        return
    recordings = [one.recording for one in batch.rows if one.recording is not None]
    left_out = [*batch.left_out, *(row for one in batch.rows for row in one.left_out)]
    with store.writing() as connection:
        for number in batch.replaced:
            for table in ("template", "stretch", "beat"):
                connection.execute(f"delete from {table} where recording = ?", [number])  # noqa: S608 - our names
            connection.execute("delete from recording where id = ?", [number])
        paths = sorted({row[0] for row in left_out} | {row[1] for row in recordings})
        connection.execute("delete from left_out where path in (select unnest(?))", [paths])
        if recordings:
            marks = ", ".join("?" * len(recordings[0]))
            connection.executemany(f"insert into recording values ({marks})", recordings)  # noqa: S608
        if left_out:
            connection.executemany("insert into left_out values (?, ?, ?, ?, ?)", left_out)
        for table in ("template", "stretch", "beat"):
            _insert(connection, table, [block for one in batch.rows for block in getattr(one, table)])


def _insert(connection: Any, table: str, blocks: list[Block]) -> None:
    if not blocks:
        return
    import pyarrow as pa

    sizes = [len(block["vector"]) for block in blocks]
    vectors = np.concatenate([block["vector"] for block in blocks])
    columns = {}
    for name in blocks[0]:
        if name == "vector":
            continue
        parts = [block[name] for block in blocks]
        whole = isinstance(parts[0], np.ndarray)
        columns[name] = pa.array(np.concatenate(parts) if whole else np.repeat(np.array(parts), sizes))
    width = vectors.shape[1]
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width)
    connection.register("rows_to_add", pa.table(columns))
    kind = "smallint" if vectors.dtype == np.int16 else "float"
    chosen = ", ".join(name for name in columns if name != "vector")
    connection.execute(
        f"insert into {table} ({chosen}, vector) select {chosen}, vector::{kind}[{width}] from rows_to_add"  # noqa: S608
    )
    connection.unregister("rows_to_add")
