"""A part of a recording, and where in the whole it begins."""

from __future__ import annotations

from sigsimnet.recording import Recording

__all__ = ["part_of"]


def part_of(recording: Recording, start: float, stop: float | None) -> tuple[Recording, float]:
    """Return the part from ``start`` to ``stop`` (s) and the time of its first sample in the whole recording.

    The times of a part begin at 0 with its first sample, which comes later than ``start`` when that lies in a pause.

    Raises
    ------
    ParameterError
        If nothing was recorded in between.

    Examples
    --------
    >>> from sigsimnet.recording import Span
    >>> paused = Recording(range(8), 2, spans=[Span(0, 4), Span(4, 8, 10.0)])
    >>> part_of(paused, 5.0, 11.0)[1]
    10.0
    """
    if not start and stop is None:
        return recording, 0.0
    first, _ = recording.samples_between(start, stop)
    return recording.crop(start, stop), float(recording.time_of(first))
