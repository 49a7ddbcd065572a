"""Samples, triggers and annotations of EDF and BDF files, mapped from the disk: only what is asked for is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io.formats._edf_header import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.io.formats._edf_header import EdfHeader

__all__ = ["annotations_of", "length_said", "map_records", "onsets_of", "samples_of", "triggers_of"]

_TAL = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14([^\x00]*)")
_LEAST_REST = 0.1  # of the samples are 0 where 0 is rest
_TRIGGER = 0xFFFF  # of BioSemi's 24 bits the lower 16


def map_records(path: Path, header: EdfHeader) -> NDArray[np.uint8]:
    """Return the data records of a file, shape (n_records, bytes), as they are on the disk."""
    return np.memmap(path, np.uint8, "r", header.size, (header.n_records, header.record_size))


def samples_of(records: NDArray[np.uint8], header: EdfHeader, signal: int) -> NDArray[np.signedinteger[Any]]:
    """Return the stored integers of a signal."""
    n = header.per_record[signal]
    first = header.offset_of(signal)
    part = np.ascontiguousarray(records[:, first : first + n * header.width])
    if header.width == 2:
        return part.view("<i2").reshape(-1)
    wide = np.zeros((len(part), n, 4), dtype=np.uint8)
    wide[:, :, 1:] = part.reshape(len(part), n, 3)
    return (wide.view("<i4")[:, :, 0] >> 8).reshape(-1)  # keeps the sign


def onsets_of(records: NDArray[np.uint8], header: EdfHeader, source: str) -> NDArray[np.float64]:
    """Return when each data record of an EDF+D file starts, in s since the start of the file.

    Raises
    ------
    ReadError
        If the file keeps no time.
    """
    if not header.clocks:
        raise ReadError(f"{source}: is marked as interrupted (EDF+D) but keeps no time of its data records")
    onsets = np.empty(header.n_records)
    for i, raw in enumerate(_annotation_bytes(records, header, header.clocks[0])):
        found = _TAL.match(raw)
        if not found:
            raise ReadError(f"{source}: data record {i + 1} of {header.n_records} does not say when it starts")
        onsets[i] = float(found[1])
    return onsets


def annotations_of(records: NDArray[np.uint8], header: EdfHeader) -> tuple[list[tuple[float, str, float]], float]:
    """Return (time in s, text, duration in s) of every annotation, and when the first data record starts.

    Times count from the first sample.
    """
    found: list[tuple[float, str, float]] = []
    first: float | None = None
    for signal in header.clocks:
        for number, raw in enumerate(_annotation_bytes(records, header, signal)):
            for tal in _TAL.finditer(raw):
                texts = tal[3].split(b"\x14")
                if first is None and number == 0 and signal == header.clocks[0] and not texts[0]:
                    first = float(tal[1])
                found += [(float(tal[1]), text_of(text), float(tal[2] or 0.0)) for text in texts if text.strip(b"\0 ")]
    start = first or 0.0
    return [(time - start, text, duration) for time, text, duration in found], start


def triggers_of(records: NDArray[np.uint8], header: EdfHeader, signal: int) -> list[tuple[float, str]]:
    """Return (time in s since the first sample, code) of each trigger of a BioSemi status channel.

    A trigger is a change to a code that is not that of rest: 0, or the most frequent one of a device whose lines are
    high at rest, whose bits are then taken off the codes.
    """
    codes = samples_of(records, header, signal) & _TRIGGER
    values, counts = np.unique(codes, return_counts=True)
    at_rest = int(values[counts.argmax()])
    if counts[values == 0].sum() >= _LEAST_REST * len(codes):
        at_rest = 0
    changed = np.r_[True, np.diff(codes) != 0]
    places = np.flatnonzero(changed & (codes != at_rest))
    rate = header.per_record[signal] / header.duration
    plain = np.where(codes & at_rest == at_rest, codes & ~at_rest, codes)
    return [(float(place) / rate, str(int(plain[place]))) for place in places]


def length_said(records: NDArray[np.uint8], header: EdfHeader) -> float:
    """Return the time in s from the start of the first data record to the end of the last, as both say it.

    Of a file whose records do not say when they start it is what their number says.
    """
    first = header.offset_of(header.clocks[0])
    size = header.per_record[header.clocks[0]] * header.width
    ends = [_TAL.match(records[row, first : first + size].tobytes()) for row in (0, -1)]
    if ends[0] is None or ends[1] is None:
        return header.n_records * header.duration
    return float(ends[1][1]) - float(ends[0][1]) + header.duration


def _annotation_bytes(records: NDArray[np.uint8], header: EdfHeader, signal: int) -> list[bytes]:
    first = header.offset_of(signal)
    size = header.per_record[signal] * header.width
    return [record.tobytes() for record in records[:, first : first + size]]
