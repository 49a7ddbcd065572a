"""What each recording becomes: read, cut and encoded here or in worker processes, the same to the bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.archive._store import SCALE
from sigsimnet.channels import lead_name
from sigsimnet.errors import SigSimNetError
from sigsimnet.segments import why_no_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.datasets import Entry
    from sigsimnet.model import Embedded, SigSimNet

__all__ = ["STRETCH", "Block", "Rows", "Task", "results"]

STRETCH = 10.0  # s
AHEAD = 4  # recordings a worker that are begun before the first of them is written
DIED = "the process that read it died"
Block = dict[str, Any]
"""Columns of rows of one lead of one recording; ``vector`` is two-dimensional."""


@dataclass(frozen=True)
class Task:
    """A recording that is to be read.

    Attributes
    ----------
    entry : Entry
    number : int
        That it gets in the index.
    path, state, digest : str
        As the index keeps them.
    replaces : int or None
        Number of the rows that it takes the place of.
    """

    entry: Entry
    number: int
    path: str
    state: str
    digest: str
    replaces: int | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells its rows from others: path, interval, channel."""
        return self.path, self.entry.start, self.entry.stop, self.entry.channel


@dataclass
class Rows:
    """What becomes of a recording: its rows, or the reason why there are none."""

    recording: tuple[Any, ...] | None = None
    template: list[Block] = field(default_factory=list)
    stretch: list[Block] = field(default_factory=list)
    beat: list[Block] = field(default_factory=list)
    left_out: list[tuple[Any, ...]] = field(default_factory=list)
    reason: str = ""
    n: int = 0


def results(
    tasks: Sequence[Task], network: SigSimNet, *, min_good_fraction: float, workers: int
) -> Iterator[tuple[Task, Rows]]:
    """Yield what each recording becomes, in order: here, or in processes of this machine.

    With several workers each loads the model once. A recording whose process dies is tried once more by itself, and set
    aside where it dies again; all others are done.
    """
    if workers == 1:
        for task in tasks:
            yield task, rows_of(task, network, min_good_fraction)
        return
    waiting = list(tasks)
    while waiting:
        done = 0
        try:
            with _pool(workers, network, min_good_fraction) as pool:
                for task, rows in _in_order(pool, waiting, workers):
                    done += 1
                    yield task, rows
        except BrokenProcessPool:
            # One of those that were begun killed its process: each by itself.
            for task in waiting[done : done + AHEAD * workers]:
                yield task, _alone(task, network, min_good_fraction)
            done += AHEAD * workers
        waiting = waiting[done:]


def _in_order(pool: ProcessPoolExecutor, tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Rows]]:
    """Yield results in order, with a few recordings begun ahead."""
    begun: list[tuple[Task, Future[Rows]]] = []
    rest = iter(tasks)
    try:
        while True:
            while len(begun) < AHEAD * workers and (task := next(rest, None)) is not None:
                begun.append((task, pool.submit(_in_worker, task)))
            if not begun:
                return
            task, future = begun[0]
            rows = future.result()
            begun.pop(0)
            yield task, rows
    finally:
        for _, future in begun:
            future.cancel()


def _alone(task: Task, network: SigSimNet, min_good_fraction: float) -> Rows:
    try:
        with _pool(1, network, min_good_fraction) as pool:
            return pool.submit(_in_worker, task).result()
    except BrokenProcessPool:
        return Rows(reason=f"{task.entry.name}: {DIED}")


def _pool(workers: int, network: SigSimNet, min_good_fraction: float) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(network, min_good_fraction)
    )


_MINE: dict[str, Any] = {}


