"""Columns of dates to seconds: the order of day and month is that of the whole column, never of a row."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.io.clock._forms import plain_forms
from sigsimnet.io.clock._moments import zone_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Dates", "read_dates", "read_datetimes"]

_SLASHED = re.compile(r"^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[ T,])")
_DAYS_APART = 20  # the wrong order turns one day into a month


@dataclass(frozen=True)
class Dates:
    """A column of moments.

    Attributes
    ----------
    moments : Series of datetime64
    quantum : float
        The smallest difference that they can show, in s.
    notes : tuple of str
        What to say about them.
    zone : tzinfo or None
        As the first is written; None where it says none.
    open_order : bool
        Whether day and month could be exchanged.
    """

    moments: pd.Series[Any]
    quantum: float
    notes: tuple[str, ...] = ()
    zone: tzinfo | None = None
    open_order: bool = False


def read_dates(cells: pd.Series[str], *, day_first: bool | None = None) -> Dates | None:
    """Return the moments that cells of text are; None if they are no dates.

    Parameters
    ----------
    cells : Series of str
    day_first : bool, optional
        Whether the day stands before the month, where the user knows.

    Examples
    --------
    >>> import pandas as pd
    >>> dates = read_dates(pd.Series(["04/03/2021 23:59:59", "05/03/2021 00:00:00"]))
    >>> dates.moments[0].isoformat(), dates.quantum, dates.notes
    ('2021-03-04T23:59:59', 1.0, ())
    """
    import pandas as pd

    cells = plain_forms(cells)
    sample = str(cells.iloc[0])
    zoned = bool(re.search(r"(Z|[+-]\d{2}:?\d{2})\s*$", sample)) and ":" in sample
    notes: tuple[str, ...] = ()
    order, open_order = True, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns about guessing; the share of failures below is what counts
        if _SLASHED.match(sample):
            order, notes, open_order = _order_of(cells, sample) if day_first is None else (day_first, (), False)
            best = _in_order(cells, day_first=order, zoned=zoned)
        else:
            best = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=zoned)
            if float(best.isna().mean()) > 0.05:
                best = pd.to_datetime(cells, errors="coerce", format="mixed", utc=zoned)
    if float(best.isna().mean()) > 0.5:
        return None
    digits = [len(found[1]) for cell in cells.head(50) if (found := re.search(r":\d{2}[.,](\d+)", str(cell)))]
    quantum = 10.0 ** -min(max(digits), 6) if digits else 1.0
    written = re.search(r"(Z|[+-]\d{2}:?\d{2})\s*$", sample) if zoned else None
    return Dates(best, quantum, notes, zone_of(written[1] if written else None), open_order)


def _order_of(cells: pd.Series[str], sample: str) -> tuple[bool, tuple[str, ...], bool]:
    import pandas as pd

    days = cells.str.extract(r"^\s*([^ T,]+)", expand=False)
    half = re.search(r"\d\s*[ap]\.?m\.?\s*$", sample, re.IGNORECASE) is not None
    return _order(pd.Series(days.dropna().unique()), half=half)


def _in_order(cells: pd.Series[str], *, day_first: bool, zoned: bool) -> pd.Series[Any]:
    import pandas as pd

    sample = str(cells.iloc[0])
    found = _SLASHED.match(sample)
    year = "%Y" if found and len(found[4]) == 4 else "%y"
    by = found[2] if found else "/"
    date = f"%d{by}%m{by}{year}" if day_first else f"%m{by}%d{by}{year}"
    rest = sample[found.end() :] if found else ""
    half = re.search(r"\s*[AaPp]\.?[Mm]\.?\s*$", rest)
    point = re.search(r":\d{2}([.,])\d+", rest)
    colons = rest.count(":") - (1 if zoned and re.search(r"[+-]\d{2}:\d{2}\s*$", rest) else 0)
    clock = {0: "", 1: ":%M", 2: ":%M:%S"}.get(colons, "")
    if colons:
        before = re.match(r"[ T,]+", rest)
        clock = f"{before[0] if before else ' '}{'%I' if half else '%H'}{clock}{point[1] + '%f' if point else ''}"
        clock += (" %p" if half and half[0].startswith(" ") else "%p") if half else ""
    best = pd.to_datetime(cells, errors="coerce", format=date + clock + ("%z" if zoned else ""), utc=zoned)
    if float(best.isna().mean()) > 0.05:
        best = pd.to_datetime(cells, errors="coerce", dayfirst=day_first, format="mixed", utc=zoned)
    return best


def _order(days: pd.Series[str], *, half: bool) -> tuple[bool, tuple[str, ...], bool]:
    """Tell whether the day comes first: by numbers above 12, by what follows at midnight, by dots.

    Returns
    -------
    tuple
        Whether the day comes first, what to say, and whether it remains open.
    """
    parts = days.str.extract(_SLASHED.pattern)
    first, second = parts[0].astype(float).to_numpy(), parts[2].astype(float).to_numpy()
    if np.nanmax(first) > 12:
        return True, (), False
    if np.nanmax(second) > 12:
        return False, (), False
    gaps = {day_first: _gap(days, day_first=day_first) for day_first in (True, False)}
    if len(days) > 1 and min(gaps.values()) < _DAYS_APART <= max(gaps.values()):
        return gaps[True] < gaps[False], (), False
    if str(parts[1].iloc[0]) == "." or np.array_equal(first, second):
        return True, (), False
    if half:
        said = f"dates such as {str(days.iloc[0])!r} were taken for month first, as is usual with AM and PM"
        return False, (f"{said}; pass day_first= if that is wrong",), False
    said = f"dates such as {str(days.iloc[0])!r} may be day first or month first"
    return False, (f"{said}: the start time of the recording is unknown; pass day_first=",), True


def _gap(days: pd.Series[str], *, day_first: bool) -> float:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moments = pd.to_datetime(days, errors="coerce", dayfirst=day_first, format="mixed")
    steps = moments.diff().dropna().dt.total_seconds().abs() / 86400
    return float(steps.max()) if len(steps) else 0.0


def read_datetimes(column: pd.Series[Any], zone: tzinfo | None = None) -> tuple[NDArray[np.float64], datetime] | None:
    """Return seconds since the first moment, and that, in a zone where moments have one; None where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> read_datetimes(pd.Series(pd.to_datetime(["2021-03-04 10:00:00", "2021-03-04 10:00:01"])))
    (array([0., 1.]), datetime.datetime(2021, 3, 4, 10, 0))
    """
    import pandas as pd

    zoned = getattr(column.dt, "tz", None) is not None
    plain = column.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else column
    known = plain.notna().to_numpy()
    if not known.any():
        return None
    counts = plain.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    first = int(counts[np.argmax(known)])
    seconds = (counts - first).astype(np.float64) / 1e9
    seconds[~known] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nanoseconds that datetime cannot hold
        start = pd.Timestamp(first).to_pydatetime()
    if not zoned:
        return seconds, start
    there = start.replace(tzinfo=UTC).astimezone(zone or column.dt.tz)
    # The offset of the start, not the rules of a place: seconds are counted from it across the change of clocks.
    return seconds, there.replace(tzinfo=timezone(there.utcoffset() or timedelta(0)))
