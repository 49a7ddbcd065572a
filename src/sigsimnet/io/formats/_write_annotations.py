"""Marks alone, as a WFDB annotation file beside a record that is already there."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.files import write_whole
from sigsimnet.errors import WriteError
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_library import library

__all__ = ["annotation_bytes", "write_annotations"]

_LONGEST_NOTE = 255  # bytes


def write_annotations(
    samples: ArrayLike, sampling_rate: float, path: str | Path, *, labels: str | Sequence[str] = "N"
) -> None:
    """Write marks as a WFDB annotation file, whole or not at all.

    Parameters
    ----------
    samples : array_like of int, shape (n,)
        Samples that the marks belong to, ascending.
    sampling_rate : float
        In Hz.
    path : str or Path
        ``record.atr``; its ending is the name of the annotator.
    labels : str or sequence of str, default "N"
        WFDB symbol of every mark.

    Raises
    ------
    WriteError
        If there are no marks, which the format cannot hold, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> write_annotations([100, 350, 600], 250, f"{tempfile.mkdtemp()}/record.atr")
    """
    where = np.asarray(samples, dtype=np.int64)
    if not len(where):
        raise WriteError(f"{path}: no beats, and a WFDB annotation file cannot be empty")
    target = Path(path)
    symbols = [labels] * len(where) if isinstance(labels, str) else list(labels)
    with write_whole(target) as temporary:
        temporary.write_bytes(annotation_bytes(where, symbols, [""] * len(symbols), sampling_rate))


def annotation_bytes(
    samples: NDArray[np.int64], symbols: Sequence[str], notes: Sequence[str], sampling_rate: float
) -> bytes:
    """Return an annotation file as the wfdb library writes it.

    The library does not notice a full disk, so what it wrote is read again. Notes are UTF-8, as far as their 255 bytes
    go; the library writes a byte of each letter, so that it gets the bytes as letters.

    Raises
    ------
    OSError
        If it is not whole.

    Examples
    --------
    >>> len(annotation_bytes(np.array([100, 350]), ["N", "N"], ["", ""], 250))
    42
    """
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as folder:
        path = Path(folder) / "marks.atr"
        with library() as wfdb:
            wfdb.wrann(
                "marks",
                "atr",
                samples,
                symbol=list(symbols),
                aux_note=[_bytes_of(note) for note in notes],
                fs=sampling_rate,
                write_dir=folder,
            )
        if read_annotations(path).sample != samples.tolist():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return path.read_bytes()


def _bytes_of(note: str) -> str:
    plain = re.sub(r"[\t\n\r\f\v]", " ", note)  # the library refuses them
    plain = f" {plain}" if plain.startswith("##") else plain  # at sample 0 that begins a comment
    whole = plain.encode("utf-8")[:_LONGEST_NOTE].decode("utf-8", errors="ignore")
    return whole.encode("utf-8").decode("latin-1")
