"""The recordings in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from sigsimnet.errors import ReadError
from sigsimnet.io._formats import known_endings

__all__ = ["find_recordings"]

_PARTS = (".dat", ".atr")  # of a WFDB record, whose header is found
_COMPANIONS = {
    ".eeg": ".vhdr",
    ".vmrk": ".vhdr",
    ".fdt": ".set",
}  # parts of BrainVision and EEGLAB, and what leads to them


def find_recordings(folder: str | Path) -> list[Path]:
    """Return the files below a folder that `read` knows by their endings, in order; of a WFDB record its header.

    Hidden files, segments of multi-segment records and the signals of records whose header is there are left out.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    ReadError
        If it is not there.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet.io import write
    >>> from sigsimnet.recording import Recording
    >>> folder = tempfile.mkdtemp()
    >>> for name in ("b.csv", "a.hea"):
    ...     write(Recording([[0.0, 1.0, 0.0]], 250), f"{folder}/{name}")
    >>> [path.name for path in find_recordings(folder)]
    ['a.hea', 'b.csv']
    """
    root = Path(folder)
    if not root.is_dir():
        raise ReadError(f"{folder}: no such folder")
    endings = known_endings()
    found: list[Path] = []
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        headers = {Path(name).stem for name in names if name.lower().endswith(".hea")}
        segments = _segments(Path(place), [name for name in names if name.lower().endswith(".hea")])
        for name in sorted(names):
            path = Path(place, name)
            ending = path.suffix.lower()
            if name.startswith(".") or ending not in endings or name.endswith(".log.json"):
                continue
            of_record = ending != ".hea" and path.stem in headers and ending in (*_PARTS, ".mat")
            lead = _COMPANIONS.get(ending)
            if lead is not None and any(path.stem + other in names for other in (lead, lead.upper())):
                continue
            if of_record or ending == ".atr" or (ending == ".hea" and path.stem in segments):
                continue
            found.append(path)
    return found


def _segments(place: Path, headers: list[str]) -> set[str]:
    """Return the names of the records that are segments of another one."""
    named: set[str] = set()
    for name in headers:
        try:
            lines = (place / name).read_text(encoding="latin-1").splitlines()
        except OSError:
            continue
        lines = [line for line in lines if line.strip() and not line.startswith("#")]
        if lines and "/" in lines[0].split()[0]:
            named |= {line.split()[0] for line in lines[1:] if line.strip()}
    return named - {Path(name).stem for name in headers if Path(name).stem not in named}
