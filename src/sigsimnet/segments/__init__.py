"""Segments: what a network sees, of one length, cut from a recording, with the time of each."""

from __future__ import annotations

from sigsimnet.segments._beats import BeatCutter, beats
from sigsimnet.segments._choose_segments import ChosenSegments, choose_segments, longest_stretch
from sigsimnet.segments._choose_windows import ChosenWindows, choose_windows
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._cutters import cutter_for, cutter_from_dict
from sigsimnet.segments._cycles import CycleCutter, cycle_channels
from sigsimnet.segments._empty import why_no_segments
from sigsimnet.segments._fuse import common_channels_apart, fuse_segments
from sigsimnet.segments._labelled import LabelledSegments
from sigsimnet.segments._leads import EINTHOVEN, cut_leads, standard_leads, with_limb_leads
from sigsimnet.segments._load import Cut, LoadedSegments, fingerprint_of, load_segments
from sigsimnet.segments._quality_filter import (
    MIN_GOOD_FRACTION,
    check_min_good_fraction,
    cut_by_quality,
    filter_by_quality,
)
from sigsimnet.segments._segments import Segments
from sigsimnet.segments._windows import WindowCutter, windows

__all__ = [
    "EINTHOVEN",
    "MIN_GOOD_FRACTION",
    "BeatCutter",
    "ChosenSegments",
    "ChosenWindows",
    "Cut",
    "Cutter",
    "CycleCutter",
    "LabelledSegments",
    "LoadedSegments",
    "Segments",
    "WindowCutter",
    "beats",
    "check_min_good_fraction",
    "choose_segments",
    "choose_windows",
    "common_channels_apart",
    "cut_by_quality",
    "cut_leads",
    "cutter_for",
    "cutter_from_dict",
    "cycle_channels",
    "filter_by_quality",
    "fingerprint_of",
    "fuse_segments",
    "load_segments",
    "longest_stretch",
    "standard_leads",
    "why_no_segments",
    "windows",
    "with_limb_leads",
]
