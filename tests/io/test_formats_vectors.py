"""Files with an array for each signal: names stay, each has its own rate, and what is not read is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.io

from sigsimnet.errors import ReadError
from sigsimnet.io import read, read_by_rate

ECG = np.sin(np.arange(5000) / 20)
PPG, ACC = ECG[::2], ECG[::5]


def save(path, tree):
    """Write a tree as the kind of file that its ending says."""
    if path.suffix == ".mat":
        scipy.io.savemat(path, tree)
    elif path.suffix == ".npz":
        np.savez(path, **tree)
    elif path.suffix == ".json":
        path.write_text(json.dumps({k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in tree.items()}))
    else:
        h5py = pytest.importorskip("h5py", reason="pip install 'sigsimnet[formats]'")
        with h5py.File(path, "w") as file:
            for name, value in tree.items():
                file[name] = value
    return path


ENDINGS = [".mat", ".npz", ".json", ".h5"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("ecg_rate", "acc_rate"), [("fs_ecg", "fs_acc"), ("ecg_fs", "acc_fs"), ("fs", "acc_sampling_rate")]
)
def test_rates_by_their_names(tmp_path, ending, ecg_rate, acc_rate):
    path = save(tmp_path / f"a{ending}", {"ecg": ECG, ecg_rate: 250, "acc": ACC, acc_rate: 50})
    found = read(path)
    assert (found.channel_names, found.sampling_rate, found.n_samples) == (("ecg",), 250, 5000)
    assert any("left out: acc at 50 Hz" in note for note in found.warnings)
    slow = read(path, channels=["acc"])
    assert (slow.channel_names, slow.sampling_rate) == (("acc",), 50)
    np.testing.assert_allclose(slow.data[0], ACC, atol=1e-6)
    assert read(path, key="acc").sampling_rate == 50
    assert [one.sampling_rate for one in read_by_rate(path)] == [250, 50]
    both = read(path, resample_to=250)
    assert set(both.channel_names) == {"ecg", "acc"}
    assert not {"fs", ecg_rate, acc_rate} & set(found.metadata)


def test_attributes_speak_of_their_own_data_set(tmp_path):
    h5py = pytest.importorskip("h5py", reason="pip install 'sigsimnet[formats]'")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, values, rate, unit in (("acc", ACC, 50, "mg"), ("ecg", ECG, 250, "uV")):
            file[name] = values
            file[name].attrs["fs"], file[name].attrs["units"] = rate, unit
    for key in (None, "ecg"):
        found = read(tmp_path / "a.h5", key=key)
        assert (found.channel_names, found.sampling_rate, found.units) == (("ecg",), 250, ("µV",))
    assert read(tmp_path / "a.h5", channels=["acc"]).units == ("mg",)


def test_groups_of_their_own(tmp_path):
    h5py = pytest.importorskip("h5py", reason="pip install 'sigsimnet[formats]'")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, values, rate in (("ECG", ECG, 250), ("Resp", ACC, 50)):
            group = file.create_group(name)
            group["data"], group.attrs["sampling_rate"] = values, rate
    found = read(tmp_path / "a.h5")
    assert (found.channel_names, found.sampling_rate) == (("ECG",), 250)
    assert read(tmp_path / "a.h5", channels=["Resp"]).sampling_rate == 50


@pytest.mark.parametrize("ending", ENDINGS)
def test_arrays_of_equal_length_are_channels(tmp_path, ending):
    path = save(tmp_path / f"a{ending}", {"I": ECG, "II": 2 * ECG})
    found = read(path, sampling_rate=250)
    assert found.channel_names == ("I", "II")
    np.testing.assert_allclose(found.data[1], 2 * ECG, atol=1e-5)
    with pytest.raises(ReadError):
        read(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_signal_is_said(tmp_path, ending):
    """Beat positions beside the samples, and a label of each sample."""
    marks, labels = np.arange(10, 4000, 200), (np.arange(5000) > 900).astype(np.int64)
    path = save(tmp_path / f"a{ending}", {"ecg": ECG, "rpeaks": marks, "fs": 250})
    found = read(path)
    assert found.channel_names == ("ecg",)
    assert any("left out: rpeaks" in note for note in found.warnings)
    if ending != ".json":  # where all numbers are floats
        both = read(save(tmp_path / f"b{ending}", {"ecg": ECG, "ppg": ECG, "mask": labels, "fs": 250}))
        assert both.channel_names == ("ecg", "ppg")
        assert any("mask" in note for note in both.warnings)


def test_arrays_of_unlike_length_and_one_rate_are_asked_about(tmp_path):
    path = save(tmp_path / "a.npz", {"one": ECG, "two": PPG, "fs": 250})
    with pytest.raises(ReadError, match="pass key= to name one"):
        read(path)


def test_one_array_keeps_its_name(tmp_path):
    assert read(save(tmp_path / "a.npz", {"ppg": PPG, "fs": 125})).channel_names == ("ppg",)
    assert read(save(tmp_path / "b.npz", {"data": PPG, "fs": 125})).channel_names == ("ch1",)


def test_json_with_named_channels(tmp_path):
    channels = [{"name": "ECG", "unit": "uV", "data": ECG.tolist()}, {"name": "PPG", "data": ECG.tolist()}]
    (tmp_path / "a.json").write_text(json.dumps({"samplingRate": 250, "channels": channels}))
    found = read(tmp_path / "a.json")
    assert (found.channel_names, found.units, found.sampling_rate) == (("ECG", "PPG"), ("µV", ""), 250)
    channels[1] |= {"data": PPG.tolist(), "samplingRate": 125}
    (tmp_path / "b.json").write_text(json.dumps({"samplingRate": 250, "channels": channels}))
    assert read(tmp_path / "b.json", channels=["PPG"]).sampling_rate == 125


def test_sensors_of_movesense(tmp_path):
    packets = [{"ecg": {"Samples": [1, 2, 3, 4], "Timestamp": 16 * k}} for k in range(50)]
    packets += [{"acc": {"Timestamp": 80 * k, "ArrayAcc": [{"x": 1.0, "y": 2.0, "z": 9.8}] * 4}} for k in range(10)]
    (tmp_path / "a.json").write_text(json.dumps({"data": packets}))
    found = read(tmp_path / "a.json")
    assert (found.channel_names, found.sampling_rate) == (("ecg",), 250)
    assert any("acc at 50 Hz" in note for note in found.warnings)
    assert read(tmp_path / "a.json", channels=["acc y"]).sampling_rate == pytest.approx(50)
    assert [round(one.sampling_rate) for one in read_by_rate(tmp_path / "a.json")] == [250, 50]
