"""Recordings to pandas tables and back; a table carries in its ``attrs`` what its columns cannot say."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._spans import check_spans, samples_of, times_of
from sigsimnet._utils.checks import check_sampling_rate
from sigsimnet._utils.text import shorten_list
from sigsimnet.errors import ParameterError
from sigsimnet.io._describe import describe
from sigsimnet.io.formats.table import (
    TableHints,
    annotations_from_labels,
    is_label,
    numeric_columns,
    recording_from_table,
)
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Annotation, Recording, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["ABOUT", "frame_from_recording", "recording_from_frame"]

ABOUT = "sigsimnet"  # key of DataFrame.attrs
_TIMES = {"time", "time (s)", "time_s"}

DECIMATED = 16  # rows at equal distances that are no accident


def frame_from_recording(recording: Recording) -> pd.DataFrame:
    """Return a table with one column a channel, indexed by time in s.

    ``attrs["sigsimnet"]`` holds the rest as JSON in one string: pandas copies ``attrs`` with every column that is
    looked at, and a string is not copied. A checksum of each channel shows whether its samples were changed.

    Examples
    --------
    >>> frame = frame_from_recording(Recording([[1, 2]], 4, channel_names=["ECG"], units="mV"))
    >>> json.loads(frame.attrs["sigsimnet"])["units"]
    ['mV']
    """
    import pandas as pd

    index = pd.Index(recording.times(), name="time")
    frame = pd.DataFrame(recording.data.T.copy(), index=index, columns=list(recording.channel_names))
    about = json.loads(describe(recording))
    about |= {"source": recording.source, "checksums": [_checksum(channel) for channel in recording.data]}
    frame.attrs[ABOUT] = json.dumps(about, ensure_ascii=False)
    return frame


def recording_from_frame(
    frame: pd.DataFrame,
    *,
    sampling_rate: float | None = None,
    units: str | Sequence[str] = "",
    source: str = "",
) -> Recording:
    """Make a recording from a pandas table with one column a channel.

    Parameters
    ----------
    frame : DataFrame
        Numeric columns. A ``DatetimeIndex``, a ``TimedeltaIndex`` or an index called ``time`` (s) gives the clock;
        pauses in it become borders of spans. A table of `frame_from_recording` gives the same recording again; where it
        was changed, what still fits is kept and warnings name the rest.
    sampling_rate : float, optional
        In Hz; needed when the index is not a clock.
    units : str or sequence of str, optional
        Unit of every channel; volts become mV.
    source : str, optional
        A name for messages.

    Raises
    ------
    ReadError
        If a column is not numeric or the sampling rate cannot be inferred.
    ParameterError
        If ``frame`` is not a table, the sampling rate is not a positive number, or the units do not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.date_range("2024-05-01", periods=4, freq="4ms")
    >>> recording_from_frame(pd.DataFrame({"I": [0.0, 1, 0, 1]}, index=index)).start_time
    datetime.datetime(2024, 5, 1, 0, 0)
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"a pandas DataFrame is needed, not {type(frame).__name__}")
    if sampling_rate is not None:
        sampling_rate = check_sampling_rate(sampling_rate)
    before = _before(frame)
    table = frame.copy(deep=False)
    table.attrs = {}
    table.columns = pd.Index([str(name) for name in table.columns])
    if before is not None and "time" in table.columns and "time" not in before.unit_of:
        table = table.set_index("time")  # somebody reset the index
    if before is not None and sampling_rate in (None, before.sampling_rate) and table.columns.is_unique:
        kept = _kept_samples(table.index, before)
        if kept is not None:
            return _restored(table, before, kept, units, source)
    return _from_any_frame(table, before, sampling_rate, units, source)


@dataclass(frozen=True, eq=False)
class _Before:
    """The recording that a table was made of, but for its samples."""

    sampling_rate: float
    spans: tuple[Span, ...]
    start_time: datetime | None
    metadata: Mapping[str, Any]
    annotations: tuple[Annotation, ...]
    warnings: tuple[str, ...]
    source: str
    unit_of: Mapping[str, str]
    checksum_of: Mapping[str, int]

    @property
    def n_samples(self) -> int:
        return self.spans[-1].stop


