"""What the index means."""

from __future__ import annotations

__all__ = ["CUT_SHORT", "THRESHOLD"]

THRESHOLD = 0.5
"""Seconds are good from this index on; ``recipes/quality/train.py`` shifts the index so that 97 % of the clean do."""

CUT_SHORT = 0.5 * THRESHOLD  # at most, where the height of the waves is lost
