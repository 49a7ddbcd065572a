from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read
from sigsimnet.io.formats._wfdb_library import library


def record(folder, name, signal_lines, samples, first=None, comments=()):
    samples = np.asarray(samples, dtype="<i2")
    n = samples.shape[0]
    head = first or f"{name} {len(signal_lines)} 250 {n}"
    lines = [head, *(f"{name}.dat {line}" for line in signal_lines), *(f"# {c}" for c in comments)]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    samples.tofile(folder / f"{name}.dat")


def test_gain_baseline_invalid_and_comments(tmp_path):
    record(
        tmp_path,
        "r",
        ["16 200(10)/mV 16 0 0 0 0 ECG I", "16 100/uV 16 0 0 0 0 EEG"],
        [[210, 100], [-32768, 200], [10, 300]],
        first="r 2 250 3 10:20:30 01/05/2024",
        comments=["Age: 25", "Sex: male", "free words"],
    )
    recording = read(tmp_path / "r")
    np.testing.assert_allclose(recording.data, [[1, np.nan, 0], [1, 2, 3]])
    assert recording.units == ("mV", "µV")
    assert recording.channel_names == ("ECG I", "EEG")
    assert recording.start_time == datetime(2024, 5, 1, 10, 20, 30)  # noqa: DTZ001 - files know no zone
    assert recording.metadata == {"Age": "25", "Sex": "male", "comments": ["free words"]}
    for other in ("r.hea", "r.dat"):
        np.testing.assert_array_equal(read(tmp_path / other).data, recording.data)


def test_zero_gain(tmp_path):
    record(tmp_path, "r", ["16 0 16 0 0 0 0 noise"], [[200], [400]])
    recording = read(tmp_path / "r")
    np.testing.assert_allclose(recording.data, [[1, 2]])
    assert any("200 units per mV" in warning and "noise" in warning for warning in recording.warnings)


def test_volts_become_millivolts(tmp_path):
    record(tmp_path, "r", ["16 1000/V 16 0 0 0 0 ECG"], [[1], [2]])
    np.testing.assert_allclose(read(tmp_path / "r").data, [[1, 2]])


def test_length_left_out(tmp_path):
    record(tmp_path, "r", ["16 100/mV 16 0 0 0 0 ECG"], [[1], [2], [3]], first="r 1 250")
    assert read(tmp_path / "r").n_samples == 3


def test_fixed_layout_with_a_pause(tmp_path):
    for name, value in (("s1", 100), ("s2", 200), ("s3", 300)):
        record(tmp_path, name, ["16 100/mV 16 0 0 0 0 ECG"], [[value]] * 10)
    (tmp_path / "m.hea").write_text("m/4 1 250 530\ns1 10\ns2 10\n~ 500\ns3 10\n")
    recording = read(tmp_path / "m")
    assert [(s.start, s.stop, s.time) for s in recording.spans] == [(0, 20, 0.0), (20, 30, 520 / 250)]
    np.testing.assert_allclose(recording.data[0, [0, 10, 20]], [1, 2, 3])


def test_variable_layout_fills_missing_channels_with_nan(tmp_path):
    (tmp_path / "lay.hea").write_text("lay 2 250 0\n~ 0 100/mV 16 0 0 0 0 I\n~ 0 100/mV 16 0 0 0 0 II\n")
    record(tmp_path, "s1", ["16 100/mV 16 0 0 0 0 II"], [[100]] * 10)
    record(tmp_path, "s2", ["16 50/mV 16 0 0 0 0 II", "16 100/mV 16 0 0 0 0 I"], [[100, 300]] * 10)
    (tmp_path / "m.hea").write_text("m/3 2 250 20\nlay 0\ns1 10\ns2 10\n")
    recording = read(tmp_path / "m")
    assert recording.channel_names == ("I", "II")
    assert len(recording.spans) == 1
    assert np.isnan(recording.data[0, :10]).all()
    np.testing.assert_allclose(recording.data[:, 15], [3, 2])
    np.testing.assert_allclose(recording.data[1, :10], 1)


def test_several_rates_ask_or_resample(tmp_path):
    """Two samples a frame of one signal, one of the other."""
    frames = np.column_stack([np.arange(100) * 2, np.arange(100) * 2 + 1, np.arange(100)])
    record(tmp_path, "r", ["16x2 100/mV 16 0 0 0 0 fast", "16 100/mV 16 0 0 0 0 slow"], frames)
    assert "slow at 250 Hz" in read(tmp_path / "r").warnings[0]
    with pytest.raises(ReadError, match=r"fast at 500 Hz; slow at 250 Hz.*resample_to"):
        read(tmp_path / "r", channels=["fast", "slow"])
    fast = read(tmp_path / "r", channels=["fast"])
    assert fast.sampling_rate == 500
    np.testing.assert_allclose(fast.data[0], np.arange(200) / 100, rtol=1e-6)
    both = read(tmp_path / "r", resample_to=250)
    assert both.data.shape == (2, 100)


