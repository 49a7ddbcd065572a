"""WFDB records (PhysioNet): header, signals of one or many segments, annotations."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_header import WfdbHeader, read_header
from sigsimnet.io.formats._wfdb_segments import RecordSegment, channels_of, factor_to, segments_of
from sigsimnet.io.formats._wfdb_signals import frames_held, read_signals
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_wfdb"]


def read_wfdb(stem: Path, options: Options, source: str) -> Recording:
    """Read a WFDB record.

    Samples marked invalid become NaN, and so does a channel that a segment of a multi-segment record lacks. Pauses
    between segments become `Recording.spans` with their true times. A gain of 0 means, by the WFDB convention, an
    uncalibrated signal: 200 units per mV are assumed, with a warning. Signals with several samples a frame keep their
    own rate. Annotations come from ``.atr`` (or ``options.annotator``): the label is the WFDB symbol (``"N"``); for
    rhythm changes (``+``) and comments (``"``) it is the note (``"(AFIB"``); a note on another mark follows as an
    annotation of its own. Comments ``# Age: 25`` become metadata, others ``metadata["comments"]``.

    Parameters
    ----------
    stem : Path
        Record without extension.
    options : Options
        What the user asked for.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If header and files do not fit, or what was asked for is not there.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> from sigsimnet.io import write
    >>> stem = pathlib.Path(tempfile.mkdtemp()) / "rec"
    >>> write(Recording([[0.0, 1.0, 0.5]], 250, units="mV"), stem.with_suffix(".hea"))
    >>> read_wfdb(stem, Options(), "rec")
    <Recording 1 channel × 0.0 s at 250 Hz: ch1 (mV)>
    """
    header = read_header(stem, source, options.sampling_rate)
    segments, about_segments = segments_of(stem, header, source)
    layout, about_channels = channels_of(stem, header, segments, source)
    frame_rate = header.rate
    names, changed = unique_names([channel.name for channel in layout], source)
    notes = [*header.warnings, *about_segments, *about_channels, *changed]
    rates = [frame_rate * channel.per_frame for channel in layout]
    chosen, about_rates = choose_signals(names, rates, options, source)
    notes += about_rates
    parts: list[list[NDArray[np.float64]]] = [[] for _ in names]
    units: list[str | None] = [None] * len(names)
    kept: list[RecordSegment] = []
    for number, segment in enumerate(segments):
        signals, length, about_segment = _read_segment(segment, source, options.max_unpacked)
        notes += about_segment
        kept.append(replace(segment, length=length))
        for i in chosen:
            place, per_frame = layout[i].places[number], layout[i].per_frame
            if place is None:
                parts[i].append(np.full(length * per_frame, np.nan))
                continue
            unit, factor = canonical_unit(segment.header.signals[place].unit)
            if units[i] is None:
                units[i] = unit
            factor *= factor_to(units[i] or "", unit, names[i], segment.stem.name, source)
            parts[i].append(signals[place][: length * per_frame] * factor)
            if unit != units[i]:
                notes.append(f"{source}: segment {segment.stem.name} has {names[i]} in {unit}: turned into {units[i]}")
    given = resolve_units(options.units, len(names), source)
    if given:
        parts = [[p * canonical_unit(unit)[1] for p in part] for part, unit in zip(parts, given, strict=True)]
        units = [canonical_unit(unit)[0] for unit in given]
    spans = _merge(kept)
    channels = [Signal(names[i], units[i] or "", rates[i], np.concatenate(parts[i]).astype(np.float32)) for i in chosen]
    times = [((first - spans[0][0]) / frame_rate, length / frame_rate) for first, length in spans]
    recording = stack_signals(channels, times, options.resample_to)
    metadata, from_comments = _comments(header.comments)
    recording = recording.replace(
        start_time=_start(header, spans[0][0] / frame_rate),
        metadata=metadata,
        warnings=list(dict.fromkeys([*notes, *from_comments])),
        source=source,
    )
    return _annotated(recording, stem, options.annotator, frame_rate, spans[0][0] / frame_rate, source)


def _read_segment(
    segment: RecordSegment, source: str, max_unpacked: int | None
) -> tuple[list[NDArray[np.float64]], int, list[str]]:
    """Return the signals in physical units, the number of frames and warnings."""
    header, folder = segment.header, segment.stem.parent
    if not header.signals:
        raise ReadError(f"{source}: holds no signals")
    frames, notes = frames_held(folder, header, source, max_unpacked)
    # A record of segments counts the samples of each, whatever its own header says.
    frames = min(frames, segment.length or frames)
    signals = read_signals(folder, header, frames, source)
    uncalibrated = [signal.name or "a channel" for signal in header.signals if not signal.calibrated]
    if uncalibrated:
        notes.append(
            f"{source}: the header gives no gain for {', '.join(uncalibrated)}; taken as 200 units per mV (WFDB's rule)"
        )
    return signals, frames, notes


def _merge(segments: Sequence[RecordSegment]) -> list[tuple[int, int]]:
    """First frame and length of each span without a pause."""
    spans: list[tuple[int, int]] = []
    for segment in segments:
        if spans and spans[-1][0] + spans[-1][1] == segment.first:
            spans[-1] = (spans[-1][0], spans[-1][1] + segment.length)
        else:
            spans.append((segment.first, segment.length))
    return spans


def _start(header: WfdbHeader, offset: float) -> datetime | None:
    return header.start + timedelta(seconds=offset) if header.start is not None else None


def _comments(lines: Sequence[str] | None) -> tuple[dict[str, Any], list[str]]:
    metadata: dict[str, Any] = {}
    others: list[str] = []
    notes: list[str] = []
    for line in lines or ():
        key, found, value = line.partition(":")
        key = key.strip().lstrip("<").rstrip(">").strip()
        if found and key == "warning":
            notes.append(value.strip())
        elif found and value.strip() and 0 < len(key) <= 40:
            metadata[key] = value.strip()
        elif line.strip():
            others.append(line.strip())
    if others:
        metadata["comments"] = others
    return metadata, notes


def _annotated(
    recording: Recording, stem: Path, annotator: str | None, frame_rate: float, offset: float, source: str
) -> Recording:
    extension = annotator or "atr"
    path = stem.with_name(f"{stem.name}.{extension}")
    if not path.is_file():
        if annotator:
            raise ReadError(f"{source}: no annotation file {path.name}")
        return recording
    if path.stat().st_size == 0:
        return recording
    found = read_annotations(path)
    rate = found.fs or frame_rate
    marks: list[tuple[float, str, float, str | None]] = []
    for sample, symbol, aux in zip(found.sample, found.symbol, found.aux_note, strict=True):
        time = sample / rate - offset
        note = aux.strip("\x00 ")
        if note and symbol in {"+", '"'}:
            marks.append((time, note, 0.0, None))
            continue
        marks.append((time, symbol, 0.0, None))
        if note:
            marks.append((time, note, 0.0, None))
    about = [f"{source}: its annotations {path.name} {what}" for what in found.warnings]
    return attach_annotations(recording.replace(warnings=[*recording.warnings, *about]), marks, source)
