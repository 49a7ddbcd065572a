"""Compiled loops that several rooms use; they release the GIL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled

__all__ = ["polyphase"]

Floats = NDArray[np.float64]


@compiled
def polyphase(x: Floats, phases: Floats, down: int, skipped: int, n_out: int) -> Floats:  # pragma: no cover - compiled
    """Filter and thin out at once; beyond its ends ``x`` follows the line through its first and last sample."""
    n = len(x)
    up, size = phases.shape
    slope = (x[n - 1] - x[0]) / (n - 1) if n > 1 else np.nan  # one sample has no line
    out = np.empty(n_out)
    for i in range(n_out):
        place = (i + skipped) * down
        taps, last = phases[place % up], place // up
        first = last - size + 1
        total = 0.0
        if first >= 0 and last < n:
            window = x[first : last + 1]
            for k in range(size):
                total += window[k] * taps[k]
        else:
            for k in range(size):
                j = first + k
                if j < 0:
                    value = x[0] + j * slope
                elif j >= n:
                    value = x[n - 1] + (j - n + 1) * slope
                else:
                    value = x[j]
                total += value * taps[k]
        out[i] = total
    return out
