"""EDF, EDF+ and BDF: one or several rates, annotations, and files with pauses (EDF+D) as spans at their true times."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, empty_rows, stack_signals
from sigsimnet.io.formats._edf_header import Calibration, EdfHeader, calibration_of, read_edf_header
from sigsimnet.io.formats._edf_samples import (
    annotations_of,
    length_said,
    map_records,
    onsets_of,
    samples_of,
    triggers_of,
)
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_edf"]

_TRIGGERS = {"status", "trigger", "triggers"}  # what BioSemi and others call the channel of triggers of a BDF file
_BLOCK = 1 << 18  # samples that are converted at a time


def read_edf(path: Path, options: Options, source: str) -> Recording:
    """Read an EDF, EDF+ or BDF file.

    Physical values, with ``uV`` written µV and volts turned into mV. Of channels of several rates those
    of one are read, and the others are named (`choose_signals`). A truncated file gives its whole data records, with a
    warning.

    Parameters
    ----------
    path : Path
        File to open.
    options : Options
        What the user asked for.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If it is not such a file, or what was asked for is not there.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> from sigsimnet.io import write
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.edf"
    >>> write(Recording([[0.0, 1.0] * 250], 250, units="mV", channel_names=["ECG"]), path)
    >>> read_edf(path, Options(), "a.edf")
    <Recording 1 channel × 2.0 s at 250 Hz: ECG (mV)>
    """
    header = read_edf_header(path, source)
    if header.duration <= 0 and len(header.clocks) < len(header.labels):
        raise ReadError(f"{source}: its data records last {header.duration:g} s: the sampling rate cannot be inferred")
    status = _status_of(header, options)
    real = [i for i in range(len(header.labels)) if i not in header.clocks and i != status]
    if not real:
        raise ReadError(f"{source}: holds annotations but no signals")
    names, notes = unique_names([header.labels[i] for i in real], source)
    rates = [header.per_record[i] / header.duration for i in real]
    chosen, about_rates = choose_signals(names, rates, options, source)
    notes += about_rates
    records = map_records(path, header)
    given = resolve_units(options.units, len(names), source)
    channels: list[Signal] = []
    rows = empty_rows([header.n_records * header.per_record[real[k]] for k in chosen])
    for k, row in zip(chosen, rows, strict=True):
        if not len(row):
            raise ReadError(f"{source}: channel {names[k]!r} has no samples; name others with channels=")
        unit, factor = canonical_unit(given[k] if given else header.dimensions[real[k]])
        scale = calibration_of(header.limits[real[k]], names[k], source)
        if scale is None:
            notes.append(
                f"{source}: channel {names[k]!r} has no scale (its limits are equal): its samples are raw counts"
            )
        _fill(row, records, header, real[k], scale, factor)
        channels.append(Signal(names[k], unit, rates[k], row))
    if min(len(channel.data) for channel in channels) < 2:
        raise ReadError(f"{source}: has 1 sample a channel; at least 2 are needed")
    spans, about_spans = _spans(records, header, max(rates[k] for k in chosen), source)
    recording = stack_signals(channels, spans, options.resample_to)
    marks, late = annotations_of(records, header)
    codes = triggers_of(records, header, status) if status is not None else []
    recording = recording.replace(
        start_time=header.start + timedelta(seconds=late) if header.start is not None else None,
        metadata=_metadata(header),
        warnings=[*header.warnings, *notes, *about_spans],
        source=source,
    )
    every = [(time, text, duration, None) for time, text, duration in marks]
    return attach_annotations(recording, [*every, *((time, code, 0.0, None) for time, code in codes)], source)


def _status_of(header: EdfHeader, options: Options) -> int | None:
    """Return the position of BioSemi's channel of triggers, which is no signal, unless it was asked for by name."""
    if header.width != 3:
        return None
    asked = set(options.channels or ())
    for i, label in enumerate(header.labels):
        if label.strip().casefold() in _TRIGGERS and header.dimensions[i].strip().casefold() in ("", "boolean"):
            return None if label in asked else i
    return None


def _fill(
    row: NDArray[np.float32],
    records: NDArray[np.uint8],
    header: EdfHeader,
    signal: int,
    scale: Calibration | None,
    factor: float,
) -> None:
    """Put physical values into a row; block by block, since in double precision they take twice the memory."""
    n = header.per_record[signal]
    step = max(1, _BLOCK // n)
    for first in range(0, len(records), step):
        values = samples_of(records[first : first + step], header, signal).astype(np.float64)
        if scale is not None:
            values += scale.offset
            values *= scale.gain
        if factor != 1:
            values *= factor
        with np.errstate(over="ignore"):  # what is beyond single precision becomes infinite, and so missing
            row[first * n : first * n + len(values)] = values


def _spans(
    records: NDArray[np.uint8], header: EdfHeader, rate: float, source: str
) -> tuple[list[tuple[float, float]], list[str]]:
    """Return (time, length) of the spans in s since the first sample, and warnings."""
    whole = header.n_records * header.duration
    notes: list[str] = []
    tolerance = 0.5 / rate
    if not header.discontinuous:
        tolerance = max(tolerance, min(0.1, 0.5 * header.duration))  # what rounding and a drifting clock leave
        if not header.clocks or abs(length_said(records, header) - whole) <= tolerance:
            return [(0.0, whole)], []
        notes.append(f"{source}: is marked as continuous (EDF+C), but its data records say that they lie apart")
    onsets = onsets_of(records, header, source)
    gaps = np.diff(onsets) - header.duration
    if np.any(gaps < -tolerance):
        notes.append(
            f"{source}: {int(np.sum(gaps < -tolerance))} data records start before the one in front of them ends; "
            "they were put right behind it"
        )
    breaks = np.flatnonzero(gaps > tolerance) + 1
    edges = [0, *breaks.tolist(), header.n_records]
    spans: list[tuple[float, float]] = []
    end = 0.0
    for first, stop in pairwise(edges):
        time = max(float(onsets[first] - onsets[0]), end)
        length = (stop - first) * header.duration
        spans.append((round(time, 9), length))
        end = time + length
    if len(spans) > 1:
        total = float(gaps[breaks - 1].sum())
        notes.append(
            f"{source}: {len(spans) - 1} pause{'s' if len(spans) > 2 else ''} ({total:.3g} s in all): "
            f"kept as {len(spans)} segments with their true times"
        )
    return spans, notes


def _metadata(header: EdfHeader) -> dict[str, Any]:
    """Return who and what with, by the subfields of EDF+; free text of EDF as it is."""
    patient, recording = header.patient.split(), header.recording.split()
    if not header.plus and not header.recording.startswith("Startdate "):
        found = {"patient": header.patient, "recording": header.recording}
        return {key: value for key, value in found.items() if value.strip("X ")}
    found = dict(zip(("subject", "sex", "birthdate", "name"), patient, strict=False))
    found |= {"birthdate": _iso(found.get("birthdate", "X")), "equipment": "".join(recording[4:5])}
    return {key: value for key, value in found.items() if value not in ("", "X")}


def _iso(day: str) -> str:
    """Return a date of EDF+ (02-MAY-1951) as ISO has it; what is none as it is."""
    try:
        return datetime.strptime(day, "%d-%b-%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return day
