"""`write`: chooses the format by the extension; every file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigsimnet._utils.files import write_whole, writing
from sigsimnet.errors import WriteError
from sigsimnet.io._describe import describe
from sigsimnet.io._files import overwritten_input
from sigsimnet.io._inputs import RecordingLike, as_recording
from sigsimnet.io._read import source_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from sigsimnet.recording import Recording

__all__ = ["WRITABLE", "write"]

WRITABLE = (
    ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".parquet", ".npz", ".hea", ".dat", ".edf",
)  # fmt: skip
"""Endings that `write` knows."""


def write(recording: RecordingLike, path: str | os.PathLike[str]) -> None:
    """Write a recording to a file; `read` gets it back.

    ==============  ==================================================================================================
    ``.csv`` …      Time (s) and one column a channel; everything else in comment lines, so that nothing is lost. Also
                    ``.tsv``, ``.txt`` and with ``.gz``.
    ``.parquet``    Nothing is lost. Needs pyarrow.
    ``.npz``        Nothing is lost.
    ``.hea``        WFDB (also ``.dat``): 16 bit, each channel scaled to its own range; NaN as *invalid sample*; pauses
                    as a multi-segment record, to the nearest sample; annotations in ``.atr`` without durations.
    ``.edf``        EDF+: 16 bit, each channel scaled to its own range; annotations. Refuses NaN and pauses, which EDF
                    cannot hold (a span would have to be padded with samples that nobody measured).
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
    recording = as_recording(recording)
    target = Path(source_of(path))
    suffix = target.suffix.lower()
    if suffix == ".gz" and target.name.lower().endswith(WRITABLE):
        suffix = Path(target.stem).suffix.lower()
    writers: dict[str, Callable[[Recording, Path], None]] = {
        ".csv": _write_text,
        ".tsv": _write_text,
        ".txt": _write_text,
        ".parquet": _write_parquet,
        ".npz": _write_npz,
        ".hea": _write_wfdb,
        ".dat": _write_wfdb,
        ".edf": _write_edf,
    }
    if suffix not in writers:
        raise WriteError(
            f"{path}: cannot write {suffix or 'a file without extension'}; known are {', '.join(WRITABLE)}"
        )
    taken = overwritten_input(target, recording.source) if recording.source else None
    if taken is not None:
        raise WriteError(f"{path}: would write over {taken}, which this recording was read from; name another file")
    if recording.n_samples < 1 or recording.n_channels < 1:
        raise WriteError(
            f"{path}: the recording is empty ({recording.n_channels} channels, {recording.n_samples} samples)"
        )
    with writing(path):
        writers[suffix](recording, target)


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
