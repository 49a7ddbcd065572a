"""The front door: whatever people have becomes recordings, and what cannot be one is refused in a sentence."""

from __future__ import annotations

import contextlib
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

import sigsimnet as ssn
from sigsimnet.analysis import describe, spectrum
from sigsimnet.errors import ParameterError, ReadError, SigSimNetError, UnknownNameError
from sigsimnet.io import FORMATS, as_recording, as_recordings, read, takes_recordings, write
from sigsimnet.recording import Recording

X = np.sin(np.arange(500) / 9).astype(np.float32)
ONE = Recording(np.stack([X, -X]), 250, channel_names=["ECG", "resp"], units=["mV", ""], source="one")


def same(a, b):
    return np.allclose(a.data, b.data, atol=1e-3, equal_nan=True) and a.sampling_rate == b.sampling_rate


def file_of(folder, ending, recording=ONE):
    path = folder / f"one.{ending}"
    write(recording, path)
    return path


# -- one --------------------------------------------------------------------------------------------------------------


def test_a_recording_stays_as_it_is():
    assert as_recording(ONE) is ONE
    assert as_recordings(ONE) == [ONE]
    assert as_recording(ONE, sampling_rate=250) is ONE


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_paths_are_read(tmp_path, kind):
    assert same(as_recording(kind(file_of(tmp_path, "npz"))), ONE)


def test_wfdb_records_by_their_bare_name_and_members_of_archives(tmp_path):
    file_of(tmp_path, "hea")
    assert same(as_recording(tmp_path / "one"), ONE)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(file_of(tmp_path, "npz"), "in/one.npz")
    assert same(as_recording(f"{tmp_path}/a.zip/in/one.npz"), ONE)


@pytest.mark.parametrize("make", [list, tuple, np.array, np.ma.masked_array, np.float64])
def test_numbers_with_a_rate(make):
    beside, stated = as_recording((make(X.tolist()), 250)), as_recording(make(X.tolist()), sampling_rate=250)
    assert same(beside, Recording(X, 250))
    assert same(stated, Recording(X, 250))


def test_arrays_of_several_channels_and_their_units():
    found = as_recording((np.stack([X, X]), 250), units="V")
    assert found.units == ("mV", "mV")
    np.testing.assert_allclose(found.data[0], 1000 * X, rtol=1e-6)
    assert as_recording([[1, 2, 3], [4, 5, 6]], sampling_rate=2).data.shape == (2, 3)
    assert as_recording((np.stack([X, X]), 250), units=["mV", "bpm"]).units == ("mV", "bpm")


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "edf", "npz", "parquet"])
def test_bytes_with_their_format(tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    raw = file_of(tmp_path, ending).read_bytes()
    for given in (raw, bytearray(raw), memoryview(raw), io.BytesIO(raw)):
        assert same(as_recording(given, format=ending), ONE)
    assert same(as_recording((raw, f".{ending.upper()}")), ONE)
    assert as_recording((io.BytesIO(raw), ending)).source == f"{ending} bytes"


def test_a_wfdb_record_as_a_zip(tmp_path):
    file_of(tmp_path, "hea")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending in ("hea", "dat"):
            archive.write(tmp_path / f"one.{ending}", f"one.{ending}")
    assert same(as_recording((packed.getvalue(), "zip")), ONE)


def test_arrays_in_bytes_take_a_rate():
    raw = io.BytesIO()
    np.save(raw, X)
    assert same(as_recording(raw.getvalue(), format="npy", sampling_rate=250), Recording(X, 250))


def test_open_files_say_their_format_by_their_name(tmp_path):
    path = file_of(tmp_path, "edf")
    with path.open("rb") as file:
        found = as_recording(file)
    assert same(found, ONE)
    assert found.source == str(path)
    with file_of(tmp_path, "csv").open(encoding="utf-8") as text:
        assert same(as_recording(text), ONE)
    assert same(as_recording((io.StringIO(file_of(tmp_path, "csv").read_text()), "csv")), ONE)


def test_tables():
    assert same(as_recording(ONE.to_dataframe()), ONE)
    frame = pd.DataFrame({"I": X, "II": X})
    assert same(as_recording(frame, sampling_rate=250, units="mV"), Recording(np.stack([X, X]), 250))
    dated = frame.set_index(pd.date_range("2024-05-01", periods=len(X), freq="4ms"))
    assert as_recording(dated).start_time.year == 2024
    assert as_recording(pd.Series(X, name="ECG"), sampling_rate=250).channel_names == ("ECG",)


def test_mne():
    pytest.importorskip("mne")
    assert same(as_recording(ONE.pick("ECG").to_mne()), ONE.pick("ECG"))


def test_rows_of_a_manifest(tmp_path):
    from sigsimnet.datasets import Manifest

    rows = Manifest.of([ONE.replace(metadata={"subject": "anna"})])
    assert as_recordings(rows)[0].metadata["subject"] == "anna"
    assert same(as_recording(rows.entries[0]), ONE)


# -- many -------------------------------------------------------------------------------------------------------------


def test_many_in_their_order(tmp_path):
    path = file_of(tmp_path, "npz")
    raw = path.read_bytes()
    mixed = [ONE, path, (X, 100), (raw, "npz"), ONE.to_dataframe()]
    assert [r.sampling_rate for r in as_recordings(mixed)] == [250, 250, 100, 250, 250]
    for many in (tuple(mixed), iter(mixed), (item for item in mixed), dict(enumerate(mixed)).values()):
        assert [r.sampling_rate for r in as_recordings(many)] == [250, 250, 100, 250, 250]
    assert len(as_recordings([X, X], sampling_rate=250)) == 2
    assert len(as_recordings((ONE, ONE))) == 2
    assert as_recordings([]) == []


def test_one_of_a_list_is_one():
    assert as_recording([ONE]) is ONE
    with pytest.raises(ParameterError, match="one recording is wanted, not 2"):
        as_recording([ONE, ONE])
    with pytest.raises(ParameterError, match="one recording is wanted, not 0"):
        as_recording([])


# -- functions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        ssn.preprocess,
        ssn.quality,
        ssn.detect_peaks,
        ssn.profile,
        ssn.beats,
        ssn.windows,
        describe,
        spectrum,
    ],
)
def test_functions_take_what_as_recording_takes(tmp_path, function):
    recording = ssn.simulate(1, 1, duration=8, seed=1)[0]
    path = file_of(tmp_path, "npz", recording)
    kind = type(function(recording))
    assert type(function(path)) is kind
    assert type(function((recording.data, 250))) is kind
    several = function([recording, str(path)])
    assert isinstance(several, list)
    assert [type(one) for one in several] == [kind, kind]
    assert function([]) == []
    for nonsense in (None, 3, {"a": recording}, recording.data):
        with pytest.raises(ParameterError):
            function(nonsense)


