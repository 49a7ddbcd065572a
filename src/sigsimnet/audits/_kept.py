"""What was measured is kept beside the table, a line a recording, so that a stopped audit goes on."""

from __future__ import annotations

import base64
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.files import writing
from sigsimnet.audits._seen import Seen
from sigsimnet.audits._shape import Shape
from sigsimnet.errors import WriteError
from sigsimnet.model import Template

if TYPE_CHECKING:
    from sigsimnet.datasets import Entry

__all__ = ["Kept"]

_VERSION = 1
_FIRST = "sigsimnet audit, what was measured"


class Kept:
    """A file of lines: the first says what made it, the others a recording each.

    A line that was not written whole is measured again. A recording whose file changed, too.

    Parameters
    ----------
    path : str or Path
    model : str
        Name and hash of the model; lines of another are refused.

    Raises
    ------
    WriteError
        If the file is something else, or of another model.
    """

    def __init__(self, path: str | Path, model: str) -> None:
        self.path = Path(path)
        self.model = model
        self._lines: dict[str, Seen] = {}
        if self.path.exists():
            self._load()
        else:
            with writing(self.path), self.path.open("x", encoding="utf-8") as file:
                file.write(json.dumps({"what": _FIRST, "version": _VERSION, "model": model}) + "\n")

    def __len__(self) -> int:
        return len(self._lines)

    def get(self, entry: Entry) -> Seen | None:
        """Return what was measured of a recording whose file is still the same."""
        return self._lines.get(_key(entry))

    def add(self, entry: Entry, seen: Seen) -> None:
        """Append a recording."""
        line = json.dumps({"key": _key(entry), "seen": _plain(seen)}) + "\n"
        with writing(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(line)
        self._lines[_key(entry)] = seen

    def _load(self) -> None:
        text = self.path.read_text(encoding="utf-8", errors="replace")
        first, *rest = text.split("\n")
        try:
            about = json.loads(first)
        except ValueError:
            about = None
        if not isinstance(about, dict) or about.get("what") != _FIRST:
            raise WriteError(f"{self.path}: is there and not from an audit; name another table")
        if about.get("version") != _VERSION or about.get("model") != self.model:
            raise WriteError(
                f"{self.path}: was made with the model {about.get('model')}; remove it, or name another table"
            )
        whole = len(first) + 1
        for line in rest:
            try:
                row = json.loads(line)
                self._lines[row["key"]] = _seen(row["seen"])
            except (ValueError, KeyError, TypeError):
                break
            whole += len(line.encode()) + 1
        if whole < len(text.encode()):  # cut short by a kill: what follows is written anew
            with writing(self.path), self.path.open("r+b") as file:
                file.truncate(whole)


def _key(entry: Entry) -> str:
    try:
        about = Path(entry.path).stat()
        state = f"{about.st_size} {about.st_mtime_ns}"
    except (OSError, ValueError):
        state = ""
    return f"{entry.name}|{entry.channel}|{entry.person}|{entry.sampling_rate}|{state}"


def _plain(value: Any) -> Any:
    if isinstance(value, Seen | Shape | Template):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        rows = np.ascontiguousarray(value, dtype="<f8" if value.ndim < 2 else "<f4")
        return {"f": rows.dtype.str, "s": list(rows.shape), "b": base64.b64encode(rows.tobytes()).decode()}
    return list(value) if isinstance(value, tuple) else value


def _array(value: dict[str, Any]) -> Any:
    rows = np.frombuffer(base64.b64decode(value["b"]), dtype=value["f"])
    return rows.reshape(value["s"]).copy()


def _seen(value: dict[str, Any]) -> Seen:
    made = dict(value)
    made["beats"], made["strip"] = _array(made["beats"]), _array(made["strip"])
    for name in ("template", "turned"):
        if made[name] is not None:
            own = made[name]
            made[name] = Template(
                tuple(own["leads"]),
                _array(own["vectors"]),
                _array(own["quality"]),
                own["n_segments"],
                tuple(own["sources"]),
            )
    if made["shape"] is not None:
        own = made["shape"]
        made["shape"] = Shape(
            tuple(own["leads"]), _array(own["beats"]).astype(np.float64), own["rr"], own["qrs"], own["t"]
        )
    for name in ("channels", "units", "warnings", "swapped", "inverted", "scale_doubts"):
        made[name] = tuple(made[name])
    return Seen(**made)
