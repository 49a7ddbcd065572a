"""Cleaning: gaps interpolated, outliers and steps removed, baseline wander and noise filtered out."""

from __future__ import annotations

from sigsimnet.cleaning.basic import preprocess
from sigsimnet.cleaning.chain import PRESETS, Chain, Cleaned, preset, preset_for
from sigsimnet.cleaning.denoise import median_baseline, moving_average, notch, savitzky_golay, wavelet_denoise
from sigsimnet.cleaning.filters import bandpass
from sigsimnet.cleaning.mains import find_mains, remove_mains
from sigsimnet.cleaning.missing import Filled, Gap, fill_gaps, fill_missing, fill_short_gaps, find_gaps
from sigsimnet.cleaning.outliers import OUTLIERS, find_clipped, find_flat, find_outliers, replace_outliers
from sigsimnet.cleaning.packets import Repaired, repair_steps
from sigsimnet.cleaning.steps import STEPS, Step, StepLog

__all__ = [
    "OUTLIERS",
    "PRESETS",
    "STEPS",
    "Chain",
    "Cleaned",
    "Filled",
    "Gap",
    "Repaired",
    "Step",
    "StepLog",
    "bandpass",
    "fill_gaps",
    "fill_missing",
    "fill_short_gaps",
    "find_clipped",
    "find_flat",
    "find_gaps",
    "find_mains",
    "find_outliers",
    "median_baseline",
    "moving_average",
    "notch",
    "preprocess",
    "preset",
    "preset_for",
    "remove_mains",
    "repair_steps",
    "replace_outliers",
    "savitzky_golay",
    "wavelet_denoise",
]
