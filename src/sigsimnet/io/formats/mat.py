"""MATLAB files of version 4 to 7.2: arrays, structs and cells."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._labchart import is_labchart, recording_from_labchart
from sigsimnet.io.formats._mapping import recording_from_tree
from sigsimnet.io.formats._mat5 import readable_variables

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_mat", "tree_of_mat"]

_NUMBERS = {"double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64"}
_MAX_PACKING = 1100  # deflate packs at most 1 : 1032 (https://zlib.net/zlib_tech.html)


def read_mat(path: Path, options: Options, source: str) -> Recording:
    """Read a MATLAB file; rate, names, units and time are taken from the variables beside the signal (`_facts`).

    A PhysioNet ``.mat`` with a header ``.hea`` beside it never comes here: it is a WFDB record. ``key`` may be a path
    into structs, such as ``"ECG/data"``.

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
        If it is damaged, or holds no or several signals.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, numpy as np, scipy.io
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.mat"
    >>> scipy.io.savemat(path, {"ecg": np.zeros((2, 600)), "fs": 300.0})
    >>> read_mat(path, Options(), "a.mat")
    <Recording 2 channels × 2.0 s at 300 Hz: ch1, ch2>
    """
    tree = tree_of_mat(path, options, source)
    if options.key is None and is_labchart(tree):
        return recording_from_labchart(tree, options, source)
    return recording_from_tree(tree, options, source, records_last=True)


def tree_of_mat(path: Path, options: Options, source: str) -> dict[str, Any]:
    """Return what a MATLAB file of version 4 to 7.2 holds: structs as dicts, cells and arrays of structs as lists.

    Raises
    ------
    ReadError
        If it is damaged, or unpacks to more than it may.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, scipy.io
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.mat"
    >>> scipy.io.savemat(path, {"ECG": {"sex": "Male", "data": np.zeros((2, 9))}})
    >>> {name: type(value).__name__ for name, value in tree_of_mat(path, Options(), "a.mat")["ECG"].items()}
    {'sex': 'str', 'data': 'ndarray'}
    """
    import scipy.io

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
    checked = version == 1  # version 4 holds plain arrays only
    names = readable_variables(path, source, options.max_unpacked) if checked else [name for name, *_ in contents]
    try:
        arrays = scipy.io.loadmat(path, variable_names=names) if names else {}
    except (*damaged, scipy.io.matlab.MatReadError, MemoryError) as error:
        raise ReadError(f"{source}: is damaged ({reason_of(error)})") from error
    # In the order of the file, with what cannot be read.
    return {name: _plain(arrays.get(name)) for name, *_ in contents}


def _plain(value: Any) -> Any:
    """Return a struct as a dict, several as a list of dicts, a cell as a list, text as text; arrays of numbers stay."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.names:
        items = [
            {name: _plain(element[name]) for name in value.dtype.names} for element in value.reshape(-1, order="F")
        ]
        return items[0] if len(items) == 1 else items
    if value.dtype.kind == "O":
        return [_plain(item) for item in value.reshape(-1, order="F")]
    if value.dtype.kind in "US":
        texts = [str(text) for text in value.reshape(-1)]
        return texts[0] if len(texts) == 1 else texts
    return value
