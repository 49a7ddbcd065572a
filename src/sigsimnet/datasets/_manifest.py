"""A manifest: a table with a row for each recording, saying whose it is and what it shows."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.files import write_whole
from sigsimnet.datasets._entry import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.io import RecordingLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Manifest"]

COLUMNS = tuple(field.name for field in fields(Entry) if field.name != "recording")


@dataclass(frozen=True, repr=False)
class Manifest:
    """Recordings, in the order of their table.

    Examples
    --------
    >>> Manifest((Entry("a.csv", "anna", split="train"), Entry("b.csv", "bert", split="test"))).split("test").people
    ('bert',)
    """

    entries: tuple[Entry, ...]
    source: str = ""

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __repr__(self) -> str:
        n, people = len(self), len(self.people)
        whose = f" of {people} {'person' if people == 1 else 'people'}" if people else ""
        origin = f" from {self.source}" if self.source else ""
        return f"<Manifest {n} recording{'' if n == 1 else 's'}{whose}{origin}>"

    @property
    def people(self) -> tuple[str, ...]:
        """The people, each once, sorted."""
        return tuple(sorted({entry.person for entry in self.entries if entry.subject}))

    def split(self, name: str) -> Manifest:
        """Return the rows of one split; all rows when the table has no column ``split``.

        Raises
        ------
        ManifestError
            If the table has splits, but none called ``name``.
        """
        if not any(entry.split for entry in self.entries):
            return self
        chosen = tuple(entry for entry in self.entries if entry.split == name)
        if not chosen:
            raise ManifestError(f"{self.source}: no row has split {name!r}")
        return Manifest(chosen, self.source)

    def need(self, *columns: str) -> None:
        """Check that every row has a value in each of some columns.

        Raises
        ------
        ManifestError
            Naming the column and the first row that lacks it.
        """
        for column in columns:
            for number, entry in enumerate(self.entries, start=1):
                if not getattr(entry, column):
                    what = f"row {number} ({entry.name}) has no {column}"
                    raise ManifestError(f"{self.source or 'recordings'}: {what}; add a column {column!r} to the table")

    def check_files(self) -> None:
        """Check that every recording is there, before long work starts on some of them.

        Raises
        ------
        ManifestError
            Naming the first row whose file is missing: a wrong path is a slip of the pen, not a bad signal.
        """
        known: set[str] = set()
        for number, entry in enumerate(self.entries, start=1):
            if entry.recording is None and entry.path not in known and not _there(Path(entry.path)):
                raise ManifestError(f"{self.source or 'recordings'}: row {number}: {entry.path}: no such file")
            known.add(entry.path)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table: one row a recording, and the columns in which a row says something.

        Examples
        --------
        >>> Manifest((Entry("a.csv", "anna", start=0.0, stop=2.5),)).to_dataframe().to_dict("list")
        {'path': ['a.csv'], 'subject': ['anna'], 'start': [0.0], 'stop': [2.5]}
        """
        import pandas as pd

        return pd.DataFrame({name: [getattr(entry, name) for entry in self.entries] for name in self._columns()})

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table as CSV, whole or not at all; `load_manifest` gets it back.

        Paths of files in the folder of the table, or below it, are written relative to it; others are made absolute.

        Raises
        ------
        ManifestError
            If a recording came from memory: write it to a file first.
        WriteError
            If the folder is not there or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> Manifest((Entry(str(folder / "a.csv"), "anna"),)).to_csv(folder / "manifest.csv")
        >>> print((folder / "manifest.csv").read_text())
        path,subject
        a.csv,anna
        """
        columns = self._columns()
        if not isinstance(path, str | os.PathLike):
            raise ParameterError(f"a path is a str or a Path, not {type(path).__name__}: {path!r}")
        folder = Path(path).absolute().parent
        table = StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(columns)
        for number, entry in enumerate(self.entries, start=1):
            if entry.recording is not None:
                raise ManifestError(
                    f"{path}: row {number} ({entry.name}) is a recording in memory: write it to a file first"
                )
            values: dict[str, Any] = {name: getattr(entry, name) for name in columns}
            values["path"] = _relative(entry.path, folder)
            writer.writerow(["" if value is None else value for value in values.values()])
        with write_whole(path) as temporary:  # type: ignore[arg-type]
            temporary.write_text(table.getvalue(), encoding="utf-8")

    @classmethod
    def of(
        cls,
        recordings: Manifest | RecordingLike | Iterable[RecordingLike | Entry],
        *,
        sampling_rate: float | None = None,
    ) -> Manifest:
        """Return a manifest of whatever people have: `as_dataset`.

        Raises
        ------
        ManifestError
            If there are no recordings, or a table does not say which.
        ParameterError, ReadError
            If something makes no recording.
        """
        from sigsimnet.datasets._inputs import as_dataset

        return as_dataset(recordings, sampling_rate=sampling_rate)

    def _columns(self) -> list[str]:
        given = [name for name in COLUMNS if any(getattr(entry, name) not in ("", None) for entry in self.entries)]
        return given or ["path"]


def _relative(path: str, folder: Path) -> str:
    whole = Path(os.path.normpath(Path(path).absolute()))
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(whole)


def _there(path: Path) -> bool:
    """Return whether a recording is there: a file, a WFDB record by its bare name, or something in an archive."""
    return path.is_file() or Path(f"{path}.hea").is_file() or any(parent.is_file() for parent in path.parents)
