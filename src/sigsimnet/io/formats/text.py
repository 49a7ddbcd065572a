"""CSV, TSV and other text: separator, header, comment lines, decimal comma, in whatever mix they come."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._describe import restore
from sigsimnet.io._sizes import check_unpacked, largest_unpacked
from sigsimnet.io.clock.stamps import is_stamp
from sigsimnet.io.formats._layout import recording_from_rows
from sigsimnet.io.formats.table import TableHints, recording_from_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["MARK", "read_text"]

MARK = "SigSimNet"  # comment line with everything that our own writer knows
_N_SNIFF = 100
_LONGEST_LINE = 1 << 20  # characters; a row of a thousand channels has some 20,000
_MISSING = [
    "",
    "-",
    "--",
    "?",
    "*",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
    "none",
    "missing",
    "<NA>",
]
_NUMBER = re.compile(r"^[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?$|^[+-]?inf(inity)?$", re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"^[+-]?\d*,\d+([eE][+-]?\d+)?$")
_COMMA_NUMBERS = re.compile(r"^\s*[+-]?\d+,\d+([eE][+-]?\d+)?([ ]+[+-]?\d+,\d+([eE][+-]?\d+)?)+\s*$")
_RATE = re.compile(r"^(sampling|sample|samp)[\s_]*(rate|freq\w*)|^(fs|sr|sfreq|srate)\b", re.IGNORECASE)
_UNIT_CELL = re.compile(r"^\(?(s|ms|sec|seconds|[µuμm]?V|hh:mm:ss(\.m+)?|adu|a\.?u\.?|%|g|bpm)\)?$", re.IGNORECASE)


@dataclass
class _Head:
    """What the first lines say."""

    comments: list[str] = field(default_factory=list)
    separator: str = ","
    decimal: str = "."
    names: list[str] | None = None
    n_columns: int = 1
    n_skip: int = 0  # lines before the first row of samples
    extra: list[str] = field(default_factory=list)


def read_text(path: Path, options: Options, source: str) -> Recording:
    r"""Read a text file (plain or gzip).

    Parameters
    ----------
    path : Path
        File to open.
    options : Options
        What the user asked for.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If it is empty, binary, holds no numbers, or the sampling rate cannot be inferred.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("time;ECG (mV)\n0,000;0,5\n0,004;0,7\n0,008;-\n")
    >>> read_text(path, Options(), "a.csv")
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    text = _decode(path, options, source)
    head = _read_head(text, source)
    ours = next((line.partition(":=")[2] for line in head.comments if line.startswith(f"{MARK}:=")), None)
    frame, skipped = _read_body(text, head, source)
    hints = _hints(head, options)
    if skipped:
        plural = "lines have" if skipped > 1 else "line has"
        hints = replace(hints, warnings=(*hints.warnings, f"{skipped:,} {plural} too many columns and were left out"))
    if options.layout == "rows":
        numbers = frame.apply(_to_numbers).to_numpy(dtype="float64")
        rows = recording_from_rows(numbers, hints.sampling_rate, options.units, source)
        return rows.replace(warnings=(*hints.warnings, *rows.warnings), metadata={**hints.metadata, **rows.metadata})
    if ours and not skipped and len(frame.columns) > 1 and options.units is None:
        try:
            return restore(frame.iloc[:, 1:].to_numpy(dtype="float32").T, ours, source)
        except (ReadError, ValueError):
            # Somebody edited the table after us: its own words count, not ours.
            hints = replace(hints, warnings=(*hints.warnings, "the table was changed after it was written"))
    return recording_from_table(frame, hints, source)


