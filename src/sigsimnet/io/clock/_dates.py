"""Columns of dates to seconds: the order of day and month is that of the whole column, never of a row."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["read_dates", "read_datetimes"]

_SLASHED = re.compile(r"^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[ T,])")
_DAYS_APART = 20  # the wrong order turns one day into a month


def read_dates(cells: pd.Series[str]) -> tuple[pd.Series[Any], float, tuple[str, ...]] | None:
    """Return moments, the smallest difference they can show (s), and what to say; None if cells are no dates.

    Parameters
    ----------
    cells : Series of str

    Examples
    --------
    >>> import pandas as pd
    >>> moments, quantum, notes = read_dates(pd.Series(["04/03/2021 23:59:59", "05/03/2021 00:00:00"]))
    >>> moments[0].isoformat(), quantum, notes
    ('2021-03-04T23:59:59', 1.0, ())
    """
    import pandas as pd

    sample = str(cells.iloc[0])
    zoned = bool(re.search(r"(Z|[+-]\d{2}:?\d{2})\s*$", sample)) and ":" in sample
    notes: tuple[str, ...] = ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns about guessing; the share of failures below is what counts
        if _SLASHED.match(sample):
            best, notes = _by_order(cells, zoned=zoned)
        else:
            best = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=zoned)
            if float(best.isna().mean()) > 0.05:
                best = pd.to_datetime(cells, errors="coerce", format="mixed", utc=zoned)
    if float(best.isna().mean()) > 0.5:
        return None
    digits = [len(found[1]) for cell in cells.head(50) if (found := re.search(r":\d{2}[.,](\d+)", str(cell)))]
    return best, 10.0 ** -min(max(digits), 6) if digits else 1.0, notes


def _by_order(cells: pd.Series[str], *, zoned: bool) -> tuple[pd.Series[Any], tuple[str, ...]]:
    import pandas as pd

    days = cells.str.extract(r"^\s*([^ T,]+)", expand=False)
    different = pd.Series(days.dropna().unique())
    sample = str(cells.iloc[0])
    day_first, notes = _order(different, half=re.search(r"\d\s*[ap]\.?m\.?\s*$", sample, re.IGNORECASE) is not None)
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
    return best, notes


def _order(days: pd.Series[str], *, half: bool) -> tuple[bool, tuple[str, ...]]:
    """Tell whether the day comes first: by numbers above 12, by what follows at midnight, by dots; else say so."""
    parts = days.str.extract(_SLASHED.pattern)
    first, second = parts[0].astype(float).to_numpy(), parts[2].astype(float).to_numpy()
    if np.nanmax(first) > 12:
        return True, ()
    if np.nanmax(second) > 12:
        return False, ()
    gaps = {day_first: _gap(days, day_first=day_first) for day_first in (True, False)}
    if len(days) > 1 and min(gaps.values()) < _DAYS_APART <= max(gaps.values()):
        return gaps[True] < gaps[False], ()
    if str(parts[1].iloc[0]) == "." or np.array_equal(first, second):
        return True, ()
    if half:
        return False, (f"dates such as {str(days.iloc[0])!r} were taken for month first, as is usual with AM and PM",)
    return False, (
        f"dates such as {str(days.iloc[0])!r} may be day first or month first: "
        "the start time of the recording is unknown",
    )


def _gap(days: pd.Series[str], *, day_first: bool) -> float:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moments = pd.to_datetime(days, errors="coerce", dayfirst=day_first, format="mixed")
    steps = moments.diff().dropna().dt.total_seconds().abs() / 86400
    return float(steps.max()) if len(steps) else 0.0


def read_datetimes(column: pd.Series[Any]) -> tuple[NDArray[np.float64], datetime] | None:
    """Return seconds since the first moment, and that; None where there is none.

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
    return seconds, start.replace(tzinfo=UTC) if zoned else start
