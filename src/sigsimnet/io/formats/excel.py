"""Spreadsheets of Excel and OpenDocument, read with python-calamine: a sheet is read as a text table would be."""

from __future__ import annotations

import csv
import tempfile
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._text_cells import find_decimal, is_number
from sigsimnet.io.formats.text import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_excel"]

_NUMBERS = 4  # cells of numbers that make a sheet one of samples


def read_excel(path: Path, options: Options, source: str) -> Recording:
    """Read a sheet: ``key`` names it, or counts it from 0; without, the only one that holds numbers.

    Raises
    ------
    MissingExtraError
        If python-calamine is not installed.
    ReadError
        If it is damaged, holds no numbers, or several sheets of them.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> openpyxl = pytest.importorskip("openpyxl")
    >>> _ = pytest.importorskip("python_calamine")
    >>> book = openpyxl.Workbook()
    >>> for row in (["time", "ECG (mV)"], [0, 0.5], [0.004, 0.75], [0.008, 0.5]):
    ...     book.active.append(row)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.xlsx"
    >>> book.save(path)
    >>> read_excel(path, Options(), "a.xlsx")
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise MissingExtraError("Excel", "formats") from error
    _check(path, options, source)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = {str(name): book.get_sheet_by_name(name).to_python() for name in _wanted(book.sheet_names, options)}
    except Exception as error:  # what calamine stumbles over is not known beforehand
        raise ReadError(f"{source}: is not a readable spreadsheet ({reason_of(error)})") from error
    if not sheets:
        raise ReadError(f"{source}: no sheet {options.key!r} (there are: {', '.join(book.sheet_names)})")
    filled = [name for name, rows in sheets.items() if _holds_numbers(rows)]
    if not filled:
        raise ReadError(f"{source}: holds no numbers (sheets: {', '.join(sheets)})")
    if len(filled) > 1:
        raise ReadError(f"{source}: holds {len(filled)} sheets of numbers ({', '.join(filled)}); pass key= to name one")
    rows = sheets[filled[0]]
    # Cells of text with decimal commas: a table has one decimal sign.
    comma = any(
        isinstance(cell, str) and find_decimal([[cell.strip()]], "\t") == (",", "") for row in rows for cell in row
    )
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as folder:
        table = Path(folder) / "sheet.tsv"
        with table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows(
                [_text(cell).replace(".", ",") if comma and isinstance(cell, float) else _text(cell) for cell in row]
                for row in rows
            )
        options.found.say("sheet", filled[0])
        found = read_text(table, replace(options, key=None), source)
    others = [name for name in book.sheet_names if name != filled[0]]
    return found.replace(metadata={**found.metadata, "sheet": filled[0]} if others else found.metadata)


def _wanted(names: Sequence[str], options: Options) -> list[str]:
    key = options.key
    if key is None:
        return list(names)
    if key in names:
        return [key]
    return [names[int(key)]] if key.isdecimal() and int(key) < len(names) else []


def _check(path: Path, options: Options, source: str) -> None:
    """Refuse what unpacks to too much, or to more than it says."""
    if not zipfile.is_zipfile(path):
        return  # .xls is not packed
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            check_unpacked(source, unpacked, path.stat().st_size, options.max_unpacked)
            damaged = archive.testzip()  # reads no more of a member than it says, and compares its checksum
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError, RuntimeError) as error:
        raise ReadError(f"{source}: is not a readable spreadsheet ({reason_of(error)})") from error
    if damaged:
        raise ReadError(f"{source}: is damaged: {damaged} cannot be unpacked")


def _holds_numbers(rows: Sequence[Sequence[Any]]) -> bool:
    found = 0
    for row in rows:
        found += sum(
            is_number(cell.strip())
            if isinstance(cell, str)
            else isinstance(cell, int | float) and cell not in {True, False}
            for cell in row
        )
        if found >= _NUMBERS:
            return True
    return False


def _text(cell: Any) -> str:
    """Return a cell as a text table has it; times of day and lengths of time keep their microseconds."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="microseconds")
    if isinstance(cell, time):
        return cell.isoformat(timespec="microseconds")
    if isinstance(cell, timedelta):
        return f"{cell.total_seconds():.6f}"
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return repr(cell) if isinstance(cell, float) else " ".join(str(cell).split())
