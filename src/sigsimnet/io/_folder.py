"""The recordings in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from sigsimnet.errors import ReadError
from sigsimnet.io._files import first_words
from sigsimnet.io._formats import known_endings

__all__ = ["find_recordings"]

# Files that are parts of a recording, and the file that leads to them: of WFDB, BrainVision and EEGLAB.
_LEADS = {".dat": ".hea", ".mat": ".hea", ".eeg": ".vhdr", ".vmrk": ".vhdr", ".fdt": ".set"}


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
        there = {(Path(name).stem, Path(name).suffix.lower()) for name in names}
        segments = _segments(Path(place), [name for name in names if name.lower().endswith(".hea")])
        for name in sorted(names):
            path = Path(place, name)
            ending = path.suffix.lower()
            if name.startswith(".") or ending not in endings or ending == ".atr" or name.endswith(".log.json"):
                continue
            is_part = (path.stem, _LEADS.get(ending, "")) in there
            if not is_part and not (ending == ".hea" and path.stem in segments):
                found.append(path)
    return found


def _segments(place: Path, headers: list[str]) -> set[str]:
    """Return the names of the records that are segments of another one."""
    named: set[str] = set()
    for name in headers:
        record, *others = first_words(place / name)
        if "/" in record:
            named.update(others)
    return named
