"""Tables (from text, Parquet or pandas) to recordings: which column is time, a channel, or a label."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io._diagnose import describe_border_steps, describe_mains, find_step_grid, looks_like_volts
from sigsimnet.io._names import unique_names
from sigsimnet.io._options import Found, Options
from sigsimnet.io.clock.fit import Clock, fit_clock
from sigsimnet.io.clock.stamps import Stamps, find_stamps, unreadable_time
from sigsimnet.io.formats._roles import (
    describe_sparse,
    event_columns,
    find_counters,
    find_digital,
    split_events,
    without_roles,
)
from sigsimnet.io.formats._shapes import from_lists, from_long, of_one_person, rate_beside, rate_in_first_row
from sigsimnet.io.units import canonical_unit, resolve_units, split_heading
from sigsimnet.recording import Annotation, Recording, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from sigsimnet.io.devices import Device

__all__ = [
    "TableHints",
    "annotations_from_labels",
    "hints_of",
    "is_label",
    "numeric_columns",
    "recording_from_table",
]

_LABEL_NAMES = {
    "class", "label", "labels", "annotation", "annotations", "gesture", "activity", "event", "events", "marker",
    "stimulus", "target",
}  # fmt: skip
_LOWEST_MAINS = 50.0  # Hz
_EARLIEST = 1990  # year
_MAX_LABELS = 200  # a column of more different values is no label

_RATES_AGREE = 0.1  # a nominal rate and that of a drifting or coarse clock; what was misread is far off


@dataclass(frozen=True)
class TableHints:
    """What is known about a table from elsewhere (its comment lines, the user).

    Attributes
    ----------
    sampling_rate : float or None
        In Hz.
    rate_of_header : bool
        Whether a line of the header says the rate: it may have been misread, so stamps far from it count instead.
    units : str, sequence of str or None
        Of the channels, as the user says.
    unit_of : mapping of str to str
        Unit of channels by name, where neither the user nor a heading says one.
    time_column : str, int or None
        As the user says.
    header : bool
        Whether the columns have names of their own.
    strict : bool
        Whether a column of text is an error (tables handed over in memory) or left out with a warning (files).
    start_time : datetime or None
        As the file says.
    metadata : mapping
        To keep.
    warnings : tuple of str
        Already noticed.
    device : Device or None
        Whose table it is.
    key : str or None
        Row that the user wants, where cells hold lists.
    day_first : bool or None
        Whether the day stands before the month in dates, as the user says.
    found : Found
        Where to say what was taken from where.
    """

    sampling_rate: float | None = None
    rate_of_header: bool = False
    units: str | Sequence[str] | None = None
    unit_of: Mapping[str, str] = field(default_factory=dict)
    time_column: str | int | None = None
    header: bool = True
    strict: bool = False
    start_time: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    device: Device | None = None
    key: str | None = None
    day_first: bool | None = None
    found: Found = field(default_factory=Found)


def hints_of(options: Options) -> TableHints:
    """Return what the user says of a table, in files that say nothing themselves."""
    return TableHints(
        sampling_rate=options.sampling_rate,
        units=options.units,
        time_column=options.time_column,
        day_first=options.day_first,
        found=options.found,
    )


def recording_from_table(frame: pd.DataFrame, hints: TableHints, source: str) -> Recording:
    """Make a recording from a table whose time, when it has one, is among its columns.

    Volts: a unit in a heading or from the user is accepted, and volts become mV. Channels called ECG without a unit
    whose numbers can only be volts (see `looks_like_volts`) are taken for volts, with a warning that says how to
    say otherwise. No other unit is ever guessed.

    Raises
    ------
    ReadError
        If there is no channel, too few samples, or the sampling rate cannot be inferred.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"time (ms)": [0, 4, 8], "ECG (uV)": [100.0, 200.0, 100.0]})
    >>> recording_from_table(table, TableHints(), "a.csv")
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (µV)>
    """
    names, renamed = unique_names([str(name) for name in frame.columns], source)
    frame = frame.set_axis(names, axis="columns")
    notes = [*hints.warnings, *renamed]
    events: list[tuple[int, str]] = []
    if not hints.strict:
        frame, hints, events, about = _reshaped(frame, hints, source)
        names, notes = [str(name) for name in frame.columns], [*notes, *about]
    if len(frame) < 2:
        raise ReadError(f"{source}: has {len(frame)} sample{'s' if len(frame) != 1 else ''}; at least 2 are needed")
    epoch = hints.device.epoch if hints.device is not None else None
    given = hints.sampling_rate is not None
    stamps = find_stamps(
        frame,
        hints.time_column,
        source,
        header=hints.header,
        epoch=epoch,
        rate_given=given,
        day_first=hints.day_first,
    )
    rest = [name for name in names if not stamps or name not in stamps.columns]
    told = event_columns(frame, rest, hints.device)
    labels = [name for name in rest if name in told or is_label(frame[name], name)]
    rest = [name for name in rest if name not in labels]
    about = []
    if not hints.strict:
        rest, about = without_roles(rest, hints.device)
        if counters := find_counters(frame, rest):
            rest = [name for name in rest if name not in counters]
            about.append(f"column {', '.join(map(repr, counters))} counts samples and was left out")
        if digital := find_digital(frame, rest):
            rest = [name for name in rest if name not in digital]
            about.append(f"column {', '.join(map(repr, digital))} is no signal (digital) and was left out")
    columns, left = numeric_columns(frame, rest, source, strict=hints.strict)
    said = (*stamps.warnings, *_doubts(stamps.start_time)) if stamps else ()
    if stamps and stamps.undated and hints.start_time is None:  # else the header has the date
        said = (stamps.undated, *said)
    notes += [*said, *about, *left]
    if not columns:
        raise ReadError(f"{source}: holds no signal: no column of numbers besides time (columns: {', '.join(names)})")
    clock = _clock(stamps, hints, frame, source)
    hints.found.say("clock", _how(stamps, hints, clock))
    data = np.stack(list(columns.values()))
    plain, units, data, about_units = _units(list(columns), data, hints, source)
    notes += [*about_units, *clock.warnings]
    packet = clock.packet
    if stamps is not None and stamps.seconds is not None and not hints.strict:
        # A file with nothing but stamps to go by: the samples may show what the stamps hide.
        diagnosis, packet = _diagnosis(plain, data, clock)
        notes += diagnosis
    if not hints.strict:
        notes += describe_sparse(frame, list(columns), clock.sampling_rate)
    annotations = [
        mark for name in labels for mark in annotations_from_labels(frame[name].tolist(), clock.sampling_rate)
    ]
    annotations += [Annotation(sample, word) for sample, word in events]
    annotations.sort(key=lambda mark: mark.sample)
    return Recording(
        data,
        clock.sampling_rate,
        channel_names=plain,
        units=units,
        start_time=(stamps.start_time if stamps else None) or hints.start_time,
        spans=clock.spans,
        metadata={**hints.metadata, **({"samples_per_packet": packet} if packet else {})},
        annotations=annotations,
        warnings=[note if note.startswith(source) else f"{source}: {note}" for note in notes],
        source=source,
    )


def _doubts(start: datetime | None) -> tuple[str, ...]:
    """Say that a start cannot be right; of a clock that nobody set, or of stamps that count from another time."""
    if start is None:
        return ()
    later = start.replace(tzinfo=start.tzinfo or UTC) > datetime.now(UTC) + timedelta(days=1)
    if not later and start.year >= _EARLIEST:
        return ()
    when = "in the future" if later else f"before {_EARLIEST}"
    return (f"the start, {start:%Y-%m-%d}, lies {when}: the clock was not set, or counts from another time",)


def _reshaped(
    frame: pd.DataFrame, hints: TableHints, source: str
) -> tuple[pd.DataFrame, TableHints, list[tuple[int, str]], list[str]]:
    """Bring lists in cells, long tables and rows of events into the form of one column a channel."""
    if (listed := from_lists(frame, hints.key, source)) is not None:
        frame, cells = listed
        kept = {name: value for name, value in cells.items() if isinstance(value, str | int | float)}
        rate = hints.sampling_rate or rate_beside(cells)
        return frame, replace(hints, sampling_rate=rate, metadata={**hints.metadata, **kept}), [], []
    whole = len(frame.columns)
    frame = of_one_person(frame, hints.key, source)
    if hints.key is not None and len(frame.columns) == whole:
        raise ReadError(f"{source}: holds one recording, of which key={hints.key!r} names no part; leave key= out")
    if (long := from_long(frame)) is not None:
        return long[0], hints, [], long[1]
    if (stated := rate_in_first_row(frame)) is not None:
        frame = frame.drop(columns=stated[0])
        hints = replace(hints, sampling_rate=hints.sampling_rate or stated[1])
    frame, events = split_events(frame, hints.device)
    said = [f"{len(events):,} events became annotations"] if events else []
    return frame, hints, events, said


def annotations_from_labels(values: Sequence[Any], sampling_rate: float) -> list[Annotation]:
    """Return one annotation for each interval of equal labels, with its length in s.

    Examples
    --------
    >>> annotations_from_labels([0, 0, 1, 1, 1, None], 10)
    [Annotation(sample=0, label='0', duration=0.2, channel=None),
     Annotation(sample=2, label='1', duration=0.3, channel=None)]
    """
    texts = [_label_text(value) for value in values]
    marks: list[Annotation] = []
    begin = 0
    for position in range(1, len(texts) + 1):
        if position == len(texts) or texts[position] != texts[begin]:
            if texts[begin]:
                marks.append(Annotation(begin, texts[begin], (position - begin) / sampling_rate))
            begin = position
    return marks


def _label_text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def is_label(column: pd.Series[Any], name: str) -> bool:
    """Return whether a column holds labels of its rows, such as ``activity``, rather than samples."""
    if name.strip().casefold() not in _LABEL_NAMES or column.nunique() > _MAX_LABELS:
        return False
    if column.dtype.kind == "f":
        known = column.dropna()
        return bool((known == known.round()).all())
    return True


def numeric_columns(
    frame: pd.DataFrame, names: Sequence[str], source: str, *, strict: bool
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Return the columns of samples, and notes on what was left out; with ``strict`` text is an error.

    Raises
    ------
    ReadError
        If ``strict``, and a column holds anything but numbers.
    """
    import pandas as pd

    columns: dict[str, NDArray[np.float32]] = {}
    notes: list[str] = []
    for name in names:
        column = frame[name]
        if column.dtype.kind in "biuf":
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            if column.dtype.kind == "c":
                column = column.astype(str)  # complex numbers are no samples: text, to say so
            cells = column.astype(object).where(column.notna(), None)
            values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
            bad = np.isnan(values) & column.notna().to_numpy()
            n_bad, n_cells = int(bad.sum()), int(column.notna().sum())
            if n_bad * 2 > n_cells or (strict and n_bad):
                if strict:
                    raise ReadError(f"{source}: column {name!r} is not numeric ({column[bad].iloc[0]!r})")
                notes.append(f"column {name!r} is text ({str(column[bad].iloc[0])[:30]!r}, …) and was left out")
                continue
            if n_bad:
                cells_word = "cell" if n_bad == 1 else "cells"
                notes.append(
                    f"{n_bad:,} {cells_word} of column {name!r} cannot be read as numbers "
                    f"({str(column[bad].iloc[0])[:30]!r}, …) and became missing samples"
                )
        if not np.isfinite(values).any():
            if column.notna().any() or not name.startswith("ch"):
                notes.append(f"column {name!r} is empty and was left out")
            continue
        with np.errstate(over="ignore"):
            columns[name] = values.astype(np.float32)
        beyond = int((np.isinf(columns[name]) & np.isfinite(values)).sum())
        if beyond:
            notes.append(
                f"{beyond:,} samples of column {name!r} are beyond the range of single precision (3.4e38) and became "
                "missing samples"
            )
    return columns, notes