def _begin(network: SigSimNet, min_good_fraction: float) -> None:
    """Keep the model of a worker, and leave Ctrl-C to the process that writes."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _MINE.update(network=network, min_good_fraction=min_good_fraction)


def _in_worker(task: Task) -> Rows:
    return rows_of(task, _MINE["network"], _MINE["min_good_fraction"])


def rows_of(task: Task, network: SigSimNet, min_good_fraction: float) -> Rows:
    """Return the rows of a recording, or why there are none."""
    try:
        return _rows_of(task, network, min_good_fraction)
    except SigSimNetError as error:
        return Rows(reason=str(error))


def _rows_of(task: Task, network: SigSimNet, min_good_fraction: float) -> Rows:
    entry = task.entry
    recording = entry.read()
    chosen = recording.pick(entry.channel) if entry.channel else recording
    every, good = network.cut_good(chosen, min_good_fraction=min_good_fraction)
    if len(good) < max(1, network.card.min_segments):
        why = why_no_segments(chosen, every, network.cutter) if not len(every) else ", ".join(good.reject_reasons)
        needed = f"{len(good)} {every.kind} of good quality, at least {network.card.min_segments} are needed"
        return Rows(reason=f"{entry.name}: {needed} ({why})")
    embedded = network.embed(good)
    template = network.template_of(embedded)
    left = len(every) - len(good)
    about = recording.metadata
    found = Rows(n=len(good))
    found.recording = (
        *(task.number, *task.key, task.state, task.digest),
        *(entry.subject, entry.session, entry.label, entry.database),
        *(_number(about.get("age")), str(about.get("sex", "") or "")),
        *(recording.duration, recording.sampling_rate, "+".join(template.leads), good.heart_rate),
        *(len(good), left, None),  # when it was added is known when it is written
    )
    if left:
        found.left_out.append((*task.key, task.state, "segments", left, ", ".join(good.reject_reasons)))
    if good.missing_channels:
        estimated = f"estimated from the other channels: {', '.join(good.missing_channels)}"
        found.left_out.append((*task.key, task.state, "channels", 0, estimated))
    for k, lead in enumerate(template.leads):
        found.template.append({
            "recording": task.number, "lead": lead, "quality": template.quality[k : k + 1],
            "n_segments": np.array([template.n_segments]), "vector": template.vectors[k : k + 1],
        })  # fmt: skip
    for lead, vectors, quality, there in _by_lead(embedded, template.leads):
        times = good.times[there]
        found.beat.append({
            "recording": task.number, "time": times, "lead": lead, "quality": quality, "vector": _whole(vectors),
        })  # fmt: skip
        stretches = []
        part = np.floor(times / STRETCH).astype(np.int64)
        for one in np.unique(part):
            inside = part == one
            if inside.sum() >= network.card.min_segments:
                fused = network.scoring(normalised=False).template(vectors[inside], quality[inside])
                end = min((one + 1) * STRETCH, recording.duration)
                stretches.append((one * STRETCH, end, float(quality[inside].mean()), int(inside.sum()), fused))
        if stretches:
            start, stop, weight, count, fused_of = (list(column) for column in zip(*stretches, strict=True))
            found.stretch.append({
                "recording": task.number, "start": np.array(start), "stop": np.array(stop), "lead": lead,
                "quality": np.array(weight), "n_segments": np.array(count), "vector": _whole(np.stack(fused_of)),
            })  # fmt: skip
    return found


def _whole(vectors: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.round(np.clip(vectors, -1.0, 1.0) * SCALE).astype(np.int16)


def _by_lead(
    embedded: Embedded, leads: tuple[str, ...]
) -> list[tuple[str, NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_]]]:
    """Return the vectors and qualities of each lead, and which segments it has."""
    segments = embedded.segments
    if not segments.cut_apart:
        return [(leads[0], embedded.embeddings, segments.quality, np.ones(len(segments), dtype=bool))]
    found = []
    for k, name in enumerate(segments.channel_names):
        quality = segments.channel_quality[:, k]
        there = quality > 0
        if there.any():
            found.append((lead_name(name), embedded.embeddings[there, k], quality[there], there))
    return found


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
