"""Shards: a few recordings that one worker turns into one file, which is there whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.files import write_whole
from sigsimnet.archive._store import PARTS
from sigsimnet.archive._work import Rows, Task, rows_of
from sigsimnet.errors import ArchiveError
from sigsimnet.io import is_remote

if TYPE_CHECKING:
    from sigsimnet.model import SigSimNet

__all__ = ["Place", "Shard", "merged", "planned", "run_shard"]

MOST_FILES = 256
SHARDS_A_WORKER = 8  # so that the last of them do not wait for one


class Place:
    """A folder for shards, here or far away, that all workers reach.

    Parameters
    ----------
    where : str
        A path, or a URL that fsspec knows.

    Examples
    --------
    >>> import tempfile
    >>> place = Place(tempfile.mkdtemp())
    >>> place.put("a", b"whole")
    >>> place.get("a"), place.get("b")
    (b'whole', None)
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._files: Any = None
        if is_remote(where):
            from fsspec.core import url_to_fs

            self._files, self._root = url_to_fs(where)
        else:
            Path(where).mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        if self._files is not None:
            self._files.pipe_file(f"{self._root}/{name}", data)  # an object store shows whole objects only
            return
        with write_whole(Path(self.where, name)) as temporary:
            temporary.write_bytes(data)

    def get(self, name: str) -> bytes | None:
        """Return a file, None where it is not there."""
        try:
            if self._files is not None:
                return bytes(self._files.cat_file(f"{self._root}/{name}"))
            return Path(self.where, name).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Return whether a file is there."""
        if self._files is not None:
            return bool(self._files.exists(f"{self._root}/{name}"))
        return Path(self.where, name).is_file()

    def remove(self, name: str) -> None:
        """Remove a file."""
        if self._files is not None:
            self._files.rm_file(f"{self._root}/{name}")
        else:
            Path(self.where, name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Shard:
    """Recordings that are read by one worker.

    Attributes
    ----------
    name : str
        Of the file that comes of it: a digest of what goes in.
    tasks : tuple of Task
    model : str
        Name of a model of the package, or of the file in the place of the shards.
    min_good_fraction : float
    """

    name: str
    tasks: tuple[Task, ...]
    model: str
    min_good_fraction: float


def planned(
    tasks: Sequence[Task], place: Place, network: SigSimNet, min_good_fraction: float, workers: int
) -> list[Shard]:
    """Return the shards of these recordings, in order; write the model where workers find it."""
    model = f"model-{network.digest[:16]}.bin"
    if tasks and not place.has(model):
        place.put(model, pickle.dumps(network))
    size = min(max(len(tasks) // (SHARDS_A_WORKER * workers), 1), MOST_FILES)
    parts = [tuple(tasks[first : first + size]) for first in range(0, len(tasks), size)]
    return [Shard(_name(part, network.digest, min_good_fraction), part, model, min_good_fraction) for part in parts]


def _name(tasks: Sequence[Task], digest: str, min_good_fraction: float) -> str:
    found = hashlib.sha256(f"{digest} {min_good_fraction!r}".encode())
    for task in tasks:
        found.update(repr((*task.key, task.state, task.digest)).encode())
    return f"{found.hexdigest()[:32]}.npz"


def run_shard(shard: Shard, where: str) -> str:
    """Turn a shard into a file, in whatever process this is; one that is there is left as it is. Return its name."""
    place = Place(where)
    if not place.has(shard.name):
        network = _model(where, shard.model)
        # Numbers belong to the index, which may have gone on meanwhile: they are given when the shard is merged.
        place.put(shard.name, _packed([rows_of(replace(one, number=0), network, shard.min_good_fraction)
                                       for one in shard.tasks]))  # fmt: skip
    return shard.name


@lru_cache(maxsize=1)
def _model(where: str, name: str) -> SigSimNet:
    """Return the model, loaded once in a worker."""
    data = Place(where).get(name)
    if data is None:
        raise ArchiveError(f"{where}: the model of the shards is not there any more")
    network: SigSimNet = pickle.loads(data)  # noqa: S301 - written by the process that planned the shards
    return network


def merged(shard: Shard, place: Place) -> list[tuple[Task, Rows]]:
    """Return what the recordings of a shard became, with their numbers.

    Raises
    ------
    ArchiveError
        If the file of the shard is not there.
    """
    data = place.get(shard.name)
    if data is None:
        raise ArchiveError(f"{place.where}: shard {shard.name} is not there")
    found = []
    for task, rows in zip(shard.tasks, _unpacked(data), strict=True):
        if rows.recording is not None:
            rows.recording = (task.number, *rows.recording[1:])
        for part in PARTS:
            for block in getattr(rows, part):
                block["recording"] = task.number
        found.append((task, rows))
    return found


def _packed(rows: Sequence[Rows]) -> bytes:
    """Return rows as an npz: numbers and text as JSON, arrays beside it, to the bit."""
    arrays: dict[str, Any] = {}

    def plain(block: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in block.items():
            if isinstance(value, np.ndarray):
                key = f"a{len(arrays)}"
                arrays[key] = value
                made[name] = [key]
            else:
                made[name] = value
        return made

    listed = [
        {
            "recording": one.recording,
            "left_out": one.left_out,
            "reason": one.reason,
            "n": one.n,
            **{part: [plain(block) for block in getattr(one, part)] for part in PARTS},
        }
        for one in rows
    ]
    whole = io.BytesIO()
    text = json.dumps(listed, default=_number)
    np.savez(whole, json=np.frombuffer(text.encode(), np.uint8), **arrays)
    return whole.getvalue()


def _number(value: Any) -> Any:
    return value.item()  # NumPy's numbers


def _unpacked(data: bytes) -> list[Rows]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        listed = json.loads(bytes(arrays["json"]).decode())

        def whole(block: dict[str, Any]) -> dict[str, Any]:
            return {name: arrays[value[0]] if isinstance(value, list) else value for name, value in block.items()}

        return [
            Rows(
                recording=None if one["recording"] is None else tuple(one["recording"]),
                left_out=[tuple(row) for row in one["left_out"]],
                reason=one["reason"],
                n=one["n"],
                **{part: [whole(block) for block in one[part]] for part in PARTS},
            )
            for one in listed
        ]