def _before(frame: pd.DataFrame) -> _Before | None:
    """Return what a table says about the recording that it was made of; None where it says nothing that fits."""
    try:
        about: dict[str, Any] = json.loads(frame.attrs[ABOUT])
        rate = check_sampling_rate(about["sampling_rate"])
        spans = tuple(Span(int(start), int(stop), float(time)) for start, stop, time in about["spans"])
        check_spans(spans, spans[-1].stop, rate)
        names = [str(name) for name in about["channel_names"]]
        return _Before(
            sampling_rate=rate,
            spans=spans,
            start_time=datetime.fromisoformat(about["start_time"]) if about["start_time"] else None,
            metadata=dict(about["metadata"]),
            annotations=tuple(Annotation(int(a[0]), str(a[1]), float(a[2]), a[3]) for a in about["annotations"]),
            warnings=tuple(str(warning) for warning in about["warnings"]),
            source=str(about["source"]),
            unit_of=dict(zip(names, map(str, about["units"]), strict=True)),
            checksum_of=dict(zip(names, map(int, about["checksums"]), strict=True)),
        )
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, ParameterError):
        return None  # not ours, or damaged: the table counts as anybody's


def _kept_samples(index: pd.Index[Any], before: _Before) -> NDArray[np.int64] | None:
    """Return the sample of the old recording that each row is; None where the rows have other times."""
    import pandas as pd

    n = before.n_samples
    if not len(index) or index.dtype.kind != "f":
        # Without its times a table as long as the recording can only be all of it.
        return np.arange(n) if isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(n)) else None
    times = index.to_numpy(dtype=np.float64)
    positions = samples_of(before.spans, before.sampling_rate, times)
    if not np.isfinite(positions).all():
        return None
    kept = np.rint(positions).astype(np.int64)
    steps = np.diff(kept)
    if len(steps) >= DECIMATED and steps.min() == steps.max() > 1:
        return None  # every other row, say: the clock of the index tells the rate
    off = np.abs(times_of(before.spans, before.sampling_rate, kept.astype(np.float64)) - times)
    return kept if off.max() < 1e-3 / before.sampling_rate and (np.diff(kept) > 0).all() else None


def _restored(
    table: pd.DataFrame, before: _Before, kept: NDArray[np.int64], units: str | Sequence[str], source: str
) -> Recording:
    """Return the recording of rows that are samples of the old one."""
    where = source or before.source or "table"
    labels = [name for name in table.columns if name not in before.unit_of and is_label(table[name], name)]
    names = [name for name in table.columns if name not in labels]
    samples = {name: _samples(table, name, where) for name in names}
    if not samples:
        raise ParameterError(f"{where}: holds no channel (columns: {shorten_list(table.columns) or 'none'})")
    notes = [] if units else _changes(samples, before)
    given = resolve_units(units, len(names), where) or [before.unit_of.get(name, "") for name in names]
    factors = [canonical_unit(unit)[1] if units else 1.0 for unit in given]
    data = np.stack(
        [x if f == 1 else (x * f).astype(np.float32) for x, f in zip(samples.values(), factors, strict=True)]
    )
    spans, zero = _spans_of(kept, before)
    gone = before.n_samples - len(kept)
    annotations, lost = _annotations_of(kept, before) if gone else (list(before.annotations), 0)
    annotations = [mark for mark in annotations if mark.channel not in before.unit_of or mark.channel in samples]
    for name in labels:
        annotations += annotations_from_labels(table[name].tolist(), before.sampling_rate)
    if labels:
        annotations.sort(key=lambda mark: mark.sample)
    if gone:
        also = f", nor are {lost:,} annotations on them" if lost else ""
        notes.append(f"{gone:,} of {before.n_samples:,} samples are no longer in the table{also}")
    return Recording(
        data,
        before.sampling_rate,
        channel_names=names,
        units=[canonical_unit(unit)[0] if units else unit for unit in given],
        start_time=before.start_time + timedelta(seconds=zero) if before.start_time is not None else None,
        spans=spans,
        metadata=before.metadata,
        annotations=annotations,
        warnings=[*before.warnings, *(f"{where}: {note}" for note in notes)],
        source=source or before.source,
    )


def _samples(table: pd.DataFrame, name: str, source: str) -> NDArray[np.float32]:
    column = table[name]
    if column.dtype.kind in "biuf":
        with np.errstate(over="ignore"):
            return column.to_numpy(dtype=np.float32, na_value=np.nan)
    found, _ = numeric_columns(table, [name], source, strict=True)
    return found.get(name, np.full(len(table), np.nan, dtype=np.float32))


