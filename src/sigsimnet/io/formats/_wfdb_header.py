"""WFDB headers (https://www.physionet.org/physiotools/wag/header-5.htm), as they really are.

Readers differ in what they forgive, and writers count on it: folders and dots in names, dates in several orders,
comments behind lines, text in Latin-1. What a header claims is checked before it is believed. Tests compare with the
wfdb library on the headers that it reads.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path, PurePosixPath

from sigsimnet.errors import ReadError

__all__ = ["SignalLine", "WfdbHeader", "header_file", "read_header"]

_DEFAULT_RATE = 250.0  # Hz, by the standard
_LOWEST_RATE, _HIGHEST_RATE = 1e-5, 1e7  # Hz: about a sample a day; no converter of a biomedical signal is faster
_DEFAULT_GAIN = 200.0  # units per mV, where the header says 0 or nothing

_MOST_A_FRAME, _MOST_SKEW = 100_000, 1_000_000  # samples: an hour at 250 Hz; writers skew by a few

_RATE = re.compile(r"(\d*\.?\d+\.?(?:[eE][+-]?\d+)?)(?:/.*)?")
_FORMAT = re.compile(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?")
_GAIN = re.compile(r"([+-]?\d*\.?\d*(?:[eE][+-]?\d+)?)(?:\(([+-]?\d+)\))?(?:/(\S+))?")
_TIME = re.compile(r"(?:(\d{1,2}):)?(?:(\d{1,2}):)?(\d{1,2})(?:\.(\d{1,9}))?")
_ISO = re.compile(r"(\d)T(\d)")  # 2020-05-05T09:49:17
_DATES = ("%d/%m/%Y", "%d-%b-%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d-%b-%y")


@dataclass(frozen=True)
class SignalLine:
    """A signal of a header; ``gain`` in units per physical unit, ``offset`` in bytes."""

    file: str
    format: str
    per_frame: int = 1
    skew: int = 0
    offset: int = 0
    gain: float = _DEFAULT_GAIN
    calibrated: bool = True
    baseline: int = 0
    unit: str = "mV"
    resolution: int = 0
    zero: int = 0
    first: int = 0
    checksum: int = 0
    name: str = ""


@dataclass(frozen=True)
class WfdbHeader:
    """What a header says.

    Attributes
    ----------
    rate : float
        Frames per second.
    length : int or None
        Frames; None where it is left out.
    start_date, start_time : date, time or None
    signals : tuple of SignalLine
        Empty in a record of segments.
    segments : tuple of (str, int) or None
        Name and frames of each segment, ``"~"`` for a pause.
    comments : tuple of str
    warnings : tuple of str
        What had to be guessed or left out.
    """

    rate: float
    length: int | None
    start_date: date | None
    start_time: time | None
    signals: tuple[SignalLine, ...]
    segments: tuple[tuple[str, int], ...] | None
    comments: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def start(self) -> datetime | None:
        """When the first sample was taken, where the header says so."""
        if self.start_date is None or self.start_time is None:
            return None
        return datetime.combine(self.start_date, self.start_time)

    @property
    def is_plain(self) -> bool:
        """Whether it is what most public records are: one sample a frame, format 16 or 212, one format a file."""
        forms = {(signal.file, signal.format, signal.offset) for signal in self.signals}
        one_each = len(forms) == len({signal.file for signal in self.signals})
        return one_each and all(
            signal.format in ("16", "212") and signal.per_frame == 1 and not signal.skew for signal in self.signals
        )


def header_file(stem: Path) -> Path | None:
    """Return the header of a record without extension, in capitals too (as DVDs have it); None where there is none.

    Examples
    --------
    >>> header_file(Path("not-there")) is None
    True
    """
    for ending in (".hea", ".HEA"):
        path = stem.with_name(f"{stem.name}{ending}") if stem.name else stem
        if path.is_file():
            return path
    return None


def read_header(stem: Path, source: str, stated_rate: float | None = None) -> WfdbHeader:
    r"""Return the header of a record.

    Parameters
    ----------
    stem : Path
        Record without extension.
    source : str
        Name for messages.
    stated_rate : float, optional
        In Hz: what the user said, for a header that states no rate or one that cannot be.

    Raises
    ------
    ReadError
        If there is none, it claims more signals than it describes, or its sampling rate cannot be.

    Examples
    --------
    >>> import tempfile
    >>> stem = Path(tempfile.mkdtemp()) / "r"
    >>> _ = stem.with_suffix(".hea").write_text("r 1 360 1000 05-May-2020 09:49:17\nr.dat 16 200/mV 16 0 0 0 0 ECG\n")
    >>> header = read_header(stem, "r")
    >>> header.rate, header.start, header.signals[0].name
    (360.0, datetime.datetime(2020, 5, 5, 9, 49, 17), 'ECG')
    """
    path = header_file(stem)
    if path is None:
        raise ReadError(f"{source}: no header {stem.name}.hea beside it; a WFDB record needs one")
    raw = path.read_bytes()
    if not raw:
        raise ReadError(f"{source}: its header {path.name} is empty")
    about = f"{source}: {path.name}"
    text = [line.strip() for line in _decoded(raw).splitlines()]
    comments = tuple(line.strip(" \t#") for line in text if line.startswith("#"))
    lines = [line for line in text if line and not line.startswith("#")]
    words = lines[0].split() if lines else []
    if len(words) < 2 or not words[1].isdecimal() or len(words[1]) > 9:
        raise ReadError(f"{about} is not a WFDB header (its first line names no record and signals)")
    n_segments = _segments_of(words[0], stem.name)
    n_signals = int(words[1])
    if n_segments is None and n_signals > len(lines) - 1:
        plural = "s" if n_signals > 1 else ""
        raise ReadError(f"{about} claims {n_signals:,} signal{plural} but describes {len(lines) - 1}")
    rate, notes = _rate(words[2] if len(words) > 2 else "", stated_rate, about)
    rest = words[3:]
    length = int(rest.pop(0)) if rest and rest[0].isdecimal() and len(rest[0]) < 16 else None
    day, clock, about_start = _start(rest)
    notes += [f"{about} {note}" for note in about_start]
    if n_segments is not None:
        segments = _segment_lines(lines[1:], about)
        if len(segments) != n_segments:
            notes.append(f"{about} promises {n_segments:,} segments but names {len(segments)}")
        return WfdbHeader(rate, length, day, clock, (), segments, comments, tuple(notes))
    signals = tuple(_signal(line, about) for line in lines[1 : n_signals + 1])
    return WfdbHeader(rate, length, day, clock, signals, None, comments, tuple(notes))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _segments_of(name: str, stem: str) -> int | None:
    """Return the number of segments that a record line names; a name with folders before it names none."""
    front, slash, last = name.rpartition("/")
    if not slash or not last.isdecimal() or (last == stem and PurePosixPath(front).name != stem):
        return None
    return int(last)


def _rate(text: str, stated: float | None, about: str) -> tuple[float, list[str]]:
    """Return the sampling rate of the record line in Hz, and a note where it is a guess."""
    found = _RATE.fullmatch(text)
    rate = float(found[1]) if found else 0.0
    if _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        return rate, []
    if stated is not None:
        return stated, []
    if text:
        raise ReadError(f"{about} states a sampling rate of {text[:20]} Hz; pass sampling_rate= in Hz")
    note = f"{about} states no sampling rate: {_DEFAULT_RATE:g} Hz, by WFDB's rule; "
    return _DEFAULT_RATE, [f"{note}pass sampling_rate= if it is another"]


def _start(words: list[str]) -> tuple[date | None, time | None, list[str]]:
    """Return date and time of the first sample, in whatever order, and ends of sentences about what was left out."""
    day: date | None = None
    clock: time | None = None
    notes = []
    for word in _ISO.sub(r"\1 \2", " ".join(words)).split():
        as_time = _TIME.fullmatch(word) if ":" in word else None
        if as_time is not None and clock is None:
            clock = _time(as_time)
            if clock is None:
                notes.append(f"states a time that is none ({word}): it was left out")
        elif day is None and (found := _date(word)) is not None:
            day = found
        else:
            notes.append(f"has {word[:20]!r} where time and date stand: it was left out")
    return day, clock, notes


def _time(found: re.Match[str]) -> time | None:
    hours, minutes = (found[1], found[2]) if found[2] else ("0", found[1] or "0")
    try:
        return time(int(hours), int(minutes), int(found[3]), int((found[4] or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None


def _date(word: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007 - a header has no time zone
        except ValueError:
            continue
    return None


def _signal(line: str, about: str) -> SignalLine:
    """Return what a line of a header says of a signal; fields may be left out from the right."""
    words = line.split(None, 8)
    found = _FORMAT.fullmatch(words[1]) if len(words) > 1 else None
    gain = _GAIN.fullmatch(words[2]) if len(words) > 2 else None
    if found is None or (len(words) > 2 and gain is None):
        raise ReadError(f"{about} is not a WFDB header (of a signal it says {line[:60]!r})")
    try:
        stated = float(gain[1]) if gain is not None and gain[1] else 0.0
        resolution, zero, first, checksum, _ = (int(word) for word in [*words[3:8], *["0"] * 5][:5])
    except ValueError as error:
        raise ReadError(f"{about} is not a WFDB header (of a signal it says {line[:60]!r})") from error
    if int(found[2] or 1) > _MOST_A_FRAME or int(found[3] or 0) > _MOST_SKEW or not math.isfinite(stated):
        raise ReadError(f"{about} is not a WFDB header (of a signal it says {line[:60]!r})")
    return SignalLine(
        file=words[0].rpartition("/")[2],
        format=found[1],
        per_frame=int(found[2] or 1) or 1,
        skew=int(found[3] or 0),
        offset=int(found[4] or 0),
        gain=stated or _DEFAULT_GAIN,
        calibrated=stated != 0,
        # Where no baseline is stated, it is the zero of the converter.
        baseline=int(gain[2]) if gain is not None and gain[2] else zero,
        unit=(gain[3] if gain is not None else "") or "mV",
        resolution=resolution,
        zero=zero,
        first=first,
        checksum=checksum,
        name=words[8].partition(" # ")[0].strip() if len(words) > 8 else "",
    )


def _segment_lines(lines: list[str], about: str) -> tuple[tuple[str, int], ...]:
    found = []
    for line in lines:
        words = line.split()
        if len(words) < 2 or not words[1].isdecimal() or len(words[1]) > 15:
            raise ReadError(f"{about} is not a WFDB header (of a segment it says {line[:60]!r})")
        found.append((words[0], int(words[1])))
    if not found:
        raise ReadError(f"{about} names no segments")
    return tuple(found)
