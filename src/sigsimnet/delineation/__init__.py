"""Where the P wave, the QRS complex and the T wave of each beat begin, peak and end; what they measure."""

from __future__ import annotations

from sigsimnet.delineation._delineate import delineate
from sigsimnet.delineation._measure import QT_FORMULAS, Measurement, Measurements, measure, qtc
from sigsimnet.delineation._median import median_beat
from sigsimnet.delineation._result import WAVES, Delineation

__all__ = [
    "QT_FORMULAS",
    "WAVES",
    "Delineation",
    "Measurement",
    "Measurements",
    "delineate",
    "measure",
    "median_beat",
    "qtc",
]
