"""Segments of a WFDB record: which there are, and how their channels go together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigsimnet._utils.text import shorten_list
from sigsimnet.errors import ReadError
from sigsimnet.io.formats._wfdb_header import WfdbHeader, read_header
from sigsimnet.io.units import IN_VOLTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Channel", "RecordSegment", "channels_of", "factor_to", "segments_of"]

_Key = tuple[str, int]  # a name, and how many of that name stand before it


@dataclass(frozen=True)
class RecordSegment:
    """A segment: its record, and its first frame and its frames on the time line of the whole."""

    stem: Path
    header: WfdbHeader
    first: int
    length: int


@dataclass(frozen=True)
class Channel:
    """A channel of the whole record, and its place in each segment (None where a segment lacks it)."""

    name: str
    per_frame: int
    places: tuple[int | None, ...]


def segments_of(stem: Path, header: WfdbHeader, source: str) -> tuple[list[RecordSegment], list[str]]:
    """Return the segments of a record, which is its own only one where it has none, and warnings.

    Raises
    ------
    ReadError
        If a segment is itself made of segments, or its sampling rate is another than the record's.
    """
    if header.segments is None:
        return [RecordSegment(stem, header, 0, header.length or 0)], []
    segments: list[RecordSegment] = []
    notes: list[str] = []
    first = 0
    for name, length in header.segments:
        if name != "~" and length:
            own = _segment_header(stem, name, header, source)
            segments.append(RecordSegment(stem.with_name(name), own, first, length))
            held = own.length or length
            if held != length:
                rest = "the rest became a pause" if held < length else "the rest was left out"
                notes.append(
                    f"{source}: segment {name} holds {held:,} samples but the record counts {length:,}: {rest}"
                )
        first += length
    if not segments:
        raise ReadError(f"{source}: all of its segments are pauses")
    return segments, notes


def channels_of(
    stem: Path, header: WfdbHeader, segments: Sequence[RecordSegment], source: str
) -> tuple[list[Channel], list[str]]:
    """Return the channels of the whole record, by name: what any segment has, and warnings.

    In a variable-layout record the segment of length 0 names them first. A channel that a segment lacks is missing
    there.

    Raises
    ------
    ReadError
        If a channel has several rates.
    """
    headers = [segment.header for segment in segments]
    if header.segments is not None and not header.segments[0][1]:
        layout, variable = _segment_header(stem, header.segments[0][0], header, source), True
    else:
        layout, variable = headers[0], False
    if not layout.signals:
        raise ReadError(f"{source}: holds no signals")
    keys = [_keys(layout, layout), *(_keys(own, layout) for own in headers)]
    every = list(dict.fromkeys(key for own in keys for key in own))
    notes = [] if variable else _about_channels(segments, keys[1:], every, source)
    channels = []
    for key in every:
        places = tuple(own.index(key) if key in own else None for own in keys[1:])
        found = [(layout, keys[0].index(key))] if key in keys[0] else []
        found += [(own, place) for own, place in zip(headers, places, strict=True) if place is not None]
        rates = {own.signals[place].per_frame for own, place in found}
        if len(rates) > 1:
            listed = " and ".join(f"{rate} samples" for rate in sorted(rates))
            raise ReadError(f"{source}: {key[0]} has {listed} a frame in different segments; read them one by one")
        channels.append(Channel(key[0], rates.pop(), places))
    return channels, notes


def factor_to(unit: str, own: str, channel: str, segment: str, source: str) -> float:
    """Return what turns numbers of one of our units into another.

    Raises
    ------
    ReadError
        If nothing does.

    Examples
    --------
    >>> factor_to("mV", "µV", "ECG", "a_0002", "a")
    0.001
    """
    if own == unit:
        return 1.0
    if own in IN_VOLTS and unit in IN_VOLTS:
        return IN_VOLTS[own] / IN_VOLTS[unit]
    raise ReadError(
        f"{source}: segment {segment} has {channel} in {own or 'an unknown unit'}, those before in "
        f"{unit or 'an unknown unit'}: name other channels with channels=, or read the segments one by one"
    )


def _segment_header(stem: Path, name: str, header: WfdbHeader, source: str) -> WfdbHeader:
    about = f"{source} (segment {name})"
    own = read_header(stem.with_name(name), about, header.rate)
    if own.segments is not None:
        raise ReadError(f"{about}: is itself made of segments")
    if abs(own.rate / header.rate - 1) > 1e-6:
        raise ReadError(
            f"{source}: segment {name} is sampled at {own.rate:g} Hz but the record at {header.rate:g} Hz; read the "
            "segments one by one"
        )
    return own


def _keys(own: WfdbHeader, layout: WfdbHeader) -> list[_Key]:
    """Return what tells the channels of a segment apart; those of one without names go by their place."""
    names = [signal.name for signal in own.signals]
    if not any(names) and len(names) == len(layout.signals):
        names = [signal.name for signal in layout.signals]
    seen: Counter[str] = Counter()
    keys = []
    for name in names:
        keys.append((name, seen[name]))
        seen[name] += 1
    return keys


def _about_channels(
    segments: Sequence[RecordSegment], keys: Sequence[list[_Key]], every: list[_Key], source: str
) -> list[str]:
    """Say which channels a segment of a fixed layout lacks, where all should have the same."""
    notes = []
    for segment, own in zip(segments, keys, strict=True):
        lacking = [key[0] for key in every if key not in own]
        if lacking:
            notes.append(f"{source}: segment {segment.stem.name} lacks {shorten_list(lacking)}: missing there")
    return notes
