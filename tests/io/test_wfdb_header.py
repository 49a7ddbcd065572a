"""Headers and signals are those that the wfdb library reads, and more."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.io import read
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_header import read_header
from sigsimnet.io.formats._wfdb_library import library
from sigsimnet.io.formats._wfdb_signals import fill_signals, frames_held


def same_as_library(stem):
    """Compare header, signals and annotations with the wfdb library's; plain records are read without it."""
    header = read_header(stem, str(stem))
    with library() as wfdb:
        expected = wfdb.rdrecord(str(stem), smooth_frames=False)
        assert header.rate == expected.fs
        assert header.start == expected.base_datetime
        assert (header.start_date, header.start_time) == (expected.base_date, expected.base_time)
        assert list(header.comments) == expected.comments
        for field, own in (
            ("file_name", "file"), ("fmt", "format"), ("adc_gain", "gain"), ("baseline", "baseline"), ("units", "unit"),
            ("samps_per_frame", "per_frame"),
        ):  # fmt: skip
            assert [getattr(signal, own) for signal in header.signals] == getattr(expected, field), (stem, field)
        assert [signal.name for signal in header.signals] == [name or "" for name in expected.sig_name]
        n_frames, _ = frames_held(stem.parent, header, str(stem), None)
        assert n_frames == expected.sig_len
        rows = [np.empty(len(other), np.float32) for other in expected.e_p_signal]
        fill_signals(stem.parent, header, n_frames, {i: (row, 1.0) for i, row in enumerate(rows)}, "a")
        for own, other in zip(rows, expected.e_p_signal, strict=True):
            np.testing.assert_array_equal(own, other.astype(np.float32))
        if stem.with_suffix(".atr").is_file():
            marks, known = read_annotations(stem.with_suffix(".atr")), wfdb.rdann(str(stem), "atr")
            assert (marks.sample, marks.symbol, marks.aux_note) == (
                known.sample.tolist(),
                list(known.symbol),
                list(known.aux_note),
            )
            assert (marks.fs or header.rate) == known.fs
    return header


def test_real_records(data_dir):
    """Every record is compared where there are few, every fiftieth of PTB-XL."""
    for folder, every in (("ecg-id", 20), ("mitdb", 12), ("nstdb", 1), ("ptb-xl", 50)):
        headers = sorted((data_dir / folder).rglob("*.hea"))
        assert headers
        for header in headers[::every]:
            assert same_as_library(header.with_suffix("")).is_plain


@pytest.mark.parametrize(
    ("form", "n_signals", "n"), [("16", 2, 501), ("212", 1, 501), ("212", 3, 501), ("212", 2, 500)]
)
def test_written_by_the_library(tmp_path, form, n_signals, n):
    """Odd and even numbers of samples, offsets of the converter, invalid samples, negative values."""
    rng = np.random.default_rng(3)
    invalid, largest = (-32768, 32767) if form == "16" else (-2048, 2047)
    samples = rng.integers(-largest, largest, (n, n_signals))
    samples[rng.random(samples.shape) < 0.01] = invalid
    with library() as wfdb:
        wfdb.wrsamp(
            "r",
            fs=250.5,
            units=["mV"] * n_signals,
            sig_name=[f"lead {k}" for k in range(n_signals)],
            d_signal=samples,
            fmt=[form] * n_signals,
            adc_gain=[200.5] * n_signals,
            baseline=list(range(-1, n_signals - 1)),
            comments=["Age: 25"],
            write_dir=str(tmp_path),
        )
    same_as_library(tmp_path / "r")


def test_start_of_the_recording(tmp_path):
    np.zeros(10, dtype="<i2").tofile(tmp_path / "r.dat")
    for first in ("r 1 250 10 10:20:30.25 01/05/2024", "r 1 250/128(7) 10 1:02:03", "r 1 0.5 10"):
        (tmp_path / "r.hea").write_text(f"{first}\nr.dat 16 200(3)/uV 16 7 0 0 0 ECG I\n\n# <age>: 5\n#\n")
        same_as_library(tmp_path / "r")


