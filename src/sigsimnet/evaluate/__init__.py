"""How good is it, honestly? Error rates, calibration, identification, and intervals over people."""

from __future__ import annotations

from sigsimnet.evaluate.baselines import BASELINES, Baseline
from sigsimnet.evaluate.beats import BeatScore, match_beats
from sigsimnet.evaluate.bootstrap import Interval, bootstrap_people, bootstrap_people_many
from sigsimnet.evaluate.calibration import (
    CALIBRATIONS,
    Calibration,
    IsotonicCalibration,
    LogisticCalibration,
    calibration_from_dict,
)
from sigsimnet.evaluate.identification import average_precision_at_r, map_at_r, open_set_dir, rank_k
from sigsimnet.evaluate.likelihood import cllr, min_cllr
from sigsimnet.evaluate.model import Evaluation, evaluate_identity, evaluate_model
from sigsimnet.evaluate.pair_metrics import PairMetrics, mean_cosine_similarity, pair_metrics
from sigsimnet.evaluate.protocols import PROTOCOLS, Protocol
from sigsimnet.evaluate.result import VerificationResult, verification
from sigsimnet.evaluate.retrieval import BeatTypeRetrieval, NearestNeighbour, RetrievalResult
from sigsimnet.evaluate.trials import Trials, cross_record_trials
from sigsimnet.evaluate.verification import (
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
    "BASELINES",
    "CALIBRATIONS",
    "PROTOCOLS",
    "Baseline",
    "BeatScore",
    "BeatTypeRetrieval",
    "Calibration",
    "ErrorCurve",
    "Evaluation",
    "Interval",
    "IsotonicCalibration",
    "LogisticCalibration",
    "NearestNeighbour",
    "PairMetrics",
    "Protocol",
    "RetrievalResult",
    "Trials",
    "VerificationResult",
    "average_precision_at_r",
    "bootstrap_people",
    "bootstrap_people_many",
    "calibration_from_dict",
    "cllr",
    "cross_record_trials",
    "d_prime",
    "det_curve",
    "eer",
    "evaluate_identity",
    "evaluate_model",
    "map_at_r",
    "match_beats",
    "mean_cosine_similarity",
    "min_cllr",
    "open_set_dir",
    "pair_metrics",
    "rank_k",
    "roc_auc",
    "roc_curve",
    "tar_at_far",
    "threshold_at_far",
    "verification",
]
