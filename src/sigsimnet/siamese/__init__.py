"""The twin: one encoder for both sides, a head for the pair, and all that `save` and `load` keep together."""

from __future__ import annotations

from sigsimnet.siamese._card import Card
from sigsimnet.siamese._model import SigSimNet
from sigsimnet.siamese._onnx import OnnxEncoder, export_onnx
from sigsimnet.siamese._search import search, toml_of
from sigsimnet.siamese._store import bundled_models, check_target, load_model
from sigsimnet.siamese._templates import FUSIONS, NORMALISATIONS, ScoreNormalisation

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
