"""The header of EDF and BDF files as they really are, checked before anything is read.

Kemp et al. 1992 (doi:10.1016/0013-4694(92)90009-7), the EDF+ specification (https://www.edfplus.info/specs) and
BioSemi's 24-bit format (https://www.biosemi.com/faq/file_format.htm).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_declared_size

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MONTHS", "RESERVED", "Calibration", "EdfHeader", "calibration_of", "read_edf_header", "text_of"]

RESERVED = ("EDF Annotations", "BDF Annotations")
"""Labels of signals that hold no samples."""

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)  # label … reserved, of each signal
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LONGEST = 1e7  # s: a data record of four months
_STATED = r"Startdate (\d{2})-([A-Za-z]{3})-(\d{4})"
_SHORT = r"(\d{1,2})\D(\d{1,2})\D(\d{2})"
_CENTURY = 85  # two digits from here on are of the last century (EDF specification)


@dataclass(frozen=True)
class EdfHeader:
    """What the reader needs before the samples.

    Attributes
    ----------
    labels, dimensions : tuple of str
        Of all signals, annotation signals among them.
    limits : tuple of (str, str, str, str)
        Physical minimum and maximum, digital minimum and maximum of each, as they are written.
    per_record : tuple of int
        Samples of each signal in a data record.
    n_records : int
        Data records that are whole in the file.
    duration : float
        Of a data record, in s.
    size : int
        Of the header, in bytes.
    width : int
        Bytes a sample takes: 2 (EDF) or 3 (BDF).
    plus, discontinuous : bool
        Whether it is EDF+ (BDF+), and whether that with pauses (EDF+D).
    start : datetime or None
        As the header says; data records may start up to a second later.
    patient, recording : str
        Free text, or the subfields of EDF+.
    warnings : tuple of str
        What is wrong with it.
    """

    labels: tuple[str, ...]
    dimensions: tuple[str, ...]
    limits: tuple[tuple[str, str, str, str], ...]
    per_record: tuple[int, ...]
    n_records: int
    duration: float
    size: int
    width: int
    plus: bool
    discontinuous: bool
    start: datetime | None
    patient: str
    recording: str
    warnings: tuple[str, ...]

    @property
    def clocks(self) -> tuple[int, ...]:
        """Positions of the annotation signals; the first keeps the time."""
        return tuple(i for i, label in enumerate(self.labels) if label in RESERVED)

    @property
    def record_size(self) -> int:
        """Bytes of a data record."""
        return sum(self.per_record) * self.width

    def offset_of(self, signal: int) -> int:
        """Return where a signal begins in a data record, in bytes."""
        return sum(self.per_record[:signal]) * self.width


def read_edf_header(path: Path, source: str) -> EdfHeader:
    """Read and check a header.

    Raises
    ------
    ReadError
        If it is not one, or claims more than twice what the file holds.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from sigsimnet.io import write
    >>> from sigsimnet.recording import Recording
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.edf"
    >>> write(Recording([[0.0, 1.0] * 250], 250, units="mV", channel_names=["ECG"]), path)
    >>> header = read_edf_header(path, "a.edf")
    >>> header.labels[0], header.width, header.discontinuous
    ('ECG', 2, False)
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        fixed = file.read(256)
        try:
            n_signals = int(fixed[252:256])
            n_claimed = int(fixed[236:244])
            duration = float(fixed[244:252].replace(b",", b"."))
            if not 0 < n_signals <= 9999:
                raise ValueError(f"{n_signals} signals")
            fields = _columns(file.read(256 * n_signals), n_signals)
            per_record = tuple(int(cell) for cell in fields[8])
        except (ValueError, IndexError) as error:
            raise ReadError(f"{source}: is not an EDF or BDF file ({reason_of(error)})") from error
    if min(per_record) < 0 or sum(per_record) == 0 or not 0 <= duration <= _LONGEST:
        raise ReadError(
            f"{source}: its header claims impossible data records ({duration:g} s, {per_record[:5]} samples)"
        )
    notes: list[str] = []
    width = _width(fixed, source, notes)
    start = 256 * (n_signals + 1)
    held = max(0, size - start) // (sum(per_record) * width)
    if n_claimed < 0:
        notes.append(f"{source}: the header leaves the number of data records open (not closed properly); read {held}")
    elif note := check_declared_size(source, n_claimed, held, "data records"):
        notes.append(note)
    elif held > n_claimed:
        notes.append(f"{source}: the header says {n_claimed:,} data records but the file holds {held:,}: all were read")
    if held < 1:
        raise ReadError(f"{source}: holds a header but no samples")
    rest = size - start - held * sum(per_record) * width
    if held == n_claimed and rest:
        notes.append(f"{source}: {rest:,} bytes follow the last whole data record and were left out")
    notes += _contradictions(fixed, width, source)
    limits = tuple(
        (cells[0], cells[1], cells[2], cells[3])
        for cells in zip(*([text_of(cell) for cell in fields[k]] for k in range(3, 7)), strict=True)
    )
    kind = fixed[192:197]
    return EdfHeader(
        labels=tuple(text_of(cell) for cell in fields[0]),
        dimensions=tuple(text_of(cell) for cell in fields[2]),
        limits=limits,
        per_record=per_record,
        n_records=held,
        duration=duration,
        size=start,
        width=width,
        plus=kind[:4] in {b"EDF+", b"BDF+"},
        discontinuous=kind in {b"EDF+D", b"BDF+D"},
        start=_start(text_of(fixed[168:176]), text_of(fixed[176:184]), text_of(fixed[88:168])),
        patient=text_of(fixed[8:88]),
        recording=text_of(fixed[88:168]),
        warnings=tuple(notes),
    )


