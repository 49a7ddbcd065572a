"""Columns of a table to time stamps in seconds: found by their heading or by what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import modality_of
from sigsimnet.errors import ReadError
from sigsimnet.io.clock._dates import read_dates, read_datetimes
from sigsimnet.io.clock._forms import is_compact, is_written
from sigsimnet.io.clock._numbers import SECONDS, climbs, climbs_evenly, read_numbers, words_of
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Stamps", "find_stamps", "is_stamp", "unreadable_time"]

_TIME_NAMES = {
    "time", "times", "t", "timestamp", "timestamps", "time stamp", "tstamp", "ts", "datetime", "date time", "date",
    "elapsed time", "elapsed", "seconds", "sec", "secs", "zeit", "zeitstempel", "uhrzeit", "temps", "tiempo", "tempo",
    "unix", "unixtime", "unix time", "epoch", "local time", "localtime", "utc", "milliseconds", "msec", "time of day",
}  # fmt: skip
_TIME_WORDS = re.compile(
    r"^((time|date|tijd|zeit|stamp|tstamp)\w*|\w*(time|zeit|stamp|tijd)|temps|tiempo|tempo|tid|czas|время|elapsed|millis|"
    r"micros|epoch|unix|utc|clock|seconds|recorded|created|us|ms|ns|msec|sec|min|minutes|hours)$|時間|时间|時刻|시간"
)
_DATE_NAMES = {"date", "datum", "day", "fecha", "data"}
_CLOCK_NAMES = {"time", "clock", "zeit", "uhrzeit", "hora", "heure", "time of day"}
_INDEX_NAMES = {"", "index", "sample", "samples", "sample number", "n", "nr", "no", "unnamed: 0", "sample index"}
_CLOCK = re.compile(
    r"^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:(?:[.,]|:(?=\d{3}\s*$))(\d+))?(?:\s*([AaPp])\.?[Mm]\.?)?\s*$"
)
_QUANTITIES = {
    "temperature", "temp", "temperatur", "distance", "dist", "load", "last", "position", "pos", "angle", "speed",
    "velocity", "pressure", "druck", "volume", "flow", "force", "kraft", "weight", "depth", "height", "altitude",
    "steps", "hr", "bpm", "rr", "power", "current", "voltage", "latitude", "longitude", "battery", "spo2", "humidity",
}  # fmt: skip
_UNIT_BEHIND = re.compile(r"[(\[]\s*([^)\]]{1,6}?)\s*[)\]]\s*$")
_DATE = re.compile(r"^\s*\d{1,4}[-/.](\d{1,2}|[A-Za-z]{3})[-/.]\d{1,4}([ T]+\d{1,2}:\d{2}|\s*$)")


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
    undated : str
        The sentence that the time of day has no date, for those who know none from elsewhere; empty where it has one.
    since_2000 : bool
        Whether the start was counted from 2000, as Polar's sensors do.
    """

    seconds: NDArray[np.float64] | None
    quantum: float
    start_time: datetime | None
    columns: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    undated: str = ""
    since_2000: bool = False


def is_stamp(cell: str) -> bool:
    """Tell whether a cell of text is a date or a time of day.

    Examples
    --------
    >>> is_stamp("25:05.9"), is_stamp("2021-04-07 16:20:12.136"), is_stamp("0.25"), is_stamp("ecg1")
    (True, True, False, False)
    """
    return bool(_CLOCK.match(cell) or _DATE.match(cell) or is_written(cell))


