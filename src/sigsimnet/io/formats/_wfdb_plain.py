"""Plain WFDB records, read without the wfdb library, whose import takes longer than the reading.

Plain is what most public records are: one segment, one sample a frame, format 16 or 212, every field of the header
filled in. For anything else the functions return None and `wfdb` reads the record; tests compare both on the same
files. The formats: https://www.physionet.org/physiotools/wag/ (header-5, signal-5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PlainHeader", "plain_header", "plain_signals"]

# name, number of signals, Hz/counter, samples a signal, then time and date of the first.
_RECORD = re.compile(
    r"[-\w]+[ \t]+(\d+)[ \t]+(\d+(?:\.\d+)?)(?:/\d+(?:\.\d+)?(?:\(-?\d+(?:\.\d+)?\))?)?[ \t]+(\d+)"
    r"(?:[ \t]+(\d\d?):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:[ \t]+(\d\d?)/(\d\d?)/(\d{4}))?)?"
)
# file, format+offset, gain(baseline)/unit, resolution, zero, first value, checksum, block size, name
_SIGNAL = re.compile(
    r"([-\w]+(?:\.\w+)?)[ \t]+(16|212)(?:\+(\d+))?[ \t]+(-?\d+(?:\.\d*)?)(?:\((-?\d+)\))?(?:/([-\w^?%/]+))?"
    r"[ \t]+\d+[ \t]+(-?\d+)[ \t]+-?\d+[ \t]+-?\d+[ \t]+\d+(?:[ \t]+(\S[^\t\r\f\v]*))?"
)
_INVALID = {"16": -(1 << 15), "212": -(1 << 11)}  # what a missing sample is stored as
_DEFAULT_GAIN = 200.0  # units per mV, where the header says 0


@dataclass(frozen=True)
class PlainHeader:
    """The fields of a header under the names that the library gives them, a list item for each signal."""

    fs: float
    n_sig: int
    sig_len: int
    base_date: date | None
    base_time: time | None
    comments: list[str]
    file_name: list[str]
    fmt: list[str]
    byte_offset: list[int]
    adc_gain: list[float]
    baseline: list[int]
    units: list[str]
    sig_name: list[str | None]
    samps_per_frame: list[int]

    @property
    def base_datetime(self) -> datetime | None:
        """When the first sample was taken."""
        if self.base_date is None or self.base_time is None:
            return None
        return datetime.combine(self.base_date, self.base_time)


def plain_header(path: Path) -> PlainHeader | None:
    r"""Read a header, or return None where it is not plain.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "r.hea"
    >>> _ = path.write_text("r 1 250 1000\nr.dat 16 200/mV 16 0 -3 12 0 ECG I\n# Age: 25\n")
    >>> header = plain_header(path)
    >>> header.sig_name, header.comments
    (['ECG I'], ['Age: 25'])
    """
    text = [line.strip() for line in path.read_text(encoding="ascii", errors="ignore").splitlines()]
    record, *signals = [line for line in text if line and not line.startswith("#")] or [""]
    about = _RECORD.fullmatch(record)
    found = [_SIGNAL.fullmatch(line) for line in signals]
    if about is None or not found or len(found) != int(about[1]):
        return None
    fields = [match.groups() for match in found if match is not None]
    formats = {(field[0], field[1]) for field in fields}
    if len(fields) < len(found) or len(formats) > len({name for name, _ in formats}):
        return None
    try:
        fraction = int((about[7] or "").ljust(6, "0"))
        start = time(int(about[4]), int(about[5]), int(about[6]), fraction) if about[4] else None
        day = date(int(about[10]), int(about[9]), int(about[8])) if about[8] else None
    except ValueError:  # 25 o'clock
        return None
    return PlainHeader(
        fs=float(about[2]),
        n_sig=len(fields),
        sig_len=int(about[3]),
        base_date=day,
        base_time=start,
        comments=[line.strip(" \t#") for line in text if line.startswith("#")],
        file_name=[field[0] for field in fields],
        fmt=[field[1] for field in fields],
        byte_offset=[int(field[2] or 0) for field in fields],
        adc_gain=[float(field[3]) or _DEFAULT_GAIN for field in fields],
        # Where no baseline is stated, it is the zero of the converter.
        baseline=[int(field[6] if field[4] is None else field[4]) for field in fields],
        units=[field[5] or "mV" for field in fields],
        sig_name=[field[7] for field in fields],
        samps_per_frame=[1] * len(fields),
    )


def plain_signals(folder: Path, header: PlainHeader, n_frames: int) -> list[NDArray[np.float64]]:
    """Return the signals of a record in physical units, NaN where a sample is marked invalid.

    Parameters
    ----------
    folder : Path
        Where the signal files lie.
    header : PlainHeader
    n_frames : int
        Samples a signal; all files hold as many.
    """
    signals: dict[int, NDArray[np.float64]] = {}
    for name in dict.fromkeys(header.file_name):
        members = [i for i, other in enumerate(header.file_name) if other == name]
        form = header.fmt[members[0]]
        samples = _stored(folder / name, form, header.byte_offset[members[0]], n_frames * len(members))
        for i, column in zip(members, samples.reshape(n_frames, len(members)).T, strict=True):
            values = (column.astype(np.float64) - header.baseline[i]) / header.adc_gain[i]
            values[column == _INVALID[form]] = np.nan
            signals[i] = values
    return [signals[i] for i in range(header.n_sig)]


def _stored(path: Path, form: str, offset: int, count: int) -> NDArray[np.int16]:
    """Return samples as they are stored: two bytes each, or two in three bytes (format 212)."""
    if form == "16":
        return np.fromfile(path, "<i2", count, offset=offset)
    stored = np.fromfile(path, np.uint8, -(-3 * count // 2), offset=offset)
    low, middle, high = np.append(stored, np.zeros(-len(stored) % 3, np.uint8)).astype(np.int16).reshape(-1, 3).T
    samples = np.column_stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4]).ravel()[:count]
    samples[samples > 0x7FF] -= 0x1000
    return samples