def text_of(raw: bytes) -> str:
    r"""Return text of a header or an annotation: ASCII by the standard, UTF-8 or Latin-1 by what people write.

    Examples
    --------
    >>> text_of(b"\xc2\xb5V  "), text_of(b"\xb5V"), text_of(b"ECG\x00\x00")
    ('µV', 'µV', 'ECG')
    """
    try:
        return raw.decode("utf-8").strip("\0 ")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip("\0 ")


def _width(fixed: bytes, source: str, notes: list[str]) -> int:
    """Return the bytes of a sample; the version field says it, or the reserved one where that is damaged."""
    if fixed[:1] == b"\xff":
        return 3
    if b"BIOSEMI" in fixed[:8] or fixed[192:197] in {b"24BIT", b"BDF+C", b"BDF+D"}:
        said = fixed[:8].decode("latin-1").strip()
        notes.append(f"{source}: its version is {said!r} but it calls itself 24 bit: read as BDF")
        return 3
    return 2


def _contradictions(fixed: bytes, width: int, source: str) -> list[str]:
    """Return what a header says against itself: another version than EDF has, two start dates."""
    notes = []
    version = text_of(fixed[:8])
    if width == 2 and version != "0":
        notes.append(f"{source}: its version field holds {version!r} instead of '0'; it was read as EDF")
    stated = re.match(_STATED, text_of(fixed[88:168]))
    short = re.fullmatch(_SHORT, text_of(fixed[168:176]))
    days = _days(stated, short)
    if len(days) == 2 and days[0] != days[1] and (days[0][0] % 100, *days[0][1:]) != (days[1][0] % 100, *days[1][1:]):
        first, second = (f"{year}-{month:02}-{day:02}" for year, month, day in days)
        notes.append(f"{source}: its header states two start dates ({first} and {second}): the first was taken")
    return notes


def _start(day: str, clock: str, recording: str) -> datetime | None:
    """Return when the recording started; None where the header does not say, or nonsense."""
    found = re.fullmatch(r"(\d{1,2})\D(\d{1,2})\D(\d{1,2})", clock)
    stated = re.match(_STATED, recording)
    short = re.fullmatch(_SHORT, day)
    try:
        at = time(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
    if at is None or (recording.startswith("Startdate X") and day == "01.01.85"):  # EDF+ writes so that it is unknown
        return None
    for numbers in _days(stated, short):
        try:
            return datetime.combine(date(*numbers), at)
        except ValueError:
            continue
    return None


def _days(stated: re.Match[str] | None, short: re.Match[str] | None) -> list[tuple[int, int, int]]:
    """Return year, month and day as EDF+ states them, then as EDF does."""
    found = []
    if stated is not None and stated[2].upper() in MONTHS:
        found.append((int(stated[3]), MONTHS.index(stated[2].upper()) + 1, int(stated[1])))
    if short is not None:
        year = int(short[3])
        found.append((year + (1900 if year >= _CENTURY else 2000), int(short[2]), int(short[1])))
    return found


@dataclass(frozen=True)
class Calibration:
    """Physical = (digital + offset) × gain, as edfio computes it."""

    offset: float
    gain: float


def calibration_of(limits: tuple[str, str, str, str], name: str, source: str) -> Calibration | None:
    """Return how counts become physical values, from limits as they are written; a decimal comma is understood.

    None where the physical or the digital limits are equal: such a signal has no scale.

    Raises
    ------
    ReadError
        If a limit is no number.

    Examples
    --------
    >>> calibration_of(("-5,0", "5,0", "-32768", "32767"), "ECG", "a.edf").gain * 65535
    10.0
    """
    numbers = []
    for what, text in zip(
        ("physical minimum", "physical maximum", "digital minimum", "digital maximum"), limits, strict=True
    ):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ReadError(
                f"{source}: channel {name!r} cannot be scaled: its {what} is {text!r}; name others with channels="
            )
        numbers.append(number)
    low, high, digital_low, digital_high = numbers
    if low == high or digital_low == digital_high:
        return None
    gain = (high - low) / (digital_high - digital_low)
    return Calibration(high / gain - digital_high, gain)


def _columns(raw: bytes, n_signals: int) -> list[list[bytes]]:
    if len(raw) < 256 * n_signals:
        raise ValueError("its header is truncated")
    result: list[list[bytes]] = []
    position = 0
    for width in _WIDTHS:
        result.append([raw[position + i * width : position + (i + 1) * width] for i in range(n_signals)])
        position += width * n_signals
    return result
