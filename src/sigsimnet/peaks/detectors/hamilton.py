"""Hamilton 2002."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.peaks._kernels import moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_hamilton"]


def detect_hamilton(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes as candidates of the averaged absolute slope.

    Hamilton 2002, Open source ECG analysis (doi:10.1109/CIC.2002.1166717): band-pass 8–16 Hz, absolute slope, average
    over 80 ms, threshold at 0.3125 of the way from the level of noise peaks to that of QRS peaks, a candidate within
    360 ms with less than half the slope is a T wave, search-back after 1.5 intervals at half the threshold.

    Departures:

    - filters run both ways; a second average over 40 ms joins the two slopes of a narrow complex into one candidate;
    - the levels are running averages (`choose`) instead of averages over buffers of eight;
    - the paper's baseline-shift rule is left out: the preprocessing has removed the baseline.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    slope = np.abs(np.gradient(prepared.band(8.0, 16.0)))
    feature = moving_average(moving_average(slope, prepared.samples(0.08)), prepared.samples(0.04))
    return choose(prepared, feature, share=0.3125, overdue=1.5)
