"""Numbers of a recording: statistics, tests, spectra, heart rate variability, and the profile that holds them all."""

from __future__ import annotations

from sigsimnet.analysis._crop import crop_with_time
from sigsimnet.analysis._describe import describe
from sigsimnet.analysis._hrv import HRV, hrv
from sigsimnet.analysis._profile import profile, quality_and_beats
from sigsimnet.analysis._result import Profile
from sigsimnet.analysis._spectrum import BANDS, Spectrum, autocorrelation, band_powers, coherence, correlation, spectrum
from sigsimnet.analysis._tests import Test, normality, stationarity

__all__ = [
    "BANDS",
    "HRV",
    "Profile",
    "Spectrum",
    "Test",
    "autocorrelation",
    "band_powers",
    "coherence",
    "correlation",
    "crop_with_time",
    "describe",
    "hrv",
    "normality",
    "profile",
    "quality_and_beats",
    "spectrum",
    "stationarity",
]
