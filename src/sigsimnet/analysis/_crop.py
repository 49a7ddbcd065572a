"""A cropped recording, and its time in the whole one."""

from __future__ import annotations

from sigsimnet._utils.checks import check_number
from sigsimnet.recording import Recording

__all__ = ["crop_with_time"]


def crop_with_time(recording: Recording, start: float, stop: float | None) -> tuple[Recording, float]:
    """Return `Recording.crop` from ``start`` to ``stop`` (s), and the time of its first sample in the whole recording.

    That sample lies later than ``start`` where ``start`` lies in a pause.

    Raises
    ------
    ParameterError
        If nothing was recorded in between.

    Examples
    --------
    >>> from sigsimnet.recording import Span
    >>> paused = Recording(range(8), 2, spans=[Span(0, 4), Span(4, 8, 10.0)])
    >>> crop_with_time(paused, 5.0, 11.0)[1]
    10.0
    """
    check_number(start, "start", "s")
    if not start and stop is None:
        return recording, 0.0
    first, _ = recording.samples_between(start, stop)
    return recording.crop(start, stop), float(recording.time_of(first))
