"""The table of formats: what is read by its ending or its first bytes, what is refused, what is to be installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sigsimnet.errors import MissingExtraError, ReadError, WriteError
from sigsimnet.io import read, write
from sigsimnet.io._formats import FORMATS, REFUSED, WRITABLE, recognise
from sigsimnet.recording import Recording

SMALL = Recording(np.sin(np.arange(500) / 9)[None], 250, units="mV", channel_names=["ECG"])
CONTENT = {
    "hdf5": b"\x89HDF\r\n\x1a\n",
    "clinical": b"ISHNE1.0",
    "excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "acq": bytes(100),
    "dicom": bytes(128) + b"DICM" + bytes(20),
    "xdf": b"XDF:",
    "mne": b"GDF 2.20",
    "parquet": b"PAR1",
}


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.key)
def test_what_is_in_the_table_has_a_reader(entry):
    from sigsimnet.io._read import _reader_of

    assert callable(_reader_of(entry.key))
    assert all(ending == ending.lower() and ending.startswith(".") for ending in entry.endings)
    assert (entry.extra is None) == (entry.probe is None)


def test_no_ending_twice():
    endings = [ending for entry in (*FORMATS, *REFUSED) for ending in entry.endings]
    assert len(endings) == len(set(endings))


@pytest.mark.parametrize("ending", sorted({e for entry in FORMATS for e in (*entry.endings, *entry.writes)}))
def test_what_we_write_is_in_the_table(tmp_path, ending):
    """Every ending that the table says is written comes back by that format's reader; every other is refused."""
    entry = next(entry for entry in FORMATS if ending in (*entry.writes, *entry.endings))
    if ending in WRITABLE:
        if not entry.installed:
            pytest.skip(f"needs {entry.probe}")
        write(SMALL, tmp_path / f"a{ending}")
        assert read(tmp_path / f"a{ending}").n_samples == 500
        found = recognise(tmp_path / f"a{ending}")
        assert found == entry
    else:
        with pytest.raises(WriteError, match="known are"):
            write(SMALL, tmp_path / f"a{ending}")
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("entry", [entry for entry in FORMATS if entry.extra], ids=lambda entry: entry.key)
def test_without_its_library_the_message_says_what_to_type(entry, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(f"{entry.probe}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, entry.probe, None)
    path = tmp_path / f"a{entry.endings[0]}"
    path.write_bytes(CONTENT[entry.key])
    with pytest.raises(MissingExtraError) as caught:
        read(path)
    said = str(caught.value)
    assert f"pip install 'sigsimnet[{entry.extra}]'" in said
    assert entry.name.split()[0].rstrip(",") in said


@pytest.mark.parametrize(("name", "says"), [
    ("a.fit", "FIT .*export"), ("a.pkl", "a pickle may run code"), ("a.bin", "numpy.fromfile"), ("a.pdf", "picture"),
    ("a.adicht", "LabChart.*export"), ("a.xyz", r"unknown kind of file; known are .*\.edf.*\.h5"),
    ("a.tar", "unpack"), ("a.dat", "no header a.hea"),
])  # fmt: skip
def test_what_is_not_read_says_the_way_out(tmp_path, name, says):
    (tmp_path / name).write_bytes(np.arange(2000, dtype="<i2").tobytes())
    with pytest.raises(ReadError, match=says) as caught:
        read(tmp_path / name)
    assert str(caught.value).isprintable()


def test_a_fit_by_its_bytes(tmp_path):
    (tmp_path / "activity").write_bytes(b"\x0e\x10\0\0\0\0\0\0.FIT" + bytes(100))
    with pytest.raises(ReadError, match="FIT"):
        read(tmp_path / "activity")


@pytest.mark.parametrize(("content", "name", "key"), [
    (b"PAR1", "a.csv", "parquet"), (b"\x93NUMPY", "a", "npy"), (b"MATLAB 5.0", "a.set", "eeglab"),
    (b"MATLAB 5.0", "a.mat", "mat5"), (b"MATLAB 7.3", "a.mat", "hdf5"), (b"\x89HDF\r\n\x1a\n", "a.dat2", "hdf5"),
    (b"RIFF\0\0\0\0WAVE", "a.x", "wav"), (b"0       ", "a", "edf"), (b"0       1", "a.txt", "text"),
    (b"Brain Vision", "a.eeg", "mne"),
])  # fmt: skip
def test_first_bytes_count_more_than_the_ending(tmp_path, content, name, key):
    (tmp_path / name).write_bytes(content)
    assert recognise(tmp_path / name).key == key


def test_readers_import_no_library_before_they_are_called():
    code = (
        "import sys; from sigsimnet.io._read import _reader_of; _reader_of('text');"
        "print([m for m in ('h5py', 'mne', 'pydicom', 'pyxdf', 'bioread', 'ecgdatakit', 'python_calamine', 'pyarrow')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_unbounded_imports_at_the_top():
    """What needs an optional library imports it within its functions."""
    import sigsimnet.io.formats

    folder = Path(sigsimnet.io.formats.__path__[0])
    names = {entry.probe for entry in FORMATS if entry.probe}
    for path in folder.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not (line.startswith(("import ", "from ")) and line.split()[1].split(".")[0] in names), (path, line)
