"""Every real file in ../shared/data opens, and says what is known of it. Skipped where the folder is absent."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import list_members, read


def says(recording, *words):
    return any(all(word in warning for word in words) for warning in recording.warnings)


def files(folder, *patterns):
    """Return all files of these patterns; a folder that is there but holds none of one is an error, not a skip."""
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} among the signals")
    found = {pattern: sorted(folder.glob(pattern)) for pattern in patterns}
    assert all(found.values()), f"{folder}: nothing matches {[pattern for pattern, some in found.items() if not some]}"
    return [path for some in found.values() for path in some]


def test_no_file_is_overlooked(data_dir):
    """A kind of file that none of the tests below opens fails here."""
    known = {
        "biosppy": {".txt"},
        "bonn-eeg": {".zip"},
        "cinc2017": {".zip", ".csv"},
        "deepxf": {".csv"},
        "ecg-id": {".hea", ".dat", ".atr"},
        "eegmat": {".edf", ".csv"},
        "emg-gestures": {".gz"},
        "mitdb": {".hea", ".dat", ".atr"},
        "nstdb": {".hea", ".dat"},
        "ptb-xl": {".hea", ".dat", ".csv", ".txt"},
        "ucr": {".tsv", ".npy"},
    }
    there = {path.name: {file.suffix for file in path.rglob("*") if file.is_file()} for path in data_dir.iterdir()}
    there = {name: kinds for name, kinds in there.items() if name in known}
    assert there, f"{data_dir}: none of {', '.join(known)}"
    assert {name: kinds - known[name] for name, kinds in there.items() if kinds - known[name]} == {}


@pytest.mark.parametrize("name", ["ecg-id", "mitdb", "nstdb", "ptb-xl"])
def test_every_wfdb_record(data_dir, name):
    for header in files(data_dir / name, "**/*.hea"):
        recording = read(header.with_suffix(""))
        assert recording.n_samples >= 1000, header
        assert np.isfinite(recording.data).any(), header
        assert set(recording.units) == {"mV"}, header
        assert len(recording.spans) == 1, header
        assert bool(recording.warnings) == (name == "nstdb"), recording.warnings
        assert bool(recording.annotations) == header.with_suffix(".atr").is_file(), header


def test_ecg_id_and_mit_bih_facts(data_dir):
    recording = read(data_dir / "ecg-id" / "Person_01" / "rec_1")
    assert recording.sampling_rate == 500
    assert recording.metadata == {"Age": "25", "Sex": "male", "ECG date": "07.12.2004"}
    record = read(data_dir / "mitdb" / "100")
    assert record.data.shape == (2, 650_000)
    assert sum(a.label in {"N", "A", "V"} for a in record.annotations) == 2273  # beats of record 100, by its own notes


@pytest.mark.parametrize("name", ["sitting_data", "stairs_normal_pace", "walking_fast_pace", "walking_normal_pace"])
def test_deepxf_says_what_is_wrong_with_it(data_dir, name):
    recording = read(data_dir / "deepxf" / "processed" / f"processed_{name}.csv")
    assert recording.n_channels == 5
    assert recording.units == ("mV",) * 5
    assert len(recording.spans) == 1
    # Ten packets whose stamps jitter by 70 ms tell the clock to 1.5 %; the long recordings to 0.1 %.
    assert recording.sampling_rate == pytest.approx(497, rel=5e-3 if "stairs" in name else 1e-3)
    for words in (
        ["volts"],
        ["packets of 500", "jump by"],
        ["run backwards"],
        ["repeat an earlier one"],
        ["count 500 Hz", "fits"],
        ["signal itself jumps"],
    ):
        assert says(recording, *words), (words, recording.warnings)
    if "stairs" in name:
        assert says(recording, "−110 … +241 ms")
    if "sitting" in name:
        assert says(recording, "50 Hz mains hum", "50.2 Hz by the stamps' own 500 Hz")


def test_deepxf_ruined_stamps(data_dir):
    for path in files(data_dir / "deepxf" / "raw", "*.csv"):
        recording = read(path)
        assert recording.sampling_rate == pytest.approx(497, rel=1e-2)
        assert len(recording.spans) == 1
        if "sitting" not in path.name.lower():
            assert says(recording, "MM:SS.d")
            assert says(recording, "packets of 500")
            assert says(recording, "signal itself jumps")


def test_biosppy(data_dir):
    for path in files(data_dir / "biosppy", "*.txt"):
        recording = read(path)
        assert recording.sampling_rate in {125, 1000}
        assert recording.channel_names[0].lower() == path.stem.split("_")[0]
        assert recording.warnings == ()


def test_eegmat(data_dir):
    for path in files(data_dir / "eegmat", "*.edf"):
        recording = read(path)
        assert (recording.n_channels, recording.sampling_rate) == (21, 500)
        assert set(recording.units) == {"µV", "mV"}
        assert read(path, channels="ECG").units == ("mV",)


def test_emg_gestures(data_dir):
    for path in files(data_dir / "emg-gestures", "*/*.gz"):
        recording = read(path)
        assert recording.n_channels == 8
        assert 900 < recording.sampling_rate < 1050
        assert {a.label for a in recording.annotations} >= {"0", "1", "2"}
        assert says(recording, "taken for ms")


def test_bonn(data_dir):
    for path in files(data_dir / "bonn-eeg", "*.zip"):
        members = list_members(path)
        assert len(members) == 100
        for member in members:
            recording = read(f"{path}/{member}", sampling_rate=173.61)
            assert recording.data.shape == (1, 4097)
            with pytest.raises(ReadError, match="sampling_rate="):
                read(f"{path}/{member}")


def test_cinc2017(data_dir):
    path = files(data_dir / "cinc2017", "*.zip")[0]
    members = [m for m in list_members(path) if m.endswith(".mat")]
    assert len(members) == 5000
    for member in members[::10]:  # all of them take 45 s: they are packed, and all written by one program
        recording = read(f"{path}/{member}")
        assert (recording.sampling_rate, recording.units) == (300, ("mV",))
        assert 0.1 < np.nanmax(np.abs(recording.data)) < 20


def test_ucr(data_dir):
    for path in files(data_dir / "ucr", "*/*.tsv", "*/*.npy"):
        recording = read(path, sampling_rate=100, layout="rows")
        assert recording.channel_names[0] == "r1"
        assert len(recording.metadata["labels"]) == recording.n_channels


@pytest.mark.parametrize(
    "name",
    ["cinc2017/REFERENCE.csv", "eegmat/subject-info.csv", "ptb-xl/ptbxl_database.csv", "ptb-xl/scp_statements.csv"],
)
def test_tables_that_are_no_signals(data_dir, name):
    with pytest.raises(ReadError) as caught:
        read(data_dir / name)
    assert "\n" not in str(caught.value)
