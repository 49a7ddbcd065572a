"""R peaks: where the heart beats are."""

from __future__ import annotations

from sigsimnet.peaks._detect import Peaks, detect_peaks

__all__ = ["Peaks", "detect_peaks"]
