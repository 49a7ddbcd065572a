"""All formats in one table: what they are called, how they are known, what reads or writes them, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FORMATS", "REFUSED", "WRITABLE", "Format", "Refused", "head_of", "known_endings", "recognise", "refused"]

_HEAD = 512  # bytes that show what a file is
_HDF, _MATLAB = (0, b"\x89HDF\r\n\x1a\n"), (0, b"MATLAB 5.0")
_MATLAB_73 = (0, b"MATLAB 7.3")
_TABLE = ("key", "time_column", "layout", "day_first")


@dataclass(frozen=True)
class Format:
    """A format, or a family that one module reads.

    Attributes
    ----------
    key : str
        Its reader in `sigsimnet.io._read`.
    name : str
        As people call it.
    endings : tuple of str
        Of what is read; lower case, with the dot.
    writes : tuple of str
        Of what `sigsimnet.write` writes.
    extra : str or None
        Optional group of libraries that it needs; None when it needs none.
    probe : str or None
        Module that tells whether that group is installed.
    magic : tuple of (int, bytes)
        What stands in the file, and where: these bytes count more than the ending.
    weak_magic : tuple of (int, bytes)
        The same, for files without a known ending only.
    chooses : bool
        Whether its reader picks the channels, since a file may have several sampling rates.
    takes : tuple of str
        Which of the arguments of `read` that are not for all formats it knows.
    """

    key: str
    name: str
    endings: tuple[str, ...]
    writes: tuple[str, ...] = ()
    extra: str | None = None
    probe: str | None = None
    magic: tuple[tuple[int, bytes], ...] = ()
    weak_magic: tuple[tuple[int, bytes], ...] = ()
    chooses: bool = False
    takes: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether what it needs is installed here; nothing is imported."""
        return self.probe is None or find_spec(self.probe) is not None

    @property
    def install(self) -> str:
        """The line to type when something is missing; empty when nothing is."""
        return "" if self.installed else f"pip install 'sigsimnet[{self.extra}]'"


@dataclass(frozen=True)
class Refused:
    """A kind of file that is known but not read, and what to do instead."""

    name: str
    endings: tuple[str, ...]
    reason: str
    magic: tuple[tuple[int, bytes], ...] = ()


