"""Signals of one WFDB record or segment: plain ones by NumPy, all others by the wfdb library.

The library's import takes longer than reading a plain record. It is given a header of our own words beside links to the
signal files, so that what it forgives or not does not matter.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_declared_size, check_unpacked
from sigsimnet.io.formats._wfdb_library import library

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sigsimnet.io.formats._wfdb_header import WfdbHeader

__all__ = ["fill_signals", "frames_held"]

# Bits a sample takes in each format (https://physionet.org/physiotools/wag/signal-5.htm).
_BITS = {
    "8": 8.0, "16": 16.0, "24": 24.0, "32": 32.0, "61": 16.0, "80": 8.0, "160": 16.0, "212": 12.0, "310": 32 / 3,
    "311": 32 / 3,
}  # fmt: skip
_MATLAB_5 = 128  # bytes of header; only MATLAB 4 has the 24 that WFDB's headers name
_BLOCK = 1 << 20  # samples that are converted at a time
_FLAC = ("508", "516", "524")
_INVALID = {"16": -(1 << 15), "212": -(1 << 11)}  # what a missing sample is stored as


def frames_held(folder: Path, header: WfdbHeader, source: str, max_unpacked: int | None) -> tuple[int, list[str]]:
    """Return the number of frames that all signal files hold, and warnings.

    Raises
    ------
    ReadError
        If a file is not there, or holds less than half of what the header claims.
    """
    held: list[int] = []
    packed = unpacked = 0
    for name in dict.fromkeys(signal.file for signal in header.signals):
        path = signal_file(folder, name)
        if path is None:
            raise ReadError(f"{source}: its signal file {name} is not there")
        members = [signal for signal in header.signals if signal.file == name]
        form, per_frame = members[0].format, sum(signal.per_frame for signal in members)
        if members[0].offset < _MATLAB_5 and _begins_as_matlab_5(path):
            raise ReadError(
                f"{source}: its signal file {name} is of MATLAB 5, whose samples do not begin at byte "
                f"{members[0].offset}: read {name} by itself, with sampling_rate="
            )
        size = path.stat().st_size - members[0].offset
        if form in _FLAC:
            frames = _flac_frames(path, len(members), source) // members[0].per_frame
            packed, unpacked = packed + max(size, 0), unpacked + 8 * frames * per_frame
        elif form in _BITS:
            frames = int(size * 8 / (_BITS[form] * per_frame) + 1e-9)
        else:
            raise ReadError(f"{source}: its signal file {name} has the unknown format {form}")
        held.append(frames)
    check_unpacked(source, unpacked, packed, max_unpacked)
    claimed = header.length or min(held)
    if claimed < 2 and min(held) < 2:
        raise ReadError(f"{source}: has {max(claimed, 0)} sample{'s' if claimed != 1 else ''}; at least 2 are needed")
    note = check_declared_size(source, claimed, min(held), "samples a channel")
    return min(claimed, *held), [note] if note else []


def fill_signals(
    folder: Path, header: WfdbHeader, n_frames: int, rows: Mapping[int, tuple[NDArray[np.float32], float]], source: str
) -> None:
    """Put signals of a record into arrays, in physical units; NaN where a sample is marked invalid.

    Parameters
    ----------
    folder, header : Path, WfdbHeader
    n_frames : int
        That all files hold (`frames_held`).
    rows : mapping of int to (ndarray, float)
        By the position of the signal: where it goes, and what its physical values are multiplied by.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If a file is damaged.
    """
    if header.is_plain:
        _fill_plain(folder, header, n_frames, rows)
        return
    try:
        signals = _by_the_library(folder, header, n_frames)
    except Exception as error:  # what the library stumbles over is not known beforehand
        raise ReadError(f"{source}: its signals cannot be read ({reason_of(error)})") from error
    for i, (row, factor) in rows.items():
        row[:] = signals[i][: len(row)] * factor


def _begins_as_matlab_5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(10) == b"MATLAB 5.0"


def signal_file(folder: Path, name: str) -> Path | None:
    """Return a signal file, in capitals too; None where it is not there."""
    if name in {"", ".", ".."}:
        return None
    for spelling in dict.fromkeys((name, name.upper(), name.lower())):
        if (path := folder / spelling).is_file():
            return path
    return None


def _fill_plain(
    folder: Path, header: WfdbHeader, n_frames: int, rows: Mapping[int, tuple[NDArray[np.float32], float]]
) -> None:
    for name in dict.fromkeys(signal.file for signal in header.signals):
        members = [i for i, signal in enumerate(header.signals) if signal.file == name]
        form, offset = header.signals[members[0]].format, header.signals[members[0]].offset
        path = signal_file(folder, name) or folder / name
        step = max(2, _BLOCK // len(members) // 2 * 2)
        for first in range(0, n_frames, step):
            last = min(first + step, n_frames)
            samples = _stored(path, form, offset, first * len(members), (last - first) * len(members))
            for i, column in zip(members, samples.reshape(-1, len(members)).T, strict=True):
                if i not in rows:
                    continue
                row, factor = rows[i]
                values = (column.astype(np.float64) - header.signals[i].baseline) / header.signals[i].gain
                values *= factor
                values[column == _INVALID[form]] = np.nan
                with np.errstate(over="ignore"):  # what is beyond single precision becomes infinite, and so missing
                    row[first:last] = values


def _stored(path: Path, form: str, offset: int, first: int, count: int) -> NDArray[np.int16]:
    """Return samples as they are stored, from an even one on: two bytes each, or two in three bytes (format 212)."""
    if form == "16":
        return np.fromfile(path, "<i2", count, offset=offset + 2 * first)
    stored = np.fromfile(path, np.uint8, -(-3 * count // 2), offset=offset + 3 * first // 2)
    low, middle, high = np.append(stored, np.zeros(-len(stored) % 3, np.uint8)).astype(np.int16).reshape(-1, 3).T
    samples = np.column_stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4]).ravel()[:count]
    samples[samples > 0x7FF] -= 0x1000
    return samples


def _by_the_library(folder: Path, header: WfdbHeader, n_frames: int) -> list[NDArray[np.float64]]:
    smooth = all(signal.per_frame == 1 for signal in header.signals)
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as scratch, library() as wfdb:
        names = {name: f"s{k}.dat" for k, name in enumerate(dict.fromkeys(signal.file for signal in header.signals))}
        for name, own in names.items():
            _link((signal_file(folder, name) or folder / name).absolute(), Path(scratch) / own)
        lines = [f"r {len(header.signals)} 250 {n_frames}"]
        lines += [
            f"{names[s.file]} {s.format}x{s.per_frame}:{s.skew}+{s.offset} {s.gain:.15g}({s.baseline})/mV "
            f"{s.resolution} {s.zero} {s.first} {s.checksum} 0 c{k}"
            for k, s in enumerate(header.signals)
        ]
        (Path(scratch) / "r.hea").write_text("\n".join(lines) + "\n")
        record = wfdb.rdrecord(str(Path(scratch) / "r"), smooth_frames=smooth)
        signals = list(record.p_signal.T) if smooth else [np.asarray(one) for one in record.e_p_signal]
    if len(signals) != len(header.signals):
        raise ValueError(f"{len(signals)} signals of {len(header.signals)}")
    return signals


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source)
    except OSError:  # Windows allows it to some only
        shutil.copyfile(source, target)


def _flac_frames(path: Path, n_signals: int, source: str) -> int:
    """Return the frames of a FLAC file, which says so itself: constant signals pack without limit."""
    import soundfile  # wfdb's own reader of FLAC

    try:
        about = soundfile.info(str(path))
    except Exception as error:
        raise ReadError(f"{source}: its signal file {path.name} is not FLAC ({reason_of(error)})") from error
    if about.channels != n_signals:
        raise ReadError(f"{source}: its signal file {path.name} holds {about.channels} signals, not {n_signals}")
    return int(about.frames)
