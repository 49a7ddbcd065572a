"""How much later a wave comes than before: by laying the typical beats of both records over one another.

Two delineations err each by some 10 ms, and a network that has learnt usual ECGs pulls what is unusual towards them.
The lag at which one wave fits the other best has neither fault: it compares shapes, not marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.channels import lead_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.delineation import Measurements

    Beat = tuple[NDArray[np.float64], NDArray[np.float64]]

__all__ = ["shifts"]

_STEP = 0.002  # s
_MOST = {"PR": 0.08, "QT": 0.10}  # s
_ALIKE = 0.8  # correlation below which two waves are no more the same wave


def shifts(before: Measurements, now: Measurements) -> dict[str, float]:
    """Return how much longer PR and QT are now, in ms: the median over common leads; NaN where no lead shows it.

    Of P the whole wave is laid over, of T what follows its peak. Both records' beats are aligned on the QRS onset.
    """
    found: dict[str, list[float]] = {"PR": [], "QT": []}
    after = {_name(channel): beat for channel, beat in now.beats.items()}
    places = before.places
    for channel, beat in before.beats.items():
        if _name(channel) not in after:
            continue
        (p_on, _, p_off), _, (_, t_peak, t_off) = places[channel].tolist()
        other = after[_name(channel)]
        if np.isfinite([p_on, p_off]).all():
            found["PR"].append(-_lag(beat, other, p_on - 0.03, min(p_off + 0.01, -0.01), _MOST["PR"]))
        if np.isfinite([t_peak, t_off]).all():
            found["QT"].append(_lag(beat, other, t_peak - 0.02, t_off + 0.02, _MOST["QT"]))
    return {name: float(np.nanmedian(own)) if np.isfinite(own).any() else float("nan") for name, own in found.items()}


def _name(channel: str) -> str:
    return lead_name(channel)


def _lag(a: Beat, b: Beat, begin: float, end: float, most: float) -> float:
    """Return the lag in ms at which a stretch of one beat fits the other best; NaN where none fits."""
    times = np.arange(begin, end, _STEP)
    if len(times) < 10:
        return float("nan")
    shape = np.interp(times, *_known(a), left=np.nan, right=np.nan)
    lags = np.arange(-most, most + _STEP / 2, _STEP)
    shifted = np.interp(times + lags[:, None], *_known(b), left=np.nan, right=np.nan)
    shape, shifted = shape - shape.mean(), shifted - shifted.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(shifted, axis=1) * np.linalg.norm(shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.nan_to_num(shifted @ shape / sizes, nan=-1.0)
    best = int(alike.argmax())
    inside = 0 < best < len(lags) - 1  # at the end of the range it would go on
    return float(lags[best] * 1000) if inside and alike[best] >= _ALIKE else float("nan")


def _known(beat: Beat) -> Beat:
    times, values = beat
    known = np.isfinite(values)
    return (times[known], values[known]) if known.sum() > 1 else (times[:2], np.full(2, np.nan))
