"""Resampling by a ratio of small integers.

The filter is that of `scipy.signal.resample_poly`, whose import takes longer than all that a comparison of two short
records computes; the taps of each phase sum to 1, so that a steady signal stays steady (tests compare both).
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError

__all__ = ["resample_ratio"]

Floats = NDArray[np.float64]

MOST_PHASES = 100_000  # of the filter; the rates of two clocks have a ratio of far smaller numbers
MOST_SAMPLES = 1 << 31  # a channel of 16 GB
_REACH = 10  # zero crossings of the sinc to either side
_BETA = 5.0  # of the Kaiser window


def resample_ratio(x: NDArray[np.floating], up: int, down: int) -> Floats:
    """Resample a channel by ``up / down`` with a polyphase FIR filter.

    A sinc under a Kaiser window (β = 5), ten zero crossings to either side, keeps out what lies above the new half of
    the sampling rate. Beyond both ends the signal goes on along the line through its first and its last sample.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        None missing. Of a single sample nothing is known beside it: all becomes NaN.
    up, down : int

    Returns
    -------
    ndarray of float64, shape (ceil(n_samples * up / down),)

    Raises
    ------
    ParameterError
        If no machine holds the result, as of a rate that is a slip.

    Examples
    --------
    >>> resample_ratio(np.arange(6.0), 1, 2).round(6).tolist()
    [0.0, 2.0, 4.0]
    """
    from sigsimnet._utils._kernels import polyphase

    shared = gcd(up, down)
    up, down = up // shared, down // shared
    values: Floats = np.array(x, dtype=np.float64)
    if up == down:
        return values
    n_out = -(-len(values) * up // down)
    if max(up, down) > MOST_PHASES or n_out > MOST_SAMPLES:
        raise ParameterError(
            f"resampling by {up:,} / {down:,} would make {n_out:,} samples of {len(values):,}: name a rate nearer to "
            "the signal's own"
        )
    phases, skipped = _phases(up, down)
    return np.asarray(polyphase(values, phases, down, skipped, n_out))


@lru_cache(maxsize=32)
def _phases(up: int, down: int) -> tuple[Floats, int]:
    """Return the filter, (up, taps of each phase) and turned about, and how many outputs come before the first kept."""
    from scipy.special import i0

    longest = max(up, down)
    half, corner = _REACH * longest, 1.0 / longest
    at = np.arange(2 * half + 1, dtype=np.float64) - half
    taps = corner * np.sinc(corner * at)
    taps *= i0(_BETA * np.sqrt(1 - (at / half) ** 2)) / i0(np.float64(_BETA))
    before = down - half % down
    taps = np.concatenate([np.zeros(before), taps])
    taps = np.concatenate([taps, np.zeros(-len(taps) % up)])
    phases = taps.reshape(-1, up).T[:, ::-1]
    return np.ascontiguousarray(phases / phases.sum(axis=1, keepdims=True)), (half + before) // down
