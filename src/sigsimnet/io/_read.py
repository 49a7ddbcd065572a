"""`read`: looks at the path and the first bytes, and hands the file to the module that knows its format."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from sigsimnet._utils.checks import check_sampling_rate
from sigsimnet._utils.settings import checked
from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ParameterError, ReadError, SigSimNetError, UnknownNameError
from sigsimnet.io._archive import opened_member, split_archive
from sigsimnet.io._names import find_channels
from sigsimnet.io._options import Layout, Options
from sigsimnet.io._rates import resample
from sigsimnet.io._sizes import bytes_of
from sigsimnet.recording import Recording

__all__ = ["read", "read_as", "source_of"]

_Reader = Callable[[Path, Options, str], Recording]
_TEXT = {".csv", ".tsv", ".txt", ".tab", ".asc"}
_KNOWN = ".csv .tsv .txt (also .gz), .hea/.dat (WFDB), .edf .bdf, .mat, .parquet, .npy .npz, and files inside a .zip"


@checked
def read(
    path: str | os.PathLike[str],
    *,
    sampling_rate: float | None = None,
    channels: Sequence[str | int] | str | int | None = None,
    units: str | Sequence[str] | None = None,
    time_column: str | int | None = None,
    resample_to: float | None = None,
    layout: Layout = "auto",
    start: float | None = None,
    stop: float | None = None,
    key: str | None = None,
    annotator: str | None = None,
    max_unpacked: float | str | None = None,
) -> Recording:
    r"""Read a recording from a file.

    What had to be guessed or could not be mended stands in `Recording.warnings`; nothing is renamed, left out or
    scaled without a warning.

    Parameters
    ----------
    path : str or path
        A text table (``.csv``, ``.tsv``, ``.txt``, also ``.gz``), a WFDB record (``rec_1``, ``rec_1.hea``,
        ``rec_1.dat``), ``.edf``, ``.bdf``, ``.mat``, ``.parquet``, ``.npy``, ``.npz``, or a file inside a zip archive
        (``archive.zip/folder/file.txt``).
    sampling_rate : float, optional
        In Hz; needed where the file neither states it nor has time stamps; it takes precedence over both.
    channels : sequence of str or int, optional
        Which to read, by name or position, in this order. A single word of a name is enough (``"ECG"``).
    units : str or sequence of str, optional
        Unit of the numbers in the file, for all channels of the file or one each; V is turned into mV. Without it, what
        the file says; where it says nothing, ECG channels that can only be volts become mV, with a warning.
    time_column : str or int, optional
        Of a table, when it is not found by itself.
    resample_to : float, optional
        In Hz: what to resample to, span by span.
    layout : {"auto", "columns", "rows"}
        Of tables and arrays: whether channels are columns or rows. ``"auto"``: columns in text, the shorter axis in
        arrays. Rows become channels ``r1``, ``r2``, …
    start, stop : float, optional
        In s since the first sample: read only this interval.
    key : str, optional
        Name of the array in a ``.mat`` or ``.npz`` file that holds several.
    annotator : str, optional
        Extension of the annotation file of a WFDB record; ``"atr"`` when it is there.
    max_unpacked : float or str, optional
        In bytes, or such as ``"4GB"``: the largest size that a packed file (zip, gz, npz, Parquet, MATLAB, FLAC) may
        unpack to. Without it 50 times the size of the file, and 128 MB at least; the environment variable
        ``SIGSIMNET_MAX_UNPACKED`` says it for all files.

    Raises
    ------
    ReadError
        If there is no such file, it is empty or damaged, claims more than it holds, or lacks what was asked for.
    ParameterError
        If a rate is not a positive number, the units do not fit the channels, nothing lies between ``start`` and
        ``stop``, or both ``sampling_rate`` and ``resample_to`` are given for WFDB or EDF, whose channels state rates of
        their own.
    MissingExtraError
        For Parquet, if pyarrow is not installed.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "walk.csv"
    >>> _ = path.write_text("time,ECG (V)\n0.000,0.0010\n0.004,0.0011\n0.008,0.0012\n")
    >>> read(path)
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    wanted: Sequence[str | int] | None = [channels] if isinstance(channels, str | int) else channels
    if wanted is not None and not isinstance(wanted, Sequence):
        raise ParameterError(f"channels is {channels!r}: expected names or positions")
    if not isinstance(layout, str) or layout not in get_args(Layout):
        raise UnknownNameError(f"unknown layout {layout!r} (known: {', '.join(get_args(Layout))})")
    options = Options(
        None if sampling_rate is None else check_sampling_rate(sampling_rate),
        wanted,
        units,
        time_column,
        None if resample_to is None else check_sampling_rate(resample_to, "resample_to"),
        layout,
        key,
        annotator,
        None if max_unpacked is None else bytes_of(max_unpacked),
    )
    recording = _read_source(path, source_of(path), options)
    if start is not None or stop is not None:
        recording = recording.crop(start or 0.0, stop)
    return recording