FORMATS = (
    Format("text", "text table", (".csv", ".tsv", ".txt", ".tab", ".asc", ".gz"),
           writes=(".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"), takes=_TABLE,
           weak_magic=((0, b"\x1f\x8b"),)),
    Format("wfdb", "WFDB (PhysioNet)", (".hea", ".dat", ".atr"), writes=(".hea", ".dat"), chooses=True,
           takes=("annotator",)),
    Format("edf", "EDF, EDF+, BDF", (".edf", ".bdf", ".rec"), writes=(".edf",), chooses=True,
           magic=((0, b"\xffBIOSEMI"),), weak_magic=((0, b"0       "), (0, b"BIOSEMI"))),
    Format("parquet", "Parquet", (".parquet", ".pq"), writes=(".parquet", ".pq"), extra="parquet", probe="pyarrow",
           takes=_TABLE,            magic=((0, b"PAR1"),)),
    Format("npz", "NumPy archive", (".npz",), writes=(".npz",), takes=_TABLE),
    Format("npy", "NumPy array", (".npy",), takes=_TABLE, magic=((0, b"\x93NUMPY"),)),
    Format("json", "JSON of Movesense, PolarRecorder and others", (".json", ".jsonl"), takes=_TABLE),
    Format("wav", "WAV", (".wav", ".wave"), magic=((8, b"WAVE"),)),
    Format("mat5", "MATLAB to version 7.2", (".mat",), takes=_TABLE, magic=(_MATLAB,)),
    Format("hdf5", "HDF5, MATLAB 7.3, OpenSignals", (".h5", ".hdf5", ".hdf", ".he5"), extra="formats", probe="h5py",
           takes=_TABLE,            magic=(_MATLAB_73, _HDF, (512, b"\x89HDF\r\n\x1a\n"))),
    Format("eeglab", "EEGLAB", (".set",), takes=("key",), magic=(_MATLAB, _MATLAB_73, _HDF)),
    Format("excel", "Excel, OpenDocument", (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"), extra="formats",
           probe="python_calamine", takes=_TABLE, magic=((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),)),
    Format("dicom", "DICOM waveform", (".dcm", ".dicom"), extra="formats", probe="pydicom", takes=("key",),
           magic=((128, b"DICM"),)),
    Format("clinical", "ISHNE, SCP-ECG, GE MUSE XML, HL7 aECG, Philips XML, MFER", (".ecg", ".scp", ".xml", ".mwf",
           ".mfer", ".aecg"), extra="formats", probe="ecgdatakit", chooses=True,
           magic=((0, b"ISHNE1.0"), (0, b"ANN  1.0"), (16, b"SCPECG"), (2, b"MFR"))),
    Format("acq", "BIOPAC AcqKnowledge", (".acq",), extra="formats", probe="bioread", chooses=True),
    Format("xdf", "XDF (Lab Streaming Layer)", (".xdf",), extra="formats", probe="pyxdf", takes=("key",), chooses=True,
           magic=((0, b"XDF:"),)),
    Format("mne", "BrainVision, GDF, CNT, FIF", (".vhdr", ".vmrk", ".eeg", ".gdf", ".cnt", ".fif"), extra="mne",
           probe="mne", magic=((0, b"GDF "), (0, b"Brain Vision"), (0, b"BrainVision"))),
)  # fmt: skip
"""What can be read or written, in the order in which files without a known ending are tried."""

WRITABLE = tuple(ending for entry in FORMATS for ending in entry.writes)
"""Endings that `sigsimnet.write` knows."""

REFUSED = (
    Refused("FIT (Garmin, Polar, Suunto)", (".fit",),
            "it holds heart rates and positions, no sampled signal; export the ECG or the intervals as CSV",
            ((8, b".FIT"),)),
    Refused("a Python pickle", (".pkl", ".pickle", ".joblib", ".pt", ".pth"),
            "a pickle may run code; it is not read; save the array with numpy.save where you trust it"),
    Refused("bare numbers without a header", (".bin", ".raw"),
            "read them with numpy.fromfile, and pass (array, sampling_rate), or save them as .npy"),
    Refused("R data", (".rds", ".rda", ".rdata"), "save it as CSV or Parquet in R"),
    Refused("LabChart", (".adicht", ".adidat"), "export it as text or as MATLAB in LabChart"),
    Refused("Spike2", (".smr", ".smrx"), "export it as text or as MATLAB in Spike2"),
    Refused("AVI, MP3 or another recording of sound or pictures", (".mp3", ".m4a", ".avi", ".mp4", ".flac", ".ogg"),
            "convert sound to .wav; a picture of a signal is no signal"),
    Refused("a picture or a page", (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".svg"),
            "a picture of a signal is no signal; ask for the numbers (XML, SCP-ECG, DICOM)", ((0, b"%PDF"),)),
    Refused("a data base", (".db", ".sqlite", ".sqlite3"), "export the table as CSV or Parquet"),
    Refused("an archive", (".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz"), "unpack it, or pack it as .zip"),
)  # fmt: skip


def head_of(path: Path) -> bytes:
    r"""Return the first bytes of a file, and those where HDF5 may begin behind a block of somebody else's.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.npy"
    >>> _ = path.write_bytes(b"\x93NUMPY")
    >>> head_of(path)
    b'\x93NUMPY'
    """
    with path.open("rb") as file:
        return file.read(_HEAD + 8)


def recognise(path: Path) -> Format | None:
    r"""Return the format of a file: what its first bytes say, else its ending; None for neither.

    Where the format of the ending allows these bytes, it counts (an EEGLAB file is a MATLAB file as well).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes(b"PAR1\x00\x00")
    >>> recognise(path).name
    'Parquet'
    """
    head = head_of(path)
    suffix = path.suffix.lower()
    named = next((entry for entry in FORMATS if suffix in entry.endings), None)
    if named and _has(head, named.magic):
        return named
    seen = next((entry for entry in FORMATS if _has(head, entry.magic)), None)
    if seen or named:
        return seen or named
    return next((entry for entry in FORMATS if _has(head, entry.weak_magic)), None)


def refused(path: Path) -> Refused | None:
    """Return which known but unread kind a file is, if it is one.

    Examples
    --------
    >>> from pathlib import Path
    >>> refused(Path("walk.fit")).name
    'FIT (Garmin, Polar, Suunto)'
    """
    suffix = path.suffix.lower()
    found = next((kind for kind in REFUSED if suffix in kind.endings), None)
    if found is None and path.is_file():
        head = head_of(path)
        found = next((kind for kind in REFUSED if _has(head, kind.magic)), None)
    return found


def known_endings() -> str:
    """Return what can be read, for messages.

    Examples
    --------
    >>> known_endings()
    '.csv .tsv .txt .tab .asc .gz, .hea .dat .atr, ... and files inside a .zip (sigsimnet formats names them)'
    """
    groups = [" ".join(entry.endings) for entry in FORMATS]
    return f"{', '.join(groups)}, and files inside a .zip (sigsimnet formats names them)"


def _has(head: bytes, magic: tuple[tuple[int, bytes], ...]) -> bool:
    return any(head[at : at + len(mark)] == mark for at, mark in magic)
