"""EDF, EDF+ and BDF: one or several rates, annotations, and files with pauses (EDF+D) as spans at their true times."""

from __future__ import annotations

import warnings
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io.formats._edf_header import EdfHeader, calibration_of, read_edf_header, record_onsets
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_edf"]


def read_edf(path: Path, options: Options, source: str) -> Recording:
    """Read an EDF, EDF+ or BDF file.

    Physical values, with ``uV`` written µV and volts turned into mV. Channels of several rates are refused until the
    user names channels of one rate or a rate to resample to. A truncated file gives its whole data records, with a
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
    real = [i for i in range(len(header.labels)) if i not in header.clocks]
    if not real:
        raise ReadError(f"{source}: holds annotations but no signals")
    if header.duration <= 0:
        raise ReadError(f"{source}: its data records last {header.duration:g} s: the sampling rate cannot be inferred")
    names, notes = unique_names([header.labels[i] for i in real], source)
    rates = [header.per_record[i] / header.duration for i in real]
    empty = [names[k] for k, i in enumerate(real) if header.per_record[i] == 0]
    chosen = choose_signals(names, rates, options, source)
    edf = _open(path, header, source)
    given = resolve_units(options.units, len(names), source)
    channels: list[Signal] = []
    for k in chosen:
        if names[k] in empty:
            raise ReadError(f"{source}: channel {names[k]!r} has no samples; name others with channels=")
        unit, factor = canonical_unit(given[k] if given else header.dimensions[real[k]])
        scale = calibration_of(header.limits[real[k]], names[k], source)
        data = edf.signals[k].digital[: header.n_records * header.per_record[real[k]]].astype(np.float64)
        if scale is not None:
            data = (data + scale.offset) * scale.gain
        else:
            notes.append(
                f"{source}: channel {names[k]!r} has no scale (its limits are equal): its samples are raw counts"
            )
        channels.append(Signal(names[k], unit, rates[k], (data * factor).astype(np.float32)))
    if min(len(channel.data) for channel in channels) < 2:
        raise ReadError(f"{source}: has 1 sample a channel; at least 2 are needed")
    spans, about_spans = _spans(path, header, max(rates[k] for k in chosen), source)
    recording = stack_signals(channels, spans, options.resample_to)
    recording = recording.replace(
        start_time=_start(edf),
        metadata=_metadata(edf),
        warnings=[*header.warnings, *notes, *about_spans],
        source=source,
    )
    return _annotated(recording, edf, source)


def _open(path: Path, header: EdfHeader, source: str) -> Any:
    import edfio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a truncated file: there is a warning already, with numbers
        try:
            # By the bytes: the extension does not always show which of the two it is.
            if header.width == 3:
                return edfio.read_bdf(path)
            return edfio.read_edf(path)
        except (ValueError, IndexError, KeyError, OSError) as error:
            raise ReadError(f"{source}: cannot be read as EDF or BDF ({reason_of(error)})") from error


def _spans(path: Path, header: EdfHeader, rate: float, source: str) -> tuple[list[tuple[float, float]], list[str]]:
    """Return (time, length) of the spans in s since the first sample, and warnings."""
    whole = header.n_records * header.duration
    if not header.discontinuous:
        return [(0.0, whole)], []
    onsets = record_onsets(path, header, source)
    gaps = np.diff(onsets) - header.duration
    notes: list[str] = []
    tolerance = 0.5 / rate
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


def _start(edf: Any) -> datetime | None:
    try:
        # edfio adds the time by which the first data record starts late.
        return datetime.combine(edf.startdate, edf.starttime)
    except (ValueError, IndexError):  # made anonymous, nonsense in the header, or a first record without its time
        return None


def _metadata(edf: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for key, owner, attribute in (
        ("subject", "patient", "code"),
        ("sex", "patient", "sex"),
        ("birthdate", "patient", "birthdate"),
        ("name", "patient", "name"),
        ("equipment", "recording", "equipment_code"),
    ):
        try:
            value = getattr(getattr(edf, owner), attribute)
        except (ValueError, IndexError, AttributeError):  # plain EDF keeps free text here
            continue
        if value not in {None, "", "X"}:
            metadata[key] = str(value)
    return metadata


def _annotated(recording: Recording, edf: Any, source: str) -> Recording:
    try:
        found = edf.annotations
    except (ValueError, IndexError) as error:
        note = f"{source}: its annotations cannot be read ({reason_of(error)}) and were left out"
        return recording.replace(warnings=[*recording.warnings, note])
    # edfio counts from the first sample, as we do.
    marks = [(float(mark.onset), mark.text, float(mark.duration or 0.0), None) for mark in found if mark.text]
    return attach_annotations(recording, marks, source)
