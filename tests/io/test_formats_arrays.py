"""MATLAB, NumPy and JSON as people write them: structs, records, tables, and what stands beside the signal."""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.io

from sigsimnet.errors import ReadError
from sigsimnet.io import read

ECG = np.sin(2 * np.pi * 1.2 * np.arange(2000) / 500) ** 15
TWELVE = np.stack([ECG * (k + 1) for k in range(12)]).astype(np.float32)


def mat(path, **variables):
    scipy.io.savemat(path, variables, do_compression=variables.pop("packed", False))
    return path


# -- MATLAB ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_the_struct_of_cpsc_2018(tmp_path, packed):
    path = mat(tmp_path / "a.mat", ECG={"sex": "Male", "age": 74, "data": TWELVE}, packed=packed)
    with pytest.raises(ReadError, match="sampling rate"):
        read(path)
    for key in (None, "ECG/data", "ECG.data", "ECG", "data"):
        found = read(path, sampling_rate=500, key=key)
        np.testing.assert_allclose(found.data, TWELVE)
        assert found.metadata["sex"] == "Male"
        assert found.metadata["age"] == 74


def test_acqknowledge(tmp_path):
    path = mat(
        tmp_path / "a.mat", data=np.stack([ECG, ECG / 10]).T, isi=2.0, isi_units="ms", labels=["ECG100C", "RSP100C"],
        units=["mV", "V "], start_sample=0,
    )  # fmt: skip
    found = read(path)
    assert (found.sampling_rate, found.channel_names) == (500, ("ECG100C", "RSP100C"))
    assert found.units == ("mV", "mV")
    np.testing.assert_allclose(found.data[1], ECG * 100, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "value", "rate"),
    [
        ("Fs_Hz", 500, 500), ("FS", 500.0, 500), ("sampling_frequency", 500, 500), ("SampleRate", "500", 500),
        ("samplingRate_kHz", 0.5, 500), ("srate", [[500]], 500), ("fs", "500 Hz", 500), ("dt", 0.002, 500),
        ("isi", 0.002, 500),
        ("Sampling_Interval_ms", 2, 500),
    ],
)  # fmt: skip
def test_names_of_the_sampling_rate(tmp_path, name, value, rate):
    names = np.array([["I", "II"]], dtype=object)
    found = read(mat(tmp_path / "a.mat", val=np.stack([ECG, ECG]), lead_names=names, **{name: value}))
    assert (found.sampling_rate, found.channel_names) == (rate, ("I", "II"))


