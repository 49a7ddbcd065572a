"""Artefacts of an ECG that look like beats to a network: single spikes, and waves slower than a beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from sigsimnet.cleaning.butterworth import butterworth, filter_zero_phase
from sigsimnet.signal_quality.features.rolling import rolling_quantile

__all__ = ["motion_seconds", "spike_seconds"]

Floats = NDArray[np.float64]

USUAL = 30  # s to either side, which say what is usual: what is always there belongs to the beats
FEW = 0.3  # quantile that is usual: of a record of 3 s, two of three pairs of seconds have a spike
NARROW = 0.008  # s: a spike falls back on both sides within that; a narrow QRS complex has lost a sixth of its height
SPIKE = (0.7, 3.0)  # of the typical range; times the usual sharpness of the highest waves
SLOW = (0.5, 1.5)  # Hz: slower than the waves of a beat, faster than breathing
FLATTENED = 0.36  # s: complexes up to half as long, ectopic ones too, leave no trace in a running median of that length
COARSE = 25  # Hz: that the slow waves are looked at
# Range within a second over the typical range, and over the usual one: to begin, and beside a second that began. Of the
# clean seconds of MIT-BIH's first lead 0.1 % have such a wave, of those with ventricular beats 0.7 %.
MOTION, BESIDE = (0.3, 2.3), (0.22, 1.9)


def spike_seconds(x: Floats, edges: NDArray[np.int64], rate: float, typical: Floats) -> NDArray[np.bool_]:
    """Return the seconds with a spike as no heart makes it: some milliseconds wide, and alone.

    Spikes of a pacemaker that fires all the time are usual, and no fault.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        At the rate of the file, nothing missing.
    edges : ndarray of int, shape (n_seconds + 1,)
        From `second_edges`.
    rate : float
        In Hz.
    typical : ndarray, shape (n_seconds,)
        Typical range of the beats around each second.

    Examples
    --------
    >>> x = np.tile(np.hanning(250), 4)
    >>> x[600] = -2.0
    >>> spike_seconds(x, np.arange(0, 1001, 250), 250.0, np.ones(4)).tolist()
    [False, False, True, False]
    """
    reach = max(1, round(NARROW * rate))
    if len(x) <= 2 * reach:
        return np.zeros(len(typical), dtype=bool)
    before, after = x[reach:-reach] - x[: -2 * reach], x[reach:-reach] - x[2 * reach :]
    height = np.zeros(len(x))
    height[reach:-reach] = np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    highest = np.maximum.reduceat(height, edges[:-1])
    return np.asarray((highest >= SPIKE[0] * typical) & (highest >= SPIKE[1] * _usual(highest, FEW)))


def motion_seconds(x: Floats, rate: int, typical: Floats) -> NDArray[np.bool_]:
    """Return the seconds with a wave slower than a beat, a third as high as one, where there usually is none.

    Parameters
    ----------
    x : ndarray, shape (n_seconds × rate,)
        Nothing missing.
    rate : int
        In Hz, a multiple of 25.
    typical : ndarray, shape (n_seconds,)
        Typical range of the beats around each second.

    Examples
    --------
    >>> t = np.arange(2000) / 100
    >>> x = np.where((t > 10) & (t < 12), np.sin(2 * np.pi * t), 0.0)
    >>> motion_seconds(x, 100, np.ones(20)).nonzero()[0].tolist()
    [9, 10, 11, 12]
    """
    coarse = median_filter(x.reshape(-1, rate // COARSE).mean(axis=1), round(FLATTENED * COARSE), mode="mirror")
    slow = filter_zero_phase(butterworth(2, *SLOW, float(COARSE)), coarse, min(len(coarse) - 1, 3 * COARSE))
    wave = np.ptp(slow.reshape(len(typical), COARSE), axis=1)
    usual = _usual(wave, 0.5)
    begins, beside = (
        (wave >= share * typical) & (wave >= times * usual) & (usual > 0) for share, times in (MOTION, BESIDE)
    )
    near = begins.copy()
    near[1:] |= begins[:-1]
    near[:-1] |= begins[1:]
    return np.asarray(near & beside)


def _usual(values: Floats, share: float) -> Floats:
    """Return a quantile within `USUAL` of the higher of two neighbours, which contain a beat."""
    return rolling_quantile(np.fmax(values, np.append(values[1:], np.nan)), USUAL, share)[0]
