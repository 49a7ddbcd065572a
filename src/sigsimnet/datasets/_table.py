"""Manifests from files and pandas tables, and what must not stand in one."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet.datasets._entry import Entry
from sigsimnet.datasets._manifest import COLUMNS, Manifest
from sigsimnet.errors import ManifestError, MissingExtraError, ParameterError
from sigsimnet.io import is_remote

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_entries", "check_people", "first_lines", "load_manifest", "manifest_from_frame"]

SPLITS = ("train", "test")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBERS = {"sampling_rate": "a number of Hz", "start": "a time in s", "stop": "a time in s"}


def load_manifest(path: str | os.PathLike[str]) -> Manifest:
    r"""Read a manifest.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or Parquet with a column ``path`` and any of ``subject``, ``session``, ``label``, ``split``
        (``train`` or ``test``), ``channel``, ``sampling_rate`` (Hz), ``database``, ``start`` and ``stop`` (s since the
        first sample of the file; empty for its beginning and its end). Other columns are ignored.

    Returns
    -------
    Manifest

    Raises
    ------
    ManifestError
        If it is not there, is not a table, lacks ``path``, is empty, names a recording (or an interval of one) twice, a
        split that is neither ``train`` nor ``test``, or a person, or the same seconds of a file, on both sides of the
        split.

    Examples
    --------
    >>> import tempfile
    >>> table = Path(tempfile.mkdtemp()) / "manifest.csv"
    >>> _ = table.write_text("path,subject,label,start,stop\na.csv,anna,rest,0,30\na.csv,anna,walk,30,60\n")
    >>> [entry.label for entry in load_manifest(table)], load_manifest(table).people
    (['rest', 'walk'], ('anna',))
    """
    import pandas as pd

    if not isinstance(path, str | os.PathLike):
        raise ParameterError(f"a path is a str or a Path, not {type(path).__name__}: {path!r}")
    file = Path(path)
    if not file.is_file():
        raise ManifestError(f"{path}: no such manifest")
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            table, decimal = pd.read_parquet(file), "."
        else:
            text = _decoded(file)
            header, separator = _split_header(text)
            twice = [name for name, n in Counter(header).items() if n > 1 and name]
            if twice:
                raise ManifestError(f"{path}: column {twice[0]!r} stands twice in the header")
            table = pd.read_csv(StringIO(text), dtype=str, sep=separator, keep_default_na=False)
            decimal = "," if separator == ";" else "."
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading Parquet", "parquet") from error
    except (ValueError, KeyError, OSError, OverflowError) as error:  # pandas' and pyarrow's own are of these kinds
        raise ManifestError(f"{path}: cannot be read as a table ({_first_line(error)})") from error
    return manifest_from_frame(table, str(path), file.parent, decimal=decimal)


def manifest_from_frame(
    table: pd.DataFrame, source: str, folder: Path | None = None, *, decimal: str = "."
) -> Manifest:
    """Return the manifest of a pandas table with the columns that `load_manifest` knows.

    Parameters
    ----------
    table : DataFrame
    source : str
        For messages.
    folder : Path, optional
        Where relative paths start; the working folder when left out.
    decimal : str
        Decimal mark of numbers that are text.

    Raises
    ------
    ManifestError
        As `load_manifest`.
    """
    names = [str(name).strip() for name in table.columns]
    twice = [name for name, n in Counter(names).items() if n > 1 and name in COLUMNS]
    if twice:
        raise ManifestError(f"{source}: column {twice[0]!r} stands twice in the header")
    if "path" not in names:
        raise ManifestError(f"{source}: no column 'path' (columns: {', '.join(names)}; known: {', '.join(COLUMNS)})")
    columns = {name: table.iloc[:, names.index(name)].tolist() for name in COLUMNS if name in names}
    entries = [
        _entry(dict(zip(columns, row, strict=True)), number, source, folder, decimal)
        for number, row in enumerate(zip(*columns.values(), strict=True), start=1)
    ]
    if not entries:
        raise ManifestError(f"{source}: the table has no rows")
    check_entries(entries, source)
    return Manifest(tuple(entries), source)


def first_lines(file: Path) -> tuple[list[str], list[str]]:
    """Return the cells of the first and the second line of a table of text."""
    with file.open("rb") as opened:
        raw = opened.read(1 << 16)
    text = raw.decode("utf-16" if raw[:2] in _UTF_16 else "utf-8-sig", errors="replace")
    lines = [*text.splitlines(), "", ""]
    names, separator = _split_header(lines[0])
    return names, [cell.strip().strip('"') for cell in lines[1].split(separator)]


def _split_header(text: str) -> tuple[list[str], str]:
    """Return the names in the first line, and what separates them."""
    header = text.partition("\n")[0].strip()
    # Excel writes semicolons where the comma is decimal.
    separator = max("\t;,", key=header.count)
    return [name.strip().strip('"') for name in header.split(separator)], separator


def _decoded(file: Path) -> str:
    """Return the text of a file: UTF-8, with or without a byte-order mark (Excel's CSV UTF-8), or UTF-16 with one."""
    raw = file.read_bytes()
    try:
        return raw.decode("utf-16" if raw[:2] in _UTF_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file}: is not UTF-8 text; save it as UTF-8") from error


def _entry(row: dict[str, Any], number: int, source: str, folder: Path | None, decimal: str) -> Entry:
    values: dict[str, Any] = {name: _cell(row.get(name)) for name in COLUMNS}
    where = f"{source}: row {number}"
    if not values["path"]:
        raise ManifestError(f"{where} has no path")
    for name, kind in _NUMBERS.items():
        values[name] = _number(values[name], f"{where}: {name}", kind, decimal) if values[name] else None
    if values["sampling_rate"] is not None and values["sampling_rate"] <= 0:
        raise ManifestError(
            f"{where}: sampling_rate is {values['sampling_rate']:g}: it must be a positive number of Hz"
        )
    start, stop = values["start"], values["stop"]
    if (start is not None and start < 0) or (stop is not None and stop <= (start or 0.0)):
        raise ManifestError(
            f"{where}: start is {row.get('start')} s and stop {row.get('stop')} s: nothing lies between"
        )
    if values["split"] and values["split"] not in SPLITS:
        raise ManifestError(f"{where}: split is {values['split']!r} (known: {', '.join(SPLITS)})")
    said = values.pop("path")
    path = Path(said)
    if is_remote(said):
        return Entry(path=said, **values)
    return Entry(path=str(path if folder is None or path.is_absolute() else folder / path), **values)


def _cell(value: object) -> str:
    """Return a cell as text; whole numbers as such, although a column with gaps holds them as 1.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return "" if text.lower() in ("nan", "none", "<na>", "nat") else text


def _number(text: str, where: str, kind: str, decimal: str) -> float:
    try:
        value = float(text.replace(decimal, "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ManifestError(f"{where} is {text!r}, not {kind}")
    return value


def _record(path: str) -> str:
    """Return what a path means: ``rec``, ``rec.hea`` and ``rec.dat`` are one WFDB record, ``a/../b`` is ``b``."""
    plain = os.path.normpath(path)
    return plain.removesuffix(".hea").removesuffix(".dat")


def check_entries(entries: Sequence[Entry], source: str) -> None:
    """Refuse what would be counted twice, and what would be learnt from and tested on.

    Raises
    ------
    ManifestError
        If a recording (or the same interval of one) stands in two rows, a person on both sides of the split, or the
        same seconds of a file on both.
    """
    rows: dict[tuple[str, str, float, float], int] = {}
    for number, entry in enumerate(entries, start=1):
        key = (_record(entry.path), entry.channel, *_interval(entry))
        if key in rows:
            raise ManifestError(f"{source}: {entry.name} stands in rows {rows[key]} and {number}")
        rows[key] = number
    check_people(entries, source)
    _check_overlap(entries, source)


def check_people(entries: Sequence[Entry], source: str) -> None:
    """Refuse a person on both sides of the split.

    Raises
    ------
    ManifestError
        Naming the person.
    """
    sides: dict[str, str] = {}
    for entry in entries:
        if entry.subject and entry.split and sides.setdefault(entry.person, entry.split) != entry.split:
            raise ManifestError(f"{source}: person {entry.person!r} is in both train and test")


def _interval(entry: Entry) -> tuple[float, float]:
    return entry.start or 0.0, math.inf if entry.stop is None else entry.stop


def _check_overlap(entries: Sequence[Entry], source: str) -> None:
    """Refuse seconds of a file that stand on both sides of the split, of one channel or where a row names none."""
    of_file: dict[str, list[tuple[float, float, int, Entry]]] = {}
    for number, entry in enumerate(entries, start=1):
        if entry.split:
            of_file.setdefault(_record(entry.path), []).append((*_interval(entry), number, entry))
    for parts in of_file.values():
        if len({entry.split for *_, entry in parts}) < 2:
            continue
        of_channel: dict[str, list[tuple[float, float, int, Entry]]] = {}
        for part in parts:
            of_channel.setdefault(part[-1].channel, []).append(part)
        every = of_channel.pop("", [])
        for named in of_channel.values() or [[]]:
            last: dict[str, tuple[float, int]] = {}  # latest end on either side so far, and its row
            for start, stop, number, entry in sorted([*named, *every], key=lambda part: part[:3]):
                other = last.get("test" if entry.split == "train" else "train")
                if other is not None and start < other[0]:
                    raise ManifestError(
                        f"{source}: {entry.name}: rows {other[1]} and {number} are in train and test, and share seconds"
                    )
                if stop > last.get(entry.split, (0.0, 0))[0]:
                    last[entry.split] = (stop, number)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