def test_a_rate_beside_the_struct_and_within_it(tmp_path):
    path = mat(tmp_path / "a.mat", fs=100, record={"hdr": {"id": "p7"}, "sig": {"ecg": ECG, "fs": 500.0, "unit": "V"}})
    found = read(path)
    assert (found.sampling_rate, found.units) == (500, ("mV",))
    np.testing.assert_allclose(found.data[0], ECG * 1000, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(("unit", "name"), [(1000, "timer"), (1, "time"), (1, "t"), (1000, "time_ms")])
def test_a_timer_is_the_time(tmp_path, unit, name):
    time = np.r_[np.arange(1000), np.arange(3000, 4000)] / 500 * unit
    found = read(mat(tmp_path / "a.mat", hr=ECG, **{name: time}))
    assert found.sampling_rate == pytest.approx(500)
    assert found.channel_names == ("hr",)
    assert [span.time for span in found.spans] == pytest.approx([0, 6])


def test_columns_and_several_arrays(tmp_path):
    assert read(mat(tmp_path / "a.mat", ecg=ECG[:, None]), sampling_rate=500).data.shape == (1, 2000)
    path = mat(tmp_path / "b.mat", first=ECG, second=ECG[:1000], fs=500)
    with pytest.raises(ReadError, match=r"2 arrays.*first.*second.*key="):
        read(path)
    assert read(path, key="second").n_samples == 1000


def test_records_of_matlab_are_its_last_axis(tmp_path):
    data = np.stack([TWELVE, TWELVE * 2, TWELVE * 3], axis=2)
    path = mat(tmp_path / "a.mat", X=data, fs=500, diagnosis=np.array(["a", "b", "c"], dtype=object))
    with pytest.raises(ReadError, match=r"3 records.*key='X/0'"):
        read(path)
    for key in ("2", "X/2"):
        found = read(path, key=key)
        np.testing.assert_allclose(found.data, TWELVE * 3)
        assert found.metadata["diagnosis"] == "c"


def test_labchart(tmp_path):
    rates = np.array([[500.0, 500.0], [100.0, 100.0]])
    path = mat(
        tmp_path / "a.mat", data=np.r_[ECG[:1000], np.ones(200), ECG[1000:], np.zeros(200)][None],
        datastart=np.array([[1, 1201], [1001, 2201]]), dataend=np.array([[1000, 2200], [1200, 2400]]), samplerate=rates,
        titles=["ECG ", "Resp"], unittext=["V ", "mV"], unittextmap=np.array([[1, 1], [2, 2]]),
        blocktimes=np.array([[737000.5, 737000.5 + 10 / 86400]]), tickrate=np.array([[500.0, 500.0]]),
        com=np.array([[-1.0, 1, 251, 1, 2], [1, 2, 101, 1, 1]]), comtext=["stood up", "rest"],
    )  # fmt: skip
    found = read(path)
    assert (found.channel_names, found.units, found.sampling_rate) == (("ECG",), ("mV",), 500)
    np.testing.assert_allclose(found.data[0], ECG * 1000, rtol=1e-5, atol=1e-9)
    assert found.spans[1].time == pytest.approx(10, abs=1e-3)
    assert found.start_time.date().isoformat() == "2017-11-01"
    assert any("Resp at 100 Hz" in note for note in found.warnings)
    assert [(mark.sample, mark.label, mark.channel) for mark in found.annotations] == [
        (250, "rest", None),
        (1100, "stood up", "ECG"),
    ]
    assert read(path, channels="Resp").n_samples == 400


def element(kind, data):
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(klass, shape, name, *parts):
    body = element(6, struct.pack("<II", klass, 0)) + element(5, struct.pack(f"<{len(shape)}i", *shape))
    return element(14, body + element(1, name) + b"".join(parts))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "field",
    [
        element(9, np.zeros(3).tobytes()),  # no matrix
        matrix(6, (1, 3), b"", element(200, bytes(24))),  # numbers of a type that is none: ends SciPy's process
        matrix(6, (1, 3_000_000), b"", element(9, bytes(24))),  # claims more than it holds
        matrix(4, (1, 3), b"", element(77, b"abc")),
        matrix(1, (1, 2_000_000_000), b""),
        matrix(6, (-1, 3), b"", element(9, bytes(24))),
    ],
)
def test_structs_that_lie(tmp_path, field, packed):
    inner = struct.pack("<HHi", 5, 4, 5)  # the length of a field's name, in a small element
    whole = matrix(2, (1, 1), b"ECG", inner, element(1, b"data\0"), field)
    body = element(15, zlib.compress(whole))[: 8 + len(zlib.compress(whole))] if packed else whole
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + body)
    with pytest.raises(ReadError):
        read(path, sampling_rate=500)


def test_structs_nested_too_deep(tmp_path):
    inner = ECG[:9]
    for _ in range(40):
        inner = {"a": inner}
    with pytest.raises(ReadError):
        read(mat(tmp_path / "a.mat", a=inner), sampling_rate=500)


def test_structs_that_were_made_to_fill_the_memory(tmp_path):
    path = mat(tmp_path / "a.mat", s={"data": np.zeros(30_000_000)}, packed=True)
    with pytest.raises(ReadError, match="would unpack"):
        read(path, sampling_rate=500)


