"""A manifest: a table with a row for each recording, saying whose it is and what it shows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from sigsimnet.errors import ManifestError
from sigsimnet.recording import Recording

__all__ = ["Entry", "Manifest", "load_manifest"]

KNOWN = ("path", "subject", "session", "label", "split", "channel", "sampling_rate", "database")
SPLITS = ("train", "test")


@dataclass(frozen=True)
class Entry:
    """One recording of a manifest.

    Attributes
    ----------
    path : str
        As `sigsimnet.read` takes it; relative paths start at the manifest's folder.
    subject, session, label : str
        Whose it is, which sitting, what it shows; empty where the table has no such column.
    split : str
        ``"train"``, ``"test"`` or empty.
    channel : str
        Channel to use; empty for the model's own choice.
    sampling_rate : float or None
        In Hz, for files that do not say.
    database : str
        Where the subject's name is unique; subject ``1`` of two databases is two people.
    recording : Recording or None
        The recording itself, when it did not come from a file.

    Examples
    --------
    >>> Entry("a.csv", subject="1", database="ecg-id").person
    'ecg-id/1'
    """

    path: str
    subject: str = ""
    session: str = ""
    label: str = ""
    split: str = ""
    channel: str = ""
    sampling_rate: float | None = None
    database: str = ""
    recording: Recording | None = field(default=None, compare=False, repr=False)

    @property
    def person(self) -> str:
        """The subject's name, unique over databases."""
        return f"{self.database}/{self.subject}" if self.database else self.subject

    def read(self) -> Recording:
        """Read the recording; its metadata carry what the manifest says.

        Raises
        ------
        ReadError
            If the file cannot be read.
        """
        if self.recording is not None:
            recording = self.recording
        else:
            from sigsimnet.io import read

            recording = read(self.path, sampling_rate=self.sampling_rate)
        known = {name: getattr(self, name) for name in ("subject", "session", "label") if getattr(self, name)}
        return recording.replace(metadata={**recording.metadata, **known})


@dataclass(frozen=True)
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
                    what = f"row {number} ({entry.path}) has no {column}"
                    raise ManifestError(f"{self.source or 'recordings'}: {what}; add a column {column!r} to the table")

    def check_files(self) -> None:
        """Check that every recording is there, before long work starts on some of them.

        Raises
        ------
        ManifestError
            Naming the first row whose file is missing: a wrong path is a slip of the pen, not a bad signal.
        """
        for number, entry in enumerate(self.entries, start=1):
            if entry.recording is None and not _there(Path(entry.path)):
                raise ManifestError(f"{self.source or 'recordings'}: row {number}: {entry.path}: no such file")

    @classmethod
    def of(cls, recordings: Manifest | str | Path | Iterable[Recording]) -> Manifest:
        """Return a manifest of a manifest, the path of one, or recordings with ``subject`` … in their metadata.

        Raises
        ------
        ManifestError
            If there are no recordings.
        """
        if isinstance(recordings, Manifest):
            return recordings
        if isinstance(recordings, str | Path):
            return load_manifest(recordings)
        entries = []
        for number, recording in enumerate(recordings, start=1):
            if not isinstance(recording, Recording):
                raise ManifestError(f"item {number} is a {type(recording).__name__}: expected a Recording")
            about = recording.metadata
            values: dict[str, Any] = {
                name: str(about[name]) for name in ("subject", "session", "label", "database") if name in about
            }
            entries.append(Entry(path=recording.source or f"recording {number}", recording=recording, **values))
        if not entries:
            raise ManifestError("no recordings were given")
        return cls(tuple(entries))


