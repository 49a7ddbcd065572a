"""Signal quality by second, with reasons."""

from __future__ import annotations

from sigsimnet.signal_quality._amplitude import amplitude_warnings
from sigsimnet.signal_quality._assess import quality
from sigsimnet.signal_quality._behind_filter import quality_behind_filter
from sigsimnet.signal_quality._limits import THRESHOLD
from sigsimnet.signal_quality._reasons import REASONS
from sigsimnet.signal_quality._result import Quality, QualityInterval

__all__ = [
    "REASONS",
    "THRESHOLD",
    "Quality",
    "QualityInterval",
    "amplitude_warnings",
    "quality",
    "quality_behind_filter",
]
