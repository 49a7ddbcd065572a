"""A recording made fit for looking at: gaps bridged, outliers and steps mended, baseline and noise filtered away."""

from __future__ import annotations

from sigsimnet.clean._clean import clean
from sigsimnet.clean.filters import bandpass
from sigsimnet.clean.missing import Filled, Gap, fill_gaps, fill_missing, fill_short_gaps, find_gaps
from sigsimnet.clean.outliers import (
    OUTLIERS,
    Repaired,
    find_clipped,
    find_flat,
    find_outliers,
    repair_steps,
    replace_outliers,
)
from sigsimnet.clean.runs import runs_of

__all__ = [
    "OUTLIERS",
    "Filled",
    "Gap",
    "Repaired",
    "bandpass",
    "clean",
    "fill_gaps",
    "fill_missing",
    "fill_short_gaps",
    "find_clipped",
    "find_flat",
    "find_gaps",
    "find_outliers",
    "repair_steps",
    "replace_outliers",
    "runs_of",
]
