"""Where the table begins in a text, and what stands before it: comments, a header block, headings and units."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigsimnet.errors import ReadError
from sigsimnet.io.clock._moments import parse_moment
from sigsimnet.io.devices import header_words, recognise
from sigsimnet.io.formats._text_cells import (
    BLANKS,
    cells_of,
    find_decimal,
    find_separator,
    is_data,
    is_number,
    kind_of,
)
from sigsimnet.io.formats._text_facts import key_value
from sigsimnet.io.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigsimnet.io.devices import Device

__all__ = ["Head", "read_head"]

_N_SNIFF = 100
_N_HEADER = 1000  # lines of a header at most
_N_DEVICE = 40  # lines by which a device is recognised
_N_DEVICE_LETTERS = 20_000
_SEP_LINE = re.compile(r'^"?sep=(.)"?,*$', re.IGNORECASE)


@dataclass
class Head:
    """What the first lines say.

    Attributes
    ----------
    comments, block, headings : list of str
        Comment lines without their sign; lines before the headings; the lines of headings and units.
    separator, decimal, thousands : str
        Of cells, of digits, between groups of digits (empty for none).
    names : list of str or None
        Headings, None where there are none; a unit stands in brackets behind them.
    n_columns : int
    n_skip : int
        Lines before the first row of samples.
    device : Device or None
    note_column : bool
        Whether some rows end in a cell of text more.
    sniffed : list of list of str
        Cells of the first rows.
    """

    comments: list[str] = field(default_factory=list)
    block: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    names: list[str] | None = None
    n_columns: int = 1
    n_skip: int = 0
    device: Device | None = None
    note_column: bool = False
    sniffed: list[list[str]] = field(default_factory=list)


def read_head(text: str, source: str) -> Head:
    r"""Find the table in a text.

    Raises
    ------
    ReadError
        If there is none.

    Examples
    --------
    >>> head = read_head("Patient;Test\nRate;250 Hz\n\nt [ms];I [mV]\n0;0,5\n4;0,7\n", "a.csv")
    >>> head.names, head.n_skip, head.decimal, head.block
    (['t [ms]', 'I [mV]'], 4, ',', ['Patient;Test', 'Rate;250 Hz'])
    """
    head = Head()
    lines, ends, data = _lines(text, head)
    if not lines:
        raise ReadError(f"{source}: holds nothing but comment lines")
    head.device = recognise(text[:_N_DEVICE_LETTERS].split("\n")[:_N_DEVICE])
    forced = ""
    if found := _SEP_LINE.match(lines[0]):
        forced = found[1]
        del lines[0], ends[0], data[0]
    start = _table_start(data)
    if head.device is not None and head.device.rows:
        start = len(head.device.rows)
    elif head.device is not None and head.device.skip and start < len(lines) and head.device.skip.match(lines[start]):
        del lines[start], ends[start]
    one_column = head.device is not None and head.device.one_column
    heading = lines[start - 1] if start and not one_column else ""
    head.separator = forced or find_separator(lines[start:] or lines, one_column=one_column, heading=heading)
    rows = [cells_of(line, head.separator) for line in lines]
    start = start or int(len(rows) > 1 and _is_text(rows[0]))
    if start > 1 and _is_text(rows[0]) and _are_samples(rows[1:start], len(rows[0])):
        start = 1  # rows of words and numbers, the first of which did not look like samples
    if start and start < len(rows) and len(rows[start - 1]) == 1 < len(rows[start]):
        rows[start - 1] = _otherwise_separated(lines[start - 1], len(rows[start]))
    if head.device is None or not head.device.rows:
        start = _below_headings(rows, start)
    head.sniffed = rows[start:]
    if not any(is_number(cell) or cell[:1] == "[" for row in head.sniffed for cell in row):
        raise ReadError(f"{source}: holds no numbers (it begins with {lines[0].strip()[:40]!r})")
    head.decimal, head.thousands = find_decimal(head.sniffed, head.separator)
    head.n_columns = _n_columns(head.sniffed)
    if head.device is not None and head.device.notes is not None:
        head.note_column = re.search(f"{head.separator}{head.device.notes.pattern.strip('^')}", text) is not None
    head.n_skip = ends[start] - 1
    first = _take_headings(head, lines, rows, [end - 1 for end in ends], start)
    head.block, head.headings = lines[:first], lines[first:start]
    return head


def _lines(text: str, head: Head) -> tuple[list[str], list[int], list[bool]]:
    """Return the first lines that are neither empty nor comments, their numbers from 1, and which hold samples."""
    lines: list[str] = []
    numbers: list[int] = []
    data: list[bool] = []
    n_data = position = number = 0
    while position < len(text) and n_data < _N_SNIFF and len(lines) < _N_HEADER:
        end = text.find("\n", position)
        line = text[position : len(text) if end < 0 else end]
        position = len(text) if end < 0 else end + 1
        number += 1
        stripped = line.strip()
        if stripped.startswith(("#", "%")):
            head.comments.append(stripped.lstrip("#% ").strip())
        elif stripped:
            lines.append(line)
            numbers.append(number)
            data.append(is_data(line))
            n_data += data[-1]
    return lines, numbers, data


def _table_start(data: Sequence[bool]) -> int:
    """Return the first line from which on four of five are rows of samples; 0 when none is."""
    left = sum(data)
    for position, row in enumerate(data):
        if row and left >= 0.8 * (len(data) - position):
            return position
        left -= row
    return 0


def _are_samples(rows: Sequence[Sequence[str]], n_columns: int) -> bool:
    """Tell whether rows begin with a number and are as long as the headings."""
    return n_columns > 2 and all(len(row) == n_columns and is_number(row[0]) for row in rows)


def _otherwise_separated(line: str, n_columns: int) -> list[str]:
    """Return the cells of headings that another sign separates than the samples below."""
    split = [cells_of(line, separator) for separator in ("\t", ";", ",", "|", BLANKS)]
    return next((cells for cells in split if len(cells) == n_columns), [line.strip()])


def _is_text(row: Sequence[str]) -> bool:
    """Tell whether a row holds words, and no number or date: a heading."""
    kinds = {kind_of(cell) for cell in row}
    return "text" in kinds and not kinds & {"number", "stamp"}


def _below_headings(rows: Sequence[Sequence[str]], start: int) -> int:
    """Skip what looks like samples above the headings, such as a bare number."""
    usual = Counter(len(row) for row in rows[start:]).most_common(1)[0][0] if rows[start:] else 1
    for position in range(start + 1, min(start + 30, len(rows) - 1)):
        row = rows[position]
        if usual > 1 and len(row) == usual and all(kind_of(cell) == "text" for cell in row) and row != rows[start - 1]:
            return position + 1
    return start


def _n_columns(rows: Sequence[Sequence[str]]) -> int:
    """Return the usual number of cells; where longer rows come again and again, theirs."""
    counts = Counter(len(row) for row in rows)
    usual = counts.most_common(1)[0][0]
    longer = {n: hits for n, hits in counts.items() if n > usual}
    regular = len(longer) == 1 and usual > 1 and min(longer.values()) >= max(3, 0.02 * len(rows))
    return next(iter(longer)) if regular else usual


def _take_headings(
    head: Head, lines: Sequence[str], rows: Sequence[list[str]], places: Sequence[int], start: int
) -> int:
    """Set the names from the rows above the samples, and return the first of these rows."""
    n = head.n_columns
    if not start or not _is_heading(rows[start - 1], lines[start - 1], n, alone=start == 1):
        _take_comment(head)
        return start
    first = start - 1
    units: list[str] = []
    levels = [rows[first]]
    if first and _is_units(levels[0]) and _is_text(rows[first - 1]) and abs(len(rows[first - 1]) - n) <= 1:
        units, first = levels[0], first - 1
        levels = [rows[first]]
    while (
        first
        and places[first - 1] == places[first] - 1
        and _is_level(rows[first - 1], lines[first - 1], rows[first], n)
    ):
        first -= 1
        levels.insert(0, rows[first])
    names = _joined(levels) if len(levels) > 1 else levels[0]
    trailing = n > 1 and all(len(row) == n and not row[-1] for row in head.sniffed)
    if len(names) == n - 1 and n > 1 and not trailing:
        names = ["", *names]  # R and pandas leave the heading of the row numbers out
    head.n_columns = max(n, len(names))
    if head.device is not None:
        plain = [head.device.plain(name) for name in names]
        # Headings that differ only in what says nothing elsewhere, such as RAW beside CAL, say it here.
        names = [own if plain.count(short) > 1 else short for own, short in zip(names, plain, strict=True)]
    pairs = zip(names, [*units, *[""] * len(names)], strict=False)
    bare = str.maketrans("", "", "()[]")
    named = [f"{name} ({unit.translate(bare)})" if is_unit(unit) else name for name, unit in pairs]
    head.names = named + [""] * (head.n_columns - len(named))
    return first


def _is_heading(row: Sequence[str], line: str, n_columns: int, *, alone: bool) -> bool:
    pairs = sum(re.match(r"[^:]+:.", cell) is not None for cell in row) > 0.5 * len(row)
    numbered = row[1:] and kind_of(row[0]) == "text" and all(cell.isdigit() for cell in row[1:])
    if numbered and alone and len(set(row)) == len(row):
        return True  # a time, and columns called 1, 2, 3
    if not _is_text(row) or row[0].endswith(("=", ":=")) or (pairs and len(row) > 1):
        return False
    if alone:
        return True
    fits = (
        len(row) == n_columns
        or (n_columns > 2 and len(row) == n_columns - 1)
        or (len(row) == n_columns + 1 and not row[-1])
    )
    return fits and not _states_fact(line)


def _states_fact(line: str) -> bool:
    """Tell whether a line is a key and a value of a header, such as ``Unit,µV``."""
    words = header_words()
    marked = re.match(r"^[^,;\t]{1,40}[:=]", line) is not None
    for key, value, _ in key_value(line):
        plain = key.casefold().strip()
        for what in ("rate", "interval", "start", "unit", "private", *(("names", "units", "lead") if marked else ())):
            if any(word.search(plain) for word in words[what]):
                if what in {"unit", "private", "names", "units", "lead"}:
                    return what != "unit" or marked or is_unit(value)
                return parse_moment(value).time is not None if what == "start" else value[:1].isdigit()
    return False


def _is_units(row: Sequence[str]) -> bool:
    """Tell whether a row holds units: all its cells, or the first and most others, since nobody knows all units."""
    filled = [cell for cell in row if cell]
    known = sum(map(is_unit, filled))
    return bool(filled) and (known == len(filled) or (is_unit(row[0]) and known > 0.6 * len(filled)))


def _is_level(row: Sequence[str], line: str, below: Sequence[str], n_columns: int) -> bool:
    """Tell whether a row is one more level of headings, and no line of the header block filled up with cells."""
    filled = [position for position, cell in enumerate(row) if cell]
    return (
        len(row) == n_columns
        and n_columns > 2
        and _is_text(row)
        and len(filled) > 1
        and (filled != [0, 1] or not below[0])
        and not row[0].endswith(("=", ":"))
        and not _states_fact(line)
    )


def _joined(levels: list[list[str]]) -> list[str]:
    """Join levels of headings: ``ECG`` above ``I`` is ``ECG I``; a level that is one word throughout says nothing."""
    lowest = levels[-1]
    index = lowest[0] if lowest[0] and not any(lowest[1:]) else ""
    upper = levels[:-1] if index else levels
    kept = [level for level in upper if len({cell for cell in level if cell}) > 1 or not all(level)] or upper[-1:]
    columns: list[list[str]] = [[] for _ in lowest]
    for depth, level in enumerate(kept):
        last = ""
        for position, column in enumerate(columns):
            cell = level[position] if position < len(level) else ""
            below = depth + 1 < len(kept) and position < len(kept[depth + 1]) and bool(kept[depth + 1][position])
            cell = cell or (last if below and position and last not in columns[0] else "")
            last = cell
            if cell and cell not in column[-1:]:
                column.append(cell)
    names = [" ".join(column) for column in columns]
    return [index, *names[1:]] if index else names


def _take_comment(head: Head) -> None:
    """Take the last comment for the headings where its cells fit: numpy.savetxt writes them so."""
    if not head.comments:
        return
    cells = cells_of(head.comments[-1], head.separator)
    words = all(kind_of(cell) == "text" for cell in cells)
    if len(cells) == head.n_columns and words and ":" not in head.comments[-1]:
        head.names = cells