def _decode(path: Path, options: Options, source: str) -> str:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            most = largest_unpacked(len(raw), options.max_unpacked)
            packed, raw = len(raw), gzip.GzipFile(fileobj=io.BytesIO(raw)).read(most + 1)
            check_unpacked(source, len(raw), packed, options.max_unpacked)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{source}: cannot be read ({reason_of(error)})") from error
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = raw.decode("utf-16", errors="replace")
    elif b"\x00" in raw[:4096]:
        raise ReadError(f"{source}: is binary, not text; give it the extension of its format")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    if not text.strip():
        raise ReadError(f"{source}: is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_head(text: str, source: str) -> _Head:
    head = _Head()
    lines: list[str] = []
    for number, line in enumerate(io.StringIO(text)):
        stripped = line.strip()
        if stripped.startswith(("#", "%")):
            head.comments.append(stripped.lstrip("#% ").strip())
            if not lines:
                head.n_skip = number + 1
        elif stripped or not lines:
            if stripped:
                lines.append(line.rstrip("\n"))
            else:
                head.n_skip = number + 1
        if len(lines) >= _N_SNIFF:
            break
    if not lines:
        raise ReadError(f"{source}: holds nothing but comment lines")
    head.separator = _separator(lines)
    rows = [_cells(line, head.separator) for line in lines]
    body = rows[1:] or rows
    if head.separator != "," and any(_COMMA_NUMBER.match(cell) for row in body for cell in row):
        head.decimal = ","
    head.n_columns = Counter(len(row) for row in body).most_common(1)[0][0]
    _take_header(head, rows)
    if not any(_NUMBER.match(cell) for row in rows[1 if head.names else 0 :] for cell in row):
        raise ReadError(f"{source}: holds no numbers (it begins with {lines[0].strip()[:40]!r})")
    return head


def _take_header(head: _Head, rows: list[list[str]]) -> None:
    first = rows[0]
    kinds = [_kind(cell) for cell in first]
    if "text" in kinds and "number" not in kinds and "stamp" not in kinds:
        names = first
        head.n_skip += 1
        if len(rows) > 1 and all(_UNIT_CELL.match(cell) or not cell for cell in rows[1]) and any(rows[1]):
            units = [cell.strip("()") for cell in rows[1]]
            names = [f"{name} ({unit})" if unit else name for name, unit in zip(first, units, strict=False)]
            head.n_skip += 1
        if len(names) == head.n_columns - 1 and head.n_columns > 1:
            names = ["", *names]  # R and pandas leave the heading of the row numbers out
        head.n_columns = max(head.n_columns, len(names))
        head.names = names + [""] * (head.n_columns - len(names))
    elif head.comments:
        # numpy.savetxt writes the headings as a comment
        cells = _cells(head.comments[-1], head.separator)
        if (
            len(cells) == head.n_columns
            and all(_kind(cell) == "text" for cell in cells)
            and ":" not in head.comments[-1]
        ):
            head.names = cells


def _separator(lines: Sequence[str]) -> str:
    commas = sum(bool(_COMMA_NUMBERS.match(line)) for line in lines)
    if commas and commas >= len(lines) - 1:
        return r"\s+"  # decimal commas between blanks; the first line may be a header
    for candidate in ("\t", ";", "|", ","):
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=candidate, skipinitialspace=True))
        columns, hits = counts.most_common(1)[0]
        if columns > 1 and hits >= 0.8 * len(lines):
            if candidate == "," and columns == 2 and _is_decimal_comma(lines):
                return ";"  # one column with decimal commas
            return candidate
    counts = Counter(len(line.split()) for line in lines)
    return r"\s+" if counts.most_common(1)[0][0] > 1 and not all('"' in line for line in lines) else ","


def _is_decimal_comma(lines: Sequence[str]) -> bool:
    """Tell ``0,012`` (a number) from ``0,12`` (two): no column of whole numbers writes leading zeros or ``-0``."""
    pairs = [line.strip().split(",") for line in lines if _COMMA_NUMBER.match(line.strip())]
    if len(pairs) < max(2, len(lines) - 1):
        return False
    leading = sum(len(b) > 1 and b.startswith("0") for _, b in pairs)
    return leading > 0 or any(a in {"-0", "+0"} for a, _ in pairs)


def _cells(line: str, separator: str) -> list[str]:
    if separator == r"\s+":
        cells = line.split()
    else:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    return [cell.strip().strip("'\"").strip() for cell in cells]


