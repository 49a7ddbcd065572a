"""EDF and BDF are checked, not believed: what a header or a data record says against the rest of the file is said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from sigsimnet.io import read

WAVE = (1000 * np.sin(np.arange(2500) / 20)).astype(int)
NOON = datetime(2021, 3, 4, 12)  # noqa: DTZ001 - EDF names no zone


class Channel(NamedTuple):
    """A signal of 250 samples a data record, whose steps are 0.1 of its unit."""

    label: str = "ECG"
    unit: str | bytes = "uV"
    values: np.ndarray = WAVE  # type: ignore[type-arg]


def field(value: object, width: int) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("ascii")
    return raw.ljust(width)[:width]


def save(
    path: Path,
    *channels: Channel,
    bdf: bool = False,
    kind: str = "",
    version: bytes | None = None,
    clock: str = "12.00.00",
    recording: str = "",
    marks: list[bytes] | None = None,
    claimed: int = 10,
) -> Path:
    """Write ten data records of 1 s by hand; ``marks`` are the annotations of each."""
    top = 1 << 23 if bdf else 1 << 15
    rows = [(c.label, c.unit, -top / 10, (top - 1) / 10, -top, top - 1, 250) for c in channels]
    if marks is not None:
        rows.append((f"{'BDF' if bdf else 'EDF'} Annotations", "", -1, 1, -top, top - 1, 60))
    first = version if version is not None else (b"\xffBIOSEMI" if bdf else b"0")
    raw = bytearray(field(first, 8) + field("X X X X", 80) + field(recording, 80) + b"04.03.21" + field(clock, 8))
    raw += field(256 * (len(rows) + 1), 8) + field(kind, 44) + field(claimed, 8) + field(1, 8) + field(len(rows), 4)
    columns = ((0, 16), (None, 80), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (None, 80), (6, 8), (None, 32))
    for which, width in columns:
        for row in rows:
            raw += field("" if which is None else row[which], width)
    size = 3 if bdf else 2
    for record in range(10):
        for channel in channels:
            part = np.asarray(channel.values[record * 250 : record * 250 + 250], dtype="<i4")
            raw += part.view(np.uint8).reshape(-1, 4)[:, :size].tobytes()
        if marks is not None:
            raw += marks[record].ljust(60 * size, b"\0")
    path.write_bytes(raw)
    return path


def onsets(*starts: int, **at: bytes) -> list[bytes]:
    """Return the time-keeping annotations of data records, with others behind those that are named ``r3=…``."""
    return [b"+%d\x14\x14\0" % start + at.get(f"r{k}", b"") for k, start in enumerate(starts)]


def as_edfio_reads(path: Path) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(pytest.importorskip("edfio").read_edf(path).signals[0].data)


def says(found, *words):
    return any(all(word in note for word in words) for note in found.warnings)


def test_a_file_as_it_should_be(tmp_path):
    path = save(tmp_path / "a.edf", Channel(), kind="EDF+C", marks=onsets(*range(10)))
    found = read(path)
    assert not found.warnings
    assert (found.units, found.start_time, found.n_samples) == (("µV",), NOON, 2500)
    np.testing.assert_allclose(found.data[0], as_edfio_reads(path), atol=1e-3)
    np.testing.assert_allclose(found.data[0], WAVE / 10, atol=1e-3)


@pytest.mark.parametrize("clock", ["12.00.00", "12:00:00", "12-00-00"])
def test_the_time_with_other_signs(tmp_path, clock):
    assert read(save(tmp_path / "a.edf", Channel(), clock=clock)).start_time == NOON


def test_annotations_in_latin_1_and_utf_8(tmp_path):
    marks = onsets(*range(10), r2=b"+2.5\x14M\xfcde\x14\0", r3=b"+3\x14" + "Spaß".encode() + b"\x14\0")
    found = read(save(tmp_path / "a.edf", Channel(), kind="EDF+C", marks=marks))
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(625, "Müde"), (750, "Spaß")]


def test_a_unit_in_utf_8(tmp_path):
    path = save(tmp_path / "a.edf", Channel(unit="µV".encode()))
    assert read(path).units == ("µV",)
    assert read(save(tmp_path / "b.edf", Channel(label="Temp", unit="DegC"))).units == ("°C",)


def test_records_beyond_the_header_are_kept(tmp_path):
    found = read(save(tmp_path / "a.edf", Channel(), claimed=8))
    assert found.n_samples == 2500
    assert says(found, "8 data records", "holds 10", "all were read")


def test_bytes_behind_the_last_record(tmp_path):
    path = save(tmp_path / "a.edf", Channel())
    path.write_bytes(path.read_bytes() + bytes(200))
    found = read(path)
    assert found.n_samples == 2500
    assert says(found, "200 bytes", "left out")
    path.write_bytes(path.read_bytes()[:-500])
    assert says(read(path), "holds 9", "the end is missing")


def test_24_bits_by_the_reserved_field(tmp_path):
    path = save(tmp_path / "a.bdf", Channel(), bdf=True, version=b"BIOSEMIX", kind="24BIT")
    found = read(path)
    np.testing.assert_allclose(found.data[0], WAVE / 10, atol=0.5)  # limits of eight letters
    assert says(found, "BIOSEMIX", "read as BDF")


@pytest.mark.parametrize("label", ["Status", "STATUS", "Trigger", "Triggers"])
@pytest.mark.parametrize("at_rest", [0, 0x3F00])
def test_triggers_are_annotations(tmp_path, label, at_rest):
    """Lines that are high at rest are taken off; the return to rest is no trigger, the first sample can be one."""
    codes = np.full(2500, at_rest)
    for first, code in ((0, 7), (1000, 2), (2000, 4)):
        codes[first : first + 20] = at_rest + code
    path = save(tmp_path / "a.bdf", Channel(), Channel(label, "Boolean", codes), bdf=True)
    found = read(path)
    assert found.channel_names == ("ECG",)
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(0, "7"), (1000, "2"), (2000, "4")]
    assert read(path, channels=[label]).channel_names == (label,)


def test_a_signal_called_trigger_stays_one(tmp_path):
    found = read(save(tmp_path / "a.edf", Channel(), Channel("Trigger", "mV")))
    assert found.channel_names == ("ECG", "Trigger")


@pytest.mark.parametrize(("kind", "says_so"), [("EDF+C", True), ("EDF+D", False)])
def test_pauses_by_the_times_of_the_records(tmp_path, kind, says_so):
    marks = onsets(0, 1, 2, 3, 4, 65, 66, 67, 68, 69, r6=b"+66\x14late\x14\0")
    found = read(save(tmp_path / "a.edf", Channel(), kind=kind, marks=marks))
    assert [(span.start, span.stop, span.time) for span in found.spans] == [(0, 1250, 0.0), (1250, 2500, 65.0)]
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(1500, "late")]
    assert says(found, "marked as continuous") is says_so
    assert says(found, "1 pause (60 s in all)")


def test_a_clock_that_drifts_makes_no_pauses(tmp_path):
    marks = [b"+%.3f\x14\x14\0" % (1.002 * record) for record in range(10)]
    found = read(save(tmp_path / "a.edf", Channel(), kind="EDF+C", marks=marks))
    assert len(found.spans) == 1
    assert not found.warnings


def test_what_a_header_says_against_itself(tmp_path):
    assert says(read(save(tmp_path / "a.edf", Channel(), version=b"1")), "version field holds '1'")
    path = save(
        tmp_path / "b.edf", Channel(), kind="EDF+C", recording="Startdate 04-MAR-2011 X X X", marks=onsets(*range(10))
    )
    found = read(path)
    assert found.start_time == NOON.replace(year=2011)
    assert says(found, "two start dates (2011-03-04 and 2021-03-04)")
