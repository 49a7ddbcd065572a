"""The front of `read`: formats by name and content, archives, arrays, resampling, and every bad file."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import scipy.io

from sigsimnet.errors import MissingExtraError, ParameterError, ReadError, SigSimNetError
from sigsimnet.io import list_members, read, write
from sigsimnet.recording import Recording, Span

SUFFIXES = [
    ".csv",
    ".tsv",
    ".txt",
    ".csv.gz",
    ".edf",
    ".bdf",
    ".mat",
    ".parquet",
    ".npy",
    ".npz",
    ".zip",
    ".dat",
    ".hea",
]


@pytest.mark.parametrize("suffix", [*SUFFIXES, "", ".xyz"])
def test_missing_empty_and_folder(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    with pytest.raises(ReadError, match=r"no such file|no header") as caught:
        read(path)
    assert str(path) in str(caught.value)
    path.touch()
    with pytest.raises(SigSimNetError, match=r"empty|not a readable zip|no header"):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ReadError, match="is a folder"):
        read(path)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".xyz"])
@pytest.mark.parametrize("raw", [b"\x00\x01\x02" * 50, b"garbage \xff\xfe\x00 garbage" * 30, b"1"])
def test_garbage_is_one_sentence(tmp_path, suffix, raw):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(raw)
    with pytest.raises(SigSimNetError) as caught:
        read(path, sampling_rate=100)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value) or "a.hea" in str(caught.value)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_rates_that_are_none(tmp_path, rate):
    np.save(tmp_path / "a.npy", np.zeros(100))
    with pytest.raises(ParameterError):
        read(tmp_path / "a.npy", sampling_rate=rate)
    with pytest.raises(ParameterError):
        read(tmp_path / "a.npy", sampling_rate=100, resample_to=rate)


def test_content_counts_where_the_name_says_nothing(tmp_path, ecg):
    for suffix, rate in ((".edf", None), (".npy", 100), (".csv.gz", None), (".parquet", None)):
        path = tmp_path / f"a{suffix}"
        if suffix == ".npy":
            np.save(path, np.zeros(100))
        else:
            write(ecg, path)
        other = path.rename(tmp_path / f"file{suffix.replace('.', '_')}")
        assert read(other, sampling_rate=rate).n_samples in {100, 1000}


# -- arrays ---


@pytest.mark.parametrize(("shape", "layout", "expected"), [
    ((1000,), "auto", (1, 1000)), ((1000, 2), "auto", (2, 1000)), ((2, 1000), "auto", (2, 1000)),
    ((1000, 2), "columns", (2, 1000)), ((3, 1000), "rows", (3, 1000)), ((1000, 1), "auto", (1, 1000)),
])  # fmt: skip
def test_npy_axes(tmp_path, shape, layout, expected):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=shape))
    assert read(tmp_path / "a.npy", sampling_rate=250, layout=layout).data.shape == expected


def test_npy_that_claims_ten_gigabytes(tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"shape": (1_250_000_000,), "fortran_order": False, "descr": "<f8"})
        file.write(b"\x00" * 800)
    with pytest.raises(ReadError, match=r"claims 1,250,000,000 values"):
        read(tmp_path / "a.npy", sampling_rate=250)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a", "b"]), "numbers are needed"),
        (np.zeros((3, 4, 5)), "holds 3 records"),
        (np.zeros(1), "has 1 sample"),
        (np.array([None, 1], dtype=object), "not a readable .npy"),
    ],
)
def test_bad_arrays(tmp_path, array, message):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(ReadError, match=message):
        read(tmp_path / "a.npy", sampling_rate=250)


def test_array_without_a_rate(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(100))
    with pytest.raises(ReadError, match="pass sampling_rate="):
        read(tmp_path / "a.npy")


def test_npz_of_others(tmp_path):
    np.savez(tmp_path / "a.npz", first=np.zeros(100), second=np.ones(200), fs=128)
    with pytest.raises(ReadError, match=r"first \(100,\), second \(200,\).*key="):
        read(tmp_path / "a.npz")
    recording = read(tmp_path / "a.npz", key="second", units="V")
    assert (recording.sampling_rate, recording.n_samples, recording.units) == (128, 200, ("mV",))
    assert recording.data[0, 0] == 1000
    with pytest.raises(ReadError, match="no array 'third'"):
        read(tmp_path / "a.npz", key="third")


@pytest.mark.parametrize("version", ["4", "5"])
def test_mat(tmp_path, version):
    scipy.io.savemat(tmp_path / "a.mat", {"val": np.arange(600.0).reshape(2, 300), "Fs": 300.0}, format=version)
    recording = read(tmp_path / "a.mat")
    assert recording.sampling_rate == 300
    np.testing.assert_array_equal(recording.data[1], np.arange(300, 600))


def test_mat_with_a_header_is_a_wfdb_record(tmp_path):
    """As in the CinC 2017 challenge: a MATLAB v4 file whose 24 first bytes WFDB skips."""
    scipy.io.savemat(tmp_path / "A1.mat", {"val": np.arange(300, dtype=np.int16)[None]}, format="4")
    (tmp_path / "A1.hea").write_text("A1 1 300 300 05:05:15 1/05/2000\nA1.mat 16+24 1000/mV 16 0 0 0 0 ECG\n")
    for name in ("A1", "A1.mat", "A1.hea"):
        recording = read(tmp_path / name)
        assert (recording.sampling_rate, recording.units) == (300, ("mV",))
        np.testing.assert_allclose(recording.data[0], np.arange(300) / 1000, rtol=1e-6)


def test_mat_bad(tmp_path):
    (tmp_path / "a.mat").write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512))
    with pytest.raises((ReadError, MissingExtraError), match=r"MATLAB 7\.3"):
        read(tmp_path / "a.mat")
    header = np.array([0, 1, 2_000_000_000, 0, 2], dtype="<i4").tobytes() + b"x\x00"
    (tmp_path / "b.mat").write_bytes(header + b"\x00" * 100)
    with pytest.raises(ReadError, match=r"claims an array|not a readable"):
        read(tmp_path / "b.mat", sampling_rate=1)
    scipy.io.savemat(tmp_path / "c.mat", {"name": "alice"})
    with pytest.raises(ReadError, match="no array of numbers"):
        read(tmp_path / "c.mat", sampling_rate=1)


# -- archives ---


@pytest.fixture
def archive(tmp_path, ecg):
    write(ecg, tmp_path / "rec.hea")
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("top/", "")
        opened.writestr("top/Z/Z001.txt", "1\n2\n3\n")
        opened.writestr("__MACOSX/top/Z/._Z001.txt", "\x00")
        for suffix in ("hea", "dat", "atr"):
            opened.write(tmp_path / f"rec.{suffix}", f"wfdb/rec.{suffix}")
    return path


def test_zip_members(archive, ecg):
    assert list_members(archive) == ["top/Z/Z001.txt", "wfdb/rec.hea", "wfdb/rec.dat", "wfdb/rec.atr"]
    recording = read(f"{archive}/top/Z/Z001.txt", sampling_rate=173.61)
    np.testing.assert_array_equal(recording.data, [[1, 2, 3]])
    assert recording.source == f"{archive}/top/Z/Z001.txt"
    for name in ("wfdb/rec", "wfdb/rec.hea", "wfdb/rec.dat", "rec"):
        recording = read(f"{archive}/{name}")
        assert recording.n_samples == 1000
        assert len(recording.annotations) == 2


def test_zip_problems(archive, tmp_path):
    with pytest.raises(ReadError, match=r"holds 4 files; name one, such as .*Z001"):
        read(archive)
    with pytest.raises(ReadError, match="no such file in the archive, which holds 4 files"):
        read(f"{archive}/nope.txt")
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as opened:
        opened.writestr("a.csv", "time,I\n0,1\n0.01,2\n0.02,3\n")
    assert read(tmp_path / "one.zip").sampling_rate == 100
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    with pytest.raises(ReadError, match="empty archive"):
        read(tmp_path / "none.zip")


def test_zip_of_a_multi_segment_record(tmp_path, paused):
    write(paused, tmp_path / "rec.hea")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for file in tmp_path.glob("rec*"):
            opened.write(file, f"d/{file.name}")
    assert len(read(tmp_path / "a.zip" / "d" / "rec").spans) == 2


# -- resampling ---


def test_resample_keeps_a_slow_sine_and_drops_a_fast_one(tmp_path):
    time = np.arange(5000) / 500
    np.save(tmp_path / "a.npy", np.stack([np.sin(2 * np.pi * 3 * time), np.sin(2 * np.pi * 200 * time)]))
    recording = read(tmp_path / "a.npy", sampling_rate=500, resample_to=125)
    expected = np.sin(2 * np.pi * 3 * np.arange(1250) / 125)
    inner = slice(50, -50)
    np.testing.assert_allclose(recording.data[0, inner], expected[inner], atol=2e-3)
    assert np.abs(recording.data[1, inner]).max() < 0.01


def test_resample_does_not_spread_missing_samples(tmp_path):
    data = np.ones(1000)
    data[400:440] = np.nan
    np.save(tmp_path / "a.npy", data)
    recording = read(tmp_path / "a.npy", sampling_rate=500, resample_to=250)
    assert np.flatnonzero(np.isnan(recording.data[0])).tolist() == list(range(200, 220))
    np.testing.assert_allclose(recording.data[0][~np.isnan(recording.data[0])], 1, atol=1e-3)


def test_stated_rate_over_the_files(ecg, tmp_path):
    write(ecg, tmp_path / "a.npz")
    recording = read(tmp_path / "a.npz", sampling_rate=125)
    assert recording.sampling_rate == 125
    assert any("the file says 250 Hz" in warning for warning in recording.warnings)


# -- tables ---


def test_from_dataframe_clocks():
    values = {"I": np.arange(500.0)}
    seconds = Recording.from_dataframe(pd.DataFrame(values, index=pd.Index(np.arange(500) / 250, name="time")))
    stamps = Recording.from_dataframe(pd.DataFrame(values, index=pd.date_range("2024-01-01", periods=500, freq="4ms")))
    spans = Recording.from_dataframe(pd.DataFrame(values, index=pd.timedelta_range("0s", periods=500, freq="4ms")))
    stated = Recording.from_dataframe(pd.DataFrame(values), 250, units="V")
    for recording in (seconds, stamps, spans, stated):
        assert recording.sampling_rate == 250
        assert recording.warnings == ()
    assert stamps.start_time is not None
    assert stated.data[0, 1] == 1000


def test_dataframe_round_trip(ecg, paused):
    for recording in (ecg, paused):
        back = Recording.from_dataframe(recording.to_dataframe(), units=recording.units)
        np.testing.assert_array_equal(back.data, recording.data)
        assert back.sampling_rate == recording.sampling_rate
        assert back.spans == recording.spans


def test_from_dataframe_errors():
    with pytest.raises(ReadError, match="sampling_rate="):
        Recording.from_dataframe(pd.DataFrame({"I": [1.0, 2.0]}))
    with pytest.raises(ReadError, match="'I' is not numeric"):
        Recording.from_dataframe(pd.DataFrame({"I": ["a", "b"]}), 250)
    with pytest.raises(ReadError, match="has 1 sample"):
        Recording.from_dataframe(pd.DataFrame({"I": [1.0]}), 250)


def test_parquet_of_others(tmp_path):
    frame = pd.DataFrame({"Time": pd.date_range("2024-01-01", periods=500, freq="2ms"), "ECG (uV)": np.arange(500)})
    frame.to_parquet(tmp_path / "a.parquet")
    recording = read(tmp_path / "a.parquet")
    assert (recording.sampling_rate, recording.channel_names, recording.units) == (500, ("ECG",), ("µV",))
    frame.set_index("Time").to_parquet(tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet").sampling_rate == 500


def test_parquet_without_pyarrow(ecg, tmp_path, monkeypatch):
    write(ecg, tmp_path / "a.parquet")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"sigsimnet\[parquet\]"):
        read(tmp_path / "a.parquet")


# -- MNE ---


def test_mne_round_trip(paused):
    pytest.importorskip("mne")
    raw = paused.to_mne()
    assert raw.get_channel_types() == ["ecg", "eeg"]
    assert raw.times[-1] == pytest.approx(13.996)
    assert raw.get_data()[0, 100] == pytest.approx(float(paused.data[0, 100]) * 1e-3)
    back = Recording.from_mne(raw)
    np.testing.assert_allclose(back.data, paused.data, atol=1e-4)
    assert back.spans == paused.spans
    assert back.units == paused.units
    assert back.annotations == paused.annotations
    assert back.start_time is not None
    assert back.start_time.replace(tzinfo=None) == paused.start_time


def test_mne_problems(ecg):
    pytest.importorskip("mne")
    with pytest.raises(ParameterError, match="3 channel types for 2"):
        ecg.to_mne(["ecg"] * 3)
    with pytest.raises(ParameterError, match="too long"):
        ecg.replace(spans=[Span(0, 500), Span(500, 1000, 1e9)]).to_mne()


@pytest.mark.parametrize("known", [True, False])
def test_mne_start_moves_with_a_crop_and_a_pause_at_the_start(known):
    mne = pytest.importorskip("mne")
    info = mne.create_info(["ECG"], 100.0, "ecg", verbose="error")
    began = datetime(2020, 1, 1, tzinfo=UTC)
    if known:
        info.set_meas_date(began)
    raw = mne.io.RawArray(np.arange(1000.0)[None] * 1e-3, info, first_samp=500, verbose="error")
    raw.set_annotations(mne.Annotations([0, 4], [2, 0], ["BAD_ACQ_SKIP", "here"]), verbose="error")
    raw.crop(1.0)
    back = Recording.from_mne(raw)
    assert back.data[0, 0] == pytest.approx(200)
    assert back.start_time == (began + timedelta(seconds=5 + 2) if known else None)
    assert [(back.data[0, mark.sample], mark.label) for mark in back.annotations] == [(pytest.approx(400), "here")]


# -- a rate that is believed above the file's own ---


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".hea"])
def test_another_rate_stretches_pauses_and_durations(paused, tmp_path, suffix):
    write(paused, tmp_path / f"a{suffix}")
    for rate in (125, 500):
        found = read(tmp_path / f"a{suffix}", sampling_rate=rate)
        assert found.sampling_rate == rate
        assert [span.start for span in found.spans] == [0, 500]
        assert found.spans[1].time == pytest.approx(12.0 * 250 / rate)
        assert [mark.sample for mark in found.annotations] == [125, 500]
        if suffix == ".npz":
            assert found.annotations[1].duration == pytest.approx(0.5 * 250 / rate)


@pytest.mark.parametrize("name", ["rec_1", "rec_1.hea", "rec_1.dat", "rec_1.edf", "nameless"])
def test_two_rates_for_a_file_that_states_its_own(ecg, tmp_path, name):
    write(ecg, tmp_path / ("rec_1.edf" if name in {"rec_1.edf", "nameless"} else "rec_1.hea"))
    if name == "nameless":
        (tmp_path / "rec_1.edf").rename(tmp_path / "nameless")
    with pytest.raises(ParameterError, match="not both"):
        read(tmp_path / name, sampling_rate=100, resample_to=50)


def test_two_rates_where_the_file_can_be_corrected_first(ecg, tmp_path):
    write(ecg, tmp_path / "a.npz")
    found = read(tmp_path / "a.npz", sampling_rate=100, resample_to=50)
    assert (found.sampling_rate, found.n_samples) == (50, 500)
