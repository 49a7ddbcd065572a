"""What a recording is made of besides its samples: spans without a pause, and annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError

__all__ = ["Annotation", "Span", "check_spans", "samples_of", "times_of"]


@dataclass(frozen=True)
class Span:
    """Samples recorded without a pause.

    Attributes
    ----------
    start, stop : int
        First sample and one past the last, into `Recording.data`.
    time : float
        Time of the first sample, in s since `Recording.start_time`.

    Examples
    --------
    >>> from sigsimnet import Recording
    >>> Recording(range(6), 2, spans=[Span(0, 4), Span(4, 6, 12.0)])
    <Recording 1 channel × 3.0 s in 2 spans at 2 Hz: ch1>
    """

    start: int
    stop: int
    time: float = 0.0


@dataclass(frozen=True)
class Annotation:
    """A mark in a recording.

    Attributes
    ----------
    sample : int
        Sample that the mark belongs to, into `Recording.data`.
    label : str
        What it says, such as a beat type (``"N"``) or an event.
    duration : float
        In s; 0 for a point.
    channel : str or None
        Channel that it belongs to; None for all.

    Examples
    --------
    >>> from sigsimnet import Recording
    >>> recording = Recording(range(6), 2, annotations=[Annotation(4, "N")])
    >>> recording.time_of([mark.sample for mark in recording.annotations]).tolist()
    [2.0]
    """

    sample: int
    label: str
    duration: float = 0.0
    channel: str | None = None


def check_spans(spans: tuple[Span, ...], n_samples: int, sampling_rate: float) -> None:
    """Refuse spans that overlap, run backwards, or do not cover all samples.

    Raises
    ------
    ParameterError
        Which span does not fit.
    """
    expected = 0
    end_time = -np.inf
    for span in spans:
        if span.start != expected or span.stop < span.start:
            raise ParameterError(f"spans must follow one another and cover all samples: {span} after {expected}")
        if span.time < end_time - 0.5 / sampling_rate:
            raise ParameterError(f"{span} starts before the one in front of it ends ({end_time:.3f} s)")
        expected = span.stop
        end_time = span.time + (span.stop - span.start) / sampling_rate
    if expected != n_samples:
        raise ParameterError(f"spans end at sample {expected} of {n_samples}")


def times_of(spans: Sequence[Span], sampling_rate: float, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the times in s of (fractional) sample positions; `samples_of` is the inverse."""
    starts = np.array([span.start for span in spans])
    which = np.clip(np.searchsorted(starts, positions, side="right") - 1, 0, None)
    offsets = np.array([span.time for span in spans])
    return np.asarray(offsets[which] + (positions - starts[which]) / sampling_rate)


def samples_of(spans: Sequence[Span], sampling_rate: float, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (fractional) sample positions of times in s; NaN where nothing was sampled.

    A span lasts from its first sample until one sampling interval after its last, and half an interval more on either
    side belongs to it; positions are those of its first sample to its last. Of two spans that a time is near the
    earlier one counts.
    """
    begins = np.array([span.time for span in spans])
    starts = np.array([span.start for span in spans])
    lengths = np.array([span.stop - span.start for span in spans])
    which = np.clip(np.searchsorted(begins, times + 1e-9, side="right") - 1, 0, None)
    following = np.minimum(which + 1, len(begins) - 1)
    late = (times - begins[which]) * sampling_rate > lengths[which] + 0.5
    which = np.where(late & ((times - begins[following]) * sampling_rate >= -0.5), following, which)
    offset = (times - begins[which]) * sampling_rate
    inside = (offset >= -0.5) & (offset <= lengths[which] + 0.5) & (lengths[which] > 0)
    return np.asarray(np.where(inside, starts[which] + np.clip(offset, 0.0, lengths[which] - 1.0), np.nan))
