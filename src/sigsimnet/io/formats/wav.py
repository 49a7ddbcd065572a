"""WAV: counts of a sound card, at its rate; read with SciPy."""

from __future__ import annotations

import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_declared_size
from sigsimnet.io.formats._layout import recording_from_array

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_wav"]


def read_wav(path: Path, options: Options, source: str) -> Recording:
    """Read a WAV file: its counts, since it states no unit.

    Raises
    ------
    ReadError
        If it is damaged, or claims more than it holds.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, scipy.io.wavfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.wav"
    >>> scipy.io.wavfile.write(path, 8000, np.zeros(8000, dtype=np.int16))
    >>> read_wav(path, Options(), "a.wav")
    <Recording 1 channel × 1.0 s at 8000 Hz: ch1>
    """
    from dataclasses import replace

    import scipy.io.wavfile

    note = _check(path, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # chunks that SciPy does not know; a short file is said by `_check`
            rate, counts = scipy.io.wavfile.read(path)
    except Exception as error:  # SciPy's own reader stumbles in many ways
        raise ReadError(f"{source}: is not a readable WAV file ({reason_of(error)})") from error
    if counts.dtype.kind not in "iuf":
        raise ReadError(f"{source}: is not a readable WAV file: its samples are {counts.dtype}")
    if counts.dtype == np.uint8:
        counts = counts.astype(np.int16) - 128  # as the format has it
    found = recording_from_array(counts, replace(options, layout="columns", sampling_rate=float(rate)), source)
    said = [note] if note else []
    if options.units is None:
        said.append(f"{source}: a WAV file states no unit: its counts were kept; pass units= for another")
    return found.replace(warnings=[*found.warnings, *said])


def _check(path: Path, source: str) -> str | None:
    """Walk through the chunks; return a warning where the samples end before they should."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in {b"RIFF", b"RIFX", b"RF64"} or head[8:] != b"WAVE":
            raise ReadError(f"{source}: is not a WAV file (it begins with {head[:4]!r})")
        order = ">" if head[:4] == b"RIFX" else "<"
        while len(chunk := file.read(8)) == 8:
            name, length = struct.unpack(f"{order}4sI", chunk)
            if name == b"data":
                known = length not in {0, 0xFFFFFFFF}  # what programs write that do not know the length yet
                return check_declared_size(source, length, size - file.tell(), "bytes of samples") if known else None
            file.seek(length + length % 2, 1)
    raise ReadError(f"{source}: holds no samples")
