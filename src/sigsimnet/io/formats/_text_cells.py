"""Cells of text: which are numbers, how they are separated, and which signs group their digits."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from sigsimnet.io.clock.stamps import is_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BLANKS",
    "MISSING",
    "cells_of",
    "find_decimal",
    "find_separator",
    "is_data",
    "is_grouped",
    "is_number",
    "kind_of",
    "open_decimal",
]

BLANKS = r"\s+"
"""The separator that is any number of blanks."""
MISSING = [
    "", "-", "--", "?", "*", "NA", "N/A", "NaN", "nan", "NAN", "null", "NULL", "None", "none", "missing", "<NA>",
]  # fmt: skip
"""Cells that stand for a missing sample."""
_NUMBER = re.compile(r"^[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?$|^[+-]?inf(inity)?$", re.IGNORECASE)
_POINT_ONLY = re.compile(r"^\s*[+-]?(?:\d+\.(?:\d{1,2}|\d{4,})|0\.\d+)\s*$")  # no group of three digits
_COMMA_GROUPS = re.compile(r"^\s*[+-]?[1-9]\d{0,2}(?:,\d{3})+\s*$")
_POINT_GROUPS = re.compile(r"^\s*[+-]?[1-9]\d{0,2}(?:\.\d{3})+\s*$")
_COMMA_NUMBER = re.compile(r"^[+-]?\d*,\d+([eE][+-]?\d+)?$")
_COMMA_NUMBERS = re.compile(r"^\s*[+-]?\d+,\d+([eE][+-]?\d+)?([ ]+[+-]?\d+,\d+([eE][+-]?\d+)?)+\s*$")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?P<by>[,.'’ \xa0\u202f])\d{3}((?P=by)\d{3})*((?P<point>[.,])\d+)?$")
_DATUM = re.compile(r"^[+-]?(\d[\d.,:/eE+\-TZ'’]*|[.,]\d+([eE][+-]?\d+)?|inf)$", re.IGNORECASE)
_PLAIN = frozenset("0123456789.+-eE")  # digits of numbers that leave nothing open
_BETWEEN = re.compile(r"[\s;,|\[\]]+")


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number, with decimal point or comma, its digits in groups or not.

    Examples
    --------
    >>> [is_number(cell) for cell in ("-0,5", "1e-3", "29,828.3", "12:00", "ECG")]
    [True, True, True, False, False]
    """
    return bool(_NUMBER.match(cell) or _GROUPED.match(cell))


def is_grouped(cell: str, sign: str) -> bool:
    """Tell whether a cell is a number whose digits are grouped by a sign.

    Examples
    --------
    >>> is_grouped("1.024,5", "."), is_grouped("0.512", "."), is_grouped("1.5", ".")
    (True, False, False)
    """
    found = _GROUPED.match(cell.strip())
    return found is not None and found["by"] == sign and cell.strip().lstrip("+-")[:1] != "0"


def kind_of(cell: str) -> str:
    """Return what a cell is: ``missing``, ``number``, ``stamp`` or ``text``.

    Examples
    --------
    >>> [kind_of(cell) for cell in ("NA", "0.5", "12:00:01", "ECG")]
    ['missing', 'number', 'stamp', 'text']
    """
    if cell in MISSING:
        return "missing"
    if is_number(cell):
        return "number"
    return "stamp" if is_stamp(cell) else "text"


