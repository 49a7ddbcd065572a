"""Christov 2004."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet.peaks._kernels import moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import drop_neighbours, falling_threshold

__all__ = ["detect_christov"]


def detect_christov(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes where the slope passes a combined adaptive threshold M + F + R.

    Christov 2004, Real time electrocardiogram QRS detection using combined adaptive threshold
    (doi:10.1186/1475-925X-3-28): M follows the steepest slopes of the last five beats and falls from 200 to 1200 ms; F
    rises with the slopes of the last 350 ms (muscle noise); R falls from two thirds of the usual interval on.

    Departures:

    - F is computed for what it is, half the mean over 300 ms of the largest slope within 50 ms, at any sampling
      rate; implementations that sum it sample by sample must start from the right value, or a QRS complex in the first
      350 ms distorts the threshold for the whole record. It enters with half its weight;
    - M starts from the usual top of the surroundings (`falling_threshold`), at 0.5 of it instead of 0.6 of the maximum
      of five seconds;
    - averages over 20 ms (mains) and 28 ms (muscle) are one, since the preprocessing ends at 30 Hz;
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
    smooth = moving_average(prepared.z, prepared.samples(0.028))
    slope = np.zeros_like(smooth)
    slope[1:-1] = np.abs(smooth[2:] - smooth[:-2])
    steep = moving_average(slope, prepared.samples(0.04))
    width = prepared.samples(0.3)
    recent = moving_average(ndimage.maximum_filter1d(steep, prepared.samples(0.05)), width)
    # The running mean is centred; the threshold may depend on the past only.
    late = width // 2
    added = 0.25 * np.concatenate([np.full(late, recent[0]), recent[: len(recent) - late]])
    found = falling_threshold(prepared, steep, share=0.5, added=added, expect=True)
    return drop_neighbours(prepared, steep, found)
