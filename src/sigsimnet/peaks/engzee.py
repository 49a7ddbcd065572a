"""Engelse & Zeelenberg 1979, as modified by Lourenço 2012."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.peaks._decide import drop_neighbours, falling_threshold
from sigsimnet.peaks._front import Front
from sigsimnet.peaks._kernels import moving_average

__all__ = ["detect_engzee"]


def detect_engzee(front: Front) -> NDArray[np.int64]:
    """Find QRS complexes where a smoothed difference is steep, up or down.

    Engelse & Zeelenberg 1979 (A single scan algorithm for QRS-detection and feature extraction, Computers in Cardiology
    6:37–42) with the adaptive threshold of Lourenço et al. 2012 (Real time electrocardiogram segmentation for finger
    based ECG biometrics, BIOSIGNALS, 49–54): difference over 16 ms, low-pass, threshold M as Christov's, and a fall
    below −M within 160 ms.

    Departures:

    - steep is steep whichever way: the magnitude is taken, so that ``x`` and ``−x`` give the same beats, and a complex
      may begin with its fall (QS, rS);
    - the fall that the papers ask for behind the rise is not asked for: a lone step passes as a complex;
    - the low-pass is two running means, 24 ms each, near the paper's binomial of five taps at 250 Hz;
    - M starts from medians, at 0.5 of the tops;
    - of two marks within 360 ms the much lower one is dropped (P or T).

    Parameters
    ----------
    front : Front
        One channel, as `sigsimnet.peaks._front.front_of` sees it.

    Returns
    -------
    ndarray of int
        Steepest place of each complex, in working samples.
    """
    lag = front.samples(0.016)
    difference = np.zeros_like(front.z)
    difference[lag:] = front.qrs[lag:] - front.qrs[:-lag]
    width = front.samples(0.024)
    steep = np.abs(moving_average(moving_average(difference, width), width))
    found = falling_threshold(front, steep, share=0.5)
    return drop_neighbours(front, steep, found)
