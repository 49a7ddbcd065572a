"""Segments that lie in seconds good enough to be looked at, and a count of those that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError
from sigsimnet.quality import REASONS, Quality, quality
from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._segments import Segments

__all__ = ["GATE", "gate"]

GATE = 0.5  # share of a segment that must lie in good seconds: borders of the seconds are true to about half of one
MOST_REASONS = 3
LOW, HIGH = 0.5, 40.0  # Hz: bands within take baseline wander (below some 0.5 Hz) and hum (50 or 60 Hz) away


def gate(segments: Segments, recording: Recording, cutter: Cutter, *, least: float = GATE) -> Segments:
    """Return the segments that lie in good seconds of their recording (`sigsimnet.quality.quality`).

    Beats are judged as ECG; windows, which may be of any signal, by what holds of all (missing, flat, clipped,
    saturated, mains, steps). Of several channels the worst counts. Baseline wander and hum that the cutter's band-pass
    takes away are no reason to leave a segment out.

    Parameters
    ----------
    segments : Segments
        Cut from ``recording`` by ``cutter``.
    recording : Recording
        As it came, before any filter, which would hide what is looked for.
    cutter : Cutter
        Tells how far a segment reaches.
    least : float, default 0.5
        Share of a segment's time that must be good. 0 keeps all.

    Returns
    -------
    Segments
        `Segments.poor` counts what was left out, `Segments.why` names what was seen there, the most frequent first.

    Raises
    ------
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.segments import BeatCutter
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> noise = np.random.default_rng(0).normal(0, 0.5, recording.n_samples)  # mV
    >>> noise[:2500] = 0.0  # the first 10 s stay as they are
    >>> noisy, cutter = recording.replace(data=recording.data + noise), BeatCutter()
    >>> kept = gate(cutter.cut(noisy), noisy, cutter)
    >>> kept.times.max() < 12, kept.poor > 5, kept.why[0]
    (np.True_, True, 'muscle')
    """
    if not 0 <= least <= 1:
        raise ParameterError(f"gate is {least}: the share of a segment that must be good lies between 0 and 1")
    if least == 0 or not len(segments):
        return segments
    names = [name for name in segments.channel_names if name not in cutter.extra_channels]
    judged = recording.pick(names)
    found = _after_the_band(quality(judged, modality="ecg" if segments.kind == "beats" else None), cutter.band)
    before, after = cutter.reach
    middle = _positions(recording, segments.times)
    rate, last = recording.sampling_rate, recording.n_samples
    starts = np.clip(np.floor(middle - before * rate), 0, last - 1).astype(np.int64)
    stops = np.clip(np.ceil(middle + after * rate), starts + 1, last).astype(np.int64)
    good = found.share_good_of(starts, stops).min(axis=0) >= least
    seconds = np.clip(np.searchsorted(found.starts, middle[~good], side="right") - 1, 0, max(len(found) - 1, 0))
    seen = found.reasons[:, seconds].any(axis=0).sum(axis=0)
    why = tuple(REASONS[k] for k in np.argsort(-seen, kind="stable")[:MOST_REASONS] if seen[k])
    return replace(segments.take(good), poor=segments.poor + int((~good).sum()), why=why)


def _after_the_band(found: Quality, band: tuple[float | None, float | None]) -> Quality:
    """Return the quality with those seconds good that only lack what the cutter's band-pass takes away anyway."""
    low, high = band
    harmless = {"polarity inverted", "leads likely swapped"}  # the samples are sound
    harmless |= {"baseline"} if low is not None and low >= LOW else set()
    harmless |= {"mains"} if high is not None and high <= HIGH else set()
    others = [k for k, reason in enumerate(REASONS) if reason not in harmless]
    fine = found.good | ~found.reasons[:, :, others].any(axis=2)
    return replace(found, index=np.where(fine, np.maximum(found.index, np.float32(found.threshold)), found.index))


def _positions(recording: Recording, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where in the samples the times lie: the inverse of `Recording.time_of`."""
    begins = np.array([span.time for span in recording.segments])
    starts = np.array([span.start for span in recording.segments])
    which = np.clip(np.searchsorted(begins, times + 1e-9, side="right") - 1, 0, None)
    return np.asarray(starts[which] + (times - begins[which]) * recording.sampling_rate)
