"""From files to rows: what is new is read once, cut, encoded, and written in whole batches."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.progress import track
from sigsimnet.archive._store import SCALE
from sigsimnet.channels import lead_of
from sigsimnet.datasets import Entry, as_dataset
from sigsimnet.errors import MissingExtraError, SigSimNetError, WorkInterrupted
from sigsimnet.io import files_read, find_recordings
from sigsimnet.segments import why_no_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.archive._store import Store
    from sigsimnet.model import Embedded, SigSimNet
    from sigsimnet.recording import Recording
    from sigsimnet.segments import Segments

__all__ = ["STRETCH", "Added", "add", "entries_of"]

STRETCH = 10.0  # s
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
    recordings: list[tuple[Any, ...]] = field(default_factory=list)
    template: list[tuple[Any, ...]] = field(default_factory=list)
    stretch: list[tuple[Any, ...]] = field(default_factory=list)
    beat: list[tuple[Any, ...]] = field(default_factory=list)
    left_out: list[tuple[Any, ...]] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)

    def full(self) -> bool:
        return len(self.beat) >= BATCH or len(self.recordings) + len(self.left_out) >= MOST_RECORDINGS


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


def add(store: Store, network: SigSimNet, what: Any, *, min_good_fraction: float, progress: bool) -> Added:
    """Add what is new or changed (`sigsimnet.archive.Index.add`)."""
    if find_spec("pyarrow") is None:  # vectors travel by it
        raise MissingExtraError("an index", "search")
    entries = entries_of(what)
    known = {
        (row[1], row[2], row[3], row[4]): row
        for row in store.rows("select id, path, start, stop, channel, state, digest from recording")
    }
    by_digest = {(row[6], row[2], row[3], row[4]): row for row in known.values()}
    refused = {(row[0], row[1]) for row in store.rows("select path, state from left_out where what = 'file'")}
    number = int(store.rows("select coalesce(max(id), 0) from recording")[0][0])
    batch, counts, failed = _Batch(), dict.fromkeys(("new", "changed", "unchanged", "moved", "beats"), 0), []
    try:
        for entry in track(entries, "indexing", total=len(entries), show=progress):
            path = _absolute(entry)
            state = _state(entry)
            key = (path, entry.start, entry.stop, entry.channel)
            row = known.get(key)
            if state and ((row is not None and row[5] == state) or (path, state) in refused):
                counts["unchanged"] += 1
                continue
            try:
                digest = _digest(entry)
                if row is not None and row[6] == digest:
                    _renamed(store, row[0], path, state)  # touched, not changed
                    counts["unchanged"] += 1
                    continue
                moved = by_digest.get((digest, *key[1:]))
                if row is None and moved is not None and entry.recording is None and not Path(moved[1]).exists():
                    _renamed(store, moved[0], path, state)
                    counts["moved"] += 1
                    continue
                recording = entry.read()
                number += 1
                n = _look(batch, network, entry, recording, (number, path, state, digest), min_good_fraction)
            except SigSimNetError as error:
                failed.append(str(error))
                batch.left_out.append((path, state, "file", 0, str(error)))
            else:
                counts["beats"] += n
                counts["changed" if row is not None else "new"] += 1
                if row is not None:
                    batch.replaced.append(row[0])
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


def _look(
    batch: _Batch,
    network: SigSimNet,
    entry: Entry,
    recording: Recording,
    key: tuple[int, str, str, str],
    min_good_fraction: float,
) -> int:
    """Put the rows of a recording into a batch, and return how many segments it has."""
    number, path, state, digest = key
    chosen = recording.pick(entry.channel) if entry.channel else recording
    every, good = network.cut_good(chosen, min_good_fraction=min_good_fraction)
    if len(good) < max(1, network.card.min_segments):
        why = why_no_segments(chosen, every, network.cutter) if not len(every) else ", ".join(good.reject_reasons)
        reason = f"{len(good)} {every.kind} of good quality, {network.card.min_segments} are needed ({why})"
        batch.left_out.append((path, state, "file", len(every), reason))
        return 0
    embedded = network.embed(good)
    template = network.template_of(embedded)
    left = len(every) - len(good)
    about = recording.metadata
    batch.recordings.append(
        (
            *(number, path, entry.start, entry.stop, entry.channel, state, digest),
            *(entry.subject, entry.session, entry.label, entry.database),
            *(_number(about.get("age")), str(about.get("sex", "") or "")),
            *(recording.duration, recording.sampling_rate, "+".join(template.leads), good.heart_rate),
            *(len(good), left, datetime.now(UTC).replace(tzinfo=None, microsecond=0)),
        )
    )
    if left:
        batch.left_out.append((path, state, "segments", left, ", ".join(good.reject_reasons)))
    for k, lead in enumerate(template.leads):
        batch.template.append((number, lead, float(template.quality[k]), template.n_segments, template.vectors[k]))
    for lead, vectors, quality, there in _by_lead(embedded, template.leads):
        times = good.times[there]
        batch.beat.extend(
            (number, float(t), lead, float(q), v) for t, q, v in zip(times, quality, vectors, strict=True)
        )
        part = np.floor(times / STRETCH).astype(np.int64)
        for one in np.unique(part):
            inside = part == one
            if inside.sum() >= network.card.min_segments:
                fused = network.scoring(normalised=False).template(vectors[inside], quality[inside])
                begin, end = float(one * STRETCH), float(min((one + 1) * STRETCH, recording.duration))
                batch.stretch.append(
                    (number, begin, end, lead, float(quality[inside].mean()), int(inside.sum()), fused)
                )
    return len(good)


def _by_lead(
    embedded: Embedded, leads: tuple[str, ...]
) -> list[tuple[str, NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_]]]:
    """Return the vectors and qualities of each lead, and which segments it has."""
    segments: Segments = embedded.segments
    if not segments.cut_apart:
        return [(leads[0], embedded.embeddings, segments.quality, np.ones(len(segments), dtype=bool))]
    found = []
    for k, name in enumerate(segments.channel_names):
        quality = segments.channel_quality[:, k]
        there = quality > 0
        if there.any():
            found.append((lead_of(name) or name, embedded.embeddings[there, k], quality[there], there))
    return found


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _renamed(store: Store, number: int, path: str, state: str) -> None:
    with store.writing() as connection:
        connection.execute("update recording set path = ?, state = ? where id = ?", [path, state, number])


def _write(store: Store, batch: _Batch) -> None:
    """Write a batch in one transaction."""
    if not (batch.recordings or batch.left_out or batch.replaced):
        return
    with store.writing() as connection:
        for number in batch.replaced:
            for table in ("template", "stretch", "beat"):
                connection.execute(f"delete from {table} where recording = ?", [number])  # noqa: S608 - our names
            connection.execute("delete from recording where id = ?", [number])
        paths = sorted({row[0] for row in batch.left_out} | {row[1] for row in batch.recordings})
        connection.execute("delete from left_out where path in (select unnest(?))", [paths])
        if batch.recordings:
            marks = ", ".join("?" * len(batch.recordings[0]))
            connection.executemany(f"insert into recording values ({marks})", batch.recordings)  # noqa: S608
        if batch.left_out:
            connection.executemany("insert into left_out values (?, ?, ?, ?, ?)", batch.left_out)
        names = {
            "template": ("recording", "lead", "quality", "n_segments"),
            "stretch": ("recording", "start", "stop", "lead", "quality", "n_segments"),
            "beat": ("recording", "time", "lead", "quality"),
        }
        for table, columns in names.items():
            rows = getattr(batch, table)
            if rows:
                _insert(connection, table, columns, rows)


def _insert(connection: Any, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    import pyarrow as pa

    vectors: NDArray[Any] = np.ascontiguousarray([row[-1] for row in rows], dtype=np.float32)
    kind = "float"
    if table != "template":
        vectors, kind = np.round(np.clip(vectors, -1.0, 1.0) * SCALE).astype(np.int16), "smallint"
    arrays = {name: [row[k] for row in rows] for k, name in enumerate(columns)}
    flat = pa.array(vectors.ravel())
    made = pa.table({**arrays, "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])})
    connection.register("rows_to_add", made)
    chosen = ", ".join(columns)
    connection.execute(
        f"insert into {table} select {chosen}, vector::{kind}[{vectors.shape[1]}] from rows_to_add"  # noqa: S608
    )
    connection.unregister("rows_to_add")
