"""From files to rows: what is new is read once, cut, encoded, and written in whole batches."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.progress import track
from sigsimnet.archive._engines import Engine
from sigsimnet.archive._query import canonical_path
from sigsimnet.archive._store import PARTS, Store
from sigsimnet.archive._work import Block, Rows, Task
from sigsimnet.datasets import Entry
from sigsimnet.errors import ReadError, SigSimNetError, WorkInterrupted
from sigsimnet.io import files_read, is_remote, state_of_remote

if TYPE_CHECKING:
    from sigsimnet.model import SigSimNet

__all__ = ["Added", "add"]

BATCH = 20_000  # rows of beats a transaction
MOST_RECORDINGS = 200  # of a transaction


@dataclass(frozen=True)
class Added:
    """What an `Index.add` did.

    Attributes
    ----------
    n_new, n_changed, n_unchanged, n_moved : int
        Recordings: read, read anew as their file changed, skipped, and known under another path.
    n_refused : int
        Recordings that could not be used before and have not changed: skipped, too.
    n_beats : int
        Segments that were added, counted once for all leads.
    failed : tuple of str
        Recordings that could not be used, each with the reason; `Index.left_out` has them, too.
    """

    n_new: int = 0
    n_changed: int = 0
    n_unchanged: int = 0
    n_moved: int = 0
    n_refused: int = 0
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


def add(
    store: Store, network: SigSimNet, entries: list[Entry], engine: Engine, *, retry: bool, progress: bool
) -> Added:
    """Add what is new or changed (`sigsimnet.archive.Index.add`)."""
    counts: Counter[str] = Counter()
    tasks = _to_do(store, entries, counts, retry=retry)
    batch, failed = _Batch(), []
    found = engine(tasks, network, float(store.about["min_good_fraction"]))
    try:
        for task, rows in track(found, "indexing", total=len(tasks), show=progress):
            if rows.reason:
                failed.append(rows.reason)
                batch.left_out.append((*task.key, task.state, "file", 0, rows.reason))
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
        found.close()  # what was begun elsewhere is let go
        _write(store, batch)
        done = counts["new"] + counts["changed"]
        raise WorkInterrupted(
            f"stopped; {done} recordings are in {store.where}: the same command goes on from there"
        ) from stop
    names = ("new", "changed", "unchanged", "moved", "refused", "beats")
    return Added(**{f"n_{name}": counts[name] for name in names}, failed=tuple(failed))


def _to_do(store: Store, entries: list[Entry], counts: Counter[str], *, retry: bool) -> list[Task]:
    """Return what is to be read; count what is there, and say where files have moved.

    A file is known by its path and the interval of it; a recording in memory, which may be called like another, by its
    samples.
    """
    rows = store.rows("select id, path, start, stop, channel, state, digest from recording order by id")
    known = {tuple(row[1:5]): row for row in rows}
    by_digest = {(row[6], *row[2:5]): row for row in rows}
    refused = set(store.rows("select path, start, stop, channel, state from left_out where what = 'file'"))
    number = max((int(row[0]) for row in rows), default=0)
    tasks: list[Task] = []
    for entry in entries:
        in_memory = entry.recording is not None
        path, state = (entry.path, "") if in_memory else (canonical_path(entry.path), _state(entry))
        part = (entry.start, entry.stop, entry.channel)
        row = None if in_memory else known.get((path, *part))
        if row is not None and state and row[5] == state:
            counts["unchanged"] += 1
            continue
        if state and not retry and (path, *part, state) in refused:
            counts["refused"] += 1
            continue
        digest = _digest(entry)
        same = by_digest.get((digest, *part))
        if (row is not None and row[6] == digest) or (in_memory and same is not None):
            if row is not None:
                _renamed(store, row[0], path, state)  # touched, not changed
            counts["unchanged"] += 1
            continue
        if row is None and same is not None and not _is_there(same[1]):
            _renamed(store, same[0], path, state)
            counts["moved"] += 1
            continue
        number += 1
        tasks.append(Task(entry, number, path, state, digest, row[0] if row is not None else None))
        by_digest.setdefault((digest, *part), (number, path, *part, state, digest))
    return tasks


def _state(entry: Entry) -> str:
    """Return sizes and times of a recording's files; empty where there are none."""
    try:
        if is_remote(entry.path):
            found = state_of_remote(entry.path)
        else:
            stats = [path.stat() for path in files_read(entry.path)]
            found = " ".join(f"{one.st_size}:{one.st_mtime_ns}" for one in stats)
    except (OSError, ValueError, SigSimNetError):
        return ""
    about = (entry.subject, entry.session, entry.label, entry.database, entry.sampling_rate)
    return f"{found} {about!r}" if found else ""


def _is_there(path: str) -> bool:
    try:
        return bool(state_of_remote(path)) if is_remote(path) else Path(path).exists()
    except SigSimNetError:
        return True  # out of reach is not gone


def _digest(entry: Entry) -> str:
    """Return a digest of the bytes of a recording's files, or of its samples where it came from none.

    Of what lies far away the digest is of its size and of the mark that its place keeps of it (S3: the ETag).
    """
    found = hashlib.sha256()
    about = (entry.subject, entry.session, entry.label, entry.database, entry.sampling_rate)
    found.update(repr(about).encode())
    if entry.recording is not None:
        found.update(np.ascontiguousarray(entry.recording.data).tobytes())
        return found.hexdigest()[:32]
    try:
        if is_remote(entry.path):
            found.update(state_of_remote(entry.path).encode())
            return found.hexdigest()[:32]
        for path in files_read(entry.path):
            with path.open("rb") as file:
                while chunk := file.read(1 << 22):
                    found.update(chunk)
    except (OSError, ReadError):
        return ""  # reading says what is wrong
    return found.hexdigest()[:32]


def _renamed(store: Store, number: int, path: str, state: str) -> None:
    with store.writing():
        store.execute("update recording set path = ?, state = ? where id = ?", [path, state, number])


def _write(store: Store, batch: _Batch) -> None:
    """Write a batch in one transaction."""
    if not (batch.rows or batch.left_out or batch.replaced):
        return
    recordings = [one.recording for one in batch.rows if one.recording is not None]
    left_out = [*batch.left_out, *(row for one in batch.rows for row in one.left_out)]
    with store.writing():
        store.delete(batch.replaced)
        keys = sorted({row[:4] for row in left_out} | {row[1:5] for row in recordings}, key=str)
        for key in keys:
            store.execute(
                "delete from left_out where path = ? and start is not distinct from ? and stop is not distinct from ? "
                "and channel = ?",
                key,
            )
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        for row in recordings:
            marks = ", ".join("?" * len(row))
            store.execute(f"insert into recording values ({marks})", (*row[:-1], now))  # noqa: S608
        for row in left_out:
            store.execute("insert into left_out values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        for table in PARTS:
            _insert(store, table, [block for one in batch.rows for block in getattr(one, table)])


def _insert(store: Store, table: str, blocks: list[Block]) -> None:
    if not blocks:
        return
    sizes = [len(block["vector"]) for block in blocks]
    vectors = np.concatenate([block["vector"] for block in blocks])
    columns = {}
    for name in blocks[0]:
        if name == "vector":
            continue
        parts = [block[name] for block in blocks]
        whole = isinstance(parts[0], np.ndarray)
        columns[name] = np.concatenate(parts) if whole else np.repeat(np.array(parts), sizes)
    store.insert(table, columns, vectors)