def test_annotator(tmp_path):
    record(tmp_path, "r", ["16 100/mV 16 0 0 0 0 ECG"], [[1]] * 100)
    note = {"aux_note": ["(AFIB", ""], "fs": 250, "write_dir": str(tmp_path)}
    with library() as wfdb:
        wfdb.wrann("r", "qrs", np.array([10, 20]), symbol=["N", "V"], fs=250, write_dir=str(tmp_path))
        wfdb.wrann("r", "atr", np.array([5, 10]), symbol=["+", "N"], **note)
    assert [a.label for a in read(tmp_path / "r", annotator="qrs").annotations] == ["N", "V"]
    assert [(a.sample, a.label) for a in read(tmp_path / "r").annotations] == [(5, "(AFIB"), (10, "N")]
    with pytest.raises(ReadError, match="no annotation file"):
        read(tmp_path / "r", annotator="ecg")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "is empty"),
        ("nonsense", "not a WFDB header"),
        ("r 1 250 10000000000\nr.dat 16 100/mV 16 0 0 0 0 ECG\n", "claims 10,000,000,000 samples"),
        ("r 1 250 10\nelse.dat 16 100/mV 16 0 0 0 0 ECG\n", "else.dat is not there"),
        ("r 0 250 10\n", "no signals"),
        ("r 1 250 10\nr.dat 16:9000000000 100/mV 16 0 0 0 0 ECG\n", "not a WFDB header"),
        ("r 1 250 10\nr.dat 16x9000000000 100/mV 16 0 0 0 0 ECG\n", "not a WFDB header"),
        ("r 1 250 10\nr.dat 16 1e999/mV 16 0 0 0 0 ECG\n", "not a WFDB header"),
        ("r/2 1 250 1000\n~ 500\n~ 500\n", "pauses"),
        ("r 1 250 1\nr.dat 16 100/mV 16 0 0 0 0 ECG\n", "1 sample"),
    ],
)
def test_bad_headers(tmp_path, header, message):
    (tmp_path / "r.hea").write_text(header)
    np.ones(1 if message == "1 sample" else 50, dtype="<i2").tofile(tmp_path / "r.dat")
    with pytest.raises(ReadError, match=message) as caught:
        read(tmp_path / "r")
    assert "\n" not in str(caught.value)


def test_cut_short(tmp_path):
    record(tmp_path, "r", ["16 100/mV 16 0 0 0 0 ECG"], [[1]] * 80, first="r 1 250 100")
    recording = read(tmp_path / "r")
    assert recording.n_samples == 80
    assert any("the end is missing" in warning for warning in recording.warnings)


def test_dat_without_header(tmp_path):
    np.ones(50, dtype="<i2").tofile(tmp_path / "r.dat")
    with pytest.raises(ReadError, match=r"no header r\.hea"):
        read(tmp_path / "r.dat")
    (tmp_path / "t.dat").write_text("time,I\n0,1\n0.01,2\n0.02,3\n")
    assert read(tmp_path / "t.dat").sampling_rate == 100


def test_a_matlab_5_file_is_not_read_from_its_header_on(tmp_path):
    """MATLAB 4 has 24 bytes before the samples, which PhysioNet's headers name; MATLAB 5 has 128 and more."""
    savemat = pytest.importorskip("scipy.io").savemat
    savemat(tmp_path / "a.mat", {"val": np.arange(1000, dtype=np.int16).reshape(2, 500)})
    lines = ["a 2 500 500", *(f"a.mat 16+24 1000/mV 16 0 0 0 0 {lead}" for lead in ("I", "II"))]
    (tmp_path / "a.hea").write_text("\n".join(lines) + "\n")
    with pytest.raises(ReadError, match=r"a\.mat is of MATLAB 5.*read a\.mat by itself"):
        read(tmp_path / "a")
    savemat(tmp_path / "a.mat", {"val": np.arange(1000, dtype=np.int16).reshape(2, 500)}, format="4")
    assert read(tmp_path / "a").data[0, 1] == pytest.approx(0.002, abs=1e-3)
