"""Columns of a table to time stamps in seconds."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Stamps", "find_stamps", "is_stamp"]

_TIME_NAMES = {
    "time", "times", "t", "timestamp", "timestamps", "time stamp", "tstamp", "ts", "datetime", "date time", "date",
    "elapsed time", "elapsed", "seconds", "sec", "secs", "zeit", "zeitstempel", "uhrzeit", "temps", "tiempo", "tempo",
    "unix", "unixtime", "unix time", "epoch", "local time", "localtime", "utc", "milliseconds", "msec", "time of day",
}  # fmt: skip
_DATE_NAMES = {"date", "datum", "day", "fecha", "data"}
_CLOCK_NAMES = {"time", "clock", "zeit", "uhrzeit", "hora", "heure", "time of day"}
_INDEX_NAMES = {"", "index", "sample", "samples", "sample number", "n", "nr", "no", "unnamed: 0", "sample index"}
_SECONDS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3,
    "milliseconds": 1e-3, "us": 1e-6, "µs": 1e-6, "microsecond": 1e-6, "microseconds": 1e-6, "ns": 1e-9,
    "nanoseconds": 1e-9, "min": 60.0, "minutes": 60.0, "h": 3600.0, "hours": 3600.0,
}  # fmt: skip
_CLOCK = re.compile(r"^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d+))?\s*$")
_DATE = re.compile(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]+\d{1,2}:\d{2}|\s*$)")


@dataclass(frozen=True)
class Stamps:
    """Time stamps of a table.

    Attributes
    ----------
    seconds : ndarray or None
        Relative to the first; None if the columns only count samples.
    quantum : float
        Smallest difference they can show, in s; 0 if unknown.
    start_time : datetime or None
        Of the first sample.
    columns : tuple of str
        Columns used up.
    warnings : tuple of str
        What had to be guessed.
    """

    seconds: NDArray[np.float64] | None
    quantum: float
    start_time: datetime | None
    columns: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def is_stamp(cell: str) -> bool:
    """Tell whether a cell of text is a date or a time of day.

    Examples
    --------
    >>> is_stamp("25:05.9"), is_stamp("2021-04-07 16:20:12.136"), is_stamp("0.25"), is_stamp("ecg1")
    (True, True, False, False)
    """
    return bool(_CLOCK.match(cell) or _DATE.match(cell))


def find_stamps(
    frame: pd.DataFrame, time_column: str | int | None, source: str, *, header: bool = True
) -> Stamps | None:
    """Find the columns that state the time, and read them.

    Parameters
    ----------
    frame : DataFrame
        Its columns have names of type str.
    time_column : str or int, optional
        What the user says it is.
    source : str
        For messages.
    header : bool
        Whether the names come from the file; without, a first column that climbs evenly is taken for the time.

    Raises
    ------
    ReadError
        If the column that the user named is not there or cannot be read as time.

    Examples
    --------
    >>> import pandas as pd
    >>> stamps = find_stamps(pd.DataFrame({"time (ms)": [0, 4, 8], "ecg": [0.0, 1.0, 0.0]}), None, "a.csv")
    >>> stamps.seconds.tolist(), stamps.columns
    ([0.0, 0.004, 0.008], ('time (ms)',))
    """
    names = [str(name) for name in frame.columns]
    if time_column is not None:
        name = _named(names, time_column, source)
        stamps = _read_column(frame[name], name)
        if stamps is None or stamps.seconds is None:
            raise ReadError(f"{source}: column {name!r} cannot be read as time")
        return stamps
    plain = {name: split_heading(name)[0].strip().casefold().replace("_", " ") for name in names}
    if (pair := _date_and_clock(frame, plain)) is not None:
        return pair
    for name in names:
        if (plain[name] in _TIME_NAMES or _without_unit(plain[name]) in _TIME_NAMES) and (
            stamps := _read_column(frame[name], name)
        ) is not None:
            return stamps
    for name in names:
        if _is_text(frame[name]) and _share_of_stamps(frame[name]) > 0.9:
            return _read_column(frame[name], name)
    if len(names) > 1 and (not header or plain[names[0]] in _INDEX_NAMES):
        return _first_column(frame[names[0]], names[0])
    return None


def _without_unit(word: str) -> str:
    """Strip a unit written behind a space: ``time ms``."""
    stem, _, last = word.rpartition(" ")
    return stem if last in _SECONDS else word


def _named(names: Sequence[str], time_column: str | int, source: str) -> str:
    if isinstance(time_column, int) and -len(names) <= time_column < len(names):
        return names[time_column]
    for name in names:
        if time_column in (name, split_heading(name)[0]):
            return name
    raise ReadError(f"{source}: no time column {time_column!r} (there are: {', '.join(names)})")


def _is_text(column: pd.Series[Any]) -> bool:
    return column.dtype.kind not in "biufMm"


def _share_of_stamps(column: pd.Series[Any]) -> float:
    cells = column.dropna().head(50).astype(str)
    return sum(is_stamp(cell) for cell in cells) / len(cells) if len(cells) else 0.0


def _date_and_clock(frame: pd.DataFrame, plain: dict[str, str]) -> Stamps | None:
    dates = [name for name, word in plain.items() if word in _DATE_NAMES and _is_text(frame[name])]
    clocks = [name for name, word in plain.items() if word in _CLOCK_NAMES and name not in dates]
    if not dates or not clocks or not _is_text(frame[clocks[0]]):
        return None
    date, clock = dates[0], clocks[0]
    if _share_of_stamps(frame[date]) < 0.9 or _share_of_stamps(frame[clock]) < 0.9:
        return None
    joined = frame[date].astype(str).str.strip() + " " + frame[clock].astype(str).str.strip()
    return _from_dates(joined, (date, clock))


def _first_column(column: pd.Series[Any], name: str) -> Stamps | None:
    """Take a first column without a name for the time (or a count of samples) when it climbs evenly."""
    if _is_text(column) or column.isna().any() or len(column) < 3:
        return None
    values = column.to_numpy(dtype=np.float64)
    steps = np.diff(values)
    usual = float(np.median(steps))
    if usual <= 0 or np.any(steps <= 0) or float(np.mean(np.abs(steps - usual) < 0.01 * usual)) < 0.9:
        return None
    if abs(usual - 1) < 1e-9 and values[0] in {0.0, 1.0}:
        return Stamps(None, 0.0, None, (name,), ("the first column only counts the samples and was left out",))
    read = _read_column(column, name)
    note = "the first column climbs evenly and was taken for the time"
    return read and Stamps(read.seconds, read.quantum, read.start_time, read.columns, (note, *read.warnings))


def _read_column(column: pd.Series[Any], name: str) -> Stamps | None:
    import pandas as pd

    if column.dtype.kind == "m":
        seconds = column.dt.total_seconds().to_numpy(dtype=np.float64)
        return Stamps(seconds - seconds[0], 0.0, None, (name,))
    if column.dtype.kind == "M":
        return _from_datetimes(column, (name,), 0.0)
    if _is_text(column):
        if _share_of_stamps(column) > 0.5:
            cells = column.astype(str)
            first = str(column.dropna().iloc[0])
            return _from_clock(cells, (name,)) if _CLOCK.match(first) else _from_dates(cells, (name,))
        numbers = pd.to_numeric(column.astype(str).str.replace(",", ".", regex=False), errors="coerce")
        if float(numbers.notna().mean()) < 0.5:
            return None
        column = numbers
    return _from_numbers(column.to_numpy(dtype=np.float64), name)


def _from_numbers(values: NDArray[np.float64], name: str) -> Stamps | None:
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    first = float(known[0])
    unit = (split_heading(name)[1] or "").lower()
    word = name.strip().casefold()
    scale = _SECONDS.get(unit) or (_SECONDS.get(word) if word in {"ms", "msec", "milliseconds"} else None)
    scale = scale or next((_SECONDS[u] for u in ("ms", "us", "ns", "s") if word.endswith((f"_{u}", f" {u}"))), None)
    notes: tuple[str, ...] = ()
    start = None
    if (epoch := _epoch_scale(first)) is not None and (scale is None or scale == epoch):
        scale = epoch
        start = datetime.fromtimestamp(first * scale, tz=UTC)
    elif scale is None:
        scale, notes = _guess_scale(known, name)
    # Subtract first: an epoch in ns has more digits than a float after scaling.
    return Stamps((values - first) * scale, 0.0, start, (name,), notes)


def _epoch_scale(value: float) -> float | None:
    """Unix time by its size: seconds between 1973 and 2286, and the same in ms, µs and ns."""
    for scale in (1.0, 1e-3, 1e-6, 1e-9):
        if 1e8 <= value * scale < 1e10:
            return scale
    return None


def _guess_scale(values: NDArray[np.float64], name: str) -> tuple[float, tuple[str, ...]]:
    """Seconds, unless whole seconds (or more) from sample to sample would make it no biosignal: then ms or µs."""
    steps = np.diff(values)
    usual = float(np.median(steps))
    if usual <= 0:
        usual = float(values[-1] - values[0]) / (len(values) - 1)
    if usual < 0.9:
        return 1.0, ()
    scale, unit = (1e-3, "ms") if usual <= 100 else (1e-6, "µs")
    note = (
        f"column {name!r} has no unit: its steps of {usual:g} were taken for {unit} ({1 / (usual * scale):.4g} Hz), "
        f"not s ({1 / usual:.4g} Hz); pass sampling_rate= if that is wrong"
    )
    return scale, (note,)


def _from_clock(cells: pd.Series[str], columns: tuple[str, ...]) -> Stamps:
    parts = cells.str.extract(_CLOCK.pattern)
    hours = parts[0].astype(float).fillna(0.0).to_numpy()
    minutes, whole = parts[1].astype(float).to_numpy(), parts[2].astype(float).to_numpy()
    digits = int(parts[3].dropna().str.len().max()) if parts[3].notna().any() else 0
    fraction = ("0." + parts[3].fillna("0")).astype(float).to_numpy()
    seconds = hours * 3600 + minutes * 60 + whole + fraction
    has_hours = bool(parts[0].notna().any())
    wrap = 86400.0 if has_hours else 3600.0
    # A step back by more than half a turn is midnight (or the full hour), not a host that stumbled.
    known = np.isfinite(seconds)
    turns = np.zeros(len(seconds))
    turns[known] = np.cumsum(np.r_[0, np.diff(seconds[known]) < -wrap / 2])
    seconds = seconds + turns * wrap
    ruined = f"cut to minutes and seconds (MM:SS{'.' + 'd' * digits if digits else ''}), as spreadsheets do to them"
    fault = "have no date" if has_hours else f"are {ruined}"
    notes = [f"time stamps {fault}: the start time of the recording is unknown"]
    if not known.all():
        odd = cells[~known].iloc[0]
        notes.append(f"{int((~known).sum()):,} time stamps have another form than the rest (such as {str(odd)[:30]!r})")
    return Stamps(seconds - seconds[np.argmax(known)], 10.0**-digits, None, columns, tuple(notes))


def _from_dates(cells: pd.Series[str], columns: tuple[str, ...]) -> Stamps | None:
    import pandas as pd

    sample = str(cells.iloc[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns about guessing; the share of failures below is what counts
        best = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=bool(_zoned(sample)))
        if float(best.isna().mean()) > 0.05:
            dotted = bool(re.match(r"\s*\d{1,2}\.\d", sample))
            best = pd.to_datetime(cells, errors="coerce", dayfirst=dotted, format="mixed", utc=bool(_zoned(sample)))
    if float(best.isna().mean()) > 0.5:
        return None
    digits = [len(found[1]) for cell in cells.head(50) if (found := re.search(r":\d{2}[.,](\d+)", str(cell)))]
    return _from_datetimes(best, columns, 10.0 ** -min(max(digits), 6) if digits else 1.0)


def _zoned(cell: str) -> bool:
    return bool(re.search(r"(Z|[+-]\d{2}:?\d{2})\s*$", cell)) and ":" in cell


def _from_datetimes(column: pd.Series[Any], columns: tuple[str, ...], quantum: float) -> Stamps | None:
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
    return Stamps(seconds, quantum, start.replace(tzinfo=UTC) if zoned else start, columns)
