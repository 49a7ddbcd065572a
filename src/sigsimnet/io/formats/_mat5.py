"""MATLAB files of version 5 to 7.2: which of their variables SciPy may read.

SciPy looks up the type of an element without checking it, and a damaged one ends the whole process. The layout is that
of MathWorks' "MAT-File Format", R2021a, chapter 1.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError

__all__ = ["real_variables"]

_MATRIX, _COMPRESSED, _INT8, _INT32, _UINT32 = 14, 15, 1, 5, 6
_NUMBER_TYPES = {1, 2, 3, 4, 5, 6, 7, 9, 12, 13}
_NUMBER_CLASSES = range(6, 16)  # double, single, and integers of 8 to 64 bits
_COMPLEX = 0x0800
_HEAD = 1 << 16  # bytes of a variable that hold its flags, shape and name


def real_variables(path: Path, source: str) -> list[str]:
    """Return the names of the variables that are arrays of real numbers, in the order of the file.

    Raises
    ------
    ReadError
        If an element is not what the format allows.

    Examples
    --------
    >>> import tempfile, numpy as np, scipy.io
    >>> path = Path(tempfile.mkdtemp()) / "a.mat"
    >>> scipy.io.savemat(path, {"ecg": np.zeros((2, 9)), "z": np.array([1j]), "words": "text", "fs": 300.0})
    >>> real_variables(path, "a.mat")
    ['ecg', 'fs']
    """
    size = path.stat().st_size
    names: list[str] = []
    with path.open("rb") as file:
        order = "<" if file.read(128)[126:128] == b"IM" else ">"  # as SciPy guesses it
        position = 128
        while position + 8 <= size:
            file.seek(position)
            kind, length = struct.unpack(f"{order}II", file.read(8))
            if kind not in (_MATRIX, _COMPRESSED) or length > size - position - 8:
                raise ReadError(f"{source}: is damaged: an element at byte {position:,} is of no known type or size")
            head = file.read(min(length, _HEAD))
            try:
                if kind == _COMPRESSED:
                    head = zlib.decompressobj().decompress(head, _HEAD)[8:]
                names += _name_of_numbers(head, order)
            except (struct.error, zlib.error, ValueError, IndexError) as error:
                raise ReadError(
                    f"{source}: is damaged: a variable at byte {position:,} ({reason_of(error)})"
                ) from error
            position += 8 + length
    return names


def _name_of_numbers(head: bytes, order: str) -> list[str]:
    """Return the name of a matrix when its elements are real numbers, as a list of at most one."""
    position, flags = _element(head, 0, order, _UINT32)
    kind = struct.unpack(f"{order}I", flags[:4])[0]
    if kind & 0xFF not in _NUMBER_CLASSES or kind & _COMPLEX:
        return []
    position, _ = _element(head, position, order, _INT32)
    position, name = _element(head, position, order, _INT8)
    data_type = struct.unpack_from(f"{order}I", head, position)[0]
    if (data_type & 0xFFFF if data_type >> 16 else data_type) not in _NUMBER_TYPES:
        raise ValueError(f"its numbers are of unknown type {data_type}")
    return [name.decode("latin-1")]


def _element(head: bytes, position: int, order: str, expected: int) -> tuple[int, bytes]:
    """Return where the element at a position ends, and its bytes; up to four of them may stand in its tag."""
    tag, length = struct.unpack_from(f"{order}II", head, position)
    small = tag >> 16
    kind, length, start = (tag & 0xFFFF, small, position + 4) if small else (tag, length, position + 8)
    if kind != expected or start + length > len(head):
        raise ValueError(f"an element of type {kind} where {expected} is due")
    end = position + 8 if small else start + -(-length // 8) * 8
    return end, head[start : start + length]
