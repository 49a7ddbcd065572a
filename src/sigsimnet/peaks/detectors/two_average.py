"""Elgendi 2010: two moving averages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled
from sigsimnet.peaks._kernels import moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_two_average"]


@compiled
def _inside_blocks(
    short: NDArray[np.float64], long: NDArray[np.float64], offset: NDArray[np.float64], narrowest: int
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return the root of ``short`` where it exceeds ``long`` + ``offset`` for long enough, 0 elsewhere."""
    n = len(short)
    out = np.zeros(n)
    start = -1
    for i in range(n + 1):
        above = i < n and short[i] > long[i] + offset[i]
        if above and start < 0:
            start = i
        elif not above and start >= 0:
            if i - start >= narrowest:
                for j in range(start, i):
                    out[j] = np.sqrt(max(short[j], 0.0))
            start = -1
    return out


def detect_two_average(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes as blocks in which a short average of the energy exceeds a long one.

    Elgendi, Jonkman & De Boer 2010 (Frequency bands effects on QRS detection, BIOSIGNALS, 428–431) with the constants
    of Elgendi 2013 (doi:10.1371/journal.pone.0073557): 8–20 Hz, square, averages over 97 ms (a QRS) and 611 ms (a
    beat), offset of 8 % of the mean energy, blocks at least as wide as a QRS.

    Departures:

    - the mean energy is that of 10 s around, not of the whole record;
    - a block may be a fifth narrower than a QRS;
    - where no beat is due, noise makes blocks too: their heights go through the levels of
      `sigsimnet.peaks._thresholds.choose`.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Highest place of each block, in working samples.
    """
    energy = prepared.band(8.0, 20.0) ** 2
    short = moving_average(energy, prepared.samples(0.097))
    long = moving_average(energy, prepared.samples(0.611))
    offset = 0.08 * moving_average(energy, prepared.samples(10.0))
    return choose(prepared, _inside_blocks(short, long, offset, prepared.samples(0.8 * 0.097)), share=0.25)