def _nearer_to_stamps(seconds: NDArray[np.float64], quantum: float, stated: float) -> Clock:
    """Take the rate of a header line where the stamps bear it out, and that of the stamps where they do not."""
    by_stamps = fit_clock(seconds, quantum=quantum)
    if abs(by_stamps.sampling_rate / stated - 1) <= _RATES_AGREE:
        return fit_clock(seconds, sampling_rate=stated, quantum=quantum)
    said = (
        f"a header line says {stated:g} Hz but the time stamps fit {by_stamps.sampling_rate:.2f} Hz: the stamps count "
        "(sampling_rate=… overrules both)"
    )
    return replace(by_stamps, warnings=(*by_stamps.warnings, said))


def _clock(stamps: Stamps | None, hints: TableHints, frame: pd.DataFrame, source: str) -> Clock:
    if stamps is not None and stamps.seconds is not None:
        try:
            if hints.rate_of_header and hints.sampling_rate:
                return _nearer_to_stamps(stamps.seconds, stamps.quantum, hints.sampling_rate)
            return fit_clock(stamps.seconds, sampling_rate=hints.sampling_rate, quantum=stamps.quantum)
        except ParameterError as error:
            if hints.sampling_rate is None:
                column = " + ".join(repr(name) for name in stamps.columns)
                raise ReadError(
                    f"{source}: cannot tell the sampling rate from column {column}: {error}; pass sampling_rate=…"
                ) from error
    if hints.sampling_rate is None:
        why = unreadable_time(frame) or "no time column"
        raise ReadError(f"{source}: cannot tell the sampling rate: {why}; pass sampling_rate=…")
    if not np.isfinite(hints.sampling_rate) or hints.sampling_rate <= 0:
        raise ParameterError(f"sampling_rate is {hints.sampling_rate}: it must be a positive number of Hz")
    return Clock(float(hints.sampling_rate), (Span(0, len(frame), 0.0),), float("nan"), 0, (), ())


