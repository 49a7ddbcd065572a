"""A lead without its baseline, and its typical beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.delineation._result import Delineation
    from sigsimnet.recording import Recording

__all__ = ["MISSING", "levelled", "median_beat", "samples_of"]

MISSING = -1
_BASELINE = (0.030, 0.005)  # s before the QRS onset: the PQ segment, against which amplitudes are measured


def median_beat(
    recording: Recording, delineation: Delineation, channel: str, *, before: float = 0.35, after: float = 0.55
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the median of the usual beats of a lead around the onset of their QRS complexes.

    Parameters
    ----------
    recording : Recording
    delineation : Delineation
        Of it.
    channel : str
    before, after : float
        In s, around the QRS onset.

    Returns
    -------
    times : ndarray
        In s after the QRS onset.
    beat : ndarray
        In the unit of the channel, against the PQ segment; NaN where too few beats reach.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import delineate, simulate
    >>> recording = simulate(1, 1, duration=20, noise=0, seed=1)[0]
    >>> times, beat = median_beat(recording, delineate(recording), "I")
    >>> bool(0 < times[np.nanargmax(beat)] < 0.08)  # the R peak
    True
    """
    x = levelled(recording, delineation, channel)
    rate = recording.sampling_rate
    steps = np.arange(-round(before * rate), round(after * rate) + 1)
    usual = np.array([kind == "usual" for kind in delineation.kinds])
    onsets = delineation.of(channel)[usual if usual.any() else slice(None), 1, 0]
    rows = []
    for onset in onsets[np.isfinite(onsets)]:
        places = steps + onset
        rows.append(np.interp(places, np.arange(len(x)), x, left=np.nan, right=np.nan))
    times = steps / rate
    if not rows:
        return times, np.full(len(steps), np.nan)
    stack = np.stack(rows)
    enough = np.isfinite(stack).sum(axis=0) >= max(1, len(rows) // 2)
    beat = np.full(len(steps), np.nan)
    beat[enough] = np.nanmedian(stack[:, enough], axis=0)
    return times, beat


def levelled(recording: Recording, found: Delineation, name: str) -> NDArray[np.float64]:
    """Return a channel without its baseline: the line through the PQ segments of neighbouring beats, span by span."""
    x = np.array(recording.data[recording.channel_index(name)], dtype=np.float64)
    onsets = samples_of(found, name)[:, 1, 0]
    for span in recording.spans:
        knots, levels = [], []
        for onset in onsets[(onsets >= span.start) & (onsets < span.stop)].tolist():
            begin, end = (onset - round(seconds * recording.sampling_rate) for seconds in _BASELINE)
            part = x[max(begin, span.start) : max(end, span.start) + 1]
            if np.isfinite(part).any():
                knots.append((begin + end) / 2)
                levels.append(float(np.nanmedian(part)))
        if knots:
            x[span.start : span.stop] -= np.interp(np.arange(span.start, span.stop), knots, levels)
    return x


def samples_of(found: Delineation, name: str) -> NDArray[np.int64]:
    """Return the nearest samples of the marks of a channel; `MISSING` where a wave was not found."""
    return np.where(np.isnan(found.of(name)), MISSING, np.rint(np.nan_to_num(found.of(name)))).astype(np.int64)