def is_data(line: str) -> bool:
    """Tell whether a line is a row of samples: it begins with a number or a date, and most of it is such.

    Examples
    --------
    >>> [is_data(line) for line in ("0.004;0,7", "13:29:50.000 -> 374", "Sample Rate,512.067 hertz", "2 channels")]
    [True, True, False, False]
    """
    words = [word.strip("\"'()") for word in _BETWEEN.split(line)]
    words = [word for word in words if word]
    data = [bool(_DATUM.match(word)) or word in MISSING for word in words]
    return bool(data) and data[0] and (sum(data) > 0.5 * len(data) or (sum(data) > 1 and sum(data) >= 0.5 * len(data)))


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of a line without blanks and quotes around them.

    Examples
    --------
    >>> cells_of('0.0, "29,828.3"', ",")
    ['0.0', '29,828.3']
    """
    if separator == BLANKS:
        cells = line.split()
    else:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=separator != "\t"), [])
    return [cell.strip().strip("'\"").strip() for cell in cells]


def find_separator(lines: Sequence[str], *, one_column: bool = False, heading: str = "") -> str:
    r"""Return what separates the cells of rows of samples.

    Parameters
    ----------
    lines : sequence of str
        Rows of samples.
    one_column : bool
        Whether they are known to hold one column.
    heading : str
        Line above them.

    Examples
    --------
    >>> find_separator(["0;0,5", "1;0,7"]), find_separator(["0,012", "-0,034"]), find_separator(["1 2", "3 4"])
    (';', ';', '\\s+')
    """
    commas = sum(bool(_COMMA_NUMBERS.match(line)) for line in lines)
    if commas and commas >= len(lines) - 1:
        return BLANKS  # decimal commas between blanks; the first line may be a header
    for candidate in ("\t", ";", "|", ","):
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=candidate, skipinitialspace=True))
        columns, hits = counts.most_common(1)[0]
        if columns > 1 and (hits >= 0.8 * len(lines) or _is_ragged(counts, len(lines))):
            two = columns == 2 and candidate == ","
            if two and (one_column or _is_decimal_comma(lines, len(cells_of(heading, ",")) if heading else 0)):
                return ";"  # one column with decimal commas
            return candidate
    counts = Counter(len(line.split()) for line in lines)
    return BLANKS if counts.most_common(1)[0][0] > 1 and not all('"' in line for line in lines) else ","


def _is_ragged(counts: Counter[int], n_lines: int) -> bool:
    """Tell whether all rows have more than one cell, in two lengths: one signal on every few rows."""
    return len(counts) == 2 and 1 not in counts and n_lines > 10


def _is_decimal_comma(lines: Sequence[str], n_headings: int) -> bool:
    """Tell ``0,012`` (a number) from ``0,12`` (two): no column of whole numbers writes leading zeros or ``-0``.

    Under one heading stands one column, unless the first counts the rows; under two stand two.
    """
    if n_headings == 2:
        return False
    pairs = [line.strip().split(",") for line in lines if _COMMA_NUMBER.match(line.strip())]
    if len(pairs) < max(2, len(lines) - 1):
        return False
    if n_headings == 1:
        first = [int(a or 0) for a, _ in pairs if a not in {"-", "+"}]
        return any(b <= a for a, b in pairwise(first))
    leading = sum(len(b) > 1 and b.startswith("0") for _, b in pairs)
    return leading > 0 or any(a in {"-0", "+0"} for a, _ in pairs)


def find_decimal(rows: Sequence[Sequence[str]], separator: str) -> tuple[str, str]:
    """Return the decimal sign, and the sign between groups of three digits (empty when there is none).

    Examples
    --------
    >>> find_decimal([["0.0", "29,828.3"]], ","), find_decimal([["1.234,5"]], ";"), find_decimal([["0,5"]], ";")
    (('.', ','), (',', '.'), (',', ''))
    >>> find_decimal([["0.004", "20,024"]], ";"), find_decimal([["1.000", "20,024"]], ";")
    (('.', ','), (',', ''))
    >>> find_decimal([["0,004", "30.000"]], ";")
    (',', '.')
    """
    cells = [cell for row in rows for cell in row if not _PLAIN.issuperset(cell)]
    if not cells:
        return ".", ""
    grouped = [found for cell in cells if (found := _GROUPED.match(cell))]
    plain = [found for found in grouped if found["point"] and found["point"] != found["by"]]
    if plain:
        return plain[0]["point"] or ".", plain[0]["by"]
    by = Counter(found["by"] for found in grouped if found["by"] in {"'", "’", " ", "\xa0", "\u202f"})
    if by:
        comma = any(_COMMA_NUMBER.match(cell) for cell in cells)
        return "," if comma else ".", by.most_common(1)[0][0]
    commas = [cell for cell in cells if _COMMA_NUMBER.match(cell)]
    points = any(_POINT_ONLY.match(cell) for row in rows for cell in row)
    if commas and points and all(_COMMA_GROUPS.match(cell) for cell in commas):
        return ".", ","  # one file has one decimal sign
    if commas and separator == ",":  # quoted cells of whole numbers: 1,234 is a thousand, 0,512 is not
        groups = [found for found in grouped if found["by"] == ","]
        odd = len(commas) > len([f for f in groups if f[0].count(",") == 1]) or any(
            c.lstrip("+-0")[:1] == "," for c in commas
        )
        return (",", "") if odd else (".", ",")
    if any(found[0].count(",") > 1 for found in grouped):
        return ".", ","
    dotted = [cell for row in rows for cell in row if "." in cell and is_number(cell)]
    if dotted and all(map(_POINT_GROUPS.match, dotted)) and not all(map(_COMMA_GROUPS.match, commas or ["1,000"])):
        return ",", "."  # the comma is a decimal sign for sure, and one file has one
    return ("," if commas else "."), ""


def open_decimal(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Tell whether commas that were taken for decimal signs may as well group thousands.

    Examples
    --------
    >>> open_decimal([["0", "20,024"], ["4", "20,025"]], ";"), open_decimal([["0", "20,024"], ["4", "0,512"]], ";")
    (True, False)
    """
    if find_decimal(rows, separator) != (",", ""):
        return False
    commas = [cell for row in rows for cell in row if _COMMA_NUMBER.match(cell)]
    return all(map(_COMMA_GROUPS.match, commas))
