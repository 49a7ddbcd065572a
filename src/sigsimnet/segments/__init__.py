"""Segments: the fixed-length pieces that a network sees, cut from a recording and remembering where."""

from __future__ import annotations

from sigsimnet.segments._beats import BeatCutter, beats
from sigsimnet.segments._cutter import Cutter, cutter_from_dict
from sigsimnet.segments._quality_filter import MIN_GOOD_FRACTION, check_min_good_fraction, filter_by_quality
from sigsimnet.segments._segments import Segments
from sigsimnet.segments._windows import WindowCutter, windows

__all__ = [
    "MIN_GOOD_FRACTION",
    "BeatCutter",
    "Cutter",
    "Segments",
    "WindowCutter",
    "beats",
    "check_min_good_fraction",
    "cutter_from_dict",
    "filter_by_quality",
    "windows",
]
