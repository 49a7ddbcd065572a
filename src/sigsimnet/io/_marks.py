"""Annotations given by their time, attached to samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.recording import Annotation, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["attach_annotations"]


def attach_annotations(
    recording: Recording, marks: Iterable[tuple[float, str, float, str | None]], source: str
) -> Recording:
    """Return the recording with annotations given as (time in s, label, duration in s, channel).

    Those that fall into a pause or outside are dropped, with a warning that counts them.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> attach_annotations(Recording([[0.0] * 500], 250), [(1.0, "N", 0.0, None)], "a.edf").annotations
    (Annotation(sample=250, label='N', duration=0.0, channel=None),)
    """
    listed = list(marks)
    positions = recording.sample_of([time for time, *_ in listed])
    kept = [
        Annotation(round(position), label, duration, channel)
        for position, (_, label, duration, channel) in zip(positions.tolist(), listed, strict=True)
        if not math.isnan(position) and (channel is None or channel in recording.channel_names)
    ]
    kept.sort(key=lambda mark: mark.sample)
    lost = int(np.isnan(positions).sum())
    plural, were = ("s lie", "were") if lost > 1 else (" lies", "was")
    notes = [f"{source}: {lost} annotation{plural} outside what was recorded and {were} dropped"] if lost else []
    return recording.replace(annotations=kept, warnings=[*recording.warnings, *notes])
