"""Segments: the fixed-length pieces that a network sees, cut from a recording and remembering where."""

from __future__ import annotations

from sigsimnet.segments._beats import BeatCutter, beats
from sigsimnet.segments._cutter import Cutter, cutter_from_dict
from sigsimnet.segments._quality_filter import GATE, check_gate, gate
from sigsimnet.segments._segments import Segments
from sigsimnet.segments._windows import WindowCutter, windows

__all__ = [
    "BeatCutter",
    "Cutter",
    "GATE",
    "Segments",
    "WindowCutter",
    "beats",
    "check_gate",
    "cutter_from_dict",
    "gate",
    "windows",
]
