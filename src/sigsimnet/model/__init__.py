"""The twin: one encoder for both sides, a head for the pair, and all that `save` and `load` keep together."""

from __future__ import annotations

from sigsimnet.model._card import Card
from sigsimnet.model._export import OnnxEncoder, export_onnx
from sigsimnet.model._model import SigSimNet
from sigsimnet.model._store import bundled_models, check_target, load_model
from sigsimnet.model._templates import FUSIONS, NORMALISATIONS, ScoreNormalisation
from sigsimnet.model._tune import search, toml_of

__all__ = [
    "FUSIONS",
    "NORMALISATIONS",
    "Card",
    "OnnxEncoder",
    "ScoreNormalisation",
    "SigSimNet",
    "bundled_models",
    "check_target",
    "export_onnx",
    "load_model",
    "search",
    "toml_of",
]