@pytest.mark.parametrize("form", ["8", "80", "160", "24", "32", "310", "311", "61"])
def test_other_formats_are_read_by_the_library(tmp_path, form):
    """Any bytes are samples of these formats."""
    (tmp_path / "r.dat").write_bytes(np.random.default_rng(1).integers(256, size=2400).astype(np.uint8).tobytes())
    (tmp_path / "r.hea").write_text(f"r 1 250 500\nr.dat {form} 200(3)/uV 16 7 5 0 0 I\n")
    assert not same_as_library(tmp_path / "r").is_plain


HEADERS = {  # what people have written, and what wfdb reads of it or refuses
    "CinC 2020: the date before the time": ("{n} 2 500 1000 05-May-2020 09:49:17", "2020-05-05T09:49:17"),
    "capitals": ("{n} 2 500 1000 05-MAY-2020 09:49:17", "2020-05-05T09:49:17"),
    "ISO": ("{n} 2 500 1000 2020-05-05T09:49:17", "2020-05-05T09:49:17"),
    "ISO in two words": ("{n} 2 500 1000 09:49:17.250 2020-05-05", "2020-05-05T09:49:17.250000"),
    "by the standard": ("{n} 2 500 1000 9:49:17 5/5/2020", "2020-05-05T09:49:17"),
    "an ending in the name": ("{n}.mat 2 500 1000 9:49:17 5/5/2020", "2020-05-05T09:49:17"),
    "folders in the name": ("some/folder/{n} 2 500 1000 9:49:17 5/5/2020", "2020-05-05T09:49:17"),
    "a year alone": ("{n} 2 500 1000 2006", None),
    "a time alone": ("{n} 2 500 1000 09:49:17", None),
    "25 o'clock": ("{n} 2 500 1000 25:00:00 01/05/2024", None),
    "counter and base": ("{n} 2 500/360(7.5) 1000 9:49:17 5/5/2020", "2020-05-05T09:49:17"),
}


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize("name", ["r", "00123"])
def test_record_lines(tmp_path, kind, name):
    line, start = HEADERS[kind]
    line = line.format(n=name)
    (np.arange(2000, dtype="<i2") % 300).tofile(tmp_path / f"{name}.dat")
    folder = "some/folder/" if "folders" in kind else ""
    signals = "".join(f"{folder}{name}.dat 16 1000/mV 16 0 0 0 0 {lead}\n" for lead in ("I", "II"))
    (tmp_path / f"{name}.hea").write_text(f"{line}\n{signals}")
    found = read(tmp_path / name)
    assert (found.duration, found.channel_names, found.sampling_rate) == (2.0, ("I", "II"), 500)
    assert (found.start_time.isoformat() if found.start_time else None) == start
    odd = [note for note in found.warnings if "left out" in note]
    assert len(odd) == (1 if kind in ("a year alone", "25 o'clock") else 0)


def test_text_in_latin_1_and_utf_8(tmp_path):
    np.zeros(2000, "<i2").tofile(tmp_path / "r.dat")
    signal = "r.dat 16 1000/mV 16 0 0 0 0"
    text = f"r 2 500 1000\r\n{signal} Ableitung Ä\r\n{signal} II\r\n# Name: Müller\r\n"
    for encoding in ("latin-1", "utf-8"):
        (tmp_path / "r.hea").write_bytes(text.encode(encoding))
        found = read(tmp_path / "r")
        assert found.channel_names == ("Ableitung Ä", "II")
        assert found.metadata == {"Name": "Müller"}


def test_comments_between_and_behind_lines(tmp_path):
    np.zeros(2000, "<i2").tofile(tmp_path / "r.dat")
    signal = "r.dat 16 1000/mV 16 0 0 0 0"
    (tmp_path / "r.hea").write_text(f"# first\nr 2 500 1000\n# Age: 5\n{signal} I # the first\n{signal} II #2\n")
    found = read(tmp_path / "r")
    assert found.channel_names == ("I", "II #2")
    assert found.metadata == {"Age": "5", "comments": ["first"]}


