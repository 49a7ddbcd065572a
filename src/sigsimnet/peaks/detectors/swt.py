"""Kalidas & Tamil 2017: stationary wavelet transform."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet.peaks._kernels import moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_swt"]

# Decomposition filters of Daubechies' wavelet with three vanishing moments (Daubechies 1992, table 6.1).
DB3_LOW = (
    0.03522629188570953,
    -0.08544127388202666,
    -0.13501102001025458,
    0.45987750211849154,
    0.8068915093110925,
    0.33267055295008263,
)
LEVEL = 3  # details of 6–12 Hz at a working rate of 100 Hz; one more from 150 Hz on


@lru_cache(maxsize=8)
def _detail_filter(level: int) -> tuple[NDArray[np.float64], int]:
    """Return the filter that is equivalent to a stationary wavelet transform at one level, and its delay in samples."""
    low = np.array(DB3_LOW)
    high = low[::-1] * (-1.0) ** np.arange(1, len(low) + 1)
    taps = np.ones(1)
    for step in range(level):
        spread = np.zeros((len(low) - 1) * 2**step + 1)
        spread[:: 2**step] = high if step == level - 1 else low
        taps = np.convolve(taps, spread)
    energy = taps**2
    return taps, round(float((np.arange(len(taps)) * energy).sum() / energy.sum()))


def detect_swt(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes as candidates of the energy of wavelet details.

    Kalidas & Tamil 2017, Real-time QRS detector using stationary wavelet transform for automated ECG analysis
    (doi:10.1109/BIBE.2017.00-12): db3 details of level 3 at 80 Hz, squared, averaged, thresholds as Pan & Tompkins.

    Departures:

    - the working rate of 100–200 Hz is kept instead of 80 Hz; from 150 Hz on the level is one higher, so that the
      details span 5–9 to 9–19 Hz, by the rate;
    - the transform is computed as the equivalent filter; its delay is corrected;
    - the QRS band (5–20 Hz) goes in, since a short wavelet lets much of T and noise through;
    - root instead of square, and levels as in `sigsimnet.peaks._thresholds.choose`.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    taps, delay = _detail_filter(LEVEL if prepared.rate < 150 else LEVEL + 1)
    details = signal.oaconvolve(prepared.qrs, taps)[delay : delay + len(prepared.z)]
    feature = np.sqrt(np.maximum(moving_average(details**2, prepared.samples(0.12)), 0.0))
    return choose(prepared, feature, share=0.3)
