"""Training a twin, in PyTorch: samplers, augmentation, losses, and the loop."""

from __future__ import annotations

from sigsimnet._utils.extras import require_torch

require_torch("training a model")

from sigsimnet.errors import TrainingInterrupted  # noqa: E402 - PyTorch's absence is said first
from sigsimnet.training._config import TrainingConfig  # noqa: E402
from sigsimnet.training._noise import noise_bank  # noqa: E402
from sigsimnet.training.augment import Augment  # noqa: E402
from sigsimnet.training.loop import train  # noqa: E402
from sigsimnet.training.losses import LOSSES  # noqa: E402

__all__ = [
    "LOSSES",
    "Augment",
    "TrainingConfig",
    "TrainingInterrupted",
    "noise_bank",
    "train",
]
