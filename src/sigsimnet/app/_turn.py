"""Loops over all samples of a recording, compiled; the server itself imports none of this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled
from sigsimnet.app._signals import MISSING

__all__ = ["extremes", "turn"]


@compiled
def turn(x: NDArray[np.float32], middle: float, scale: float, found: NDArray[np.int16]) -> None:
    """Write whole numbers of a scale, missing ones where there is no number."""
    for k in range(len(x)):
        value = (x[k] - middle) / scale
        found[k] = round(value) if np.isfinite(value) else MISSING


@compiled
def extremes(entries: NDArray[np.int16], size: int, found: NDArray[np.int16]) -> None:
    """Write least and greatest of every ``size`` entries, whose columns are least and greatest, or one value."""
    n, last = entries.shape[0], entries.shape[1] - 1
    for k in range(found.shape[0]):
        low, high = 32767, MISSING
        for i in range(k * size, min((k + 1) * size, n)):
            if entries[i, 0] != MISSING:
                low = min(low, entries[i, 0])
                high = max(high, entries[i, last])
        found[k, 0] = low if high != MISSING else MISSING
        found[k, 1] = high
