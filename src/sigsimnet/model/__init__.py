"""The model as it is used: cut, embed, score, answer, save and load. No PyTorch, but for `fit` and exports."""

from __future__ import annotations

from sigsimnet.model._card import Card
from sigsimnet.model._channels import enough_channels
from sigsimnet.model._decision import decide
from sigsimnet.model._embedded import Embedded, fuse
from sigsimnet.model._export import export_onnx
from sigsimnet.model._model import SigSimNet
from sigsimnet.model._network import Graph
from sigsimnet.model._scoring import FUSIONS, NORMALISATIONS, ScoreNormalisation, Scoring
from sigsimnet.model._store import bundled_models, check_target, load_model
from sigsimnet.model._template import Template, n_independent, scores_of_templates
from sigsimnet.model._tune import toml_of, tune

__all__ = [
    "FUSIONS",
    "NORMALISATIONS",
    "Card",
    "Embedded",
    "Graph",
    "ScoreNormalisation",
    "Scoring",
    "SigSimNet",
    "Template",
    "bundled_models",
    "check_target",
    "decide",
    "enough_channels",
    "export_onnx",
    "fuse",
    "load_model",
    "n_independent",
    "scores_of_templates",
    "toml_of",
    "tune",
]