def test_mutated_structs(tmp_path):
    rng = np.random.default_rng(0)
    whole = mat(
        tmp_path / "a.mat", ECG={"sex": "Male", "list": [{"a": 1}, {"a": "x"}], "data": TWELVE[:, :50]}
    ).read_bytes()
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(int(rng.integers(1, 9))):
            raw[int(rng.integers(100, 1200))] = int(rng.integers(256))
        (tmp_path / "a.mat").write_bytes(raw)
        try:
            read(tmp_path / "a.mat", sampling_rate=500)
        except ReadError as error:
            assert str(error).isprintable()  # noqa: PT017 - either is right


# -- NumPy ----------------------------------------------------------------------------------------------------------


def test_records_of_numpy(tmp_path):
    np.save(tmp_path / "a.npy", np.stack([TWELVE.T, TWELVE.T * 2]))
    with pytest.raises(ReadError, match=r"2 records \(2, 2000, 12\); pass key='0' … '1'"):
        read(tmp_path / "a.npy", sampling_rate=500)
    found = read(tmp_path / "a.npy", key="1", sampling_rate=500)
    np.testing.assert_allclose(found.data, TWELVE * 2)
    assert found.metadata["record"] == 1
    with pytest.raises(ReadError, match="no record 2"):
        read(tmp_path / "a.npy", key="2", sampling_rate=500)
    np.savez(tmp_path / "b.npz", X=np.stack([TWELVE.T, TWELVE.T * 2]), y=np.array([7, 9]), fs=500)
    for key in ("1", "X/1"):
        found = read(tmp_path / "b.npz", key=key)
        np.testing.assert_allclose(found.data, TWELVE * 2)
        assert found.metadata["y"] == 9


def test_one_record_needs_no_number(tmp_path):
    np.save(tmp_path / "a.npy", TWELVE.T[None])
    assert read(tmp_path / "a.npy", sampling_rate=500).data.shape == (12, 2000)


def test_a_structured_array_is_a_table(tmp_path):
    table = np.zeros(2000, dtype=[("time", "<f8"), ("ecg", "<f4")])
    table["time"], table["ecg"] = np.arange(2000) / 500, ECG
    np.save(tmp_path / "a.npy", table)
    np.savez(tmp_path / "a.npz", table=table)
    for name in ("a.npy", "a.npz"):
        found = read(tmp_path / name)
        assert (found.sampling_rate, found.channel_names) == (500, ("ecg",))
    with pytest.raises(ReadError, match="time, ecg"):
        read(tmp_path / "a.npy", key="0")
    np.save(tmp_path / "b.npy", np.zeros(9, dtype=[("a", [("b", "f4")])]))
    with pytest.raises(ReadError, match="numbers are needed"):
        read(tmp_path / "b.npy", sampling_rate=9)


def test_objects_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([ECG, {"fs": 500}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", a=np.array([None, ECG], dtype=object))
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"ecg": [1, 2]}))
    for name in ("a.npy", "a.npz", "a.pkl"):
        with pytest.raises(ReadError, match="a pickle may run code"):
            read(tmp_path / name, sampling_rate=500)


# -- JSON -----------------------------------------------------------------------------------------------------------


