"""`write`: chooses the format by the extension; every file is written whole or not at all, and read again."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sigsimnet._utils.files import write_whole, writing
from sigsimnet.errors import ReadError, WriteError
from sigsimnet.io._describe import describe, restore
from sigsimnet.io._files import overwritten_input
from sigsimnet.io._formats import FORMATS, WRITABLE, Format
from sigsimnet.io._inputs import RecordingLike, as_recording
from sigsimnet.io._losses import differences
from sigsimnet.io._read import read
from sigsimnet.io._request import source_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from sigsimnet.recording import Recording

__all__ = ["lost_in", "store", "write"]

LOG = logging.getLogger(__name__)


def write(recording: RecordingLike, path: str | os.PathLike[str]) -> None:
    """Write a recording to a file; `read` gets it back.

    What the file cannot hold is logged as a warning (logger ``sigsimnet.io``; `lost_in` returns the same sentences).

    ==============  ==================================================================================================
    ``.csv`` …      Time (s) and one column a channel; everything else in comment lines, so that nothing is lost. Also
                    ``.tsv``, ``.txt`` and with ``.gz``.
    ``.parquet``    Nothing is lost. Also ``.pq``. Needs pyarrow.
    ``.npz``        Nothing is lost.
    ``.hea``        WFDB (also ``.dat``): 16 bit, each channel scaled to its own range; NaN as *invalid sample*; pauses
                    as a multi-segment record, to the nearest sample; annotations in ``.atr`` without durations.
    ``.edf``        EDF+: 16 bit, each channel scaled to its own range; annotations; pauses (EDF+D) where the lengths of
                    the spans have a common divisor. Refuses NaN, and pauses that would need padding with samples that
                    nobody measured.
    ==============  ==================================================================================================

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        What to write.
    path : str or path
        File; its extension names the format. An old file of that name is replaced, but for those that the recording
        was read from.

    Raises
    ------
    WriteError
        If the format is unknown or cannot hold the recording, the folder cannot be written, or the file belongs to
        `Recording.source`.
    ParameterError
        If what was passed makes no recording.
    MissingExtraError
        For Parquet, if pyarrow is not installed.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> from sigsimnet.io import read
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.npz"
    >>> write(Recording([[0.0, 1.0]], 250, units="mV"), path)
    >>> read(path)
    <Recording 1 channel × 0.0 s at 250 Hz: ch1 (mV)>
    """
    for sentence in store(as_recording(recording), path):
        LOG.warning("%s", sentence)


def store(recording: Recording, path: str | os.PathLike[str]) -> list[str]:
    """Write a recording as `write` does; return a sentence for everything that is lost.

    WFDB and EDF files are read again and compared; the other formats keep the recording's own description of itself.

    Raises
    ------
    WriteError, MissingExtraError
        As `write`.
    """
    target = Path(source_of(path))
    kind = _format_of(target)
    writers: dict[str, Callable[[Recording, Path], None]] = {
        "text": _write_text,
        "parquet": _write_parquet,
        "npz": _write_npz,
        "wfdb": _write_wfdb,
        "edf": _write_edf,
    }
    taken = overwritten_input(target, recording.source) if recording.source else None
    if taken is not None:
        raise WriteError(f"{path}: would write over {taken}, which this recording was read from; name another file")
    if recording.n_samples < 1 or recording.n_channels < 1:
        raise WriteError(
            f"{path}: the recording is empty ({recording.n_channels} channels, {recording.n_samples} samples)"
        )
    with writing(path):
        writers[kind.key](recording, target)
    if kind.key not in ("wfdb", "edf"):
        return [f"{path}: {what}" for what in differences(recording, restore(recording.data, describe(recording), ""))]
    try:
        back = read(target)
    except ReadError as error:
        return [f"{path}: cannot be read again by this library ({error})"]
    return [f"{path}: {what}" for what in differences(recording, back)]


def lost_in(recording: Recording, path: str | os.PathLike[str]) -> list[str]:
    """Return a sentence for everything that `write` loses of a recording in a file of this name.

    The file is written into a temporary folder and compared.

    Raises
    ------
    WriteError, MissingExtraError
        If `write` would refuse the recording.

    Examples
    --------
    >>> from sigsimnet.recording import Annotation, Recording
    >>> one = Recording([[0.0] * 9], 250, annotations=[Annotation(3, "N", 0.5)])
    >>> lost_in(one, "a.hea"), lost_in(one, "a.csv")
    (['a.hea: durations of annotations are not kept: 1 is 0'], [])
    """
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as folder:
        name = Path(source_of(path)).name
        found = store(recording.replace(source=""), Path(folder) / name)
        return [sentence.replace(f"{Path(folder) / name}", str(path)) for sentence in found]


def _format_of(target: Path) -> Format:
    name = target.name.lower()
    found = next((entry for entry in FORMATS if name.endswith(entry.writes or ("/",))), None)
    if found is None:
        raise WriteError(
            f"{target}: cannot write {target.suffix.lower() or 'a file without extension'}; known are "
            f"{', '.join(WRITABLE)}"
        )
    return found


def _write_text(recording: Recording, path: Path) -> None:
    from sigsimnet.io.formats._write_text import write_text

    write_text(recording, path)


def _write_edf(recording: Recording, path: Path) -> None:
    from sigsimnet.io.formats._write_edf import write_edf

    write_edf(recording, path)


def _write_wfdb(recording: Recording, path: Path) -> None:
    from sigsimnet.io.formats._write_wfdb import write_wfdb

    write_wfdb(recording, path)


def _write_npz(recording: Recording, path: Path) -> None:
    import numpy as np

    from sigsimnet.io.formats.npy import ABOUT

    with write_whole(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, data=recording.data, **{ABOUT: np.array(describe(recording))})


def _write_parquet(recording: Recording, path: Path) -> None:
    from sigsimnet.io.formats.parquet import ABOUT, arrow

    pyarrow = arrow()
    table = pyarrow.table(
        [pyarrow.array(channel) for channel in recording.data], names=list(recording.channel_names)
    ).replace_schema_metadata({ABOUT: describe(recording).encode()})
    with write_whole(path) as temporary:
        pyarrow.parquet.write_table(table, temporary)