def test_results_of_a_path_are_those_of_the_recording(tmp_path):
    recording = ssn.simulate(1, 1, duration=20, seed=1)[0]
    path = file_of(tmp_path, "npz", recording)
    np.testing.assert_array_equal(ssn.detect_peaks(path).samples, ssn.detect_peaks(recording).samples)
    np.testing.assert_array_equal(ssn.preprocess(path).data, ssn.preprocess(recording).data)
    np.testing.assert_array_equal(ssn.quality(path).index, ssn.quality(recording).index)
    by_list = ssn.detect_peaks([recording.data, recording.data], 250)
    assert [p.samples.tolist() for p in by_list] == [ssn.detect_peaks(recording).samples.tolist()] * 2


def test_what_was_found_in_one_recording_is_not_used_for_several():
    recording = ssn.simulate(1, 1, duration=8, seed=1)[0]
    peaks = ssn.detect_peaks(recording)
    assert len(ssn.beats(recording, peaks=peaks))
    with pytest.raises(ParameterError, match="peaks= belongs to one recording, not to a list of 2"):
        ssn.beats([recording, recording], peaks=peaks)


def test_write_takes_them_too(tmp_path):
    write((X, 250), tmp_path / "a.npz")
    assert same(read(tmp_path / "a.npz"), Recording(X, 250))


def test_the_decorated_function_keeps_its_name_and_words():
    @takes_recordings
    def length(recording: Recording, factor: float = 1.0) -> float:
        """Say how long it is."""
        return factor * recording.duration

    assert length.__doc__ == "Say how long it is."
    assert length((X, 250), factor=2.0) == 4.0
    assert length([(X, 250), ONE], 3.0) == [6.0, 6.0]


# -- what is no recording ---------------------------------------------------------------------------------------------


class Broken:
    def __array__(self, *_, **__):
        raise RuntimeError("out of order")


def closed_file():
    file = io.BytesIO(b"x")
    file.close()
    return file


