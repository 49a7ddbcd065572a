"""MATLAB files of version 5 to 7.2: which of their variables SciPy may read.

SciPy looks up the type of an element without checking it, and a damaged one ends the whole process: every element is
checked before, those inside structs and cells as well. The layout is that of MathWorks' "MAT-File Format", R2021a,
chapter 1.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError, SigSimNetError
from sigsimnet.io._sizes import check_unpacked, largest_unpacked

__all__ = ["readable_variables"]

_MATRIX, _COMPRESSED, _INT8, _INT32, _UINT32 = 14, 15, 1, 5, 6
_NUMBER_TYPES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}  # and their size in bytes
_TEXT_TYPES = {1, 2, 4, 16, 17, 18}
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMBER_CLASSES = range(6, 16)  # double, single, and integers of 8 to 64 bits
_COMPLEX = 0x0800
_HEAD = 1 << 16  # bytes of a variable that hold its flags, shape and name
_DEEPEST = 16  # structs in structs


def readable_variables(path: Path, source: str, limit: int | None = None) -> list[str]:
    """Return the names of the variables that are real numbers, text, structs or cells, in the order of the file.

    What is none of these (objects, tables, functions, sparse and complex arrays) is left out, as is a struct or a cell
    that holds one.

    Raises
    ------
    ReadError
        If an element is not what the format allows, or structs unpack to more than ``limit`` allows.

    Examples
    --------
    >>> import tempfile, numpy as np, scipy.io
    >>> path = Path(tempfile.mkdtemp()) / "a.mat"
    >>> scipy.io.savemat(path, {"ecg": np.zeros((2, 9)), "z": np.array([1j]), "words": "text", "s": {"fs": 300.0}})
    >>> readable_variables(path, "a.mat")
    ['ecg', 'words', 's']
    """
    size = path.stat().st_size
    names: list[str] = []
    unpacked = 0
    with path.open("rb") as file:
        order = "<" if file.read(128)[126:128] == b"IM" else ">"  # as SciPy guesses it
        position = 128
        while position + 8 <= size:
            file.seek(position)
            kind, length = struct.unpack(f"{order}II", file.read(8))
            if kind not in (_MATRIX, _COMPRESSED) or length > size - position - 8:
                raise ReadError(f"{source}: is damaged: an element at byte {position:,} is of no known type or size")
            raw = file.read(min(length, _HEAD))
            try:
                head = raw if kind == _MATRIX else zlib.decompressobj().decompress(raw, _HEAD)[8:]
                whole = kind == _MATRIX and length <= _HEAD
                if _class_of(head, order) in (_CELL, _STRUCT, _CHAR) and not whole:
                    raw += file.read(length - len(raw))
                    most = largest_unpacked(size, limit) - unpacked
                    head = raw if kind == _MATRIX else zlib.decompressobj().decompress(raw, max(most, 0) + 9)[8:]
                    unpacked += len(head)
                    check_unpacked(source, unpacked, size, limit)
                    whole = True
                if (name := _name_of(head, order, 0, whole=whole)) is not None:
                    names.append(name)
            except SigSimNetError:
                raise
            except (struct.error, zlib.error, ValueError, IndexError) as error:
                raise ReadError(
                    f"{source}: is damaged: a variable at byte {position:,} ({reason_of(error)})"
                ) from error
            position += 8 + length
    return names


def _class_of(head: bytes, order: str) -> int:
    _, flags = _element(head, 0, order, {_UINT32})
    return int(struct.unpack(f"{order}I", flags[:4])[0]) & 0xFF


def _name_of(data: bytes, order: str, depth: int, *, whole: bool) -> str | None:
    """Return the name of a matrix when SciPy may read it, None when it is of another kind; check what it holds."""
    if not data and depth:
        return ""  # an empty cell
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    position, flags = _element(data, 0, order, {_UINT32})
    kind = struct.unpack(f"{order}I", flags[:4])[0]
    if kind & 0xFF not in (_CELL, _STRUCT, _CHAR, *_NUMBER_CLASSES) or kind & _COMPLEX:
        return None
    position, shape = _element(data, position, order, {_INT32})
    if len(shape) < 8 or len(shape) % 4:
        raise ValueError("its shape is no shape")
    sides = struct.unpack(f"{order}{len(shape) // 4}i", shape)
    if min(sides) < 0:
        raise ValueError(f"its shape is {sides}")
    position, name = _element(data, position, order, {_INT8})
    count = math.prod(sides)
    if kind & 0xFF in _NUMBER_CLASSES:
        _check_numbers(data, position, order, count, whole=whole)
    elif kind & 0xFF == _CHAR:
        if count:
            _element(data, position, order, _TEXT_TYPES)
    elif not _check_inner(data, position, order, count, kind & 0xFF, depth):
        return None
    return name.decode("latin-1")


def _check_numbers(data: bytes, position: int, order: str, count: int, *, whole: bool) -> None:
    kind, start, length, _ = _tag(data, position, order)
    if kind not in _NUMBER_TYPES:
        raise ValueError(f"its numbers are of unknown type {kind}")
    if count * _NUMBER_TYPES[kind] != length:
        raise ValueError(f"{count:,} numbers in {length:,} bytes")
    if whole and start + length > len(data):
        raise ValueError(f"{length:,} bytes of numbers where {len(data) - start:,} are left")


def _check_inner(data: bytes, position: int, order: str, count: int, kind: int, depth: int) -> bool:
    """Check the matrices in a cell or a struct; return whether SciPy may read all of them."""
    if kind == _STRUCT:
        position, width = _element(data, position, order, {_INT32})
        position, fields = _element(data, position, order, {_INT8})
        length = struct.unpack(f"{order}i", width[:4])[0]
        if length < 1 or len(fields) % length:
            raise ValueError(f"names of fields of {length} bytes in {len(fields)}")
        count *= len(fields) // length
    if count * 8 > len(data) - position:
        raise ValueError(f"{count:,} parts in {len(data) - position:,} bytes")
    for _ in range(count):
        position, inner = _element(data, position, order, {_MATRIX})
        if _name_of(inner, order, depth + 1, whole=True) is None:
            return False
    return True


def _tag(data: bytes, position: int, order: str) -> tuple[int, int, int, int]:
    """Return type, start, length and end of an element; up to four of its bytes may stand in its tag."""
    tag, length = struct.unpack_from(f"{order}II", data, position)
    if tag >> 16:
        return tag & 0xFFFF, position + 4, tag >> 16, position + 8
    start = position + 8
    return tag, start, length, start + (length if tag == _MATRIX else -(-length // 8) * 8)


def _element(data: bytes, position: int, order: str, expected: set[int]) -> tuple[int, bytes]:
    """Return where the element at a position ends, and its bytes."""
    kind, start, length, end = _tag(data, position, order)
    if kind not in expected or start + length > len(data):
        raise ValueError(f"an element of type {kind} where {min(expected)} is due")
    return end, data[start : start + length]
