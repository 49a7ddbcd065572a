"""HDF5, spreadsheets and Parquet as people write them."""

from __future__ import annotations

import struct
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read, write
from sigsimnet.recording import Recording

N = 2000
ECG = np.sin(2 * np.pi * 1.2 * np.arange(N) / 500) ** 15
TWELVE = np.stack([ECG * (k + 1) for k in range(12)]).astype(np.float32)


@pytest.fixture
def h5py():
    return pytest.importorskip("h5py", reason="h5py is not installed: sigsimnet[formats]")


@pytest.fixture
def openpyxl():
    pytest.importorskip("python_calamine", reason="python-calamine is not installed: sigsimnet[formats]")
    return pytest.importorskip("openpyxl", reason="openpyxl is not installed")


@pytest.fixture
def parquet():
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: sigsimnet[parquet]")
    import pyarrow as pa
    import pyarrow.parquet

    return pa


def refused(path, says=None, **options):
    with pytest.raises(ReadError, match=says) as caught:
        read(path, **options)
    assert path.name in str(caught.value)
    return str(caught.value)


# -- MATLAB 7.3 -----------------------------------------------------------------------------------------------------


class Matlab73:
    """Writes MATLAB 7.3 as MATLAB does: a block of its own in front, arrays transposed, text and structs in its way."""

    def __init__(self, h5py, path):
        self.h5py, self.path = h5py, path
        self.file = h5py.File(path, "w", userblock_size=512)

    def add(self, where, name, value):
        if isinstance(value, dict):
            group = where.create_group(name)
            group.attrs["MATLAB_class"] = np.bytes_("struct")
            for key, inner in value.items():
                self.add(group, key, inner)
        elif isinstance(value, str):
            codes = np.array([[ord(letter)] for letter in value], dtype="<u2")
            where.create_dataset(name, data=codes).attrs["MATLAB_class"] = np.bytes_("char")
        elif isinstance(value, list):
            refs = self.file.require_group("#refs#")
            cells = np.empty((len(value), 1), dtype=self.h5py.ref_dtype)
            for k, inner in enumerate(value):
                key = f"r{len(refs)}"
                self.add(refs, key, inner)
                cells[k, 0] = refs[key].ref
            where.create_dataset(name, data=cells).attrs["MATLAB_class"] = np.bytes_("cell")
        else:
            array = np.atleast_2d(np.asarray(value, dtype=float))
            where.create_dataset(name, data=array.T).attrs["MATLAB_class"] = np.bytes_("double")

    def close(self):
        self.file.close()
        with self.path.open("r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def matlab73(h5py, path, **variables):
    writer = Matlab73(h5py, path)
    for name, value in variables.items():
        writer.add(writer.file, name, value)
    writer.close()
    return path


def test_matlab_73(h5py, tmp_path):
    path = matlab73(h5py, tmp_path / "a.mat", ecg=TWELVE[:2], fs=500, labels=["I", "II"], units=["mV", "uV"])
    found = read(path)
    assert (found.sampling_rate, found.channel_names, found.units) == (500, ("I", "II"), ("mV", "µV"))
    np.testing.assert_allclose(found.data, TWELVE[:2])


def test_matlab_73_is_read_as_matlab_5_is(h5py, tmp_path):
    import scipy.io

    tree = {"ECG": {"sex": "Male", "age": 74.0, "data": TWELVE.astype(float), "fs": 500.0}}
    scipy.io.savemat(tmp_path / "a.mat", tree)
    old, new = read(tmp_path / "a.mat"), read(matlab73(h5py, tmp_path / "b.mat", **tree))
    np.testing.assert_array_equal(old.data, new.data)
    assert (old.metadata, old.sampling_rate) == (new.metadata, new.sampling_rate)
    # A name without an ending is enough: the first bytes say it.
    (tmp_path / "c").write_bytes((tmp_path / "b.mat").read_bytes())
    assert read(tmp_path / "c").sampling_rate == 500


def test_matlab_73_of_several_records_and_time(h5py, tmp_path):
    path = matlab73(h5py, tmp_path / "a.mat", X=np.stack([TWELVE, TWELVE * 2], axis=2), fs=500)
    refused(path, r"2 records \(12, 2000, 2\)")
    np.testing.assert_allclose(read(path, key="1").data, TWELVE * 2)
    path = matlab73(h5py, tmp_path / "b.mat", hr=ECG, timer=np.arange(N) * 2.0)
    assert read(path).sampling_rate == 500


def test_eeglab_as_matlab_73(h5py, tmp_path):
    eeg = {"srate": 500.0, "nbchan": 2.0, "pnts": float(N), "trials": 1.0, "data": TWELVE[:2],
           "chanlocs": {"labels": ["Cz", "ECG"]},
           "event": {"latency": [401.0, 801.0], "type": ["S1", "S2"]}}  # fmt: skip
    found = read(matlab73(h5py, tmp_path / "a.set", EEG=eeg))
    assert (found.sampling_rate, found.channel_names, found.units) == (500, ("Cz", "ECG"), ("µV", "mV"))
    np.testing.assert_allclose(found.data[0], TWELVE[0])
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(400, "S1"), (800, "S2")]