def load_manifest(path: str | Path) -> Manifest:
    r"""Read a manifest.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or Parquet with a column ``path`` and any of ``subject``, ``session``, ``label``, ``split``
        (``train`` or ``test``), ``channel``, ``sampling_rate`` (Hz), ``database``. Other columns are ignored.

    Returns
    -------
    Manifest

    Raises
    ------
    ManifestError
        If it is not there, is not a table, lacks ``path``, is empty, names a recording twice, a split that is
        neither ``train`` nor ``test``, or a person on both sides of the split.

    Examples
    --------
    >>> import tempfile
    >>> table = Path(tempfile.mkdtemp()) / "manifest.csv"
    >>> _ = table.write_text("path,subject\na.csv,anna\n")
    >>> load_manifest(table).people
    ('anna',)
    """
    import pandas as pd

    file = Path(path)
    if not file.is_file():
        raise ManifestError(f"{path}: no such manifest")
    try:
        if file.suffix == ".parquet":
            table = pd.read_parquet(file).astype(str)
        else:
            # Excel begins "CSV UTF-8" with a byte-order mark, and writes semicolons where the comma is decimal.
            text = _decoded(file)
            header = text.partition("\n")[0].strip()
            separator = max("\t;,", key=header.count)
            twice = [name for name, n in Counter(header.split(separator)).items() if n > 1 and name]
            if twice:
                raise ManifestError(f"{path}: column {twice[0]!r} stands twice in the header")
            table = pd.read_csv(StringIO(text), dtype=str, sep=separator, keep_default_na=False)
    except ImportError as error:
        from sigsimnet.errors import MissingExtraError

        raise MissingExtraError(f"{path}: reading Parquet", "parquet") from error
    except ManifestError:
        raise
    except Exception as error:
        raise ManifestError(f"{path}: cannot be read as a table ({_first_line(error)})") from error
    table.columns = [str(name).strip() for name in table.columns]
    if "path" not in table.columns:
        found = ", ".join(map(str, table.columns))
        raise ManifestError(f"{path}: no column 'path' (columns: {found}; known: {', '.join(KNOWN)})")
    entries = [_entry(row, number, file) for number, row in enumerate(table.fillna("").to_dict("records"), start=1)]
    if not entries:
        raise ManifestError(f"{path}: the table has no rows")
    _check(entries, str(path))
    return Manifest(tuple(entries), str(path))


def _decoded(file: Path) -> str:
    """Return the text of a file: UTF-8, with or without a byte-order mark, or UTF-16 with one."""
    raw = file.read_bytes()
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file}: is not UTF-8 text; save it as UTF-8") from error


def _entry(row: dict[Any, Any], number: int, file: Path) -> Entry:
    values = {name: str(row.get(name, "")).strip() for name in KNOWN}
    values = {name: "" if value.lower() in ("nan", "none") else value for name, value in values.items()}
    if not values["path"]:
        raise ManifestError(f"{file}: row {number} has no path")
    rate = values.pop("sampling_rate")
    try:
        sampling_rate = float(rate) if rate else None
    except ValueError as error:
        raise ManifestError(f"{file}: row {number}: sampling_rate is {rate!r}, not a number of Hz") from error
    if values["split"] and values["split"] not in SPLITS:
        raise ManifestError(f"{file}: row {number}: split is {values['split']!r} (known: {', '.join(SPLITS)})")
    relative = Path(values.pop("path"))
    path = relative if relative.is_absolute() else file.parent / relative
    known: dict[str, Any] = dict(values)
    return Entry(path=str(path), sampling_rate=sampling_rate, **known)


def _there(path: Path) -> bool:
    """Return whether a recording is there: a file, a WFDB record by its bare name, or something in an archive."""
    return path.is_file() or Path(f"{path}.hea").is_file() or any(parent.is_file() for parent in path.parents)


def _record(path: str) -> str:
    """Return what a path means: ``rec``, ``rec.hea`` and ``rec.dat`` are one WFDB record, ``a/../b`` is ``b``."""
    plain = os.path.normpath(path)
    return plain.removesuffix(".hea").removesuffix(".dat")


def _check(entries: Sequence[Entry], source: str) -> None:
    seen: dict[tuple[str, str], int] = {}
    sides: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        key = _record(entry.path), entry.channel
        if key in seen:
            raise ManifestError(f"{source}: {entry.path} stands in rows {seen[key]} and {number}")
        seen[key] = number
        if entry.subject and entry.split and sides.setdefault(entry.person, entry.split) != entry.split:
            raise ManifestError(f"{source}: person {entry.person!r} is in both train and test")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
