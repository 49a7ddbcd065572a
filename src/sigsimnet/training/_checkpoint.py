"""Checkpoints: what a training needs to go on as if it had never stopped."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sigsimnet._utils.files import write_whole, writing
from sigsimnet.errors import ModelError
from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Head
from sigsimnet.segments import LabelledSegments
from sigsimnet.training._config import TrainingConfig
from sigsimnet.training.augment import Augment
from sigsimnet.training.losses import Loss

__all__ = ["State", "fingerprint_of", "load_weights", "resume", "save", "weights_of", "words_of"]

# What torch.load raises for files that are truncated, damaged or of another kind (tried on 8,000 damaged checkpoints).
_UNREADABLE = (
    AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError,
    pickle.UnpicklingError,
)  # fmt: skip


@dataclass
class State:
    """What changes from epoch to epoch."""

    epoch: int = 0
    best_auc: float = -1.0
    best_epoch: int = -1
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


def weights_of(encoder: Encoder, head: Head) -> dict[str, Tensor]:
    return {
        f"{name}.{key}": value.detach().cpu().clone()
        for name, part in (("encoder", encoder), ("head", head))
        for key, value in part.state_dict().items()
    }


def load_weights(weights: dict[str, Tensor], encoder: Encoder, head: Head) -> None:
    for name, part in (("encoder", encoder), ("head", head)):
        part.load_state_dict({k.removeprefix(f"{name}."): v for k, v in weights.items() if k.startswith(f"{name}.")})


def fingerprint_of(
    encoder: Encoder,
    head: Head,
    data: LabelledSegments,
    validation: LabelledSegments | None,
    config: TrainingConfig,
    *,
    freeze: bool = False,
) -> str:
    """Return a digest of what a checkpoint must agree on: settings, parts and their shapes, all data."""
    weights = weights_of(encoder, head)
    parts = {key: list(value.shape) for key, value in weights.items()}
    kinds = [type(encoder).__name__, type(head).__name__]
    about = [asdict(config), freeze, encoder.options, kinds, parts]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    # Where it starts from: the same seed, or the same model to go on from.
    for value in weights.values():
        digest.update(np.ascontiguousarray(value.numpy()).data)
    for some in (data, validation):
        for array in (some.segments, some.labels, some.groups, some.recordings) if some is not None else ():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def words_of(augment: object) -> str:
    """Return what tells one augmentation from another; empty for a function, which cannot be looked into."""
    return repr(augment) if augment is None or isinstance(augment, Augment) else ""


def save(
    path: Path,
    fingerprint: str,
    augment: str,
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    state: State,
) -> None:
    kept = {
        "fingerprint": fingerprint,
        "augment": augment,
        "weights": weights_of(encoder, head),
        "loss": loss_of.state_dict(),
        "optimizer": optimizer.state_dict(),
        "state": asdict(state),
    }
    stored = io.BytesIO()  # PyTorch's own writer has errors of its own for a full disk
    torch.save(kept, stored)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as temporary:
        temporary.write_bytes(stored.getbuffer())


def resume(
    path: Path,
    fingerprint: str,
    augment: str,
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    state: State,
) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file that is no checkpoint the error below says enough
            # weights_only: a checkpoint holds tensors and numbers, and is never allowed to run code.
            kept = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise ModelError(f"{path}: not a checkpoint that can be read; delete it to start anew") from error
    other = kept.get("augment")
    if kept.get("fingerprint") != fingerprint or (augment and other and augment != other):
        raise ModelError(f"{path}: checkpoint of another training (other data or settings); delete it to start anew")
    load_weights(kept["weights"], encoder, head)
    loss_of.load_state_dict(kept["loss"])
    optimizer.load_state_dict(kept["optimizer"])
    for name, value in kept["state"].items():
        setattr(state, name, value)
