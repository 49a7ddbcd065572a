"""Write a recording as a table of text."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.files import write_whole
from sigsimnet.io._describe import describe
from sigsimnet.io.formats.text import MARK

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.recording import Recording

__all__ = ["write_text"]


def write_text(recording: Recording, path: Path) -> None:
    r"""Write time (s) and one column a channel, with comment lines that hold the rest.

    The lines ``Sampling Rate (Hz):=`` and ``Date:=`` are BioSPPy's; the line ``SigSimNet:=`` lets `read` restore the
    recording exactly. Samples have nine digits, which is all that a float32 has; a missing one is an empty cell.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> write_text(Recording([[0.0, 1.5]], 250, units="mV", channel_names=["ECG"]), path)
    >>> print(path.read_text().split("\n", 2)[2])
    time (s),ECG (mV)
    0,0
    0.004,1.5
    """
    import pandas as pd

    separator = "," if ".csv" in path.suffixes[-2:] else "\t"
    lines = [f"# Sampling Rate (Hz):= {recording.sampling_rate!r}"]
    if recording.start_time is not None:
        lines.append(f"# Date:= {recording.start_time.isoformat()}")
    lines.append(f"# {MARK}:={describe(recording)}")
    columns: dict[str, list[str]] = {"time (s)": [f"{time:.9f}".rstrip("0").rstrip(".") for time in recording.times()]}
    for name, unit, channel in zip(recording.channel_names, recording.units, recording.data, strict=True):
        heading = f"{name} ({unit})" if unit else name
        while heading in columns:
            heading += "_"
        columns[heading] = ["" if np.isnan(value) else f"{value:.9g}" for value in channel.tolist()]
    table = io.StringIO()
    pd.DataFrame(columns).to_csv(table, index=False, sep=separator, lineterminator="\n")
    raw = ("\n".join(lines) + "\n" + table.getvalue()).encode("utf-8")
    with write_whole(path) as temporary:
        # mtime=0: the same recording gives the same bytes
        temporary.write_bytes(gzip.compress(raw, mtime=0) if path.suffix.lower() == ".gz" else raw)
