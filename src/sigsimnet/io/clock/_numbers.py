"""Columns of numbers that count time: what climbs, in which unit, and from when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.io.clock._moments import EXCEL
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SECONDS", "NumberTime", "climbs", "climbs_evenly", "read_numbers", "words_of"]

SECONDS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "sekunden": 1.0, "secondes": 1.0, "segundos": 1.0,
    "ms": 1e-3, "msec": 1e-3, "msecs": 1e-3, "millis": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3,
    "millisekunden": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "usec": 1e-6, "usecs": 1e-6, "micros": 1e-6,
    "microsecond": 1e-6, "microseconds": 1e-6, "ns": 1e-9, "nanos": 1e-9, "nanosecond": 1e-9, "nanoseconds": 1e-9,
    "min": 60.0, "mins": 60.0, "minutes": 60.0, "h": 3600.0, "hours": 3600.0, "days": 86400.0,
}  # fmt: skip
_FASTEST = 50_000.0  # Hz
_DAY = 86400.0
_TICK = 1e-7  # s: of Windows and .NET
_FAST_FOR_NS = 5_000.0  # Hz: faster stamps in ns are ticks where their date fits both
_ZERO_2000 = datetime(2000, 1, 1, tzinfo=UTC)
_MATLAB = timedelta(days=-693_960)  # MATLAB counts days from the year 0
_QUICK = 2000  # samples to look at before all


@dataclass(frozen=True)
class NumberTime:
    """Seconds since the first, when that was, what was guessed, and the smallest difference (s) where it is known."""

    seconds: NDArray[np.float64]
    start: datetime | None
    notes: tuple[str, ...] = ()
    quantum: float = 0.0
    undated: str = ""
    since_2000: bool = False


def words_of(heading: str) -> list[str]:
    """Return the words of a heading in lower case.

    Examples
    --------
    >>> words_of("LocalTimestamp"), words_of("time_ms"), words_of("Shimmer_86A5_Timestamp_Unix")
    (['local', 'timestamp'], ['time', 'ms'], ['shimmer', '86a5', 'timestamp', 'unix'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return [word for word in re.split(r"[\W_]+", apart.casefold()) if word]


def climbs(values: NDArray[np.float64]) -> bool:
    """Tell whether numbers grow from row to row, with at most one step back in twenty.

    Examples
    --------
    >>> climbs(np.array([0.0, 1, 1, 2, 3])), climbs(np.array([0.0, 1, 0, 1, 0]))
    (True, False)
    """
    for part in (values[:_QUICK], values):
        known = part[np.isfinite(part)]
        if len(known) < 2 or len(known) < 0.5 * len(part):
            return False
        steps = np.diff(known)
        if np.count_nonzero(steps < 0) > 0.05 * len(steps) or known[-1] <= known[0]:
            return False
    return True


def climbs_evenly(values: NDArray[np.float64]) -> bool:
    """Tell whether nine steps of ten are alike, and hardly any goes back.

    Examples
    --------
    >>> climbs_evenly(np.arange(9) * 4.0), climbs_evenly(np.array([0.0, 1, 4, 9, 16]))
    (True, False)
    """
    for part in (values[:_QUICK], values):
        if len(part) < 3 or np.isnan(part).any():
            return False
        steps = np.diff(part)
        usual = float(np.median(steps))
        back = np.count_nonzero(steps <= 0)
        if usual <= 0 or back > max(1, 1e-3 * len(steps)) or (back and len(steps) < 100):
            return False
        if float(np.mean(np.abs(steps - usual) <= max(0.01 * usual, 2 * _smallest(part)))) < 0.9:
            return False
    return True


def _smallest(values: NDArray[np.float64]) -> float:
    """Return the smallest difference of numbers as large as these: Unix times have few digits left."""
    return float(np.spacing(np.max(np.abs(values))))


def read_numbers(values: NDArray[np.float64], name: str, epoch: datetime | None = None) -> NumberTime | None:
    """Turn numbers into seconds, by the unit in the heading or by their size.

    Parameters
    ----------
    values : ndarray
        NaN where missing.
    name : str
        Heading of the column.
    epoch : datetime, optional
        What large numbers count from, where the device is known; else Unix time.

    Examples
    --------
    >>> read_numbers(np.array([729001800000000000.0, 729001800100000000.0]), "sensor timestamp [ns]").start.year
    2023
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    first = float(known[0])
    scale = _stated(name)
    if (days := _days(known, scale, words_of(name))) is not None:
        start = EXCEL + (days + timedelta(days=first))
        note = f"column {name!r} was taken for days as Excel or MATLAB count them ({start:%Y-%m-%d})"
        return NumberTime((values - first) * _DAY, _to_ms(start), (note,), _smallest(known) * _DAY)
    if scale is None and _fraction_of_day(known):
        note = f"column {name!r} was taken for fractions of a day, as spreadsheets keep times of day"
        undated = "times of day have no date: the start time of the recording is unknown"
        return NumberTime((values - first) * _DAY, None, (note,), _smallest(known) * _DAY, undated)
    if (zero_of_ticks := _ticks(known, scale)) is not None:
        start = _to_ms(zero_of_ticks + timedelta(microseconds=first / 10))
        note = f"column {name!r} was taken for ticks of 100 ns since {zero_of_ticks.year} ({start:%Y-%m-%d})"
        return NumberTime((values - first) * _TICK, start, (note,), _smallest(known) * _TICK)
    sized = _epoch_scale(first)
    if sized is not None and (scale is None or scale == sized):
        zero = epoch or datetime(1970, 1, 1, tzinfo=UTC)
        notes: tuple[str, ...] = ()
        polar = epoch is None and sized == 1e-9 and first * sized < 9.4e8
        if polar:  # as Unix time this would be before 1999, when nothing counted ns
            zero, notes = _ZERO_2000, (f"column {name!r} was taken for ns since 2000, as Polar's sensors count them",)
        return NumberTime((values - first) * sized, zero + timedelta(seconds=first * sized), notes, since_2000=polar)
    if scale is None:
        scale, notes = _guess_scale(known, name)
        return NumberTime((values - first) * scale, None, notes)
    # Subtract first: an epoch in ns has more digits than a float after scaling.
    return NumberTime((values - first) * scale, None)


def _stated(name: str) -> float | None:
    unit = (split_heading(name)[1] or "").lower()
    if unit in SECONDS:
        return SECONDS[unit]
    words = words_of(name)
    last = words[-1] if words else ""
    if len(words) == 1 and last in {"s", "h", "sec", "secs", "second", "seconds"}:
        return None  # many a column called seconds counts ms
    return SECONDS.get(last) or (SECONDS.get(words[0]) if words and len(words[0]) > 2 else None)


def _epoch_scale(value: float) -> float | None:
    """Unix time by its size: seconds between 1973 and 2286, and the same in ms, µs and ns."""
    for scale in (1.0, 1e-3, 1e-6, 1e-9):
        if 1e8 <= value * scale < 1e10:
            return scale
    return None


def _days(known: NDArray[np.float64], scale: float | None, words: list[str]) -> timedelta | None:
    """Return what to add to `EXCEL` for day 0 where numbers are days of a calendar; None where they are not.

    By their size, and since as seconds they would be too fast.
    """
    first = float(known[0])
    if 20_000 <= first < 80_000:
        shift = timedelta(0)
    elif 700_000 <= first < 800_000:
        shift = _MATLAB
    else:
        return None
    step = float(known[-1] - known[0]) / (len(known) - 1)
    named = {"excel", "serial", "oadate", "datenum", "oa"} & set(words)
    if scale is not None or step <= 0 or (1 / step < _FASTEST and not named) or 1 / (step * _DAY) > _FASTEST:
        return None
    return shift


def _fraction_of_day(known: NDArray[np.float64]) -> bool:
    """Tell whether numbers are times of day as parts of 1: as seconds they would be too fast, as days they are not."""
    step = float(np.median(np.diff(known)))
    if not 0 <= known[0] < 1 or known[-1] >= 2 or step <= 0:
        return False
    return 1 / step > _FASTEST and 1 / (step * _DAY) <= _FASTEST


def _ticks(known: NDArray[np.float64], scale: float | None) -> datetime | None:
    """Return what ticks of 100 ns count from: Windows from 1601, .NET from the year 1; None where these are none.

    Of 1990 to 2060 by their size, and since as nanoseconds they would be too fast.
    """
    step = float(np.median(np.diff(known)))
    if scale is not None or step <= 0 or 1 / (step * 1e-9) <= _FAST_FOR_NS or 1 / (step * _TICK) > _FASTEST:
        return None
    for zero in (datetime(1601, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
        low, high = ((datetime(year, 1, 1, tzinfo=UTC) - zero).total_seconds() / _TICK for year in (1990, 2060))
        if low <= known[0] < high:
            return zero
    return None


def _to_ms(moment: datetime) -> datetime:
    rounded = moment + timedelta(microseconds=500)
    return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)


def _guess_scale(values: NDArray[np.float64], name: str) -> tuple[float, tuple[str, ...]]:
    """Seconds, unless whole seconds (or more) from sample to sample would make it no biosignal: then ms, µs or ns."""
    steps = np.diff(values)
    usual = float(np.median(steps))
    if usual <= 0:
        usual = float(values[-1] - values[0]) / (len(values) - 1)
    if usual < 0.9:
        return 1.0, ()
    scale, unit = (1e-3, "ms") if usual <= 100 else (1e-6, "µs") if usual <= 2e6 else (1e-9, "ns")
    note = (
        f"column {name!r} has no unit: its steps of {usual:g} were taken for {unit} ({1 / (usual * scale):.4g} Hz), "
        f"not s ({1 / usual:.4g} Hz); pass sampling_rate= if that is wrong"
    )
    return scale, (note,)
