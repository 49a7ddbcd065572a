"""Thresholds of the index."""

from __future__ import annotations

__all__ = ["CUT_SHORT", "MOVED", "THRESHOLD"]

THRESHOLD = 0.5
"""Seconds are good from this index on; ``recipes/quality/train.py`` shifts it so that 97 % of clean seconds are."""

CUT_SHORT = 0.5 * THRESHOLD  # highest index where the amplitude of the waves is lost
MOVED = 0.98 * THRESHOLD  # highest index where the electrodes moved: bad, and no worse than the network says
