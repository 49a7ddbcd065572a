"""One moment written as people and programs write it: ISO, day or month first, Unix time, days of Excel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sigsimnet.io.clock._forms import plain_form

__all__ = ["EXCEL", "Moment", "parse_moment", "zone_of"]

EXCEL = datetime(1899, 12, 30)  # noqa: DTZ001 - days of Excel know no zone
_SERIAL = re.compile(r"^\s*\d{5}[.,]\d+$|^\s*\d[.,]\d+e\+?0*4\s*$", re.IGNORECASE)
_TEXT = re.compile(
    r"^\s*(?:\w{2,9}\.?,?\s+)?(?P<a>\d{1,4})(?P<by>[-/.])(?P<b>\d{1,2})(?P=by)(?P<c>\d{1,4})"
    r"(?:[ T,;\t]+(?P<h>\d{1,2})[:.](?P<m>\d{1,2})(?:[:.](?P<s>\d{1,2}(?:[.,]\d+)?))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|[-+]\d{2}:?\d{2})?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Moment:
    """A moment, None when it is not plain, and what to say about it."""

    time: datetime | None
    warnings: tuple[str, ...] = ()


def parse_moment(text: str, *, day_first: bool | None = None) -> Moment:
    r"""Read one moment; one whose day and month could be exchanged is left unknown, with a warning.

    Parameters
    ----------
    text : str
    day_first : bool, optional
        Whether the day stands before the month, where the user knows.

    Examples
    --------
    >>> parse_moment("2020-01-13 20:48:14 +0100").time.isoformat()
    '2020-01-13T20:48:14+01:00'
    >>> parse_moment("4.3780000505e+04\t11/11/2019 12:00:43.6").time.isoformat()
    '2019-11-11T00:00:43.600000'
    >>> parse_moment("03/04/2021 10:00:00").time is None
    True
    """
    serial, _, written = text.strip().partition("\t")
    if _SERIAL.match(serial):
        return _by_serial(float(serial.replace(",", ".")), written)
    if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{13}", text.strip()):
        number = float(text)
        return Moment(datetime.fromtimestamp(number / (1000 if number > 1e11 else 1), tz=UTC))
    text = plain_form(text) or text
    candidates = _candidates(text)
    if day_first is not None and len(candidates) > 1:
        candidates = candidates[:1] if day_first else candidates[1:]
    if len({time.isoformat() for time in candidates}) > 1:
        said = f"{text.strip()!r} may be day first or month first: the start time of the recording is unknown"
        return Moment(None, (f"{said}; pass day_first=",))
    return Moment(candidates[0] if candidates else _iso(text))


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _candidates(text: str) -> list[datetime]:
    """Return what a text can mean: one moment where the order is plain (year first, or dots), else two."""
    if (found := _TEXT.match(text)) is None:
        return []
    a, b, c = found["a"], found["b"], found["c"]
    if len(a) == 4 or int(a) > 31:
        orders = [(a, b, c)]
    elif found["by"] == ".":
        orders = [(c, b, a)]
    else:
        orders = [(c, b, a), (c, a, b)]
    seconds = float((found["s"] or "0").replace(",", "."))
    hour = int(found["h"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower().startswith("p") else 0)
    zone = zone_of(found["zone"])
    times = []
    for year, month, day in orders:
        full = int(year) + (2000 if len(year) <= 2 else 0)
        try:
            day_of = datetime(full, int(month), int(day), hour, int(found["m"] or 0), tzinfo=zone)
        except ValueError:
            continue
        times.append(day_of + timedelta(seconds=seconds))
    return times


def zone_of(text: str | None) -> timezone | None:
    """Return the zone that ``Z``, ``UTC`` or ``+02:00`` names; None where nothing is written.

    Examples
    --------
    >>> zone_of("+0230"), zone_of("")
    (datetime.timezone(datetime.timedelta(seconds=9000)), None)
    """
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return timezone(-shift if text[0] == "-" else shift)


def _by_serial(serial: float, written: str) -> Moment:
    """Take the written time, whose seconds are finer, in the reading that is nearest to the day of Excel."""
    rough = EXCEL + timedelta(days=serial)
    readings = [
        time + timedelta(hours=hours) for time in _candidates(written) for hours in (0, 12, -12) if time.tzinfo is None
    ]
    near = [time for time in readings if abs(time - rough) < timedelta(hours=1)]
    if not near:
        rounded = rough + timedelta(microseconds=500)
        return Moment(rounded.replace(microsecond=rounded.microsecond // 1000 * 1000))
    best = min(near, key=lambda time: abs(time - rough))
    if readings and best not in _candidates(written):
        plain = written.strip()
        return Moment(best, (f"the start is written {plain!r}; by the day of Excel beside it that is {best:%H:%M:%S}",))
    return Moment(best)
