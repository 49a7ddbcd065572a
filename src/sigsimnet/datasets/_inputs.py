"""`as_dataset`: a manifest of whatever people have."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from sigsimnet.datasets._entry import Entry
from sigsimnet.datasets._manifest import COLUMNS, Manifest
from sigsimnet.datasets._table import check_entries, check_people, first_lines, load_manifest, manifest_from_frame
from sigsimnet.errors import ManifestError, ParameterError, ReadError
from sigsimnet.io import (
    RecordingLike,
    as_recording,
    fetched_if_table,
    files_read,
    find_recordings,
    find_remote,
    is_many,
    is_remote,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_dataset", "entries_in"]

_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
_ABOUT = ("subject", "session", "label", "database")


def as_dataset(
    what: Manifest | RecordingLike | Iterable[RecordingLike | Entry], *, sampling_rate: float | None = None
) -> Manifest:
    r"""Return a manifest of whatever people have.

    Parameters
    ----------
    what : Manifest, path of one, DataFrame, or what `sigsimnet.as_recordings` takes
        - The path of a table with a column ``path`` (`load_manifest`), or a pandas table with one, whose relative paths
          start at the working folder.
        - Recordings; ``subject``, ``session``, ``label`` and ``database`` are taken from their metadata.
        - Paths of recordings, in a list or alone. They are read when they are needed, and all that is known of them is
          their path: a table says more.
        - Anything else that makes a recording, and a list of all these, also of `Entry`.
    sampling_rate : float, optional
        In Hz, for arrays and files that do not say.

    Raises
    ------
    ManifestError
        If there are no recordings, or a table is not right (`load_manifest`).
    ParameterError, ReadError
        If something makes no recording.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> as_dataset(simulate(2, 2, duration=5))
    <Manifest 4 recordings of 2 people>
    >>> as_dataset(["rest.edf", "walk.edf"]).entries[1].path
    'walk.edf'
    """
    if isinstance(what, Manifest):
        return what
    if isinstance(what, str | os.PathLike) and _is_manifest(Path(what)):
        return load_manifest(what)
    if _is_table_of_paths(what):
        return manifest_from_frame(what, "table")
    if isinstance(what, Entry) or not is_many(what):
        return Manifest((_entry(what, 1, sampling_rate),))
    entries: list[Entry] = []
    for number, item in enumerate(what, start=1):
        try:
            entries.append(_entry(item, number, sampling_rate))
        except ParameterError as error:
            raise ParameterError(f"item {number}: {error}") from error
    if not entries:
        raise ManifestError("no recordings were given")
    check_entries([entry for entry in entries if entry.recording is None], "recordings")
    check_people(entries, "recordings")
    return Manifest(tuple(entries))


def entries_in(what: Any) -> list[Entry]:
    """Return the recordings of a folder, of a pattern such as ``"holters/**/*.edf"``, or of what `as_dataset` takes.

    A folder, pattern, table or file may lie far away (``s3://bucket/holters``, whatever fsspec knows).

    Raises
    ------
    ReadError
        If a folder, a table or a file is not there, a folder holds no recordings, or nothing fits a pattern.

    Examples
    --------
    >>> [entry.path for entry in entries_in(["a.edf", "b.edf"])]
    ['a.edf', 'b.edf']
    """
    if not isinstance(what, str | os.PathLike):
        return list(as_dataset(what))
    if is_remote(what):
        return _remote_entries(str(what))
    path = Path(what)
    if path.is_dir():
        files = find_recordings(path)
        if not files:
            raise ReadError(f"{what}: holds no recordings")
        return list(as_dataset([str(file) for file in files]))
    if files_read(path):
        return list(as_dataset(str(path)))
    name = os.fspath(what)
    if not any(sign in name for sign in "*?["):
        raise ReadError(f"{what}: no such folder, table or file")
    anchor = Path(path.anchor)
    found = sorted(str(file) for file in anchor.glob(str(path.relative_to(anchor))) if file.is_file())
    if not found:
        raise ReadError(f"{what}: no file fits")
    return list(as_dataset(found))


def _remote_entries(url: str) -> list[Entry]:
    """Return the recordings of a folder, pattern or table that is far away."""
    with fetched_if_table(url) as table:
        if table is not None and _is_manifest(table):
            parent = url.rpartition("/")[0]
            entries = load_manifest(table).entries
            here = f"{table.parent}{os.sep}"
            return [replace(one, path=f"{parent}/{one.path.removeprefix(here)}") if one.path.startswith(here) else one
                    for one in entries]  # fmt: skip
    return list(as_dataset(find_remote(url)))


def _entry(item: Any, number: int, sampling_rate: float | None) -> Entry:
    if isinstance(item, Entry):
        return item
    if isinstance(item, str | os.PathLike):
        path = os.fspath(item)
        if not isinstance(path, str) or not path:
            raise ParameterError(f"a path is a str or a Path, not {item!r}")
        return Entry(path, sampling_rate=sampling_rate)
    if is_many(item):
        raise ParameterError(f"is itself a {type(item).__name__} of several: pass one flat list")
    recording = as_recording(item, sampling_rate=sampling_rate)
    about: dict[str, Any] = {name: str(recording.metadata[name]) for name in _ABOUT if name in recording.metadata}
    return Entry(path=recording.source or f"recording {number}", recording=recording, **about)


def _is_table_of_paths(what: object) -> TypeGuard[pd.DataFrame]:
    columns = getattr(what, "columns", None)
    return type(what).__module__.partition(".")[0] == "pandas" and columns is not None and "path" in list(columns)


def _is_manifest(path: Path) -> bool:
    """Return whether a lone path names a manifest rather than a recording: by its ending, and by its header.

    A table of text is a recording when its header has no column of a manifest and numbers stand under it; so an error
    says what is wrong with a manifest wherever one is more likely meant.
    """
    if path.suffix.lower() not in _TABLES:
        return not path.is_file() and not Path(f"{path}.hea").is_file() and not any(p.is_file() for p in path.parents)
    if not path.is_file():
        return not any(parent.is_file() for parent in path.parents)  # not in an archive: a slip of the pen
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet_has_path(path)
    names, cells = first_lines(path)
    if names and names[0].startswith("#"):  # a block of comments, as signals have before their columns
        return False
    samples = sum(_is_number(cell) for cell in cells) * 2 > len(cells)
    return bool({name.casefold() for name in names} & (set(COLUMNS) - {"label"})) or not samples


def _is_number(cell: str) -> bool:
    """Return whether a cell of a table is a number."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _parquet_has_path(path: Path) -> bool:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        return True
    try:
        return "path" in parquet.read_schema(path).names
    except (ArrowException, OSError, ValueError):
        return True
