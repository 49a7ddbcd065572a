"""`read`: looks at the path and the first bytes, and hands the file to the module that knows its format."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sigsimnet._utils.settings import checked
from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ParameterError, ReadError, SigSimNetError
from sigsimnet.io._archive import opened_member, split_archive
from sigsimnet.io._formats import FORMATS, known_endings, recognise, refused
from sigsimnet.io._names import find_channels
from sigsimnet.io._options import Found, Layout, Options
from sigsimnet.io._rates import SEVERAL, resample
from sigsimnet.io._remote import fetched, is_remote
from sigsimnet.io._request import asked_for, refuse_both_rates, refuse_what_is_not_taken, source_of
from sigsimnet.recording import Recording

__all__ = ["read", "read_as", "read_by_rate", "read_preferring", "read_told"]

_Reader = Callable[[Path, Options, str], Recording]


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
    day_first: bool | None = None,
    max_unpacked: float | str | None = None,
) -> Recording:
    r"""Read a recording from a file.

    What had to be guessed or could not be mended stands in `Recording.warnings`; nothing is renamed, left out or
    scaled without a warning.

    Parameters
    ----------
    path : str or path
        A text table (``.csv``, ``.tsv``, ``.txt``, also ``.gz``), a WFDB record (``rec_1``, ``rec_1.hea``,
        ``rec_1.dat``), EDF, MATLAB, HDF5, Parquet, NumPy, Excel, JSON, WAV, XDF, DICOM or any other format that
        ``sigsimnet formats`` lists, or a file inside a zip archive (``archive.zip/folder/file.txt``). Of a place that
        is far away (``s3://bucket/a.edf``, or any other that fsspec knows) a copy is read.
    sampling_rate : float, optional
        In Hz; needed where the file neither states it nor has time stamps; it takes precedence over both.
    channels : sequence of str or int, optional
        Which to read, by name or position, in this order. A single word of a name is enough (``"ECG"``). Without it
        all; where they have several sampling rates those that are as fast as the ECG, or the fastest, with a warning.
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
        Which part of a file that holds several: an array by name or path (``"ecg"``, ``"ECG/data"``), a record by its
        number counted from 0 (``"3"``, ``"tracings/3"``; in Parquet a row), a sheet, stream, sensor or group by name.
    annotator : str, optional
        Extension of the annotation file of a WFDB record; ``"atr"`` when it is there.
    day_first : bool, optional
        Of dates in text such as 04/03/2021: whether the day stands before the month. Without it, what all dates of the
        file show; where they leave it open, the start is unknown, with a warning.
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
        If the format needs a library that is not installed.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "walk.csv"
    >>> _ = path.write_text("time,ECG (V)\n0.000,0.0010\n0.004,0.0011\n0.008,0.0012\n")
    >>> read(path)
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    options = asked_for(
        sampling_rate, channels, units, time_column, resample_to, layout, key, annotator, day_first, max_unpacked
    )
    recording = _read_source(path, source_of(path), options)
    if start is not None or stop is not None:
        recording = recording.crop(start or 0.0, stop)
    return recording


def read_by_rate(
    path: str | os.PathLike[str],
    *,
    sampling_rate: float | None = None,
    channels: Sequence[str | int] | str | int | None = None,
    units: str | Sequence[str] | None = None,
    time_column: str | int | None = None,
    layout: Layout = "auto",
    key: str | None = None,
    annotator: str | None = None,
    day_first: bool | None = None,
    max_unpacked: float | str | None = None,
) -> list[Recording]:
    r"""Read all channels of a file, or those named: a recording for each sampling rate that they have.

    Parameters
    ----------
    path, sampling_rate, channels, units, time_column, layout, key, annotator, day_first, max_unpacked
        As in `read`.

    Returns
    -------
    list of Recording
        What `read` gives first, then the others, the fastest first.

    Raises
    ------
    ReadError, ParameterError, MissingExtraError
        As `read`; also if ``sampling_rate`` is given for channels of several rates.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> _ = path.write_text("ECG (mV)\n0.1\n0.2\n")
    >>> read_by_rate(path, sampling_rate=250)
    [<Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>]
    """
    options = asked_for(
        sampling_rate, channels, units, time_column, None, layout, key, annotator, day_first, max_unpacked
    )
    return read_told(path, replace(options, each_rate=True))[0]


def read_told(path: str | os.PathLike[str], options: Options) -> tuple[list[Recording], Found]:
    """Return a recording for each sampling rate, and what was found on the way.

    Raises
    ------
    ReadError, ParameterError, MissingExtraError
        As `read_by_rate`.
    """
    source = source_of(path)
    first = _read_source(path, source, options)
    rates = options.found.rates
    asked = list(rates)
    if options.channels is not None and rates:
        asked = [asked[position] for position in find_channels(options.channels, asked, source)]
    others: dict[float, list[str | int]] = {}
    for name in asked:
        if name not in first.channel_names:
            others.setdefault(rates[name], []).append(name)
    if others and options.sampling_rate is not None:
        raise ParameterError(
            f"{source}: its channels have several sampling rates, of which sampling_rate= would make one; name those "
            "that it is for with channels="
        )
    slower = [
        _read_source(path, source, replace(options, channels=others[rate])) for rate in sorted(others, reverse=True)
    ]
    kept = [note for note in first.warnings if not note.startswith(f"{source}: {SEVERAL}")]
    return [first.replace(warnings=kept), *slower], options.found


def read_preferring(path: str, channel: str, options: Options) -> Recording:
    """Read a whole file; where it has several sampling rates, those channels that are as fast as one.

    Raises
    ------
    ReadError
        As `read`.
    """
    return _read_source(path, source_of(path), replace(options, prefer=channel))


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


def _read_source(path: str | os.PathLike[str], source: str, options: Options) -> Recording:
    if is_remote(path):
        with fetched(str(path)) as local:
            return _read_source(local, source, options)
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
    from sigsimnet.io.formats._wfdb_header import header_file

    if path.is_dir() and header_file(path) is None:
        raise ReadError(f"{source}: is a folder; name a file in it")
    if not path.is_file():
        if header_file(path) is not None or header_file(path.with_suffix("")) is not None:
            return _wfdb(path, options, source)
        raise ReadError(f"{source}: no such file")
    if path.stat().st_size == 0:
        raise ReadError(f"{source}: is empty")
    if path.suffix.lower() in {".hea", ".dat", ".atr"} or (
        path.suffix.lower() == ".mat" and header_file(path.with_suffix("")) is not None
    ):
        return _wfdb(path, options, source)
    found = recognise(path)
    if found is None:
        if header_file(path) is not None:
            return _wfdb(path, options, source)
        if (kind := refused(path)) is not None:
            raise ReadError(f"{source}: is {kind.name}: {kind.reason}")
        raise ReadError(f"{source}: unknown kind of file; known are {known_endings()}")
    refuse_what_is_not_taken(found, options, source)
    if found.chooses:
        refuse_both_rates(options, source)
    recording = _reader_of(found.key)(path, options, source)
    return recording if found.chooses else _pick(recording, options, source)


def _pick(recording: Recording, options: Options, source: str) -> Recording:
    if options.channels is None:
        return recording
    return recording.pick(find_channels(options.channels, recording.channel_names, source))


def _reader_of(key: str) -> _Reader:
    """Return the reader of a format; each imports its library when it is called."""
    from sigsimnet.io.formats import (
        acq,
        clinical,
        dicom,
        edf,
        eeglab,
        excel,
        hdf5,
        mat,
        mne_files,
        npy,
        parquet,
        sensor_json,
        text,
        wav,
        xdf,
    )  # fmt: skip

    readers: dict[str, _Reader] = {
        "text": text.read_text,
        "wfdb": _wfdb,
        "edf": edf.read_edf,
        "parquet": parquet.read_parquet,
        "npz": npy.read_npz,
        "npy": npy.read_npy,
        "json": sensor_json.read_json,
        "wav": wav.read_wav,
        "mat5": mat.read_mat,
        "hdf5": hdf5.read_hdf5,
        "eeglab": eeglab.read_eeglab,
        "excel": excel.read_excel,
        "dicom": dicom.read_dicom,
        "clinical": clinical.read_clinical,
        "acq": acq.read_acq,
        "xdf": xdf.read_xdf,
        "mne": mne_files.read_with_mne,
    }
    return readers[key]


def _wfdb(path: Path, options: Options, source: str) -> Recording:
    from sigsimnet.io.formats._wfdb_header import header_file
    from sigsimnet.io.formats.wfdb import read_wfdb

    stem = path
    if path.suffix.lower() in {".hea", ".dat", ".mat", ".atr"} and header_file(path) is None:
        stem = path.with_suffix("")
    if path.suffix.lower() == ".dat" and header_file(stem) is None:
        from sigsimnet.io.formats.text import read_text

        # .dat is also what many programs call a table of text.
        with path.open("rb") as file:
            if b"\x00" not in (head := file.read(4096)) and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
                return _pick(read_text(path, options, source), options, source)
    refuse_what_is_not_taken(next(known for known in FORMATS if known.key == "wfdb"), options, source)
    refuse_both_rates(options, source)
    return read_wfdb(stem, options, source)


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