def _changes(samples: Mapping[str, NDArray[np.float32]], before: _Before) -> list[str]:
    """Return what to know of channels whose samples or names are others than they were."""
    known = [name for name in samples if name in before.unit_of]
    changed = [name for name in known if before.unit_of[name] and len(samples[name]) == before.n_samples]
    changed = [name for name in changed if _checksum(samples[name]) != before.checksum_of[name]]
    new = [name for name in samples if name not in before.unit_of]
    notes = []
    if changed:
        units = shorten_list(dict.fromkeys(before.unit_of[name] for name in changed))
        notes.append(
            f"samples of {shorten_list(changed)} were changed after to_dataframe(); they are taken to be in {units} as "
            "before (units= says otherwise)"
        )
    if new:
        notes.append(
            f"no unit is known for {shorten_list(new)}, not among the channels that to_dataframe() gave "
            f"({shorten_list(before.unit_of)})"
        )
    return notes


def _annotations_of(kept: NDArray[np.int64], before: _Before) -> tuple[list[Annotation], int]:
    """Return the annotations of samples that were kept, and how many others there were."""
    samples = np.array([mark.sample for mark in before.annotations], dtype=np.int64)
    places = np.minimum(np.searchsorted(kept, samples), len(kept) - 1)
    there = kept[places] == samples
    found = [
        replace(mark, sample=int(place))
        for mark, place, inside in zip(before.annotations, places, there, strict=True)
        if inside
    ]
    return found, len(samples) - len(found)


def _spans_of(kept: NDArray[np.int64], before: _Before) -> tuple[list[Span], float]:
    """Return the spans of the samples that were kept, and the old time of the first of them, in s."""
    if len(kept) == before.n_samples:
        return list(before.spans), 0.0
    borders = np.flatnonzero(np.diff(kept) > 1) + 1
    starts = np.searchsorted(kept, [span.start for span in before.spans if span.stop > span.start])
    edges = np.unique(np.concatenate([[0], borders, starts[starts < len(kept)], [len(kept)]]))
    times = times_of(before.spans, before.sampling_rate, kept[edges[:-1]].astype(np.float64))
    zero = float(times[0])
    spans = [
        Span(int(start), int(stop), float(time) - zero)
        for start, stop, time in zip(edges[:-1], edges[1:], times, strict=True)
    ]
    return spans, zero


def _from_any_frame(
    table: pd.DataFrame, before: _Before | None, sampling_rate: float | None, units: str | Sequence[str], source: str
) -> Recording:
    """Return the recording of a table that states its own time, or of which the sampling rate is given."""
    import pandas as pd

    index = table.index
    clock_name = str(index.name).casefold() if index.name is not None else ""
    time_column: str | None = None
    if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) or clock_name in _TIMES:
        time_column = "time (s)" if index.dtype.kind in "iuf" else "time"
        while time_column in table.columns:
            time_column += "_"
        table = table.reset_index(drop=True)
        table.insert(0, time_column, pd.Series(np.asarray(index) if index.dtype.kind in "iuf" else index))
    hints = TableHints(
        sampling_rate=sampling_rate,
        units=units or None,
        unit_of=before.unit_of if before is not None else {},
        time_column=time_column,
        strict=True,
    )
    found = recording_from_table(table, hints, source or (before.source if before is not None else "") or "table")
    if before is None:
        return found
    gone = [
        what
        for what, there in (
            ("spans", len(before.spans) > 1),
            ("start time", before.start_time is not None and found.start_time is None),
            (f"{len(before.annotations):,} annotations", bool(before.annotations)),
        )
        if there
    ]
    note = f"{found.source}: its times are not those that to_dataframe() gave: {', '.join(gone)} were dropped"
    return found.replace(
        metadata={**before.metadata, **found.metadata},
        warnings=[*before.warnings, *found.warnings, *([note] if gone else [])],
    )


def _checksum(channel: NDArray[np.float32]) -> int:
    """Return a checksum of samples; all that are missing count alike."""
    return zlib.crc32(np.where(np.isnan(channel), np.float32(np.nan), channel).astype("<f4").tobytes())
