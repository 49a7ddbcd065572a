"""Engelse & Zeelenberg 1979, as modified by Lourenço 2012."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.peaks._kernels import moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import drop_neighbours, falling_threshold

__all__ = ["detect_engzee"]

BOTH_WITHIN = 0.16  # s (Lourenço 2012)
FALL = 0.25  # of the rise


def detect_engzee(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes where a smoothed difference is steep, up or down.

    Engelse & Zeelenberg 1979 (A single scan algorithm for QRS-detection and feature extraction, Computers in Cardiology
    6:37–42) with the adaptive threshold of Lourenço et al. 2012 (Real time electrocardiogram segmentation for finger
    based ECG biometrics, BIOSIGNALS, 49–54): difference over 16 ms, low-pass, threshold M as Christov's, and a fall
    below −M within 160 ms.

    Departures:

    - the magnitude of the slope is taken, so that ``x`` and ``−x`` give the same beats, and a complex may begin with
      its fall (QS, rS);
    - the fall that belongs to the rise may lie on either side, in the wider band of the preprocessing (3–30 Hz), where
      a lone step has none, and need only be a quarter as steep: a broad S falls slowly;
    - the low-pass is two running means, 24 ms each, near the paper's binomial of five taps at 250 Hz;
    - M starts from the usual top of the surroundings (`falling_threshold`), at 0.5 of it;
    - of two marks within 360 ms the much lower one is dropped (P or T).

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Steepest place of each complex, in working samples.
    """
    steep = np.abs(_slope(prepared, prepared.qrs))
    found = falling_threshold(prepared, steep, share=0.5)
    return drop_neighbours(
        prepared, steep, found[_both_ways(_slope(prepared, prepared.z), found, prepared.samples(BOTH_WITHIN))]
    )


def _slope(prepared: Preprocessed, x: NDArray[np.float64]) -> NDArray[np.float64]:
    lag, width = prepared.samples(0.016), prepared.samples(0.024)
    difference = np.zeros_like(x)
    difference[lag:] = x[lag:] - x[:-lag]
    return np.asarray(moving_average(moving_average(difference, width), width))


def _both_ways(slope: NDArray[np.float64], where: NDArray[np.int64], reach: int) -> NDArray[np.bool_]:
    """Return which places have a slope up and one down nearby, the gentler at least `FALL` of the steeper."""
    if not len(where):
        return np.empty(0, dtype=bool)
    around = slope[np.clip(where[:, None] + np.arange(-reach, reach + 1), 0, len(slope) - 1)]
    up, down = around.max(axis=1), -around.min(axis=1)
    return np.asarray(np.minimum(up, down) >= FALL * np.maximum(up, down))
