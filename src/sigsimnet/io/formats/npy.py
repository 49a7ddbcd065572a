"""NumPy's .npy and .npz."""

from __future__ import annotations

import math
import zipfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError, SigSimNetError
from sigsimnet.io._describe import restore
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._layout import recording_from_array
from sigsimnet.io.formats._mapping import frame_of_records, recording_from_tree
from sigsimnet.io.formats.table import hints_of, recording_from_table

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["ABOUT", "read_npy", "read_npz"]

ABOUT = "sigsimnet"  # entry of our own .npz files that holds everything but the samples


def read_npy(path: Path, options: Options, source: str) -> Recording:
    """Read an array of one or two dimensions; the longer axis is time unless ``layout`` says otherwise.

    Of three dimensions (records, samples, channels), ``key`` is the number of the record. An array with named fields is
    a table.

    Raises
    ------
    ReadError
        If the file is damaged or shorter than its header says, or the sampling rate is not given.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.npy"
    >>> np.save(path, np.zeros(500))
    >>> read_npy(path, Options(sampling_rate=250), "a.npy")
    <Recording 1 channel × 2.0 s at 250 Hz: ch1>
    """
    try:
        with path.open("rb") as file:
            _check(file, path.stat().st_size, source)
        array = np.load(path, allow_pickle=False)
    except SigSimNetError:
        raise
    except Exception as error:  # NumPy's own reader stumbles in many ways
        raise ReadError(f"{source}: is not a readable .npy file ({reason_of(error)})") from error
    return _recording({"": array}, options, source)


def read_npz(path: Path, options: Options, source: str) -> Recording:
    """Read a NumPy archive: exactly what `write` put in, or the one array (``key=``) of somebody else's.

    Raises
    ------
    ReadError
        If it is damaged, or holds no or several signals.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.npz"
    >>> np.savez(path, ecg=np.zeros(500), fs=250)
    >>> read_npz(path, Options(), "a.npz")
    <Recording 1 channel × 2.0 s at 250 Hz: ecg>
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            check_unpacked(source, unpacked, path.stat().st_size, options.max_unpacked)
            for info in archive.infolist():
                with archive.open(info) as member:
                    _check(member, info.file_size, f"{source}, {info.filename}")
        with np.load(path, allow_pickle=False) as opened:
            arrays: dict[str, Any] = {name: opened[name] for name in opened.files}
    except SigSimNetError:
        raise
    except Exception as error:  # NumPy's own reader stumbles in many ways
        raise ReadError(f"{source}: is not a readable .npz file ({reason_of(error)})") from error
    if ABOUT in arrays and "data" in arrays and options.key is None:
        return restore(arrays["data"], str(arrays[ABOUT]), source)
    return _recording(arrays, options, source)


def _recording(arrays: dict[str, Any], options: Options, source: str) -> Recording:
    """Read the only array as a table when its fields have names, else what is the signal among the arrays."""
    array = arrays.get(next(iter(arrays), "") if options.key is None or "" in arrays else options.key)
    if options.key and "" in arrays and array is not None and array.dtype.names:
        raise ReadError(f"{source}: is a table of {', '.join(array.dtype.names)}; pick a column with channels=")
    if array is not None and array.dtype.names and (len(arrays) == 1 or options.key):
        hints = hints_of(options)
        return recording_from_table(frame_of_records(array, source), hints, source)
    if len(arrays) == 1 and array is not None and array.dtype.kind not in "iuf":
        # A single array has nothing to be mistaken for: say what is wrong with it.
        return recording_from_array(array, options, source)
    return recording_from_tree(arrays, options, source)


def _check(file: IO[bytes], size: int, source: str) -> None:
    """Refuse an array whose header claims more than the file holds, before it is allocated."""
    version = np.lib.format.read_magic(file)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = reader(file)
    if dtype.hasobject:
        raise ReadError(
            f"{source}: is not a readable .npy file: it holds Python objects as a pickle; a pickle may run code, so it "
            "is not read; save an array of numbers where you trust it"
        )
    claimed = math.prod(shape) * dtype.itemsize
    if claimed > size:
        raise ReadError(
            f"{source}: the header claims {math.prod(shape):,} values ({claimed:,} bytes) "
            f"but the file holds {size:,} bytes"
        )
