"""Hearts that beat faster than a human's, and sampling rates that are wrong: the same ECG on another scale of time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.errors import UnknownNameError
from sigsimnet.recording import Recording, Span

if TYPE_CHECKING:
    from sigsimnet.peaks._channel import Beats, Detector

__all__ = ["SPECIES", "looks_like", "scale_of", "slowed"]

# How many times faster than a human's (70/min at rest, QRS 0.09 s) a heart beats; the detectors find 0.4–4 times that.
SPECIES = {"human": 1.0, "rabbit": 3.0, "guinea_pig": 3.5, "rat": 5.0, "mouse": 8.0}
TRIED = (2.0, 4.0, 5.0, 8.0, 0.25)  # scales: animals, and rates stated twice, four times, a quarter of the true ones
PART = 60.0  # s that are looked at
LEAST_BEATS = 8
LEAST_COVERED = 0.8  # of the part, by beats at the usual interval
MOST_UNEVEN = 0.1  # median departure from the usual interval, as a share of it
FEW = 0.4  # of the recording, by beats at the usual interval: enough to be the ECG of somebody
LEAST_CONFIDENCE = 0.7
LOWEST_RATE = 80.0  # Hz that the detectors need
NOT_LOOKED_FOR = 300.0  # beats/min
USUAL_RATE, SLOWEST = 70.0, 25.0  # beats/min; slower hearts at rest are rarer than wrong sampling rates


def scale_of(species: str) -> float:
    """Return how many times faster than a human's the heart of a species beats.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if species not in SPECIES:
        raise UnknownNameError(f"no species {species!r}; there are: {', '.join(SPECIES)}")
    return SPECIES[species]


def slowed(recording: Recording, scale: float) -> Recording:
    """Return the same samples on a scale of time on which they take ``scale`` times as long."""
    if scale == 1.0:
        return recording
    spans = [Span(span.start, span.stop, span.time * scale) for span in recording.spans]
    return recording.replace(sampling_rate=recording.sampling_rate / scale, spans=spans, annotations=())


def looks_like(recording: Recording, index: int, detector: Detector, found: Beats) -> str:
    """Return, of a channel with few or very slow beats, that it looks like an ECG on another scale of time; or "".

    A minute from the middle is searched as if it had been sampled 2, 4, 5 and 8 times slower (animals, or a rate that
    is stated too high) and 4 times faster. Only many confident beats at even intervals count.
    """
    from sigsimnet.peaks._channel import beats_of_channel

    rate = recording.sampling_rate
    slow = len(found.positions) > 1 and 60.0 * rate / float(np.median(np.diff(found.positions))) < SLOWEST
    if _covered(found.positions, recording.n_samples) >= FEW and not slow:
        return ""
    n = min(recording.n_samples, round(PART * rate))
    first = (recording.n_samples - n) // 2
    rates = {}  # beats/min by scale
    for scale in TRIED:
        if rate / scale >= LOWEST_RATE:
            beats = beats_of_channel(
                Recording(recording.data[index : index + 1, first : first + n], rate / scale), 0, detector
            )
            if _is_clear(beats, n):
                rates[scale] = 60.0 * rate / float(np.median(np.diff(beats.positions)))
    if not rates:
        return ""
    # Several scales may do: the one on which a human at rest would have it.
    scale, per_minute = min(rates.items(), key=lambda item: abs(math.log(item[1] / item[0] / USUAL_RATE)))
    animal, limit = "", ""
    if scale > 1:
        animal = f"an animal's (name the species: {', '.join(list(SPECIES)[1:])}), or "
    if per_minute > NOT_LOOKED_FOR:
        limit = f" Above {NOT_LOOKED_FOR:g}/min a human's beats are not looked for"
    return (
        f"{recording.channel_names[index]}: looks like an ECG of {per_minute:.0f} beats/min: {animal}a wrong sampling "
        f"rate ({rate / scale:g} Hz instead of {rate:g} Hz would make it {per_minute / scale:.0f}/min)?{limit}"
    )


def _covered(positions: np.ndarray[tuple[int], np.dtype[np.float64]], n_samples: int) -> float:
    if len(positions) < 2:
        return 0.0
    return len(positions) * float(np.median(np.diff(positions))) / max(n_samples, 1)


def _is_clear(beats: Beats, n_samples: int) -> bool:
    """Return whether there are many confident beats at even intervals."""
    if len(beats.positions) < LEAST_BEATS or _covered(beats.positions, n_samples) < LEAST_COVERED:
        return False
    intervals = np.diff(beats.positions)
    uneven = np.median(np.abs(intervals - np.median(intervals))) / np.median(intervals)
    return bool(uneven <= MOST_UNEVEN and np.median(beats.confidence) >= LEAST_CONFIDENCE)