def _kind(cell: str) -> str:
    if cell in _MISSING:
        return "missing"
    if _NUMBER.match(cell):
        return "number"
    return "stamp" if is_stamp(cell) else "text"


def _read_body(text: str, head: _Head, source: str) -> tuple[pd.DataFrame, int]:
    import pandas as pd

    stream = io.StringIO(text)
    for _ in range(head.n_skip):
        stream.readline()
    names = list(range(head.n_columns))
    bare = " " if head.separator == r"\s+" else head.separator
    try:
        frame = pd.read_csv(
            stream,
            sep=head.separator,
            header=None,
            names=names,
            index_col=False,
            decimal=head.decimal,
            comment="#",
            na_values=_MISSING,
            keep_default_na=True,
            skipinitialspace=bare != "\t",
            quotechar="'" if "'" in text[:2000] and '"' not in text[:2000] else '"',
            on_bad_lines="skip",
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        raise ReadError(f"{source}: cannot be read as a table ({reason_of(error)})") from error
    if frame.empty:
        raise ReadError(f"{source}: holds no samples, only a header")
    n_lines = sum(
        1 for line in text.split("\n")[head.n_skip :] if (stripped := line.strip()) and not stripped.startswith("#")
    )
    if frame.iloc[:, -1].isna().all() and head.n_columns > 1 and not (head.names and head.names[-1]):
        frame = frame.iloc[:, :-1]  # a separator at the end of each line
    names_found = head.names or _labels(head.comments, len(frame.columns))
    frame.columns = [name or f"ch{i + 1}" for i, name in enumerate(names_found[: len(frame.columns)])]
    if head.names and not head.names[0] and len(frame.columns) > 1:
        frame.columns = ["index", *frame.columns[1:]]
    return frame, max(0, n_lines - len(frame))


def _labels(comments: Sequence[str], n_columns: int) -> list[str]:
    for line in comments:
        key, value = _split_comment(line)
        if key.casefold() in {"labels", "label", "channels", "columns"}:
            labels = [label.strip() for label in re.split(r"[\t,;]", value) if label.strip()]
            if len(labels) == n_columns:
                return labels
    return [""] * n_columns


def _split_comment(line: str) -> tuple[str, str]:
    for mark in (":=", ":", "="):
        key, found, value = line.partition(mark)
        if found and len(key) < 40:
            return key.strip(), value.strip()
    return "", line


def _hints(head: _Head, options: Options) -> TableHints:
    metadata: dict[str, Any] = {}
    rate: float | None = None
    start: datetime | None = None
    for line in head.comments:
        key, value = _split_comment(line)
        if key == MARK or not value:
            continue
        if line.startswith("{"):
            rate = rate or _rate_from_json(line)
            continue
        if _RATE.match(key):
            number = re.search(r"\d+([.,]\d+)?([eE][+-]?\d+)?", value)
            if number:
                rate = float(number[0].replace(",", ".")) * (1000 if "khz" in line.casefold() else 1)
                continue
        if key.casefold() in {"date", "start", "start time", "start_time", "recording date"}:
            try:
                start = datetime.fromisoformat(value)
            except ValueError:
                metadata[key] = value
        elif key and key.casefold() != "labels":
            metadata[key] = value
    return TableHints(
        sampling_rate=options.sampling_rate or rate,
        units=options.units,
        time_column=options.time_column,
        header=head.names is not None,
        start_time=start,
        metadata=metadata,
    )


def _rate_from_json(line: str) -> float | None:
    """Read the rate from the JSON line of OpenSignals (BITalino)."""
    try:
        devices = json.loads(line)
    except (ValueError, RecursionError):
        return None
    for device in devices.values() if isinstance(devices, dict) else ():
        if isinstance(device, dict) and isinstance(device.get("sampling rate"), int | float):
            return float(device["sampling rate"])
    return None


def _to_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_numeric(column, errors="coerce")
