"""Looking at signals: numbers, tests, spectra, plots. A plot returns its figure; those of one panel take ``ax=``."""

from __future__ import annotations

from sigsimnet.plotting._bands import plot_cleaning, plot_quality
from sigsimnet.plotting._decimate import downsample_minmax, extremes
from sigsimnet.plotting._embeddings import plot_embedding_map
from sigsimnet.plotting._errors import plot_calibration, plot_confusion, plot_det, plot_error_by_count
from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, new_figure, save_figure
from sigsimnet.plotting._interactive import interactive_html, interactive_script
from sigsimnet.plotting._notebook import peaks_cell, profile_cell, quality_cell, recording_cell
from sigsimnet.plotting._pairs import plot_agreement, plot_beat_pair, plot_matrix, plot_score_histogram
from sigsimnet.plotting._paper import plot_ecg_paper
from sigsimnet.plotting._results import plot_heart_rate, plot_profile, plot_quality_map
from sigsimnet.plotting._shape import (
    plot_autocorrelation,
    plot_correlation,
    plot_distribution,
    plot_spectrogram,
    plot_spectrum,
)
from sigsimnet.plotting._signals import plot_beats, plot_detectors, plot_r_peaks, plot_recording, plot_rolling
from sigsimnet.plotting._spark import spark_svg
from sigsimnet.plotting._twelve import has_twelve_leads, plot_twelve_leads

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "downsample_minmax",
    "extremes",
    "has_twelve_leads",
    "interactive_html",
    "interactive_script",
    "new_figure",
    "peaks_cell",
    "plot_agreement",
    "plot_autocorrelation",
    "plot_beat_pair",
    "plot_beats",
    "plot_calibration",
    "plot_cleaning",
    "plot_confusion",
    "plot_correlation",
    "plot_det",
    "plot_detectors",
    "plot_distribution",
    "plot_ecg_paper",
    "plot_embedding_map",
    "plot_error_by_count",
    "plot_heart_rate",
    "plot_matrix",
    "plot_profile",
    "plot_quality",
    "plot_quality_map",
    "plot_r_peaks",
    "plot_recording",
    "plot_rolling",
    "plot_score_histogram",
    "plot_spectrogram",
    "plot_spectrum",
    "plot_twelve_leads",
    "profile_cell",
    "quality_cell",
    "recording_cell",
    "save_figure",
    "spark_svg",
]
