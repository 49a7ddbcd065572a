"""How good is it, honestly? Error rates, calibration, identification, and intervals over people."""

from __future__ import annotations

from sigsimnet.evaluation._evaluate import Evaluation, evaluate_identity, evaluate_model
from sigsimnet.evaluation.baselines import BASELINES, Baseline
from sigsimnet.evaluation.protocols import PROTOCOLS, Protocol
from sigsimnet.evaluation.retrieval import BeatTypeRetrieval, NearestNeighbour, RetrievalResult
from sigsimnet.evaluation.trials import Trials, cross_record_trials

__all__ = [
    "BASELINES",
    "PROTOCOLS",
    "Baseline",
    "BeatTypeRetrieval",
    "Evaluation",
    "NearestNeighbour",
    "Protocol",
    "RetrievalResult",
    "Trials",
    "cross_record_trials",
    "evaluate_identity",
    "evaluate_model",
]
