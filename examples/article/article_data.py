"""The four recordings: which file is which, what was done when, where training ends and testing begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import sigsimnet as ssn
from sigsimnet.errors import ReadError

__all__ = [
    "ACTIVITIES",
    "CORRECTED",
    "LENGTH",
    "TRAIN_SHARE",
    "Trials",
    "Windows",
    "labels_of",
    "lay_windows",
    "part_of",
    "read_recordings",
    "stretches",
    "training_pieces",
    "trials_of",
]

Part = Literal["train", "test", "whole"]
Scheme = Literal["file_names", "corrected", "moving_only"]

LENGTH = 4.0  # s: of a window
TRAIN_SHARE = 0.6  # of each recording, from its start
ACTIVITIES = ("sitting", "walking_normal", "walking_fast", "stairs")

# What the signals show, in s from the start of each file; what is left out (handling of the device) has no label.
CORRECTED: dict[str, tuple[tuple[float, float, str], ...]] = {
    "sitting": ((0.0, np.inf, "still"),),
    "walking_normal": ((0.0, 29.5, "still"), (29.5, np.inf, "moving")),
    "walking_fast": ((4.0, 15.5, "still"), (15.5, np.inf, "moving")),
    "stairs": ((0.0, np.inf, "moving"),),
}


def read_recordings(folder: str | Path) -> dict[str, ssn.Recording]:
    """Read the four CSV files, raw or processed.

    Parameters
    ----------
    folder : str or path
        Holds one CSV for each activity, with the activity in its name (``Sitting_data.csv``,
        ``processed_walking_fast_pace.csv``).

    Returns
    -------
    dict of str to Recording
        By activity, in mV; `Recording.source` is the activity, `Recording.warnings` is what the reader found.

    Raises
    ------
    ReadError
        If an activity has no file, or more than one.
    """
    files = sorted(Path(folder).glob("*.csv"))
    found = {}
    for activity in ACTIVITIES:
        mine = [file for file in files if activity in file.stem.lower()]
        if len(mine) != 1:
            raise ReadError(f"{folder}: {len(mine)} CSV files with {activity!r} in their name, expected 1")
        recording = ssn.read(mine[0])
        told = [warning.replace(str(mine[0]), mine[0].name) for warning in recording.warnings]
        found[activity] = recording.replace(source=activity, warnings=told)
    return found


def part_of(duration: float, part: Part) -> tuple[float, float]:
    """Return where a part of a recording starts and stops, in s.

    Parameters
    ----------
    duration : float
        Of the recording, in s.
    part : {"train", "test", "whole"}
        The first 60 %, the last 40 %, or everything.

    Examples
    --------
    >>> part_of(60.0, "train"), part_of(60.0, "test")
    ((0.0, 36.0), (36.0, 60.0))
    """
    cut = TRAIN_SHARE * duration
    return {"train": (0.0, cut), "test": (cut, duration), "whole": (0.0, duration)}[part]


def stretches(activity: str, scheme: Scheme) -> list[tuple[float, float, str]]:
    """Return the labelled stretches of a recording: start and stop in s, and label.

    Parameters
    ----------
    activity : str
        One of `ACTIVITIES`.
    scheme : {"file_names", "corrected", "moving_only"}
        ``"file_names"``: all of a file is its activity. ``"corrected"``: *still* or *moving*, by what the signal
        shows. ``"moving_only"``: the activity again, where the person moves; the rest has no label.

    Examples
    --------
    >>> stretches("walking_normal", "corrected")
    [(0.0, 29.5, 'still'), (29.5, inf, 'moving')]
    >>> stretches("walking_normal", "moving_only")
    [(29.5, inf, 'walking_normal')]
    """
    if scheme == "file_names":
        return [(0.0, np.inf, activity)]
    if scheme == "corrected":
        return list(CORRECTED[activity])
    return [(start, stop, activity) for start, stop, state in CORRECTED[activity] if state == "moving"]


def training_pieces(recordings: Mapping[str, ssn.Recording], scheme: Scheme) -> list[ssn.Recording]:
    """Cut the training parts (first 60 %) into pieces of one label each.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    scheme : str
        See `stretches`.

    Returns
    -------
    list of Recording
        ``metadata`` holds ``label``, ``activity`` and ``offset`` (s in the whole recording). Pieces shorter than a
        window are left out.
    """
    pieces = []
    for activity, recording in recordings.items():
        low, high = part_of(recording.duration, "train")
        for start, stop, label in stretches(activity, scheme):
            first, last = max(start, low), min(stop, high)
            if last - first < LENGTH:
                continue
            about = {"label": label, "subject": "the one person", "activity": activity, "offset": first}
            pieces.append(recording.crop(first, last).replace(metadata=about, source=f"{activity} from {first:g} s"))
    return pieces


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one part of the recordings.

    Attributes
    ----------
    parts : dict of str to Recording
        What they are cut from, by activity; nothing outside is looked at, not even by a filter.
    step : float
        From one start to the next, in s.
    activity : ndarray of str, shape (n_windows,)
        Name of the file.
    start : ndarray of float, shape (n_windows,)
        In s from the start of the whole recording.
    offset : dict of str to float
        Where each part starts in its recording, in s.
    """

    parts: dict[str, ssn.Recording]
    step: float
    activity: NDArray[np.str_]
    start: NDArray[np.float64]
    offset: dict[str, float]

    def __len__(self) -> int:
        return len(self.start)


