"""How many segments are encoded together."""

from __future__ import annotations

import math

__all__ = ["batch_of"]

MOST = 1024  # segments
MOST_SAMPLES = 1 << 18


def batch_of(shape: tuple[int, ...], most: int = MOST) -> int:
    """Return how many segments of a shape go together: long windows of many channels take more memory each.

    Examples
    --------
    >>> batch_of((1, 160)), batch_of((8, 2000))
    (1024, 16)
    """
    return max(1, min(most, MOST_SAMPLES // max(1, math.prod(shape))))
