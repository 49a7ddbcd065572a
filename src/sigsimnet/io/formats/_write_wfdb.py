"""Write a recording as a WFDB record."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import WriteError
from sigsimnet.io.formats.wfdb import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording, Span

__all__ = ["write_wfdb"]

_LARGEST = 32767  # -32768 is WFDB's invalid sample in format 16
_ASCII_UNITS = {"": "nu", "µV": "uV", "°C": "degC"}
_SYMBOLS = set("NLRBAaJSVrFejnE/fQ?[!]x()ptu`'^|~+sT*D=@")


def write_wfdb(recording: Recording, path: Path) -> None:
    """Write header, signals (format 16) and annotations (``.atr``).

    Each channel's gain makes the most of 16 bits, so that a sample is off by at most 1/131,068 of the channel's range.
    Pauses become empty segments of a multi-segment record, rounded to whole samples. A label that is no WFDB symbol
    becomes a comment (``"``) with the label as its note. Metadata become comments; durations and channels of
    annotations have no place in the format. An older record of this name goes, its segments and annotations with it.

    Raises
    ------
    WriteError
        If the name does not suit WFDB or the folder cannot be written; nothing is left behind, and an older record of
        this name stays as it was.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rec.hea"
    >>> write_wfdb(Recording([[0.0, 1.0]], 250, units="mV", channel_names=["II"]), path)
    >>> print(path.read_text())
    rec 1 250 2
    rec.dat 16 65534(-32767)/mV 16 0 -32767 ... 0 II
    """
    name = path.stem
    if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        raise WriteError(f"{path}: a WFDB record's name has only letters, digits, - and _")
    if not path.parent.is_dir():
        raise WriteError(f"{path}: no folder {path.parent}")
    scales = [_scale(channel) for channel in recording.data]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{name}-") as scratch:
        folder, aside = Path(scratch) / "new", Path(scratch) / "old"
        folder.mkdir()
        aside.mkdir()
        if len(recording.spans) == 1:
            _write_segment(folder, name, recording, recording.spans[0], scales, comments=True)
        else:
            _write_segments(folder, name, recording, scales)
        if recording.annotations:
            _write_annotations(folder, name, recording)
        _move(folder, path, aside)


def _write_segments(folder: Path, name: str, recording: Recording, scales: list[tuple[float, int]]) -> None:
    lines: list[str] = []
    end = 0
    for number, span in enumerate(recording.spans, 1):
        start = max(round(span.time * recording.sampling_rate), end)
        if start > end:
            lines.append(f"~ {start - end}")
        segment = f"{name}_{number:04d}"
        _write_segment(folder, segment, recording, span, scales, comments=False)
        lines.append(f"{segment} {span.stop - span.start}")
        end = start + span.stop - span.start
    first = f"{name}/{len(lines)} {recording.n_channels} {_rate(recording)} {end}{_date(recording)}"
    (folder / f"{name}.hea").write_text("\n".join([first, *lines, *_comments(recording)]) + "\n", encoding="utf-8")


def _write_segment(
    folder: Path, name: str, recording: Recording, span: Span, scales: list[tuple[float, int]], *, comments: bool
) -> None:
    data = recording.data[:, span.start : span.stop]
    digital = np.empty(data.shape, dtype="<i2")
    length = span.stop - span.start
    date = _date(recording) if comments else ""
    lines = [f"{name} {recording.n_channels} {_rate(recording)} {length}{date}"]
    for i, (gain, baseline) in enumerate(scales):
        physical = data[i].astype(np.float64)
        missing = np.isnan(physical)
        counts = np.clip(np.rint(np.where(missing, 0.0, physical) * gain + baseline), -_LARGEST, _LARGEST)
        digital[i] = np.where(missing, -_LARGEST - 1, counts)
        checksum = int(digital[i].astype(np.int64).sum()) & 0xFFFF
        checksum = checksum - 0x10000 if checksum >= 0x8000 else checksum
        unit = _ASCII_UNITS.get(recording.units[i], recording.units[i].replace(" ", "_"))
        label = " ".join(recording.channel_names[i].split())
        first = int(digital[i, 0]) if length else 0
        lines.append(f"{name}.dat 16 {gain:.12g}({baseline})/{unit} 16 0 {first} {checksum} 0 {label}")
    digital.T.tofile(folder / f"{name}.dat")
    if comments:
        lines += _comments(recording)
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _scale(channel: NDArray[np.float32]) -> tuple[float, int]:
    """Return gain (units per physical unit, as it will be written) and baseline."""
    known = channel[np.isfinite(channel)].astype(np.float64)
    if not len(known):
        return 200.0, 0
    low, high = float(known.min()), float(known.max())
    middle = (low + high) / 2
    width = high - low
    if width == 0:  # a constant channel is written as the largest number, or as 0
        return (float(f"{_LARGEST / max(abs(low), 1e-6):.12g}"), 0) if low else (1000.0, 0)
    gain = 2 * _LARGEST / width
    # The baseline is a 32-bit number, which bounds the gain of a far offset.
    if abs(middle) * gain > 2**30:
        gain = 2**30 / abs(middle)
    gain = float(f"{gain:.12g}")
    return gain, round(-middle * gain)


def _rate(recording: Recording) -> str:
    return f"{recording.sampling_rate:.15g}"


def _date(recording: Recording) -> str:
    start = recording.start_time
    return f" {start:%H:%M:%S}.{start.microsecond:06d} {start:%d/%m/%Y}" if start else ""


def _comments(recording: Recording) -> list[str]:
    lines: list[str] = []
    for key, value in recording.metadata.items():
        if key == "comments" and isinstance(value, list | tuple):
            lines += [f"# {_line(item)}" for item in value]
        else:
            lines.append(f"# {_line(key)}: {_line(value)}")
    return lines + [f"# warning: {_line(note)}" for note in recording.warnings]


def _line(value: Any) -> str:
    return " ".join(str(value).split())


def _write_annotations(folder: Path, name: str, recording: Recording) -> None:
    samples: list[int] = []
    symbols: list[str] = []
    notes: list[str] = []
    times = recording.time_of([mark.sample for mark in recording.annotations])
    for time, mark in sorted(zip(times.tolist(), recording.annotations, strict=True), key=lambda pair: pair[0]):
        samples.append(round(time * recording.sampling_rate))
        known = mark.label in _SYMBOLS
        rhythm = mark.label.startswith("(") and len(mark.label) > 1
        symbols.append(mark.label if known else "+" if rhythm else '"')
        notes.append("" if known else mark.label)
    with library() as wfdb:
        wfdb.wrann(
            name,
            "atr",
            np.array(samples),
            symbol=symbols,
            aux_note=notes,
            fs=recording.sampling_rate,
            write_dir=str(folder),
        )


def _outdated(path: Path) -> list[Path]:
    """Return the files of an older record of this name: its header, what that names, and its annotations.

    Only what `write_wfdb` could have made: another record that is called like a segment, but is not one, stays.
    """
    header = path.with_suffix(".hea")
    if not header.is_file():
        return [path.with_suffix(".atr")]
    lines = [line.split() for line in header.read_text(encoding="utf-8", errors="replace").splitlines()]
    words = {words[0] for words in lines[1:] if words and not words[0].startswith("#")}
    ours = re.compile(rf"{re.escape(path.stem)}_\d{{4,}}")
    segments = sorted(word for word in words if ours.fullmatch(word))
    data = [path.with_suffix(".dat")] if f"{path.stem}.dat" in words else []
    of_segments = [path.with_name(f"{name}{suffix}") for name in segments for suffix in (".hea", ".dat")]
    return [header, *data, *of_segments, path.with_suffix(".atr")]


def _move(new: Path, path: Path, aside: Path) -> None:
    """Put all files in their place, the header of the whole last: without it nobody takes the rest for a record.

    What they replace is kept aside until all are there, and put back if one cannot be.
    """
    files = sorted(new.iterdir(), key=lambda file: (file.suffix == ".hea", -len(file.name)))
    targets = [path.with_name(file.name) for file in files]
    for target in targets:
        if target.is_dir():
            raise WriteError(f"{target}: is a folder")
    retired: list[Path] = []
    moved: list[Path] = []
    try:
        for old in dict.fromkeys([*_outdated(path), *targets]):
            if old.is_file():
                old.replace(aside / old.name)
                retired.append(old)
        for file, target in zip(files, targets, strict=True):
            file.replace(target)
            moved.append(target)
    except BaseException:
        for target in moved:
            target.unlink(missing_ok=True)
        for old in retired:
            (aside / old.name).replace(old)
        raise