@pytest.mark.parametrize(
    ("what", "options", "says"),
    [
        (None, {}, "None is no recording: expected a Recording, a path"),
        (3, {}, "type int is no recording"),
        ({"a": X}, {}, r"dict \(pass its values\) is no recording"),
        (Recording, {}, "type type is no recording"),
        ([None], {}, "item 1: None is no recording"),
        ([ONE, [ONE]], {}, "item 2 is itself a list"),
        (X, {}, r"an array has no sampling rate: pass \(array, sampling_rate\) or sampling_rate="),
        ([0.1, 0.2], {}, "an array has no sampling rate"),
        ([(X, 250), X], {}, "item 2: an array has no sampling rate"),
        ((X, None), {}, "sampling_rate.* is None"),
        ((X, 0), {}, "is 0: it must be a positive number of Hz"),
        ((X, float("nan")), {}, "positive number of Hz"),
        ((X, "fast"), {}, "'fast': it must be a positive number"),
        ((X, True), {}, "True: it must be a positive number"),
        ((X, 10**400), {}, "positive number of Hz"),
        ((X, 250), {"sampling_rate": 100}, "two sampling rates are given: 250 Hz and 100 Hz"),
        (ONE, {"sampling_rate": 100}, "sampling_rate is 100 Hz but the recording says 250 Hz"),
        (ONE, {"units": "V"}, "units is 'V' but the recording says mV, unknown"),
        ((X, 250), {"units": ["mV", "mV"]}, "2 units for 1 channels"),
        ((X, 250), {"units": 5}, "units are 5"),
        ((np.zeros((2, 2, 2)), 250), {}, r"3 dimensions \(2, 2, 2\): expected \(n_samples,\) or"),
        ((np.zeros((500, 2)), 250), {}, "500 channels of 2 samples: .*transpose"),
        ((np.zeros((0, 5)), 250), {}, "holds no samples"),
        ((np.array(3.0), 250), {}, "0 dimensions"),
        ((X + 1j, 250), {}, "complex64 values: real numbers are needed"),
        ((X.astype(object), 250), {}, "object values"),
        ((np.array(["1", "2"]), 250), {}, "<U1 values"),
        (([[1, 2], [3]], 250), {}, "no array of numbers"),
        ((Broken(), 250), {}, "out of order"),
        (b"abc", {}, f"bytes do not say their format.*{', '.join(FORMATS)}"),
        (io.BytesIO(b"abc"), {}, "bytes do not say their format"),
        (io.StringIO("abc"), {}, "gives str; open it with mode 'rb'"),
        (b"abc", {"format": "jpg"}, f"unknown format 'jpg' .known: {', '.join(FORMATS)}"),
        (b"abc", {"format": "wfdb"}, "a WFDB record is several files"),
        ("one.csv", {"format": "csv"}, "format= is for bytes"),
        (pd.DataFrame({"I": X}).to_numpy().tolist, {}, "no recording"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(what, options, says):
    with pytest.raises(ParameterError, match=says) as caught:
        as_recordings(what, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("", "the path is empty"),
        ("a\0b", "no such file"),
        ("gone.csv", "gone.csv: no such file"),
        ((b"", "csv"), "csv bytes: is empty"),
        ((b"abc", "edf"), "edf bytes: "),
        (closed_file(), "cannot be read"),
        (pd.DataFrame({"I": ["x", "y"]}), "not numeric"),
        (pd.DataFrame({"I": [1j, 2j]}), "not numeric"),
        (pd.DataFrame({"I": X}), "cannot tell the sampling rate"),
        (pd.DataFrame(), "0 samples"),
    ],
)
def test_what_cannot_be_read(what, says):
    with pytest.raises(ReadError, match=says):
        as_recording(what)


def test_unknown_formats_are_unknown_names():
    with pytest.raises(UnknownNameError):
        as_recording((b"abc", "exe"))


@pytest.mark.parametrize("ending", ["csv", "edf", "npz", "npy", "mat"])
def test_damaged_bytes_give_a_recording_or_one_of_our_errors(tmp_path, ending):
    import warnings

    import scipy.io

    raw = io.BytesIO()
    if ending == "npy":
        np.save(raw, np.stack([X, X]))
    elif ending == "mat":
        scipy.io.savemat(raw, {"val": np.stack([X, X]), "fs": 250.0})
    else:
        raw.write(file_of(tmp_path, ending).read_bytes())
    rng = np.random.default_rng(0)
    whole = np.frombuffer(raw.getvalue(), dtype=np.uint8)
    for number in range(60):
        damaged = whole.copy() if number % 2 else whole[: rng.integers(1, len(whole))].copy()
        places = rng.integers(0, min(600, len(damaged)) if number % 3 else len(damaged), rng.integers(1, 12))
        damaged[places] = rng.integers(0, 256, len(places))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, about what they read
            with contextlib.suppress(SigSimNetError):
                assert isinstance(as_recording((damaged.tobytes(), ending), sampling_rate=250), Recording)
