"""WFDB records (PhysioNet): header, signals of one or many segments, annotations."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, empty_rows, stack_signals
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_header import WfdbHeader, read_header
from sigsimnet.io.formats._wfdb_segments import RecordSegment, channels_of, factor_to, segments_of
from sigsimnet.io.formats._wfdb_signals import fill_signals, frames_held
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
    lengths, about_lengths = _lengths(segments, source, options.max_unpacked)
    notes += about_lengths
    kept = [replace(segment, length=length) for segment, length in zip(segments, lengths, strict=True)]
    given = resolve_units(options.units, len(names), source)
    units: dict[int, str] = {}
    rows = dict(zip(chosen, empty_rows([sum(lengths) * layout[i].per_frame for i in chosen]), strict=True))
    done = 0
    for number, segment in enumerate(kept):
        wanted: dict[int, tuple[NDArray[np.float32], float]] = {}
        for i in chosen:
            place, per_frame = layout[i].places[number], layout[i].per_frame
            if place is None:
                continue
            unit, factor = canonical_unit(segment.header.signals[place].unit)
            factor *= factor_to(units.setdefault(i, unit), unit, names[i], segment.stem.name, source)
            if unit != units[i]:
                notes.append(f"{source}: segment {segment.stem.name} has {names[i]} in {unit}: turned into {units[i]}")
            if given:
                factor *= canonical_unit(given[i])[1]
            wanted[place] = (rows[i][done * per_frame : (done + segment.length) * per_frame], factor)
        fill_signals(segment.stem.parent, segment.header, segment.length, wanted, source)
        done += segment.length
    if given:
        units = {i: canonical_unit(given[i])[0] for i in chosen}
    spans = _merge(kept)
    channels = [Signal(names[i], units.get(i, ""), rates[i], rows[i]) for i in chosen]
    times = [((first - spans[0][0]) / frame_rate, length / frame_rate) for first, length in spans]
    recording = stack_signals(channels, times, options.resample_to)
    metadata, from_comments = _comments(header.comments)
    if header.start is None and header.start_time is not None:
        metadata["time of day"] = header.start_time.isoformat()  # without a date it is no start
    recording = recording.replace(
        start_time=_start(header, spans[0][0] / frame_rate),
        metadata=metadata,
        warnings=list(dict.fromkeys([*notes, *from_comments])),
        source=source,
    )
    return _annotated(recording, stem, options.annotator, frame_rate, spans[0][0] / frame_rate, source)


def _lengths(segments: Sequence[RecordSegment], source: str, max_unpacked: int | None) -> tuple[list[int], list[str]]:
    """Return the frames of each segment that are there, and warnings."""
    lengths: list[int] = []
    notes: list[str] = []
    for segment in segments:
        if not segment.header.signals:
            raise ReadError(f"{source}: holds no signals")
        frames, about = frames_held(segment.stem.parent, segment.header, source, max_unpacked)
        # A record of segments counts the samples of each, whatever its own header says.
        lengths.append(min(frames, segment.length or frames))
        notes += about
        uncalibrated = [signal.name or "a channel" for signal in segment.header.signals if not signal.calibrated]
        if uncalibrated:
            which = ", ".join(uncalibrated)
            notes.append(f"{source}: the header gives no gain for {which}; taken as 200 units per mV (WFDB's rule)")
    return lengths, notes


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
