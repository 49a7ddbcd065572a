"""The rows of a table of text, by pandas' fast reader."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io.clock._forms import is_compact
from sigsimnet.io.formats._text_cells import BLANKS, MISSING, cells_of, is_grouped, is_number, open_decimal

if TYPE_CHECKING:
    import pandas as pd

    from sigsimnet.io.formats._text_head import Head

__all__ = ["NOTES", "read_body"]

NOTES = "notes"
"""Name of the column of what somebody wrote beside the samples."""


def read_body(text: str, head: Head, names: list[str] | None, source: str) -> tuple[pd.DataFrame, list[str]]:
    r"""Return the table and notes on lines that were left out.

    Parameters
    ----------
    text : str
        Of the whole file.
    head : Head
        Where the table begins, and how it is written.
    names : list of str or None
        Of the columns.
    source : str
        For messages.

    Raises
    ------
    ReadError
        If it holds no samples.

    Examples
    --------
    >>> from sigsimnet.io.formats._text_head import read_head
    >>> text = "time,I\n0,1\n0.1,2\n"
    >>> read_body(text, read_head(text, "a.csv"), ["time", "I"], "a.csv")[0].shape
    (2, 2)
    """
    notes: list[str] = []
    begin = _position(text, head.n_skip)
    heading = head.headings[0].strip("\n") if head.headings else ""
    if len(heading) > 3 and (again := text.count(f"\n{heading}\n", begin)):
        # Files put behind one another: their headings are no samples.
        for line in dict.fromkeys(head.headings):
            text = text[:begin] + text[begin:].replace(f"\n{line}\n", "\n")
        places = "places" if again > 1 else "place"
        notes.append(f"the headings are repeated at {again:,} {places}, as in files put together; left out there")
    frame = _rows(text, begin, head, head.thousands, source)
    if not head.thousands and (sign := _late_groups(frame, head)):
        frame = _rows(text, begin, head, sign, source)
    elif open_decimal(head.sniffed, head.separator):
        notes.append(
            "all numbers with a comma have three digits behind it, which was taken for the decimal sign; write them "
            "without commas if they are thousands"
        )
    if frame.empty:
        raise ReadError(f"{source}: holds no samples, only a header")
    if frame.iloc[:, -1].isna().all() and head.n_columns > 1 and not (names and names[-1:] != [""]):
        frame = frame.iloc[:, :-1]  # a separator at the end of each line
    if head.note_column:
        names = [*(names or [""] * head.n_columns)[: head.n_columns], NOTES]
    found = [*(names or []), *[""] * len(frame.columns)][: len(frame.columns)]
    frame.columns = [name or f"ch{i + 1}" for i, name in enumerate(found)]
    if names and not names[0] and len(frame.columns) > 1 and any(names):
        frame.columns = ["index", *frame.columns[1:]]
    if skipped := max(0, _count_rows(text, begin, len(frame)) - len(frame)):
        plural = "lines have" if skipped > 1 else "line has"
        notes.insert(0, f"{skipped:,} {plural} too many columns and were left out")
    return frame, notes


def _rows(text: str, begin: int, head: Head, thousands: str, source: str) -> pd.DataFrame:
    """Return the rows from a position on, whose digits may be grouped by a sign."""
    import pandas as pd

    if thousands and not thousands.isascii():
        text, thousands = text[:begin] + text[begin:].replace(thousands, ""), ""
    bare = " " if head.separator == BLANKS else head.separator
    first = text[begin : begin + 2000]
    # A date and time of day without signs between has more digits than a float holds.
    row = cells_of(first.split("\n", 1)[0], head.separator)
    moments: dict[Any, Any] = {number: str for number, cell in enumerate(row) if is_compact(cell)}
    stream = io.StringIO(text)
    stream.seek(begin)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)  # longer rows: counted below
            return pd.read_csv(
                stream,
                sep=head.separator,
                header=None,
                names=list(range(head.n_columns + head.note_column)),
                index_col=False,
                dtype=moments or None,
                decimal=head.decimal,
                thousands=thousands or None,
                comment=None if head.note_column else "#",
                na_values=MISSING,
                keep_default_na=True,
                skipinitialspace=bare != "\t",
                quotechar="'" if "'" in first and '"' not in first and thousands != "'" else '"',
                on_bad_lines="skip",
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        raise ReadError(f"{source}: cannot be read as a table ({reason_of(error)})") from error


def _late_groups(frame: pd.DataFrame, head: Head) -> str:
    """Return the sign that groups digits only below the rows that were looked at (996, 1.000); empty without one."""
    for number, first in enumerate(head.sniffed[0][: len(frame.columns)] if head.sniffed else ()):
        column = frame.iloc[:, number]
        if column.dtype.kind in "biufMm" or not is_number(first):
            continue
        cells = column.dropna().astype(str)
        for sign in (".", ",", "'", "’", " ", "\xa0", "\u202f"):
            grouped = cells[cells.str.contains(sign, regex=False)]
            if sign != head.decimal and len(grouped) and grouped.map(lambda cell, by=sign: is_grouped(cell, by)).all():
                return sign
    return ""


def _count_rows(text: str, begin: int, n_read: int) -> int:
    """Return the lines of a table that are neither empty nor comments; quickly, where they were all read."""
    if text.count("\n", begin) + (not text.endswith("\n")) == n_read:
        return n_read
    return sum(1 for line in text[begin:].split("\n") if (stripped := line.strip()) and not stripped.startswith("#"))


def _position(text: str, n_lines: int) -> int:
    position = 0
    for _ in range(n_lines):
        position = text.index("\n", position) + 1
    return position
