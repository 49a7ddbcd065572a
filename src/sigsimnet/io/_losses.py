"""What a format cannot hold of a recording that it can be written in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from sigsimnet.recording import Recording

__all__ = ["lost_in"]

_EDF_FIELDS = ("subject", "sex", "birthdate", "name", "equipment")


def lost_in(recording: Recording, path: str | os.PathLike[str]) -> list[str]:
    """Return a sentence for everything that `write` loses of a recording in a file of this name.

    Text, Parquet and ``.npz`` lose nothing.

    Examples
    --------
    >>> from sigsimnet.recording import Annotation, Recording
    >>> one = Recording([[0.0] * 9], 250, annotations=[Annotation(3, "N", 0.5)])
    >>> lost_in(one, "a.hea"), lost_in(one, "a.csv")
    (['a.hea: WFDB keeps no durations of annotations: 1 was left out'], [])
    """
    ending = Path(path).suffix.lower()
    marks = recording.annotations
    lost: list[str] = []
    if ending in (".hea", ".dat"):
        lost += _counted(path, "WFDB keeps no durations of annotations", sum(mark.duration > 0 for mark in marks))
        lost += _counted(path, "WFDB keeps no channels of annotations", sum(mark.channel is not None for mark in marks))
    if ending == ".edf":
        lost += _counted(path, "EDF keeps no channels of annotations", sum(mark.channel is not None for mark in marks))
        lost += _counted(
            path, "EDF keeps no other metadata than the subject", len(set(recording.metadata) - set(_EDF_FIELDS))
        )
        if recording.start_time is not None and recording.start_time.tzinfo is not None:
            lost.append(f"{path}: EDF keeps no time zone: the start is that of {recording.start_time:%z}")
    if ending in (".hea", ".dat") and recording.start_time is not None and recording.start_time.tzinfo is not None:
        lost.append(f"{path}: WFDB keeps no time zone: the start is that of {recording.start_time:%z}")
    return lost


def _counted(path: object, what: str, n: int) -> list[str]:
    return [f"{path}: {what}: {n} {'were' if n > 1 else 'was'} left out"] if n else []
