"""The recordings in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from sigsimnet.errors import ReadError
from sigsimnet.io._files import first_words
from sigsimnet.io._formats import known_endings

__all__ = ["find_recordings", "recordings_among"]

# Files that are parts of a recording, and the file that leads to them: of WFDB, BrainVision and EEGLAB.
_LEADS = {".dat": ".hea", ".mat": ".hea", ".eeg": ".vhdr", ".vmrk": ".vhdr", ".fdt": ".set"}


def find_recordings(folder: str | Path, *, deep: bool = True) -> list[Path]:
    """Return the files below a folder that `read` knows by their endings, in order; of a WFDB record its header.

    Hidden files, segments of multi-segment records and the signals of records whose header is there are left out.

    Parameters
    ----------
    folder : str or Path
    deep : bool, default True
        Also in the folders below.

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
    found: list[Path] = []
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if deep else []
        found += [Path(place, name) for name in recordings_among(names, partial(_words, Path(place)))]
    return found


def _words(place: Path, name: str) -> list[str]:
    return first_words(place / name)


def recordings_among(names: Iterable[str], words_of: Callable[[str], list[str]]) -> list[str]:
    """Return the names in one folder that lead to a recording, in order.

    Parameters
    ----------
    names : iterable of str
    words_of : callable
        Of the name of a WFDB header: the first word of each of its lines.

    Examples
    --------
    >>> recordings_among(["b.csv", "a.dat", "a.hea", "notes.pages"], lambda name: ["a", "a.dat"])
    ['a.hea', 'b.csv']
    """
    endings = known_endings()
    all_of_it = sorted(names)
    there = {(Path(name).stem, Path(name).suffix.lower()) for name in all_of_it}
    segments: set[str] = set()
    for name in all_of_it:
        if name.lower().endswith(".hea"):
            record, *others = words_of(name)
            segments.update(others if "/" in record else ())
    found = []
    for name in all_of_it:
        path = Path(name)
        ending = path.suffix.lower()
        if name.startswith(".") or ending not in endings or ending == ".atr" or name.endswith(".log.json"):
            continue
        is_part = (path.stem, _LEADS.get(ending, "")) in there
        if not is_part and not (ending == ".hea" and path.stem in segments):
            found.append(name)
    return found
