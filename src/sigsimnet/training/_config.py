"""Settings of a training."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from sigsimnet.errors import ParameterError
from sigsimnet.training.losses import LOSSES

__all__ = ["TrainingConfig"]

KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "float": (int, float), "int": (int,)}


@dataclass(frozen=True)
class TrainingConfig:
    """How to train.

    Parameters
    ----------
    loss : str, default "supcon"
        One of `LOSSES`: ``"supcon"``, ``"ntxent"``, ``"contrastive"``, ``"triplet"``, ``"multi_similarity"``,
        ``"arcface"``, ``"cosface"``, ``"proxy_anchor"``, or ``"mse"`` on labelled pairs, as the article has it.
    epochs : int, default 30
        Most epochs.
    steps : int, optional
        Batches in an epoch; by default as many as it takes to see as many segments as there are, 20 to 200.
    classes_per_batch, per_class : int, default 48 and 6
        Shape of a batch; fewer classes when there are fewer.
    learning_rate : float, default 2e-3
        Highest rate of Adam; it rises over the first tenth of the training and falls along a cosine.
    weight_decay : float, default 1e-4
        Decoupled (AdamW); 0 is the article's Adam.
    temperature : float, default 0.1
        Of ``"supcon"`` and ``"ntxent"``; ``"arcface"`` and ``"cosface"`` scale by its inverse.
    within_recording_weight : float, default 0.5
        Weight of a positive pair from one recording against one from two, where a segment has both; 1 weighs them
        alike, 0 leaves the former out. Such pairs are drawn by this chance, by each process for itself.
        Losses with a direction for each class see no pairs.
    patience : int, default 8
        Epochs without a better ROC-AUC on held-out groups before training stops early.
    keep : {"best", "last"}, default "best"
        Which epoch's weights stay: the best on held-out groups, or the last. The learning rate ends near zero, so that
        the last is the better one of a long training that never gets worse.
    seed : int, default 0
        Draws weights, batches, augmentation. The same seed on the same machine gives the same model.
    device : str, default "auto"
        ``"cpu"``, ``"cuda"``, …; ``"auto"`` takes a GPU when there is one.
    """

    loss: str = "supcon"
    epochs: int = 30
    steps: int | None = None
    classes_per_batch: int = 48
    per_class: int = 6
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    temperature: float = 0.1
    within_recording_weight: float = 0.5
    patience: int = 8
    keep: str = "best"
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        for item in fields(self):
            value, kind = getattr(self, item.name), str(item.type).split(" ", 1)[0]
            if value is None and item.name == "steps":
                continue
            wanted = KINDS[kind]
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise ParameterError(f"{item.name} is {value!r}: it must be of type {kind}")
        for name in ("epochs", "classes_per_batch", "per_class", "patience"):
            if getattr(self, name) < 1:
                raise ParameterError(f"{name} is {getattr(self, name)}: it must be at least 1")
        if self.classes_per_batch < 2 or self.per_class < 2:
            raise ParameterError("a batch needs at least 2 classes and 2 segments of each to hold both kinds of pair")
        for name in ("learning_rate", "temperature"):
            if not 0 < getattr(self, name) < math.inf:
                raise ParameterError(f"{name} is {getattr(self, name)}: it must be positive")
        if not 0 <= self.within_recording_weight <= 1:
            raise ParameterError(
                f"within_recording_weight is {self.within_recording_weight}: it must lie between 0 and 1"
            )
        if not 0 <= self.weight_decay < math.inf:
            raise ParameterError(f"weight_decay is {self.weight_decay}: it must be 0 or more")
        if not 0 <= self.seed < 2**63:
            raise ParameterError(f"seed is {self.seed}: it must lie between 0 and 2⁶³ − 1")
        if self.steps is not None and self.steps < 1:
            raise ParameterError(f"steps is {self.steps}: it must be at least 1")
        if self.keep not in ("best", "last"):
            raise ParameterError(f"unknown epoch to keep {self.keep!r} (known: best, last)")
        LOSSES.get(self.loss)
