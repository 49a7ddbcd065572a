"""Annotations given by their time, put onto samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigsimnet.recording import Annotation, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["attach_annotations", "time_to_sample"]


def time_to_sample(recording: Recording, time: float) -> int | None:
    """Return the sample taken at a time (s since the first), None inside a pause or outside the recording.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> time_to_sample(Recording([[0.0] * 500], 250), 1.0)
    250
    """
    for span in recording.spans:
        sample = span.start + round((time - span.time) * recording.sampling_rate)
        if span.start <= sample < span.stop:
            return sample
        if sample == span.stop and span.stop > span.start:
            return span.stop - 1  # an event at the very end
    return None


def attach_annotations(
    recording: Recording, marks: Iterable[tuple[float, str, float, str | None]], source: str
) -> Recording:
    """Return the recording with annotations given as (time in s, label, duration in s, channel).

    Those that fall into a pause or outside go, with a warning that counts them.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> attach_annotations(Recording([[0.0] * 500], 250), [(1.0, "N", 0.0, None)], "a.edf").annotations
    (Annotation(sample=250, label='N', duration=0.0, channel=None),)
    """
    kept: list[Annotation] = []
    lost = 0
    for time, label, duration, channel in marks:
        sample = time_to_sample(recording, time)
        if sample is None:
            lost += 1
        elif channel is None or channel in recording.channel_names:
            kept.append(Annotation(sample, label, duration, channel))
    kept.sort(key=lambda mark: mark.sample)
    plural = "s lie" if lost > 1 else " lies"
    notes = [f"{source}: {lost} annotation{plural} outside what was recorded and went"] if lost else []
    return recording.replace(annotations=kept, warnings=[*recording.warnings, *notes])