def _how(stamps: Stamps | None, hints: TableHints, clock: Clock) -> str:
    """Say how the clock was found."""
    rate = f"{clock.sampling_rate:g} Hz"
    if stamps is None or stamps.seconds is None:
        return f"{rate}, a line of the header" if hints.rate_of_header else f"{rate}, as given"
    column = " and ".join(repr(name) for name in stamps.columns[:2])
    if hints.sampling_rate and clock.sampling_rate == hints.sampling_rate:
        return f"{rate}, {'a line of the header' if hints.rate_of_header else 'as given'}; times of column {column}"
    return f"{rate}, fitted to the times of column {column}"


def _diagnosis(names: Sequence[str], data: NDArray[np.float32], clock: Clock) -> tuple[list[str], int]:
    """Return what the samples show, and the size of packets, 0 when there are none."""
    borders, packet = clock.borders, clock.packet
    notes: list[str | None] = []
    if np.isnan(clock.nominal_rate) and (size := find_step_grid(data)):
        borders, packet = tuple(range(size, data.shape[1], size)), size
        notes.append(f"samples seem to have come in packets of {size}, which show only in the signal")
    notes.append(describe_border_steps(names, data, borders))
    # Stamps that a host wrote in bursts claim rates that nobody meant.
    claimed = clock.nominal_rate if clock.nominal_rate < 4 * clock.sampling_rate else float("nan")
    if clock.sampling_rate > 2 * _LOWEST_MAINS:
        notes.append(describe_mains(names, data, clock.sampling_rate, claimed))
    return [note for note in notes if note], packet


def _units(
    names: Sequence[str], data: NDArray[np.float32], hints: TableHints, source: str
) -> tuple[list[str], list[str], NDArray[np.float32], list[str]]:
    split = [split_heading(name) for name in names]
    plain, clashes = unique_names([name for name, _ in split], source)
    notes = list(clashes)
    given = resolve_units(hints.units, len(names), source)
    stated = given or [unit or hints.unit_of.get(name, "") for name, unit in split]
    if not any(stated) and looks_like_volts(plain, data):
        stated = ["V"] * len(names)
        notes.append(
            "no unit is stated; the size of the ECG channels can only be volts, so the samples were multiplied by 1000 "
            "to mV (units='mV' keeps the numbers as they are)"
        )
    factors = np.array([canonical_unit(unit)[1] for unit in stated], dtype=np.float64)
    units = [canonical_unit(unit)[0] for unit in stated]
    scaled = (data * factors[:, None]).astype(np.float32) if np.any(factors != 1) else data
    return plain, units, scaled, notes
