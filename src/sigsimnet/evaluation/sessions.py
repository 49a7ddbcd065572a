"""Sessions in order: dates as dates, numbers as numbers. Within a session the order of the table holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeAlias

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError

__all__ = ["SessionKey", "days_of", "recording_order", "session_keys"]

Part: TypeAlias = tuple[int, float, str]
SessionKey: TypeAlias = tuple[int, tuple[Part, ...]]
"""What a session is sorted by: its kind (0: none, 1: numbers and words, 2: a date), then its parts."""

_TIME = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d*)?))?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_NUMBER_OR_WORD = re.compile(r"\d+\.?\d*|\D+")
_OTHERWISE, _DATE = 1, 2

Reading: TypeAlias = Callable[[re.Match[str]], int]
"""The day of a date, by its number since the year 1; 0 when there is no such day."""


def session_keys(entries: Sequence[Entry]) -> list[SessionKey]:
    """Return what the sessions of a table's rows are sorted by.

    Dates are sorted as dates: written year first (``2005-05-24``), with dots and the day first (``24.05.2005``), or
    with slashes or hyphens and the year last (``24/05/2005``), whose other parts are the day and the month in whichever
    order fits all such sessions of the table. A year of two digits is of 1969 to 2068; a time of day may follow.
    Everything else is sorted with its numbers as numbers: ``day2`` comes before ``day10``. A row without a session
    comes first.

    Raises
    ------
    ManifestError
        If both orders of day and month fit and would sort the sessions of a person differently, if neither fits, or if
        a person has dates and other sessions.

    Examples
    --------
    >>> rows = [Entry(f"{k}.csv", "anna", session) for k, session in enumerate(["24.05.2005", "01.06.2005"])]
    >>> keys = session_keys(rows)
    >>> keys[0] < keys[1]
    True
    """
    sessions = [entry.session.strip() for entry in entries]
    matches = [_YEAR_LAST.fullmatch(session) for session in sessions]
    separators = sorted({match[2] for match in matches if match})
    reading = {sign: _reading_of(sign, entries, matches) for sign in separators}
    keys = []
    for session, match in zip(sessions, matches, strict=True):
        day = 0
        if match:
            day = reading[match[2]](match)
        elif match := _YEAR_FIRST.fullmatch(session):
            day = _day(match[1], match[3], match[4])
        keys.append(_date_key(day, match) if match and day else _plain_key(session))
    _refuse_mixtures(entries, keys)
    return keys


def recording_order(entries: Sequence[Entry]) -> list[int]:
    """Return the positions of rows from the earliest to the latest session, in the table's order within a session.

    Examples
    --------
    >>> recording_order([Entry("a.csv", session="10"), Entry("b.csv", session="2"), Entry("c.csv", session="2")])
    [1, 2, 0]
    """
    keys = session_keys(entries)
    return sorted(range(len(entries)), key=lambda k: (keys[k], k))


def days_of(keys: Iterable[SessionKey]) -> list[SessionKey]:
    """Return the day of each session: of a date with a time of day the date, of others the session itself.

    Examples
    --------
    >>> rows = [Entry("a.csv", session=f"2005-05-24 {hour}:00") for hour in ("09", "15")]
    >>> len(set(session_keys(rows))), len(set(days_of(session_keys(rows))))
    (2, 1)
    """
    return [(kind, parts[:1]) if kind == _DATE else (kind, parts) for kind, parts in keys]


def _day(year: str, month: str, day: str) -> int:
    number = int(year)
    if len(year) == 2:  # as POSIX reads %y: 69 to 99 are of the last century
        number += 1900 if number >= 69 else 2000
    try:
        return date(number, int(month), int(day)).toordinal()
    except ValueError:
        return 0


def _day_first(match: re.Match[str]) -> int:
    return _day(match[4], match[3], match[1])


def _month_first(match: re.Match[str]) -> int:
    return _day(match[4], match[1], match[3])


def _reading_of(sign: str, entries: Sequence[Entry], matches: Sequence[re.Match[str] | None]) -> Reading:
    """Return how dates with the year last and one sign between their parts are read, from all of the table.

    Raises
    ------
    ManifestError
        If nothing tells, and it makes a difference.
    """
    of_person: dict[str, list[re.Match[str]]] = {}
    for entry, match in zip(entries, matches, strict=True):
        if match and match[2] == sign:
            of_person.setdefault(entry.person or entry.path, []).append(match)
    every = [match for mine in of_person.values() for match in mine]
    fits = [reading for reading in (_day_first, _month_first) if all(reading(match) for match in every)]
    if not fits:
        unlike = next((m for m in every if not _day_first(m)), every[0])[0]
        raise ManifestError(
            f"sessions such as {every[0][0]!r} and {unlike!r} are not dates of one style: write them as 2005-05-24"
        )
    if len(fits) == 2 and sign != ".":
        for person, mine in of_person.items():
            days = {(_day_first(match), _month_first(match)) for match in mine}
            if sorted(days) != sorted(days, key=lambda day: day[1]):
                raise ManifestError(
                    f"sessions of {person!r} such as {mine[0][0]!r} can be read with the day or the month first, which "
                    "orders them differently: write them as 2005-05-24"
                )
    return fits[0]


def _date_key(day: int, match: re.Match[str]) -> SessionKey:
    hours, minutes, seconds = match.groups()[-3:]
    time = 3600.0 * float(hours or 0) + 60.0 * float(minutes or 0) + float(seconds or 0)
    return _DATE, ((0, float(day), ""), (0, time, ""))


def _plain_key(session: str) -> SessionKey:
    parts = _NUMBER_OR_WORD.findall(session)
    return int(bool(parts)) * _OTHERWISE, tuple(
        (0, float(part), "") if part[0].isdigit() else (1, 0.0, part) for part in parts
    )


def _refuse_mixtures(entries: Sequence[Entry], keys: Sequence[SessionKey]) -> None:
    """Refuse dates beside other sessions of the same person: nothing tells which came first.

    Raises
    ------
    ManifestError
        Naming the person and two sessions.
    """
    of_person: dict[str, dict[int, str]] = {}
    for entry, (kind, _) in zip(entries, keys, strict=True):
        mine = of_person.setdefault(entry.person or entry.path, {})
        mine.setdefault(kind, entry.session)
        if _DATE in mine and _OTHERWISE in mine:
            raise ManifestError(
                f"person {entry.person!r} has session {mine[_DATE]!r}, a date, and session {mine[_OTHERWISE]!r}, which "
                "is none: nothing tells which came first; write all of them as 2005-05-24, or number them"
            )
