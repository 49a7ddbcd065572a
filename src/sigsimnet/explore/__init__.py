"""Looking at signals: numbers, tests, spectra, plots. A plot returns its figure; those of one panel take ``ax=``."""

from __future__ import annotations

from sigsimnet.explore._bands import plot_cleaning, plot_quality
from sigsimnet.explore._decimate import extremes, thinned
from sigsimnet.explore._describe import describe
from sigsimnet.explore._embeddings import plot_embedding_map
from sigsimnet.explore._errors import plot_calibration, plot_det, plot_error_by_count
from sigsimnet.explore._figure import BLUE, GREY, ORANGE, new_figure, save_figure
from sigsimnet.explore._hrv import HRV, hrv
from sigsimnet.explore._interactive import interactive_html, interactive_script
from sigsimnet.explore._modality import by_modality, modality_of
from sigsimnet.explore._pairs import plot_agreement, plot_beat_pair, plot_matrix, plot_score_histogram
from sigsimnet.explore._paper import plot_ecg_paper
from sigsimnet.explore._parts import part_of
from sigsimnet.explore._profile import Profile, profile, quality_and_beats
from sigsimnet.explore._shape import (
    plot_autocorrelation,
    plot_correlation,
    plot_distribution,
    plot_spectrogram,
    plot_spectrum,
)
from sigsimnet.explore._signals import plot_beats, plot_detectors, plot_r_peaks, plot_recording, plot_rolling
from sigsimnet.explore._spectrum import BANDS, Spectrum, autocorrelation, band_powers, coherence, correlation, spectrum
from sigsimnet.explore._tests import Test, normality, stationarity

__all__ = [
    "BANDS",
    "BLUE",
    "GREY",
    "HRV",
    "ORANGE",
    "Profile",
    "Spectrum",
    "Test",
    "autocorrelation",
    "band_powers",
    "by_modality",
    "coherence",
    "correlation",
    "describe",
    "extremes",
    "hrv",
    "interactive_html",
    "interactive_script",
    "modality_of",
    "new_figure",
    "normality",
    "part_of",
    "plot_agreement",
    "plot_autocorrelation",
    "plot_beat_pair",
    "plot_beats",
    "plot_calibration",
    "plot_cleaning",
    "plot_correlation",
    "plot_det",
    "plot_detectors",
    "plot_distribution",
    "plot_ecg_paper",
    "plot_embedding_map",
    "plot_error_by_count",
    "plot_matrix",
    "plot_quality",
    "plot_r_peaks",
    "plot_recording",
    "plot_rolling",
    "plot_score_histogram",
    "plot_spectrogram",
    "plot_spectrum",
    "profile",
    "quality_and_beats",
    "save_figure",
    "spectrum",
    "stationarity",
    "thinned",
]
