"""Looking at signals: every plot returns its figure; those of one panel take ``ax=``."""

from __future__ import annotations

from sigsimnet.explore._embeddings import plot_embedding_map
from sigsimnet.explore._errors import plot_calibration, plot_det, plot_error_by_count
from sigsimnet.explore._figure import save_figure
from sigsimnet.explore._pairs import plot_agreement, plot_beat_pair, plot_matrix, plot_score_histogram
from sigsimnet.explore._signals import plot_beats, plot_detectors, plot_r_peaks, plot_recording, plot_rolling

__all__ = [
    "plot_agreement",
    "plot_beat_pair",
    "plot_beats",
    "plot_calibration",
    "plot_det",
    "plot_detectors",
    "plot_embedding_map",
    "plot_error_by_count",
    "plot_matrix",
    "plot_r_peaks",
    "plot_recording",
    "plot_rolling",
    "plot_score_histogram",
    "save_figure",
]
