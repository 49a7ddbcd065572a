"""How good is it, honestly? Protocols, baselines on the same trials, and intervals over people."""

from __future__ import annotations

from sigsimnet.evaluation._evaluate import evaluate, evaluate_identity
from sigsimnet.evaluation._labels import LabelAnswers
from sigsimnet.evaluation._result import COLUMNS, Evaluation, IdentityEvaluation
from sigsimnet.evaluation._scorer import Scorer
from sigsimnet.evaluation.baselines import BASELINES, Baseline
from sigsimnet.evaluation.evaluators import IDENTITY_PROTOCOLS, Evaluator, IdentityEvaluator, VerificationEvaluator
from sigsimnet.evaluation.protocols import PROTOCOLS, Protocol
from sigsimnet.evaluation.retrieval import BeatTypeRetrieval, NearestNeighbour, RetrievalResult
from sigsimnet.evaluation.trials import Trials, cross_record_trials

__all__ = [
    "BASELINES",
    "COLUMNS",
    "IDENTITY_PROTOCOLS",
    "PROTOCOLS",
    "Baseline",
    "BeatTypeRetrieval",
    "Evaluation",
    "Evaluator",
    "IdentityEvaluation",
    "IdentityEvaluator",
    "LabelAnswers",
    "NearestNeighbour",
    "Protocol",
    "RetrievalResult",
    "Scorer",
    "Trials",
    "VerificationEvaluator",
    "cross_record_trials",
    "evaluate",
    "evaluate_identity",
]
