"""Error rates, calibration, identification, and intervals over people: arrays in, figures out."""

from __future__ import annotations

from sigsimnet.metrics.beats import BeatScore, match_beats
from sigsimnet.metrics.bootstrap import (
    MIN_PEOPLE,
    Interval,
    bootstrap_people,
    bootstrap_people_many,
    paired_difference,
    person_weights,
)
from sigsimnet.metrics.calibration import (
    CALIBRATIONS,
    Calibration,
    IsotonicCalibration,
    LogisticCalibration,
    calibration_from_dict,
)
from sigsimnet.metrics.classification import ClassificationResult, classification
from sigsimnet.metrics.identification import average_precision_at_r, map_at_r, open_set_dir, rank_k, rank_k_of_people
from sigsimnet.metrics.likelihood import cllr, min_cllr
from sigsimnet.metrics.pair_metrics import PairMetrics, mean_cosine_similarity, pair_metrics
from sigsimnet.metrics.result import VerificationResult, verification
from sigsimnet.metrics.verification import (
    ErrorCurve,
    d_prime,
    det_curve,
    eer,
    roc_auc,
    roc_curve,
    tar_at_far,
    threshold_at_far,
)

__all__ = [
    "CALIBRATIONS",
    "MIN_PEOPLE",
    "BeatScore",
    "Calibration",
    "ClassificationResult",
    "ErrorCurve",
    "Interval",
    "IsotonicCalibration",
    "LogisticCalibration",
    "PairMetrics",
    "VerificationResult",
    "average_precision_at_r",
    "bootstrap_people",
    "bootstrap_people_many",
    "calibration_from_dict",
    "classification",
    "cllr",
    "d_prime",
    "det_curve",
    "eer",
    "map_at_r",
    "match_beats",
    "mean_cosine_similarity",
    "min_cllr",
    "open_set_dir",
    "pair_metrics",
    "paired_difference",
    "person_weights",
    "rank_k",
    "rank_k_of_people",
    "roc_auc",
    "roc_curve",
    "tar_at_far",
    "threshold_at_far",
    "verification",
]
