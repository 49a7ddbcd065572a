"""Write a recording as a WFDB record."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import WriteError
from sigsimnet.io.formats._write_annotations import annotation_bytes
from sigsimnet.io.units import ascii_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording, Span

__all__ = ["record_files", "write_wfdb"]

_LARGEST = 32767  # -32768 is WFDB's invalid sample in format 16
_UNIT = re.compile(r"[\w^?%/-]+", re.ASCII)  # what wfdb reads as one
_SYMBOLS = set("NLRBAaJSVrFejnE/fQ?[!]x()ptu`'^|~+sT*D=@")


def write_wfdb(recording: Recording, path: Path) -> None:
    """Write header, signals (format 16) and annotations (``.atr``).

    Each channel's gain makes the most of 16 bits, so that a sample is off by at most 1/131,068 of the channel's range.
    Pauses become empty segments of a multi-segment record, rounded to whole samples. A label that is no WFDB symbol
    becomes a comment (``"``) with the label as its note. Metadata become comments; durations and channels of
    annotations have no place in the format. An older record of this name goes, its segments and annotations with it.
    Units are written in ASCII (µS as uS, Ω as Ohm, m/s² as m/s^2).

    Raises
    ------
    WriteError
        If the name of the record or of a channel or a unit does not suit WFDB, or the folder cannot be written;
        nothing is left behind, and an older record of this name stays as it was.

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
    units = [_unit(unit, label, path) for unit, label in zip(recording.units, recording.channel_names, strict=True)]
    labels = [_label(label, path) for label in recording.channel_names]
    scales = [_scale(channel) for channel in recording.data]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{name}-") as scratch:
        folder = Path(scratch)
        sums = [
            _write_samples(folder / f"{number}.dat", recording, span, scales)
            for number, span in enumerate(recording.spans, 1)
        ]
        if recording.annotations:
            _write_annotations(folder, name, recording)
        _take_place(folder, path, _Headers(recording, scales, units, labels, sums))


@dataclass(frozen=True)
class _Headers:
    """The headers of a record, for any name of its signal files."""

    recording: Recording
    scales: list[tuple[float, int]]
    units: list[str]
    labels: list[str]
    sums: list[list[tuple[int, int]]]
    """First value and checksum of each channel of each span."""

    def of_record(self, name: str, parts: str) -> dict[str, str]:
        """Return the text of each header file of a record whose signal files (or segments) are called ``parts``."""
        spans = self.recording.spans
        if len(spans) == 1:
            lines = self._of_signals(name, parts, spans[0], _date(self.recording))
            return {f"{name}.hea": "\n".join([*lines, *_comments(self.recording)]) + "\n"}
        found: dict[str, str] = {}
        lines = []
        end = 0
        for number, span in enumerate(spans, 1):
            start = max(round(span.time * self.recording.sampling_rate), end)
            if start > end:
                lines.append(f"~ {start - end}")
            segment = f"{parts}_{number:04d}"
            found[f"{segment}.hea"] = "\n".join(self._of_signals(segment, segment, span, "")) + "\n"
            lines.append(f"{segment} {span.stop - span.start}")
            end = start + span.stop - span.start
        first = f"{name}/{len(lines)} {self.recording.n_channels} {_rate(self.recording)} {end}{_date(self.recording)}"
        found[f"{name}.hea"] = "\n".join([first, *lines, *_comments(self.recording)]) + "\n"
        return found

    def files(self, parts: str) -> list[str]:
        """Return the names of the signal files."""
        n = len(self.recording.spans)
        return [f"{parts}.dat"] if n == 1 else [f"{parts}_{number:04d}.dat" for number in range(1, n + 1)]

    def _of_signals(self, name: str, parts: str, span: Span, date: str) -> list[str]:
        length = span.stop - span.start
        lines = [f"{name} {self.recording.n_channels} {_rate(self.recording)} {length}{date}"]
        sums = self.sums[self.recording.spans.index(span)]
        for (first, checksum), (gain, baseline), unit, label in zip(
            sums, self.scales, self.units, self.labels, strict=True
        ):
            lines.append(f"{parts}.dat 16 {gain:.12g}({baseline})/{unit} 16 0 {first} {checksum} 0 {label}")
        return lines


def _counts(recording: Recording, span: Span, scales: list[tuple[float, int]]) -> NDArray[np.int16]:
    """Return the samples of a span as they are stored, shape (n_channels, n_samples)."""
    data = recording.data[:, span.start : span.stop]
    digital = np.empty(data.shape, dtype="<i2")
    for i, (gain, baseline) in enumerate(scales):
        physical = data[i].astype(np.float64)
        missing = np.isnan(physical)
        counts = np.clip(np.rint(np.where(missing, 0.0, physical) * gain + baseline), -_LARGEST, _LARGEST)
        digital[i] = np.where(missing, -_LARGEST - 1, counts)
    return digital


def _write_samples(
    path: Path, recording: Recording, span: Span, scales: list[tuple[float, int]]
) -> list[tuple[int, int]]:
    """Write the samples of a span; return the first value and the checksum of each channel."""
    digital = _counts(recording, span, scales)
    with path.open("wb") as file:
        file.write(np.ascontiguousarray(digital.T).data)  # tofile hides that a disk is full
        file.flush()
        os.fsync(file.fileno())
    sums = []
    for row in digital:
        checksum = int(row.astype(np.int64).sum()) & 0xFFFF
        sums.append((int(row[0]) if len(row) else 0, checksum - 0x10000 if checksum >= 0x8000 else checksum))
    return sums


def _unit(unit: str, label: str, path: Path) -> str:
    """Return a unit as a header can hold it."""
    plain = ascii_unit(unit).replace(" ", "_") or "nu"
    if not _UNIT.fullmatch(plain):
        raise WriteError(
            f"{path}: WFDB cannot hold the unit {unit!r} of {label} (only letters, digits and ^-?%/_); "
            "write .csv or .parquet"
        )
    return plain


def _label(label: str, path: Path) -> str:
    """Return the name of a channel as a header can hold it."""
    plain = " ".join(label.split())
    if not plain.isascii() or not plain.isprintable():
        raise WriteError(f"{path}: WFDB names channels in ASCII, not {label!r}; rename it, or write .csv or .parquet")
    return plain


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
    (folder / f"{name}.atr").write_bytes(
        annotation_bytes(np.array(samples, dtype=np.int64), symbols, notes, recording.sampling_rate)
    )


def record_files(path: Path) -> list[Path]:
    """Return the files of the record of this name that `write_wfdb` replaces or removes, as far as they are there.

    Its header, what that names, and its annotations; of what it names only what `write_wfdb` could have made: another
    record that is called like a segment, but is not one, stays.

    Examples
    --------
    >>> record_files(Path("not-there.hea"))
    []
    """
    header = path.with_suffix(".hea")
    words: set[str] = set()
    if header.is_file():
        lines = [line.split() for line in header.read_text(encoding="utf-8", errors="replace").splitlines()]
        words = {words[0].removesuffix(".dat") for words in lines[1:] if words and not words[0].startswith("#")}
    ours = re.compile(rf"{re.escape(path.stem)}(-[0-9a-f]{{8}})?(_\d{{4,}})?")
    parts = [path.with_name(word) for word in sorted(words) if ours.fullmatch(word)]
    found = [header, path.with_suffix(".atr")]
    found += [part.with_name(f"{part.name}{suffix}") for part in parts for suffix in (".hea", ".dat")]
    return [file for file in dict.fromkeys(found) if file.is_file()]


def _take_place(folder: Path, path: Path, headers: _Headers) -> None:
    """Put the files of a record in their place so that at any moment the old or the new one can be read whole.

    Several files cannot be renamed at once. So the new signals come under names of their own; the header that names
    them takes the place of the old one in a single step; and then, in the same way, they get their usual names. Only
    the annotations, which no header names, follow one step later.
    """
    name = path.stem
    before = record_files(path)
    for target in (path.with_name(f"{name}{suffix}") for suffix in (".hea", ".dat", ".atr")):
        if target.is_dir():
            raise WriteError(f"{target}: is a folder")
    apart = f"{name}-{secrets.token_hex(4)}" if before else name
    moved: list[Path] = []
    try:
        for number, own in enumerate(headers.files(apart), 1):
            moved.append(path.with_name(own))
            (folder / f"{number}.dat").replace(moved[-1])
        _switch(folder, path, headers.of_record(name, apart), moved)
    except BaseException:
        for new in moved:
            new.unlink(missing_ok=True)
        raise
    marks = folder / f"{name}.atr"
    if marks.is_file():
        marks.replace(path.with_suffix(".atr"))
    else:
        path.with_suffix(".atr").unlink(missing_ok=True)
    if apart != name:
        with suppress(OSError):  # the new record is there, whole, if under names that are not the usual ones
            _take_usual_names(folder, path, headers, apart, [*before, *moved])


def _take_usual_names(folder: Path, path: Path, headers: _Headers, apart: str, others: list[Path]) -> None:
    """Give the signal files of a record that is there their usual names; remove the others that are not named then."""
    name = path.stem
    for own, usual in zip(headers.files(apart), headers.files(name), strict=True):
        _copy(path.with_name(own), folder / usual)
        (folder / usual).replace(path.with_name(usual))
    texts = headers.of_record(name, name)
    _switch(folder, path, texts, [])
    keep = {*texts, *headers.files(name), f"{name}.atr"}
    for file in dict.fromkeys(others):
        if file.name not in keep:
            file.unlink(missing_ok=True)


def _switch(folder: Path, path: Path, texts: dict[str, str], moved: list[Path]) -> None:
    """Put headers in their place, that of the record last; ``moved`` gets those that are new."""
    for own, text in sorted(texts.items(), key=lambda item: item[0] == path.with_suffix(".hea").name):
        with (folder / own).open("w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        target = path.with_name(own)
        if not target.exists():
            moved.append(target)
        (folder / own).replace(target)


def _copy(source: Path, target: Path) -> None:
    """Give a file a second name; where the file system cannot, copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
