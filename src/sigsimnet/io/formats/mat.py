"""MATLAB files of version 4 to 7.2."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._layout import recording_from_array
from sigsimnet.io.formats._mapping import choose_array, stated_rate
from sigsimnet.io.formats._mat5 import real_variables

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_mat"]

_NUMBERS = {"double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64"}
_MAX_PACKING = 1100  # deflate packs at most 1 : 1032 (https://zlib.net/zlib_tech.html)


def read_mat(path: Path, options: Options, source: str) -> Recording:
    """Read a MATLAB file; the sampling rate is taken from a variable such as ``fs`` when there is one.

    A PhysioNet ``.mat`` with a header ``.hea`` beside it never comes here: it is a WFDB record.

    Parameters
    ----------
    path : Path
        File to open.
    options : Options
        What the user asked for.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If it is version 7.3, is damaged, or holds no or several signals.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, numpy as np, scipy.io
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.mat"
    >>> scipy.io.savemat(path, {"ecg": np.zeros((2, 600)), "fs": 300.0})
    >>> read_mat(path, Options(), "a.mat")
    <Recording 2 channels × 2.0 s at 300 Hz: ch1, ch2>
    """
    import scipy.io

    with path.open("rb") as file:
        head = file.read(128)
    if head.startswith((b"MATLAB 7.3", b"\x89HDF")):
        raise ReadError(f"{source}: is MATLAB 7.3 (HDF5); save it in MATLAB with save(…, '-v7') and read that")
    damaged = (  # NameError, AttributeError: what SciPy's reader stumbles over when a header lies
        ValueError, TypeError, NotImplementedError, OSError, LookupError, OverflowError, NameError, AttributeError,
        RuntimeError, zlib.error,
    )  # fmt: skip
    try:
        version, _ = scipy.io.matlab.matfile_version(path)
        contents = scipy.io.whosmat(path)
    except (*damaged, scipy.io.matlab.MatReadError, MemoryError) as error:
        raise ReadError(f"{source}: is not a readable MATLAB file ({reason_of(error)})") from error
    size = path.stat().st_size
    packing = _MAX_PACKING if version == 1 else 1
    for name, shape, kind in contents:
        # MATLAB stores numbers in the smallest type that holds them: one byte an element is the least.
        if kind in _NUMBERS and (math.prod(shape) > size * packing or min(shape, default=1) < 0):
            raise ReadError(f"{source}: claims an array {name} {shape} that cannot fit into its {size:,} bytes")
    numbers = sum(8 * math.prod(shape) for _, shape, kind in contents if kind in _NUMBERS)
    check_unpacked(source, numbers, size, options.max_unpacked)
    names = real_variables(path, source) if version == 1 else [name for name, *_ in contents]
    try:
        arrays = scipy.io.loadmat(path, variable_names=names) if names else {}
    except (*damaged, scipy.io.matlab.MatReadError, MemoryError) as error:
        raise ReadError(f"{source}: is damaged ({reason_of(error)})") from error
    arrays = {name: arrays.get(name) for name, *_ in contents}  # in the order of the file, with what is no number
    return recording_from_array(choose_array(arrays, options.key, source), options, source, stated_rate(arrays))
