"""Moments in the forms that people and programs write, brought to one: year, month, day, and the time of 24 hours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_compact", "is_written", "plain_form", "plain_forms"]

# The first letters of the months in English, German, French, Spanish, Italian, Dutch and Portuguese.
_MONTHS = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fév": 2, "fev": 2, "mar": 3, "mär": 3, "maer": 3, "mrt": 3, "maa": 3,
    "apr": 4, "avr": 4, "abr": 4, "may": 5, "mai": 5, "mei": 5, "mag": 5, "jun": 6, "juin": 6, "giu": 6, "jul": 7,
    "juil": 7, "lug": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10,
    "out": 10, "nov": 11, "dec": 12, "dez": 12, "déc": 12, "dic": 12,
}  # fmt: skip
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s+)?"
_MONTH = r"(?P<month>[^\W\d_]{3,10})"
_CLOCK = r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?P<fraction>(?:[.,]|:(?=\d{3}))\d+)?"
_END = r"\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<zone>Z|UTC|GMT|[-+]\d{2}:?\d{2})?"
_DAY_FIRST = re.compile(
    rf"^\s*{_WEEKDAY}(?P<day>\d{{1,2}})\.?[\s-]+(?:de\s+)?{_MONTH}\.?,?[\s-]+(?:de\s+)?(?P<year>\d{{4}})"
    rf"(?:[\sT,]+{_CLOCK}{_END})?\s*$",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"^\s*{_WEEKDAY}{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"(?:,?\s+(?P<year>\d{{4}})(?:[\s,]+{_CLOCK}{_END})?|\s+{_CLOCK.replace('P<', 'P<b_')}\s+(?P<b_year>\d{{4}}))\s*$",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"^\s*(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])[\sT_-]?"
    r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)(?P<s>[0-5]\d)[.,]?(?P<fraction>\d*)\s*(?P<zone>Z|[-+]\d{2}:?\d{2})?\s*$"
)
_MILLI = re.compile(r"^(?P<whole>\s*\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}:\d{2}):(?P<fraction>\d{3,6})\s*$")
_ANY = (_COMPACT, _MILLI, _DAY_FIRST, _MONTH_FIRST)


def is_compact(text: str) -> bool:
    """Tell whether a text is a date and a time of day without signs between.

    Examples
    --------
    >>> is_compact("20210304235955004"), is_compact("20210304T235955.004Z"), is_compact("20211304235955")
    (True, True, False)
    """
    return _COMPACT.match(text) is not None


def is_written(text: str) -> bool:
    """Tell whether a text is a moment in a form that `plain_form` knows.

    Examples
    --------
    >>> is_written("3. März 2021 10:00:00"), is_written("Apr 03, 2021"), is_written("10 mm 2021")
    (True, True, False)
    """
    return plain_form(text) is not None


def plain_form(text: str) -> str | None:
    """Return a moment as year, month, day and time; None where the text is in none of the forms known here.

    Examples
    --------
    >>> plain_form("3. März 2021 10:00:00,5"), plain_form("Apr 03, 2021 1:00:00 PM"), plain_form("20210304 235955.004")
    ('2021-03-03 10:00:00.5', '2021-04-03 13:00:00', '2021-03-04 23:59:55.004')
    """
    if found := _COMPACT.match(text):
        fraction = f".{found['fraction']}" if found["fraction"] else ""
        date, zone = f"{found['year']}-{found['month']}-{found['day']}", found["zone"] or ""
        return f"{date} {found['h']}:{found['m']}:{found['s']}{fraction}{zone}"
    if found := _MILLI.match(text):
        return f"{found['whole'].strip()}.{found['fraction']}"
    found = _DAY_FIRST.match(text) or _MONTH_FIRST.match(text)
    if found is None or (month := _month(found["month"])) is None:
        return None
    said = found.groupdict()
    year, clock = said["year"] or said.get("b_year"), said["clock"] or said.get("b_clock")
    date = f"{year}-{month:02d}-{int(found['day']):02d}"
    if clock is None:
        return date
    hour, _, rest = clock.partition(":")
    if half := said["half"]:
        hour = str(int(hour) % 12 + (12 if half.lower().startswith("p") else 0))
    fraction = said["fraction"] or said.get("b_fraction") or ""
    zone = {"UTC": "Z", "GMT": "Z"}.get((said["zone"] or "").upper(), said["zone"] or "")
    return f"{date} {int(hour):02d}:{rest}{'.' + fraction[1:] if fraction else ''}{zone}"


def plain_forms(cells: pd.Series[str]) -> pd.Series[str]:
    """Return a column of moments with those brought to one form that `plain_form` knows, the others as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_forms(pd.Series(["20210304 235955", "2021-03-05"])).tolist()
    ['2021-03-04 23:59:55', '2021-03-05']
    """
    known = cells.dropna()
    if not any(is_written(cell) for cell in known.head(20)):
        return cells
    return cells.map(lambda cell: plain_form(cell) or cell, na_action="ignore")


def _month(word: str) -> int | None:
    folded = word.casefold()
    return next((_MONTHS[folded[:n]] for n in (4, 3) if folded[:n] in _MONTHS), None)
