"""The header of EDF and BDF files as they really are, checked before anything is read.

Kemp et al. 1992 (doi:10.1016/0013-4694(92)90009-7) and the EDF+ specification (https://www.edfplus.info/specs).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_declared_size

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Calibration", "EdfHeader", "calibration_of", "read_edf_header", "record_onsets"]

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)  # label … reserved, of each signal
_ONSET = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15\d+(?:\.\d*)?)?\x14")


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
    discontinuous : bool
        Whether it is EDF+D (BDF+D): with pauses.
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
    discontinuous: bool
    warnings: tuple[str, ...]

    @property
    def clocks(self) -> tuple[int, ...]:
        """Positions of the annotation signals; the first keeps the time."""
        return tuple(i for i, label in enumerate(self.labels) if label in {"EDF Annotations", "BDF Annotations"})


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
            per_signal = file.read(256 * n_signals)
            fields = _columns(per_signal, n_signals)
            per_record = tuple(int(cell) for cell in fields[8])
        except (ValueError, IndexError) as error:
            raise ReadError(f"{source}: is not an EDF or BDF file ({reason_of(error)})") from error
    if min(per_record) < 0 or sum(per_record) == 0 or duration < 0:
        raise ReadError(
            f"{source}: its header claims impossible data records ({duration:g} s, {per_record[:5]} samples)"
        )
    width = 3 if fixed[:1] == b"\xff" else 2
    start = 256 * (n_signals + 1)
    held = max(0, size - start) // (sum(per_record) * width)
    notes: list[str] = []
    if n_claimed < 0:
        notes.append(f"{source}: the header leaves the number of data records open (not closed properly); read {held}")
    elif note := check_declared_size(source, n_claimed, held, "data records"):
        notes.append(note)
    n_records = held if n_claimed < 0 else min(held, n_claimed)
    if n_records < 1:
        raise ReadError(f"{source}: holds a header but no samples")
    labels = tuple(cell.decode("latin-1").strip() for cell in fields[0])
    dimensions = tuple(cell.decode("latin-1").strip() for cell in fields[2])
    limits = tuple(
        (cells[0], cells[1], cells[2], cells[3])
        for cells in zip(
            *([cell.decode("latin-1").strip("\0 ") for cell in fields[k]] for k in range(3, 7)), strict=True
        )
    )
    discontinuous = fixed[192:197] in {b"EDF+D", b"BDF+D"}
    return EdfHeader(
        labels, dimensions, limits, per_record, n_records, duration, start, width, discontinuous, tuple(notes)
    )


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


def record_onsets(path: Path, header: EdfHeader, source: str) -> NDArray[np.float64]:
    """Return when each data record of an EDF+D file starts, in s since the start of the file.

    Raises
    ------
    ReadError
        If the file keeps no time.
    """
    if not header.clocks:
        raise ReadError(f"{source}: is marked as interrupted (EDF+D) but keeps no time of its data records")
    clock = header.clocks[0]
    sizes = np.array(header.per_record) * header.width
    first = int(sizes[:clock].sum())
    raw = np.memmap(path, dtype=np.uint8, mode="r", offset=header.size, shape=(header.n_records, int(sizes.sum())))
    onsets = np.empty(header.n_records)
    for i, record in enumerate(raw[:, first : first + int(sizes[clock])]):
        found = _ONSET.match(record.tobytes())
        if not found:
            raise ReadError(f"{source}: data record {i + 1} of {header.n_records} does not say when it starts")
        onsets[i] = float(found[1])
    return onsets


def _columns(raw: bytes, n_signals: int) -> list[list[bytes]]:
    if len(raw) < 256 * n_signals:
        raise ValueError("its header is truncated")
    result: list[list[bytes]] = []
    position = 0
    for width in _WIDTHS:
        result.append([raw[position + i * width : position + (i + 1) * width] for i in range(n_signals)])
        position += width * n_signals
    return result
