"""Pan & Tompkins 1985."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.peaks._kernels import slope_rms
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_pan_tompkins"]


def detect_pan_tompkins(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes as candidates of the integrated squared slope.

    Pan & Tompkins 1985, A real-time QRS detection algorithm (doi:10.1109/TBME.1985.325532): band-pass 5–15 Hz, slope,
    square, integration over 150 ms, running levels, T-wave test, search-back.

    Departures:

    - filters run both ways, so that there is no delay to correct;
    - the root of the integrated square is taken: the rules compare amplitudes, which keeps small and large beats within
      one threshold, at 30 % of the way from rest to beats;
    - one feature decides; the paper asks the band-passed signal too, which a zero-phase feature does not need;
    - the rules of the levels are those of `sigsimnet.peaks._thresholds.choose`, with its departures.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    return choose(prepared, slope_rms(prepared.band(5.0, 15.0), prepared.samples(0.15)), share=0.3)
