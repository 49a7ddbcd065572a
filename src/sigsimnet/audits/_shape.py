"""The median beat of each lead on a scale of the heart's own time, and what its widths say of the sampling rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.cleaning.butterworth import butterworth, filter_zero_phase
from sigsimnet.errors import SigSimNetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["GRID", "Shape", "shape_of"]

GRID = np.arange(-30, 66) / 100.0
"""Places of a median beat, in the usual interval between beats around R: so a wrong rate does not change them."""
_QRS = np.abs(GRID) <= 0.12
_T = (GRID >= 0.16) & (GRID <= 0.62)
_LEVEL = (GRID >= -0.10) & (GRID <= -0.06)
_MOST = 128  # beats
_EDGE = 0.15  # of the steepest slope: where QRS begins and ends


@dataclass(frozen=True, eq=False)
class Shape:
    """The median beats of a recording.

    Attributes
    ----------
    leads : tuple of str
    beats : ndarray, shape (n_leads, 96)
        On `GRID`, less the level before Q, in the recording's units.
    rr : float
        Usual interval, in s.
    qrs, t : float
        Width of QRS and time from R to the peak of T, in s; NaN where T is too low.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> shape_of(recording, detect_peaks(recording).times).qrs < 0.15
    True
    """

    leads: tuple[str, ...]
    beats: NDArray[np.float64]
    rr: float
    qrs: float
    t: float

    def heights(self) -> dict[str, float]:
        """Return the height of the QRS complex of each lead, in the recording's units."""
        spans = np.ptp(self.beats[:, _QRS], axis=1)
        return dict(zip(self.leads, map(float, spans), strict=True))


def shape_of(recording: Recording, times: NDArray[np.float64]) -> Shape | None:
    """Return the median beats of all channels around R peaks; None where there are no whole beats.

    Parameters
    ----------
    recording : Recording
    times : ndarray, shape (n_beats,)
        Of the R peaks, in s.
    """
    intervals = np.diff(times)
    if len(intervals) < 2:
        return None
    rr, rate = float(np.median(intervals)), recording.sampling_rate
    offsets = GRID * rr
    whole = times[(times + offsets[0] > 0) & (times + offsets[-1] < recording.duration)]
    if len(whole) < 2:
        return None
    whole = whole[evenly_spaced(len(whole), _MOST)]
    try:
        sections = butterworth(2, 0.4 / rr, min(32.0 / rr, 0.45 * rate), rate)
    except SigSimNetError:
        return None
    axis = recording.times() if len(recording.spans) > 1 else np.arange(recording.n_samples) / rate
    beats = []
    for x in recording.data:
        known = np.isfinite(x)
        if not known.any():
            beats.append(np.zeros(len(GRID)))
            continue
        filled = np.where(known, x, np.interp(axis, axis[known], x[known])).astype(np.float64)
        clean = filter_zero_phase(sections, filled, round(2 * rate))
        beat = np.median(np.interp(whole[:, None] + offsets, axis, clean), axis=0)
        beats.append(beat - beat[_LEVEL].mean())
    rows = np.array(beats).astype(np.float32).astype(np.float64)  # as they are kept
    return Shape(recording.channel_names, rows, rr, *_widths(rows, rr))


def _widths(beats: NDArray[np.float64], rr: float) -> tuple[float, float]:
    heights = np.ptp(beats[:, _QRS], axis=1)
    usable = beats[heights > 0] / heights[heights > 0][:, None]
    if not len(usable):
        return float("nan"), float("nan")
    slope = np.sqrt((np.gradient(usable, axis=1) ** 2).mean(axis=0))
    inside = np.where(_QRS, slope, 0.0)
    steep = np.flatnonzero(inside >= _EDGE * inside.max())
    qrs = float(GRID[steep[-1]] - GRID[steep[0]]) * rr
    level = usable[:, GRID >= 0.6].mean(axis=1, keepdims=True)
    wave = np.sqrt(((usable - level) ** 2).mean(axis=0))
    inner = wave[_T]
    top = int(inner.argmax())
    if not 0 < top < len(inner) - 1 or inner[top] < 0.05:
        return qrs, float("nan")
    return qrs, float(GRID[_T][top]) * rr
