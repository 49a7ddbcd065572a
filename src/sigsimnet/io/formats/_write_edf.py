"""Write a recording as EDF+, with pauses as EDF+D (https://www.edfplus.info/specs).

edfio, which tests compare with, writes no interrupted files.
"""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.files import write_whole
from sigsimnet.errors import WriteError
from sigsimnet.io.formats._edf_header import MONTHS, RESERVED
from sigsimnet.io.units import ascii_unit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["write_edf"]

_MAX_RECORD = 61440  # bytes a data record may have
_SHORTEST = 50  # samples: data records of fewer hold more time stamps than signal
_LOW, _HIGH = -32768, 32767
_UNKNOWN = "01.01.85"  # the start of a recording whose start nobody may know, by the EDF+ specification
_CELL = 8  # characters of a number in the header


def write_edf(recording: Recording, path: Path) -> None:
    """Write EDF+ with 16 bit samples; each channel's range is scaled to its own smallest and largest sample.

    A sample is off by at most half of 1/65,535 of that range (plus the eight characters that EDF gives its limits).
    Pauses make it EDF+D: every span must be a whole number of data records, so that their lengths need a common
    divisor.

    Raises
    ------
    WriteError
        If there are missing samples, the sampling rate or the spans do not fit into EDF's data records, or a name or a
        unit is longer than its field.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.edf"
    >>> write_edf(Recording([[0.0, 1.5] * 100], 250, units="mV", channel_names=["ECG"]), path)
    >>> path.stat().st_size > 256 * 2 + 400
    True
    """
    _check(recording, path)
    record = _samples_per_record(recording, path)
    duration = _record_duration(record, recording.sampling_rate, path)
    ranges = [
        _range(channel, name, path) for name, channel in zip(recording.channel_names, recording.data, strict=True)
    ]
    stamps = _stamps(recording, record, float(duration))
    width = max(map(len, stamps))
    width += width % 2
    header = _header(recording, path, record, duration, ranges, len(stamps), width // 2)
    digital = np.stack([_counts(channel, *limits) for channel, limits in zip(recording.data, ranges, strict=True)])
    with write_whole(path) as temporary, temporary.open("wb") as file:
        file.write(header)
        for number, stamp in enumerate(stamps):
            part = digital[:, number * record : (number + 1) * record]
            file.write(np.ascontiguousarray(part).data)
            file.write(stamp.ljust(width, b"\0"))


def _check(recording: Recording, path: Path) -> None:
    missing = [bool(np.isnan(channel).any()) for channel in recording.data]
    if any(missing):
        which = ", ".join(name for name, bad in zip(recording.channel_names, missing, strict=True) if bad)
        raise WriteError(
            f"{path}: EDF cannot hold missing samples (in {which}); fill them with clean(), or write .hea (WFDB), "
            ".parquet or .csv"
        )


def _samples_per_record(recording: Recording, path: Path) -> int:
    """Return the largest divisor of the lengths of all spans that fits into a data record: EDF has no half records."""
    most = max(1, _MAX_RECORD // (2 * recording.n_channels) - 64)
    shared = reduce(math.gcd, (span.stop - span.start for span in recording.spans))
    if shared <= most:
        best = shared
    else:
        divisors = {d for i in range(1, math.isqrt(shared) + 1) if shared % i == 0 for d in (i, shared // i)}
        best = max(d for d in divisors if d <= most)
    if best >= min(_SHORTEST, shared) and (best >= _SHORTEST or len(recording.spans) == 1):
        return best
    if len(recording.spans) > 1:
        raise WriteError(
            f"{path}: EDF cannot hold the {len(recording.spans) - 1} pauses of this recording without padding: the "
            f"lengths of its spans have no common divisor of {_SHORTEST} samples or more; write .hea (WFDB), .parquet "
            "or .csv, or crop() one span"
        )
    # A prime length would make a data record of each sample: one too long record is the lesser evil, and readable.
    return recording.n_samples


def _record_duration(record: int, sampling_rate: float, path: Path) -> str:
    """Return a duration of eight characters that gives the rate back to within 1 in 100,000."""
    exact = Fraction(record) / Fraction(sampling_rate)
    text = next(
        (t for digits in range(9) if len(t := f"{float(exact):.{digits}f}") <= _CELL and float(t) == exact), None
    )
    if text is None:
        candidates = [t for digits in range(8) if len(t := f"{float(exact):.{digits}f}") <= _CELL and float(t) > 0]
        text = min(candidates, key=lambda t: abs(float(t) - float(exact)), default=None)
    if text is None or abs(record / float(text) / sampling_rate - 1) > 1e-5:
        raise WriteError(
            f"{path}: EDF cannot hold {sampling_rate:g} Hz over data records of {record:,} samples exactly enough; "
            "resample, or write .csv"
        )
    return text


def _range(channel: NDArray[np.float32], name: str, path: Path) -> tuple[str, str]:
    """Return the limits of a channel as they are written: eight characters that hold all its samples."""
    low, high = float(channel.min()), float(channel.max())
    if low == high:
        around = 1e-3 * abs(low) or 0.5
        low, high = low - around, high + around
    found = []
    for value, away in ((low, math.floor), (high, math.ceil)):
        text = next(
            (
                t
                for digits in range(_CELL - 2, -1, -1)
                if len(t := f"{away(Fraction(value) * 10**digits) / 10**digits:.{digits}f}") <= _CELL
            ),
            None,
        )
        if text is None:
            raise WriteError(f"{path}: {name} reaches {value:.3g}, more than EDF's eight characters hold")
        found.append(text)
    if float(found[0]) >= float(found[1]):
        raise WriteError(f"{path}: the range of {name} ({low:.9g} to {high:.9g}) is finer than EDF's eight characters")
    return found[0], found[1]


def _counts(channel: NDArray[np.float32], low: str, high: str) -> NDArray[np.int16]:
    scale = (_HIGH - _LOW) / (float(high) - float(low))
    counts = np.rint((channel.astype(np.float64) - float(low)) * scale) + _LOW
    return np.asarray(np.clip(counts, _LOW, _HIGH), dtype="<i2")


def _stamps(recording: Recording, record: int, duration: float) -> list[bytes]:
    """Return the annotation bytes of each data record: when it starts, and what lies in it."""
    late = recording.start_time.microsecond / 1e6 if recording.start_time is not None else 0.0
    starts = [
        span.time + late + k * duration for span in recording.spans for k in range((span.stop - span.start) // record)
    ]
    stamps = [f"+{_seconds(start)}\x14\x14\0".encode() for start in starts]
    times = recording.time_of([mark.sample for mark in recording.annotations]).tolist()
    for time, mark in zip(times, recording.annotations, strict=True):
        length = f"\x15{_seconds(mark.duration)}" if mark.duration else ""
        text = " ".join(mark.label.replace("\x14", " ").replace("\x15", " ").split())
        place = min(mark.sample // record, len(stamps) - 1)
        stamps[place] += f"+{_seconds(time + late)}{length}\x14{text}\x14\0".encode()
    return stamps


def _seconds(time: float) -> str:
    return f"{time:.6f}".rstrip("0").rstrip(".")


def _header(
    recording: Recording,
    path: Path,
    record: int,
    duration: str,
    ranges: list[tuple[str, str]],
    n_records: int,
    annotation_samples: int,
) -> bytes:
    start = recording.start_time
    day = "X" if start is None else _day(start.date())
    who = recording.metadata
    patient = " ".join(
        (_word(who.get("subject")), _sex(who.get("sex")), _birthday(who.get("birthdate")), _word(who.get("name")))
    )
    n = recording.n_channels + 1
    kind = "EDF+D" if len(recording.spans) > 1 else "EDF+C"
    fixed = [
        ("0", 8),
        (patient, 80),
        (f"Startdate {day} X X {_word(who.get('equipment'))}", 80),
        (_UNKNOWN if start is None else f"{start:%d.%m.%y}", 8),
        ("00.00.00" if start is None else f"{start:%H.%M.%S}", 8),
        (str(256 * (n + 1)), 8),
        (kind, 44),
        (str(n_records), 8),
        (duration, 8),
        (str(n), 4),
    ]
    names = [_ascii(name, 16, path) for name in recording.channel_names]
    units = [_ascii(ascii_unit(unit), 8, path) for unit in recording.units]
    columns: list[tuple[list[str], int]] = [
        ([*names, "EDF Annotations"], 16),
        ([""] * n, 80),
        ([*units, ""], 8),
        ([*(low for low, _ in ranges), "-1"], 8),
        ([*(high for _, high in ranges), "1"], 8),
        ([str(_LOW)] * n, 8),
        ([str(_HIGH)] * n, 8),
        ([""] * n, 80),
        ([*[str(record)] * (n - 1), str(annotation_samples)], 8),
        ([""] * n, 32),
    ]
    cells = [*fixed, *((cell, width) for column, width in columns for cell in column)]
    return "".join(cell[:width].ljust(width) for cell, width in cells).encode("ascii", errors="replace")


def _ascii(text: str, width: int, path: Path) -> str:
    if text in RESERVED:
        raise WriteError(f"{path}: a channel called {text!r} would be taken for annotations; rename it")
    if not text.isascii() or not text.isprintable() or len(text) > width:
        raise WriteError(f"{path}: {text!r} does not fit into EDF's {width} ASCII characters; rename it or write .csv")
    return text


def _word(value: object) -> str:
    text = "".join(c if c.isascii() and c.isprintable() else "?" for c in str(value or "X"))
    return text.strip().replace(" ", "_")[:40] or "X"


def _sex(value: object) -> str:
    first = str(value or "X").strip().upper()[:1]
    return first if first in ("M", "F") else "X"


def _birthday(value: object) -> str:
    try:
        return _day(date.fromisoformat(str(value)))
    except ValueError:
        return "X"


def _day(day: date) -> str:
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year:04d}"