def test_names_in_capitals(tmp_path):
    """As DVDs have them."""
    np.zeros(2000, "<i2").tofile(tmp_path / "R.DAT")
    (tmp_path / "R.HEA").write_text("R 2 500 1000\nR.dat 16 1000/mV 16 0 0 0 0 I\nR.dat 16 1000/mV 16 0 0 0 0 II\n")
    for name in ("R", "R.HEA", "R.DAT", "R.hea"):
        assert read(tmp_path / name).n_samples == 1000


def test_several_samples_a_frame_and_skew(tmp_path):
    counts = np.arange(1000 * 5, dtype="<i2") % 200
    counts.tofile(tmp_path / "r.dat")
    (tmp_path / "r.hea").write_text(
        "r 2 62.5 1000\nr.dat 16x4 200/mV 16 0 0 0 0 ECG\nr.dat 16 100/NU 16 0 0 0 0 RESP\n"
    )
    same_as_library(tmp_path / "r")
    found = read(tmp_path / "r")
    assert (found.channel_names, found.sampling_rate, found.n_samples) == (("ECG",), 250, 4000)
    assert any("left out: RESP at 62.5 Hz" in note for note in found.warnings)
    assert read(tmp_path / "r", channels="RESP").sampling_rate == 62.5
    (tmp_path / "r.hea").write_text("r 2 250 2500\nr.dat 16 200/mV 16 0 0 0 0 I\nr.dat 16:25 200/mV 16 0 0 0 0 II\n")
    found = read(tmp_path / "r")
    np.testing.assert_array_equal(found.data[1, :-25], (counts[1::2][25:] / 200).astype(np.float32))


@pytest.mark.parametrize("form", ["508", "516", "524"])
def test_flac_of_constant_signals(tmp_path, form):
    """They pack without limit: the size of the file says nothing about their length."""
    soundfile = pytest.importorskip("soundfile")
    kind = {"508": "PCM_S8", "516": "PCM_16", "524": "PCM_24"}[form]
    n = 200_000
    soundfile.write(tmp_path / "r.dat", np.zeros((n, 2), "int32"), 8000, subtype=kind, format="FLAC")
    signal = f"r.dat {form} 200/mV 16 0 0 0 0"
    (tmp_path / "r.hea").write_text(f"r 2 250 {n}\n{signal} I\n{signal} II\n")
    found = read(tmp_path / "r")
    assert (found.n_samples, found.warnings) == (n, ())


def test_segments_that_are_promised(tmp_path):
    np.zeros(1000, "<i2").tofile(tmp_path / "s1.dat")
    (tmp_path / "s1.hea").write_text("s1 1 250 1000\ns1.dat 16 200/mV 16 0 0 0 0 ECG\n")
    (tmp_path / "r.hea").write_text("r/3 1 250 3000\ns1 1000\n")
    found = read(tmp_path / "r")
    assert found.n_samples == 1000
    assert any("promises 3 segments but names 1" in note for note in found.warnings)


def test_reading_a_plain_record_loads_no_pandas(data_dir):
    import subprocess
    import sys

    code = (
        "import sys; from sigsimnet.io import read; "
        f"read({str(data_dir / 'ecg-id' / 'Person_01' / 'rec_1')!r}); "
        "print([name for name in ('pandas', 'wfdb', 'scipy', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_read_takes_the_plain_way_and_gives_the_same(tmp_path, monkeypatch):
    samples = np.array([[210, 100], [-32768, 200], [10, 300]], dtype="<i2")
    samples.tofile(tmp_path / "r.dat")
    (tmp_path / "r.hea").write_text("r 2 250 3\nr.dat 16 200(10)/mV 16 0 0 0 0 I\nr.dat 16 100/uV 16 0 0 0 0 EEG\n")
    plain = read(tmp_path / "r")
    monkeypatch.setattr("sigsimnet.io.formats._wfdb_header.WfdbHeader.is_plain", False)
    through_library = read(tmp_path / "r")
    np.testing.assert_array_equal(plain.data, through_library.data)
    assert plain.units == through_library.units
