"""Zong 2003: curve length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_wqrs"]


@compiled
def _curve_length(x: NDArray[np.float64], step: float, width: int) -> NDArray[np.float64]:  # pragma: no cover
    """Return the length of the curve over ``width`` samples around each, less that of a straight line."""
    n = len(x)
    step_length = np.empty(n)
    for i in range(1, n):
        d = x[i] - x[i - 1]
        step_length[i] = np.sqrt(step * step + d * d) - step
    step_length[0] = step_length[1] if n > 1 else 0.0
    out = np.empty(n)
    half = width // 2
    total = 0.0
    for j in range(-half, width - half):
        total += step_length[min(max(j, 0), n - 1)]
    for i in range(n):
        out[i] = total
        total += step_length[min(max(i - half + width, 0), n - 1)] - step_length[min(max(i - half, 0), n - 1)]
    return out


def detect_wqrs(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes as candidates of the length of the curve.

    Zong, Moody & Jiang 2003, A robust open-source algorithm to detect onset and duration of QRS complexes
    (doi:10.1109/CIC.2003.1291261): low-pass 16 Hz, length of the curve over 130 ms, adaptive threshold, nothing within
    250 ms of a beat.

    Departures:

    - low-pass and high-pass: 3–16 Hz, both ways;
    - the scale of the time axis, which the paper gives in ADC units, is 1 % of the usual QRS amplitude a sample at
      120 Hz; the length of a straight line is subtracted;
    - levels as in `sigsimnet.peaks._thresholds.choose`; R peaks are marked, not onsets.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    return choose(
        prepared, _curve_length(prepared.band(3.0, 16.0), 1.2 / prepared.rate, prepared.samples(0.13)), share=0.3
    )
