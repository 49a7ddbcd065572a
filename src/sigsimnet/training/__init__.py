"""Training a twin: pairs and samplers, augmentation, and the loop."""

from __future__ import annotations

from sigsimnet.errors import TrainingInterrupted
from sigsimnet.training._noise import noise_bank
from sigsimnet.training.augment import Augment
from sigsimnet.training.data import TrainingData
from sigsimnet.training.loop import TrainingConfig, train
from sigsimnet.training.losses import LOSSES

__all__ = ["LOSSES", "Augment", "TrainingConfig", "TrainingData", "TrainingInterrupted", "noise_bank", "train"]
