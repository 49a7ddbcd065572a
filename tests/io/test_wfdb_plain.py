"""What is read without the wfdb library is what the library reads; what is not plain is left to it."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.io import read
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_library import library
from sigsimnet.io.formats._wfdb_plain import plain_header, plain_signals

FIELDS = (
    "fs", "n_sig", "sig_len", "base_date", "base_time", "base_datetime", "comments", "file_name", "fmt", "adc_gain",
    "baseline", "units", "sig_name", "samps_per_frame",
)  # fmt: skip


def same_as_library(stem):
    plain = plain_header(stem.with_suffix(".hea"))
    assert plain is not None, f"{stem}: not plain"
    with library() as wfdb:
        expected = wfdb.rdrecord(str(stem))
        for field in FIELDS:
            assert getattr(plain, field) == getattr(expected, field), (stem, field)
        signals = np.array(plain_signals(stem.parent, plain, plain.sig_len)).T
        np.testing.assert_array_equal(signals, expected.p_signal)
        if stem.with_suffix(".atr").is_file():
            marks, known = read_annotations(stem.with_suffix(".atr")), wfdb.rdann(str(stem), "atr")
            assert (marks.sample, marks.symbol, marks.aux_note) == (
                known.sample.tolist(),
                list(known.symbol),
                list(known.aux_note),
            )
            assert (marks.fs or plain.fs) == known.fs


def test_real_records(data_dir):
    """Every record is compared where there are few, every fiftieth of PTB-XL."""
    for folder, every in (("ecg-id", 20), ("mitdb", 12), ("nstdb", 1), ("ptb-xl", 50)):
        headers = sorted((data_dir / folder).rglob("*.hea"))
        assert headers
        for header in headers[::every]:
            same_as_library(header.with_suffix(""))


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


@pytest.mark.parametrize(
    "header",
    [
        "r/2 1 250 10\na 5\nb 5\n",  # segments
        "r 1 250\nr.dat 16 200/mV 16 0 0 0 0 ECG\n",  # no length
        "r 1 250 10\nr.dat 80 200/mV 8 0 0 0 0 ECG\n",  # another format
        "r 1 250 10\nr.dat 16x2 200/mV 16 0 0 0 0 ECG\n",  # two samples a frame
        "r 1 250 10\nr.dat 16:5 200/mV 16 0 0 0 0 ECG\n",  # skewed
        "r 1 250 10\nr.dat 16 200/mV\n",  # fields left out
        "r 2 250 10\nr.dat 16 200/mV 16 0 0 0 0 ECG\n",  # one signal too few
        "r 1 250 10 25:00:00 01/05/2024\nr.dat 16 200/mV 16 0 0 0 0 ECG\n",
        "nonsense",
        "",
    ],
)
def test_what_is_not_plain_is_left_to_the_library(tmp_path, header):
    (tmp_path / "r.hea").write_text(header)
    assert plain_header(tmp_path / "r.hea") is None


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
    monkeypatch.setattr("sigsimnet.io.formats._wfdb_header.plain_header", lambda path: None)
    through_library = read(tmp_path / "r")
    np.testing.assert_array_equal(plain.data, through_library.data)
    assert plain.units == through_library.units