def movesense(counts, gap=0):
    packets = []
    for k in range(0, len(counts), 16):
        stamp = k * 4 + (gap if k >= len(counts) // 2 else 0)
        packets.append({"ecg": {"Samples": counts[k : k + 16], "Timestamp": stamp}})
    return packets


def test_movesense(tmp_path):
    counts = np.round(ECG * 800).astype(int).tolist()
    (tmp_path / "a.json").write_text(json.dumps({"data": movesense(counts)}))
    found = read(tmp_path / "a.json")
    assert (found.sampling_rate, found.channel_names, len(found.spans)) == (250, ("ecg",), 1)
    np.testing.assert_array_equal(found.data[0], counts)
    (tmp_path / "b.json").write_text(json.dumps({"data": movesense(counts, gap=5000)}))
    found = read(tmp_path / "b.json")
    assert [span.time for span in found.spans] == pytest.approx([0, 9.0], abs=0.1)


def test_movesense_with_an_accelerometer(tmp_path):
    acc = [{"acc": {"Timestamp": k * 154, "ArrayAcc": [{"x": k, "y": 1, "z": 9.8}] * 8}} for k in range(20)]
    (tmp_path / "a.json").write_text(json.dumps({"data": movesense([1, 2, 3, 4] * 100) + acc}))
    found = read(tmp_path / "a.json")
    assert found.sampling_rate == 250
    assert any("acc" in note and "key=" in note for note in found.warnings)
    found = read(tmp_path / "a.json", key="acc")
    assert found.channel_names == ("acc x", "acc y", "acc z")
    assert found.sampling_rate == pytest.approx(8 / 0.154, rel=0.01)
    with pytest.raises(ReadError, match="no sensor"):
        read(tmp_path / "a.json", key="gyro")


@pytest.mark.parametrize("lines", [False, True])
def test_polar_recorder(tmp_path, lines):
    first = 808_517_651_478_952_192
    values = np.round(ECG[:1300] * 900).astype(int).tolist()
    samples = [{"voltage": v, "timeStamp": first + round(k * 1e9 / 130)} for k, v in enumerate(values)]
    whole = {"phoneTimestamp": 1_755_195_252_690, "dataType": "ECG", "data": samples}
    parts = [{**whole, "data": samples[:700]}, {**whole, "data": samples[700:]}]
    text = "\n".join(map(json.dumps, parts)) if lines else json.dumps(whole)
    (tmp_path / "a.json").write_text(text)
    found = read(tmp_path / "a.json")
    assert found.sampling_rate == pytest.approx(130, rel=1e-4)
    assert (found.units, len(found.spans)) == (("µV",), 1)
    np.testing.assert_array_equal(found.data[0], values)
    assert abs((found.start_time - datetime(2025, 8, 14, 20, 14, 11, tzinfo=UTC)).total_seconds()) < 1


def test_movesense_as_its_service_sends_it(tmp_path):
    lines = [{"Body": packet["ecg"], "Uri": "174630000192/Meas/ECG/250", "Method": "POST"}
             for packet in movesense(list(range(1600)))]  # fmt: skip
    (tmp_path / "a.json").write_text("\n".join(map(json.dumps, lines)))
    found = read(tmp_path / "a.json")
    assert (found.sampling_rate, found.channel_names) == (250, ("ECG",))


def test_json_of_arrays_and_of_rows(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"fs": 500, "ecg": ECG.tolist(), "units": "mV", "subject": "p7"}))
    found = read(tmp_path / "a.json")
    assert (found.sampling_rate, found.units, found.metadata["subject"]) == (500, ("mV",), "p7")
    rows = [{"time": k / 500, "ecg": v} for k, v in enumerate(ECG)]
    (tmp_path / "b.json").write_text(json.dumps(rows))
    assert read(tmp_path / "b.json").sampling_rate == 500
    (tmp_path / "c.json").write_text(json.dumps(ECG.tolist()))
    assert read(tmp_path / "c.json", sampling_rate=500).n_samples == 2000


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", "3", "null", '"a"', "[" * 100_000, '{"data": []}', '{"data": [{"ecg": 3}]}', "\xff\xfe",
             '{"data": [{"ecg": {"Samples": [1], "Timestamp": 0}}]}', '{"data": [{"voltage": "x", "timeStamp": 1}]}']
)  # fmt: skip
def test_json_without_a_signal(tmp_path, text):
    (tmp_path / "a.json").write_text(text, encoding="latin-1")
    with pytest.raises(ReadError) as caught:
        read(tmp_path / "a.json")
    assert str(caught.value).isprintable()