def lay_windows(recordings: Mapping[str, ssn.Recording], part: Part = "test", step: float = 1.0) -> Windows:
    """Lay 4 s windows over a part of every recording.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    part : {"test", "whole", "train"}
    step : float, default 1
        In s.
    """
    parts, activity, start, offset = {}, [], [], {}
    for name, recording in recordings.items():
        low, high = part_of(recording.duration, part)
        piece = recording.crop(low, high)
        n = int(np.floor((piece.duration - LENGTH) / step + 1e-9)) + 1
        if n < 1:
            continue
        parts[name], offset[name] = piece, low
        activity += [name] * n
        start += [low + step * k for k in range(n)]
    return Windows(parts, step, np.array(activity), np.array(start), offset)


def labels_of(windows: Windows, scheme: Scheme) -> NDArray[np.str_]:
    """Return the label of each window; empty for one that is not inside a single labelled stretch.

    Parameters
    ----------
    windows : Windows
    scheme : str
        See `stretches`.
    """
    found = []
    for activity, start in zip(windows.activity, windows.start, strict=True):
        inside = [
            label
            for low, high, label in stretches(str(activity), scheme)
            if low - 1e-6 <= start and start + LENGTH <= high + 1e-6
        ]
        found.append(inside[0] if inside else "")
    return np.array(found)


@dataclass(frozen=True, eq=False)
class Trials:
    """Pairs of windows that are scored.

    Attributes
    ----------
    left, right : ndarray of int, shape (n_pairs,)
        Into the windows.
    same : ndarray of bool, shape (n_pairs,)
        Whether both have the same label.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    same: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.same)


def trials_of(windows: Windows, labels: Sequence[str] | NDArray[np.str_]) -> Trials:
    """Return all pairs of labelled windows that share no sample.

    Parameters
    ----------
    windows : Windows
    labels : sequence of str, shape (n_windows,)
        Empty: not used.
    """
    names = np.asarray(labels)
    left, right = np.triu_indices(len(windows), k=1)
    apart = np.abs(windows.start[left] - windows.start[right]) >= LENGTH - 1e-6
    use = (names[left] != "") & (names[right] != "") & ((windows.activity[left] != windows.activity[right]) | apart)
    left, right = left[use], right[use]
    return Trials(left, right, names[left] == names[right])
