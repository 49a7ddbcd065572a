"""A recording made fit for looking at: gaps bridged, outliers and steps mended, baseline and noise filtered away."""

from __future__ import annotations

from sigsimnet.clean._clean import clean
from sigsimnet.clean.chain import PRESETS, Chain, Cleaned, preset
from sigsimnet.clean.denoise import median_baseline, moving_average, notch, savitzky_golay, wavelet_denoise
from sigsimnet.clean.filters import bandpass
from sigsimnet.clean.mains import find_mains, remove_mains
from sigsimnet.clean.missing import Filled, Gap, fill_gaps, fill_missing, fill_short_gaps, find_gaps
from sigsimnet.clean.outliers import (
    OUTLIERS,
    find_clipped,
    find_flat,
    find_outliers,
    replace_outliers,
)
from sigsimnet.clean.packets import Repaired, repair_steps
from sigsimnet.clean.runs import runs_of
from sigsimnet.clean.steps import STEPS, Step, StepLog

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
    "clean",
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
    "preset",
    "remove_mains",
    "repair_steps",
    "replace_outliers",
    "runs_of",
    "savitzky_golay",
    "wavelet_denoise",
]
