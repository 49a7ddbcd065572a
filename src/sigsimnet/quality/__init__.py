"""Signal quality by second, with reasons."""

from __future__ import annotations

from sigsimnet.quality._judge import MODALITIES, quality
from sigsimnet.quality._limits import THRESHOLD
from sigsimnet.quality._quality import Quality, Run
from sigsimnet.quality._reasons import REASONS

__all__ = ["MODALITIES", "REASONS", "THRESHOLD", "Quality", "Run", "quality"]
