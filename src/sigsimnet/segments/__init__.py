"""Segments: the fixed-length pieces that a network sees, cut from a recording and remembering where."""

from __future__ import annotations

from sigsimnet.segments._beats import BeatCutter, beats
from sigsimnet.segments._channels import ecg_channels, is_ecg_name
from sigsimnet.segments._cutter import Cutter, cutter_from_dict
from sigsimnet.segments._gate import GATE, check_gate, gate
from sigsimnet.segments._segments import Segments
from sigsimnet.segments._windows import WindowCutter, windows

__all__ = [
    "GATE",
    "BeatCutter",
    "Cutter",
    "Segments",
    "WindowCutter",
    "beats",
    "check_gate",
    "cutter_from_dict",
    "ecg_channels",
    "gate",
    "is_ecg_name",
    "windows",
]