def read_as(
    path: Path, source: str, *, sampling_rate: float | None = None, units: str | Sequence[str] | None = None
) -> Recording:
    r"""Read a file that users know by another name, such as bytes that were put into a temporary file.

    Raises
    ------
    ReadError
        As `read`; messages and `Recording.source` say ``source`` instead of the path.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> _ = path.write_text("ECG (mV)\n0.1\n0.2\n")
    >>> read_as(path, "upload.csv", sampling_rate=250).source
    'upload.csv'
    """
    return _read_source(path, source, Options(sampling_rate=sampling_rate, units=units))


def source_of(path: str | os.PathLike[str]) -> str:
    """Return a path as text, as the user gave it.

    Raises
    ------
    ParameterError
        If it is no path.
    ReadError
        If no file can have this name.
    """
    source = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(source, str):
        raise ParameterError(f"a path is a str or a Path, not {type(path).__name__}: {path!r}")
    if not source:
        raise ReadError("the path is empty; name a file")
    if "\0" in source:
        raise ReadError(f"{source!r}: no such file")
    return source


def _read_source(path: str | os.PathLike[str], source: str, options: Options) -> Recording:
    try:
        inside = split_archive(path)
        if inside is not None:
            with opened_member(*inside, options.max_unpacked) as unpacked:
                return _finish(_read_file(unpacked, options, source), options, source)
        return _finish(_read_file(Path(path), options, source), options, source)
    except UnicodeEncodeError as error:
        raise ReadError(f"{source!r}: no such file") from error
    except OSError as error:
        reason = "the name is too long" if error.errno == errno.ENAMETOOLONG else reason_of(error)
        raise ReadError(f"{source}: cannot be read ({reason})") from error
    except MemoryError as error:
        raise ReadError(f"{source}: does not fit into memory; pass channels= or read it in parts") from error
    except SigSimNetError:
        raise
    except Exception as error:  # what a library stumbles over in a damaged file is not known beforehand
        raise ReadError(
            f"{source}: is damaged, or of another format than its name says ({reason_of(error)})"
        ) from error


def _read_file(path: Path, options: Options, source: str) -> Recording:
    header = path.with_name(f"{path.name}.hea") if path.name else path
    if path.is_dir() and not header.is_file():
        raise ReadError(f"{source}: is a folder; name a file in it")
    if not path.is_file():
        if header.is_file() or header.with_suffix(".hea").is_file():
            return _wfdb(path, options, source)
        raise ReadError(f"{source}: no such file")
    if path.stat().st_size == 0:
        raise ReadError(f"{source}: is empty")
    reader = _reader_for(path)
    if reader is None:
        raise ReadError(f"{source}: unknown kind of file; known are {_KNOWN}")
    recording = reader(path, options, source)
    return recording if reader in _CHOOSERS else _pick(recording, options, source)


