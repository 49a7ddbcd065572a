"""R peaks: where the heart beats are."""

from __future__ import annotations

from sigsimnet.peaks._channel import DETECTORS
from sigsimnet.peaks._detect import detect_peaks, detect_peaks_by_channel
from sigsimnet.peaks._result import Peaks
from sigsimnet.peaks._time_scale import SPECIES
from sigsimnet.peaks.rr import RRSeries, clean_rr

__all__ = ["DETECTORS", "SPECIES", "Peaks", "RRSeries", "clean_rr", "detect_peaks", "detect_peaks_by_channel"]