def test_hdf5_without_matlab_and_plain_mat(h5py, tmp_path):
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["ecg"], file["fs"] = TWELVE[:2].T, [[500.0]]
    np.testing.assert_allclose(read(tmp_path / "a.mat").data, TWELVE[:2])


# -- HDF5 -----------------------------------------------------------------------------------------------------------


def test_code_15(h5py, tmp_path):
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["exam_id"] = [11, 22, 33]
        file["tracings"] = np.stack([TWELVE.T * k for k in (1, 2, 3)])
    refused(tmp_path / "a.hdf5", r"3 records \(3, 2000, 12\).*tracings/0", sampling_rate=400)
    for key in ("1", "tracings/1"):
        found = read(tmp_path / "a.hdf5", key=key, sampling_rate=400)
        np.testing.assert_allclose(found.data, TWELVE * 2)
        assert found.metadata == {"exam_id": 22, "record": 1}
    refused(tmp_path / "a.hdf5", "no record 3", key="3", sampling_rate=400)


def test_a_record_is_read_by_itself(h5py, tmp_path):
    """400 MB of nothing: only the record that was named is made."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("tracings", (2000, 4096, 12), "f4", chunks=(1, 4096, 12), compression="gzip")
        file.attrs["sampling_rate"] = 400
    assert read(tmp_path / "a.h5", key="7").data.shape == (12, 4096)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("ecg", (10**12,), "f4", chunks=(4096,))
    refused(tmp_path / "b.h5", "would unpack", sampling_rate=400)


def test_opensignals(h5py, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        device = file.create_group("20:16:07:18:13:61")
        device.attrs.update(
            {"sampling rate": 1000, "date": "2018-09-28", "time": "13:29:50.5", "device": "bitalino_rev"}
        )
        device.attrs["sensor"] = np.array([b"ECGBIT", b"RESPBIT"])
        raw = device.create_group("raw")
        raw["nSeq"] = (np.arange(N) % 16)[:, None]
        raw["channel_1"], raw["channel_2"] = (ECG * 100 + 512)[:, None], np.full((N, 1), 300.0)
        device.create_group("digital")["digital_1"] = np.zeros((N, 1))
    found = read(tmp_path / "a.h5")
    assert (found.channel_names, found.sampling_rate) == (("ECG", "RESP"), 1000)
    np.testing.assert_allclose(found.data[0], ECG * 100 + 512, rtol=1e-5)
    assert found.start_time.isoformat().startswith("2018-09-28T13:29:50.5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["20:16:07:18:13:61"].attrs.update({"date": "2021-3-4", "time": "9:5:6.1"})
    assert read(tmp_path / "a.h5").start_time.isoformat() == "2021-03-04T09:05:06.100000"


def test_attributes_tables_and_groups(h5py, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("session/ecg")
        group["samples"] = TWELVE[:2].T
        group["samples"].attrs.update({"fs": 250, "units": "uV", "channel_names": ["I", "II"]})
        file.attrs["subject"] = "p7"
        file.create_group("session/notes")["text"] = "quiet"
    found = read(tmp_path / "a.h5")
    assert (found.sampling_rate, found.units, found.channel_names) == (250, ("µV", "µV"), ("I", "II"))
    assert found.metadata["subject"] == "p7"
    table = np.zeros(N, dtype=[("time", "f8"), ("ECG (mV)", "f4")])
    table["time"], table["ECG (mV)"] = np.arange(N) / 500, ECG
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["table"] = table
    assert repr(read(tmp_path / "b.h5")) == "<Recording 1 channel × 4.0 s at 500 Hz: ECG (mV)>"


def test_hdf5_does_not_open_other_files(h5py, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["ecg"] = ECG
    ECG.astype("<f8").tofile(tmp_path / "secret.bin")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["ecg"] = h5py.ExternalLink("secret.h5", "/ecg")
        file.create_dataset("other", (N,), "f8", external=[(str(tmp_path / "secret.bin"), 0, N * 8)])
        layout = h5py.VirtualLayout((N,), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "ecg", (N,))
        file.create_virtual_dataset("third", layout)
    refused(tmp_path / "a.h5", "no array of numbers", sampling_rate=500)


def test_hdf5_in_circles_and_in_pieces(h5py, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("a")
        group["again"] = file["/"]
        file["ecg"] = ECG
    refused(tmp_path / "a.h5", "nested too deep", sampling_rate=500)
    whole = matlab73(h5py, tmp_path / "b.mat", ecg=ECG, fs=500).read_bytes()
    (tmp_path / "b.mat").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "b.mat")


def test_mutated_hdf5(h5py, tmp_path):
    rng = np.random.default_rng(0)
    whole = matlab73(
        h5py, tmp_path / "a.mat", ecg=TWELVE[:2, :300], fs=500, s={"x": "text", "c": ["a", "b"]}
    ).read_bytes()
    for _ in range(150):
        raw = bytearray(whole)
        for _ in range(int(rng.integers(1, 6))):
            raw[int(rng.integers(512, len(raw)))] = int(rng.integers(256))
        (tmp_path / "a.mat").write_bytes(raw)
        try:
            read(tmp_path / "a.mat", sampling_rate=500)
        except ReadError as error:
            assert str(error).isprintable()  # noqa: PT017 - either is right


# -- spreadsheets ---------------------------------------------------------------------------------------------------


def book(openpyxl, path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


ROWS = [["time", "ECG (mV)"], *([k / 500, float(v)] for k, v in enumerate(ECG))]


def test_a_spreadsheet_is_read_as_a_table(openpyxl, tmp_path):
    path = book(openpyxl, tmp_path / "a.xlsx", Sheet1=ROWS)
    pd.DataFrame(ROWS[1:], columns=ROWS[0]).to_csv(tmp_path / "a.csv", index=False)
    found, expected = read(path), read(tmp_path / "a.csv")
    assert (found.sampling_rate, found.units) == (500, ("mV",))
    np.testing.assert_array_equal(found.data, expected.data)


@pytest.mark.parametrize("mixed", [False, True])
def test_cells_of_text_with_decimal_commas(openpyxl, tmp_path, mixed):
    comma = [[f"{k / 500:.3f}".replace(".", ","), f"{v:.6f}".replace(".", ",")] for k, v in enumerate(ECG)]
    rows = [[k / 500, cells[1]] for k, cells in enumerate(comma)] if mixed else comma
    found = read(book(openpyxl, tmp_path / "a.xlsx", Sheet1=[["Zeit [s]", "EKG [mV]"], *rows]))
    assert found.sampling_rate == pytest.approx(500)
    np.testing.assert_allclose(found.data[0], ECG, atol=1e-6)


def test_sheets_by_name(openpyxl, tmp_path):
    slow = [["time", "Resp"], *([k / 50, k % 7] for k in range(200))]
    path = book(openpyxl, tmp_path / "a.xlsx", Info=[["who", "p7"], ["age", 74]], ECG=ROWS, Resp=slow)
    refused(path, r"2 sheets of numbers \(ECG, Resp\); pass key=")
    assert read(path, key="Resp").sampling_rate == 50
    assert read(path, key="1").metadata["sheet"] == "ECG"
    refused(path, "no sheet 'EEG'", key="EEG")
    refused(path, "no numbers", key="Info")
    path = book(openpyxl, tmp_path / "b.xlsx", Info=[["who", "p7"]], ECG=ROWS, Empty=[])
    assert read(path).metadata["sheet"] == "ECG"


def test_times_of_a_spreadsheet(openpyxl, tmp_path):
    start = datetime(2024, 3, 1, 9)  # noqa: DTZ001 - a spreadsheet knows no zone
    rows = [["time", "ECG"], *([start + timedelta(milliseconds=4 * k), float(v)] for k, v in enumerate(ECG))]
    found = read(book(openpyxl, tmp_path / "a.xlsx", Sheet1=rows))
    assert found.sampling_rate == pytest.approx(250, rel=1e-3)
    assert found.start_time.isoformat()[:19] == "2024-03-01T09:00:00"


def test_spreadsheets_that_lie(openpyxl, tmp_path):
    path = book(openpyxl, tmp_path / "a.xlsx", Sheet1=ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "not a readable spreadsheet")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    refused(path, "not a readable spreadsheet")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 200_000_000)
    refused(path, "would unpack")
    raw = bytearray(path.read_bytes())  # the same, with a smaller size in both headers
    small = struct.pack("<I", 1000)
    raw[22:26] = small
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = small
    path.write_bytes(raw)
    refused(path)


# -- Parquet --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [None, "timestamp"])
def test_an_index_of_times(parquet, tmp_path, named):
    index = pd.date_range("2024-03-01 10:00", periods=N, freq="2ms", tz="Europe/Berlin", name=named)
    pd.DataFrame({"ECG": ECG}, index=index).to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert (found.sampling_rate, found.channel_names) == (500, ("ECG",))
    assert found.start_time == datetime(2024, 3, 1, 9, tzinfo=UTC)
    late = index[:1000].append(index[1000:] + pd.Timedelta("7s"))
    pd.DataFrame({"ECG": ECG}, index=late.rename(named)).to_parquet(tmp_path / "b.parquet")
    assert [span.time for span in read(tmp_path / "b.parquet").spans] == pytest.approx([0, 9])


def test_other_indexes(parquet, tmp_path):
    frame = pd.DataFrame({"ECG": ECG}, index=np.arange(N) / 500)
    frame.to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").sampling_rate == 500
    frame.set_axis(pd.to_timedelta(frame.index, unit="s")).to_parquet(tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet").sampling_rate == 500
    frame.reset_index(drop=True)[::-1].to_parquet(tmp_path / "c.parquet")
    assert read(tmp_path / "c.parquet", sampling_rate=500).channel_names == ("ECG",)


def test_a_recording_a_row(parquet, tmp_path):
    rows = {"id": [7, 8, 9], "fs": [500] * 3, "sex": ["m", "f", "m"], "ecg": [ECG, ECG * 2, ECG * 3]}
    parquet.parquet.write_table(parquet.table(rows), tmp_path / "a.parquet", row_group_size=2)
    refused(tmp_path / "a.parquet", r"3 rows with a recording each; pass key='0' … '2'")
    for key in ("2", "ecg/2"):
        found = read(tmp_path / "a.parquet", key=key)
        np.testing.assert_allclose(found.data[0], ECG * 3, atol=1e-6)
        assert (found.sampling_rate, found.channel_names) == (500, ("ecg",))
        assert dict(found.metadata) == {"id": 9, "sex": "m", "record": 2}
    refused(tmp_path / "a.parquet", "no record 3", key="3")
    refused(tmp_path / "a.parquet", "no row 'eeg/1'", key="eeg/1")


def test_leads_as_lists(parquet, tmp_path):
    rows = {"I": [ECG], "II": [ECG * 2], "age": [74]}
    parquet.parquet.write_table(parquet.table(rows), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", sampling_rate=500)
    assert (found.channel_names, found.metadata["age"]) == (("I", "II"), 74)
    nested = {"signal": [TWELVE.tolist(), (TWELVE * 2).tolist()]}
    parquet.parquet.write_table(parquet.table(nested), tmp_path / "b.parquet")
    np.testing.assert_allclose(read(tmp_path / "b.parquet", key="1", sampling_rate=500).data, TWELVE * 2)
    uneven = {"ecg": [ECG], "resp": [ECG[:500]]}
    parquet.parquet.write_table(parquet.table(uneven), tmp_path / "c.parquet")
    refused(tmp_path / "c.parquet", "several lengths", sampling_rate=500)
    assert read(tmp_path / "c.parquet", key="resp/0", sampling_rate=125).n_samples == 500


def test_times_as_lists(parquet, tmp_path):
    time = np.r_[np.arange(1000), np.arange(2000, 3000)] / 500
    rows = {"timestamp": [time, time], "I": [ECG, ECG], "II": [ECG, ECG * 2]}
    parquet.parquet.write_table(parquet.table(rows), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", key="1")
    assert (found.sampling_rate, found.channel_names) == (500, ("I", "II"))
    assert [span.time for span in found.spans] == pytest.approx([0, 4])


def test_lists_that_were_made_to_fill_the_memory(parquet, tmp_path):
    zeros = parquet.array([np.zeros(30_000_000, dtype=np.float32)])
    parquet.parquet.write_table(parquet.table({"ecg": zeros}), tmp_path / "a.parquet", compression="zstd")
    refused(tmp_path / "a.parquet", "would unpack", sampling_rate=500)


def test_our_own_come_back_as_they_were(parquet, ecg, tmp_path):
    write(ecg, tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    np.testing.assert_array_equal(found.data, ecg.data)
    assert isinstance(found, Recording)