def find_stamps(
    frame: pd.DataFrame,
    time_column: str | int | None,
    source: str,
    *,
    header: bool = True,
    epoch: datetime | None = None,
    rate_given: bool = False,
    day_first: bool | None = None,
) -> Stamps | None:
    """Find the columns that state the time, and read them.

    A column whose heading says time comes first, then dates and times of day in text, then numbers that climb evenly,
    whatever they are called. Where several state the time, one that advances with every sample is preferred; the others
    give the start, if it does not, and are no signals.

    Parameters
    ----------
    frame : DataFrame
        Its columns have names of type str.
    time_column : str or int, optional
        What the user says it is.
    source : str
        For messages.
    header : bool
        Whether the names come from the file.
    epoch : datetime, optional
        What large numbers count from, where the device is known.
    rate_given : bool
        Whether the sampling rate is known without a time column: then no column but the first is taken for one by what
        it holds, unless it is the clock of a computer.
    day_first : bool, optional
        Whether the day stands before the month in dates, where the user knows.

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
        stamps = _read_column(frame[name], name, epoch, day_first)
        if stamps is None or stamps.seconds is None:
            raise ReadError(f"{source}: column {name!r} cannot be read as time ({_shown(frame[name])})")
        return stamps
    plain = {name: split_heading(name)[0].strip().casefold().replace("_", " ") for name in names}
    if (pair := _date_and_clock(frame, plain, day_first)) is not None:
        return pair
    found: list[Stamps] = []
    for named in (True, False):
        for name in names:
            if not _may_be_time(name) and not _is_text(frame[name]):
                continue
            exact = plain[name] in _TIME_NAMES or _without_unit(plain[name]) in _TIME_NAMES
            if exact and len(plain[name]) == 1 and not _climbs(frame[name]):
                continue  # T is a temperature as often as a time
            if exact is named and (named or _says_time(frame[name], name)):
                stamps = _read_column(frame[name], name, epoch, day_first)
                found += [stamps] if stamps is not None else []
    if found:
        return _best(found)
    return _by_content(frame, names, plain, header=header, epoch=epoch, rate_given=rate_given)


def _climbs(column: pd.Series[Any]) -> bool:
    return _is_text(column) or column.dtype.kind in "Mm" or climbs(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _says_time(column: pd.Series[Any], name: str) -> bool:
    """Tell whether a column of another heading is time: text of stamps, or climbing numbers with a word for time."""
    if _is_text(column):
        return _share_of_stamps(column) > 0.9
    if column.dtype.kind in "Mm":
        return True
    if column.dtype.kind == "b" or not any(_TIME_WORDS.search(word) for word in words_of(name)):
        return False
    return climbs(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _best(found: list[Stamps]) -> Stamps:
    """Return the first, or the first that advances with every sample where the first is too coarse to."""
    best = found[0]
    if len(found) > 1 and _repeats(best) > 0.2:
        best = next((stamps for stamps in found if _repeats(stamps) < 0.01), best)
    others = [stamps for stamps in found if stamps is not best]
    if not others:
        return best
    start, notes = best.start_time, list(best.warnings)
    if start is None:
        # The time of day that people know, before what a sensor counts from.
        known = [stamps for stamps in others if stamps.start_time is not None]
        known.sort(key=lambda stamps: stamps.start_time is not None and stamps.start_time.tzinfo is not None)
        start = known[0].start_time if known else None
        best = best if start is None else replace(best, undated="")
    elif start.tzinfo is not None and best.seconds is not None and best.since_2000:
        start = next((s.start_time for s in others if s.start_time is not None and s.start_time.tzinfo is None), start)
    if len(days := sorted(f"{s.start_time:%Y-%m-%d}" for s in found if s.start_time is not None)) > 1 and _apart(found):
        notes.append(f"the clocks of the columns start more than a day apart ({days[0]}, {days[-1]})")
    said = ", ".join(repr(name) for stamps in others for name in stamps.columns)
    several = sum(len(stamps.columns) for stamps in others) > 1
    notes.append(
        f"column{'s' if several else ''} {said} also state{'' if several else 's'} the time, left out as a signal"
    )
    used = tuple(name for stamps in (best, *others) for name in stamps.columns)
    return replace(best, start_time=start, columns=used, warnings=tuple(notes))


def _apart(found: Sequence[Stamps]) -> bool:
    starts = [stamps.start_time.replace(tzinfo=None) for stamps in found if stamps.start_time is not None]
    return (max(starts) - min(starts)).days > 1  # a zone of at most 14 hours, and one of 12


def _repeats(stamps: Stamps) -> float:
    return 1.0 if stamps.seconds is None else float(np.mean(np.diff(stamps.seconds) <= 0))


def _by_content(
    frame: pd.DataFrame,
    names: Sequence[str],
    plain: dict[str, str],
    *,
    header: bool,
    epoch: datetime | None,
    rate_given: bool,
) -> Stamps | None:
    """Find a column that no heading tells: the first that climbs evenly, or like a clock of a computer."""
    numeric = [name for name in names if not _is_text(frame[name]) and frame[name].dtype.kind != "b"]
    if len(numeric) < 2:
        return None
    # A slow ramp of a temperature or a load climbs as evenly as a clock: its heading says that it is none.
    numeric = [name for name in numeric if _may_be_time(name)]
    counts: Stamps | None = None
    for name in numeric:
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        clock = values[0] >= 1e9 and climbs(values) and _sized_like_now(values)
        even = climbs_evenly(values) and (clock or not rate_given or name == names[0])
        if not even and not clock:
            continue
        if even and abs(float(np.median(np.diff(values[:2000]))) - 1) < 1e-9:
            # Steps of one count samples: only where nothing else climbs, and never a signal in the middle.
            first = name == names[0] and (not header or plain[name] in _INDEX_NAMES or values[0] in {0.0, 1.0})
            if first and counts is None:
                counts = Stamps(
                    None, 0.0, None, (name,), ("the first column only counts the samples and was left out",)
                )
            continue
        read = _read_column(frame[name], name, epoch)
        if read is None:
            continue
        which = "the first column" if name == names[0] else f"column {name!r}"
        manner = "climbs evenly" if even else "climbs like a clock"
        note = f"{which} {manner} and was taken for the time"
        used = (*read.columns, *(counts.columns if counts else ()))
        return replace(read, columns=used, warnings=(note, *read.warnings))
    return counts


def _may_be_time(heading: str) -> bool:
    """Tell whether a heading names no unit but one of time, and neither a signal nor another quantity."""
    name, known = split_heading(heading)
    found = _UNIT_BEHIND.search(heading)
    unit = found[1] if found else known
    if unit is not None and unit.lower() not in SECONDS and not _TIME_WORDS.search(unit.casefold()):
        return False
    return not modality_of(name) and not _QUANTITIES & set(words_of(name))


def _sized_like_now(values: NDArray[np.float64]) -> bool:
    """Tell whether numbers are Unix times of 2001 to 2065, in s, ms, µs or ns."""
    return any(1e9 <= values[0] * scale < 3e9 for scale in (1.0, 1e-3, 1e-6, 1e-9))


def _without_unit(word: str) -> str:
    """Strip a unit written behind a space: ``time ms``."""
    stem, _, last = word.rpartition(" ")
    return stem if last in SECONDS else word


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


def _date_and_clock(frame: pd.DataFrame, plain: dict[str, str], day_first: bool | None) -> Stamps | None:
    dates = [name for name, word in plain.items() if word in _DATE_NAMES and _is_text(frame[name])]
    clocks = [name for name, word in plain.items() if word in _CLOCK_NAMES and name not in dates]
    if not dates or not clocks or not _is_text(frame[clocks[0]]):
        return None
    date, clock = dates[0], clocks[0]
    if _share_of_stamps(frame[date]) < 0.9 or _share_of_stamps(frame[clock]) < 0.9:
        return None
    joined = frame[date].astype(str).str.strip() + " " + frame[clock].astype(str).str.strip()
    return _from_dates(joined, (date, clock), day_first)


def _read_column(
    column: pd.Series[Any], name: str, epoch: datetime | None = None, day_first: bool | None = None
) -> Stamps | None:
    import pandas as pd

    if column.dtype.kind == "m":
        seconds = column.dt.total_seconds().to_numpy(dtype=np.float64)
        return Stamps(seconds - seconds[0], 0.0, None, (name,))
    if column.dtype.kind == "M":
        read = read_datetimes(column)
        return read and Stamps(read[0], 0.0, read[1], (name,))
    if column.dtype.kind in "iu" and column.head(50).astype(str).map(is_compact).all():
        return _from_dates(column.astype(str), (name,), day_first)
    if _is_text(column):
        if _share_of_stamps(column) > 0.5:
            cells = column.astype(str)
            first = str(column.dropna().iloc[0])
            return _from_clock(cells, (name,)) if _CLOCK.match(first) else _from_dates(cells, (name,), day_first)
        numbers = pd.to_numeric(column.astype(str).str.replace(",", ".", regex=False), errors="coerce")
        if float(numbers.notna().mean()) < 0.5:
            return None
        column = numbers
    found = read_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), name, epoch)
    if found is None:
        return None
    return Stamps(
        found.seconds, found.quantum, found.start, (name,), found.notes, found.undated, since_2000=found.since_2000
    )


def _from_clock(cells: pd.Series[str], columns: tuple[str, ...]) -> Stamps:
    parts = cells.str.extract(_CLOCK.pattern)
    hours = parts[0].astype(float).fillna(0.0).to_numpy()
    if parts[4].notna().any():
        later = parts[4].str.lower().eq("p").to_numpy(dtype=bool)
        hours = np.where(parts[4].notna().to_numpy(), hours % 12 + 12 * later, hours)
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
    unknown = "the start time of the recording is unknown"
    notes = [] if has_hours else [f"time stamps are {ruined}: {unknown}"]
    if not known.all():
        odd = cells[~known].iloc[0]
        notes.append(f"{int((~known).sum()):,} time stamps have another form than the rest (such as {str(odd)[:30]!r})")
    undated = f"time stamps have no date: {unknown}" if has_hours else ""
    return Stamps(seconds - seconds[np.argmax(known)], 10.0**-digits, None, columns, tuple(notes), undated)


def _from_dates(cells: pd.Series[str], columns: tuple[str, ...], day_first: bool | None) -> Stamps | None:
    dates = read_dates(cells, day_first=day_first)
    read = read_datetimes(dates.moments, dates.zone) if dates is not None else None
    if dates is None or read is None:
        return None
    # Day and month that could be exchanged: the start is one of two.
    return Stamps(read[0], dates.quantum, None if dates.open_order else read[1], columns, dates.notes)


def unreadable_time(frame: pd.DataFrame) -> str:
    """Return a sentence on a column whose heading says time but whose cells cannot be read; empty without one.

    Examples
    --------
    >>> import pandas as pd
    >>> unreadable_time(pd.DataFrame({"time": ["noon", "later"], "I": [0.0, 0.1]}))
    "the cells of column 'time' cannot be read as time ('noon', …)"
    """
    for name in map(str, frame.columns):
        if _is_text(frame[name]) and (
            set(words_of(name)) & _TIME_NAMES or any(map(_TIME_WORDS.search, words_of(name)))
        ):
            return f"the cells of column {name!r} cannot be read as time ({_shown(frame[name])})"
    return ""


def _shown(column: pd.Series[Any]) -> str:
    known = column.dropna()
    return f"{str(known.iloc[0])[:40]!r}, …" if len(known) else "they are empty"