def _pick(recording: Recording, options: Options, source: str) -> Recording:
    if options.channels is None:
        return recording
    return recording.pick(find_channels(options.channels, recording.channel_names, source))


def _edf(path: Path, options: Options, source: str) -> Recording:
    from sigsimnet.io.formats.edf import read_edf

    _refuse_both_rates(options, source)
    return read_edf(path, options, source)


def _reader_for(path: Path) -> _Reader | None:
    """Choose by extension, by a WFDB header beside the file, and last by the first bytes."""
    suffix = path.suffix.lower()
    if suffix in {".hea", ".dat", ".atr"} or (suffix == ".mat" and path.with_suffix(".hea").is_file()):
        return _wfdb
    from sigsimnet.io.formats import mat, npy, parquet, text

    if suffix == ".gz":
        return text.read_text
    by_suffix: dict[str, _Reader] = {
        ".edf": _edf,
        ".bdf": _edf,
        ".rec": _edf,
        ".mat": mat.read_mat,
        ".npy": npy.read_npy,
        ".npz": npy.read_npz,
        ".parquet": parquet.read_parquet,
        ".pq": parquet.read_parquet,
        **dict.fromkeys(_TEXT, text.read_text),
    }
    if suffix in by_suffix:
        return by_suffix[suffix]
    with path.open("rb") as file:
        first = file.read(16)
    for magic, reader in (
        (b"0       ", _edf),
        (b"\xffBIOSEMI", _edf),
        (b"MATLAB ", mat.read_mat),
        (b"\x93NUMPY", npy.read_npy),
        (b"PAR1", parquet.read_parquet),
        (b"\x1f\x8b", text.read_text),
    ):
        if first.startswith(magic):
            return reader
    if path.with_name(f"{path.name}.hea").is_file():
        return _wfdb
    return None


def _wfdb(path: Path, options: Options, source: str) -> Recording:
    from sigsimnet.io.formats.wfdb import read_wfdb

    stem = path
    if path.suffix.lower() in {".hea", ".dat", ".mat", ".atr"} and not path.with_name(f"{path.name}.hea").is_file():
        stem = path.with_suffix("")
    if path.suffix.lower() == ".dat" and not stem.with_name(f"{stem.name}.hea").is_file():
        from sigsimnet.io.formats.text import read_text

        # .dat is also what many programs call a table of text.
        with path.open("rb") as file:
            if b"\x00" not in (head := file.read(4096)) and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
                return _pick(read_text(path, options, source), options, source)
    _refuse_both_rates(options, source)
    return read_wfdb(stem, options, source)


def _refuse_both_rates(options: Options, source: str) -> None:
    """Refuse two rates for a format whose channels have rates of their own: those are resampled while it is read."""
    if options.sampling_rate is not None and options.resample_to is not None:
        raise ParameterError(f"{source}: states its own rates; pass sampling_rate= or resample_to=, not both")


def _finish(recording: Recording, options: Options, source: str) -> Recording:
    """Do what no format does for itself: a stated rate over the file's own, resampling."""
    rate = options.sampling_rate
    if rate is not None and abs(recording.sampling_rate / rate - 1) > 1e-9:
        note = f"{source}: the file says {recording.sampling_rate:g} Hz; {rate:g} Hz was used as asked"
        # Another rate scales everything that the clock measured: pauses and durations as well.
        scale = recording.sampling_rate / rate
        recording = recording.replace(
            sampling_rate=rate,
            spans=[replace(span, time=span.time * scale) for span in recording.spans],
            annotations=[replace(mark, duration=mark.duration * scale) for mark in recording.annotations],
            warnings=[*recording.warnings, note],
        )
    if options.resample_to is not None:
        recording = resample(recording, options.resample_to)
    if recording.n_samples < 2:
        raise ReadError(f"{source}: has {recording.n_samples} sample; at least 2 are needed")
    return recording


# These read only the channels that were asked for, since others may have another rate.
_CHOOSERS = (_edf, _wfdb)
