"""The training loop: small, seeded, stoppable, resumable (docs/decisions/0003-training-loop.md)."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from sigsimnet._files import write_whole
from sigsimnet.encoders import Encoder
from sigsimnet.errors import ModelError, ParameterError, SignalError, TrainingInterrupted
from sigsimnet.evaluate import eer, pair_metrics, roc_auc
from sigsimnet.heads import Head
from sigsimnet.training.augment import Augment
from sigsimnet.training.data import TrainingData, balanced_batches
from sigsimnet.training.losses import LOSSES, Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TrainingConfig", "encode_array", "pick_device", "train"]

VALIDATION_SEGMENTS = 800  # 320,000 pairs: an EER of 5 % is then known to 0.1 points, in well under a second


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
    patience : int, default 8
        Epochs without a better ROC-AUC on held-out groups before training stops early.
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
    patience: int = 8
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        for name in ("epochs", "classes_per_batch", "per_class", "patience"):
            if getattr(self, name) < 1:
                raise ParameterError(f"{name} is {getattr(self, name)}: it must be at least 1")
        if self.classes_per_batch < 2 or self.per_class < 2:
            raise ParameterError("a batch needs at least 2 classes and 2 segments of each to hold both kinds of pair")
        for name in ("learning_rate", "temperature"):
            if not 0 < getattr(self, name) < math.inf:
                raise ParameterError(f"{name} is {getattr(self, name)}: it must be positive")
        if not 0 <= self.weight_decay < math.inf:
            raise ParameterError(f"weight_decay is {self.weight_decay}: it must be 0 or more")
        if not 0 <= self.seed < 2**63:
            raise ParameterError(f"seed is {self.seed}: it must lie between 0 and 2⁶³ − 1")
        if self.steps is not None and self.steps < 1:
            raise ParameterError(f"steps is {self.steps}: it must be at least 1")
        LOSSES.get(self.loss)


@dataclass
class _State:
    """What changes from epoch to epoch."""

    epoch: int = 0
    best_auc: float = -1.0
    best_epoch: int = -1
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


def pick_device(name: str) -> torch.device:
    """Return the device called ``name``; ``"auto"`` is a GPU when there is one.

    Raises
    ------
    ParameterError
        If there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ParameterError(f"unknown device {name!r} (known: auto, cpu, cuda)") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ParameterError(f"device {name!r}: PyTorch finds no GPU here; use device='cpu'")
    return device


def encode_array(encoder: Encoder, segments: np.ndarray[Any, np.dtype[np.float32]], batch: int = 1024) -> Tensor:
    """Return embeddings of segments, shape (n, dim), on the CPU; the encoder is left in evaluation mode."""
    encoder.eval()
    device = next((p.device for p in encoder.parameters()), torch.device("cpu"))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(segments), batch):
            # A copy: torch warns of arrays that must not be written to, which samples of a Recording are.
            x = torch.tensor(segments[start : start + batch]).to(device)
            parts.append(encoder(x).cpu())
    return torch.cat(parts) if parts else torch.zeros(0, encoder.dim)


def train(
    encoder: Encoder,
    head: Head,
    data: TrainingData,
    validation: TrainingData | None,
    config: TrainingConfig,
    *,
    augment: Callable[[Tensor], Tensor] | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
    freeze: bool = False,
) -> list[dict[str, float]]:
    """Train an encoder and a head in place.

    Parameters
    ----------
    encoder, head : Encoder, Head
        Left with the weights of the best epoch, in evaluation mode, on the CPU.
    data : TrainingData
        Needs at least two labels.
    validation : TrainingData or None
        Held-out groups. None (or empty): no early stop; the last epoch's weights are kept.
    config : TrainingConfig
    augment : callable, optional
        Changes each batch: an `Augment`, or a function of a tensor.
    checkpoint : Path, optional
        File that is written after every epoch; if it is there, training goes on from it and ends with the same
        weights as if it had never stopped.
    progress : bool
        Show a bar on a terminal.
    freeze : bool, default False
        Train the head alone; the encoder stays as it is, its batch statistics too.

    Returns
    -------
    list of dict
        A row an epoch: ``loss``; with validation also ``auc``, ``eer`` and the article's ``mse``, ``mae``, ``mape``,
        ``cosine`` of held-out pairs.

    Raises
    ------
    SignalError
        If there is only one label.
    ModelError
        If the checkpoint belongs to another training.
    TrainingInterrupted
        On Ctrl-C, after the last whole epoch was written.

    Examples
    --------
    >>> from sigsimnet.encoders import build_encoder
    >>> from sigsimnet.heads import build_head
    >>> rng, n = np.random.default_rng(0), np.arange(40)
    >>> data = TrainingData(rng.normal(size=(40, 1, 32)).astype(np.float32), n // 10, n // 10, n // 5)
    >>> encoder = build_encoder("cnn", 1, 32, dim=8)
    >>> history = train(encoder, build_head("cosine", 8), data, None, TrainingConfig(epochs=2, steps=2), progress=False)
    >>> [row["epoch"] for row in history]
    [1, 2]
    """
    n_classes = len(np.unique(data.labels))
    if n_classes < 2:
        raise SignalError(f"{n_classes} class to train on: similarity needs at least 2 that differ")
    device = pick_device(config.device)
    encoder.to(device)
    head.to(device)
    loss_of = _loss(config, n_classes, encoder.dim).to(device)
    per_batch = min(config.classes_per_batch, n_classes) * config.per_class
    steps = config.steps or int(np.clip(len(data) // per_batch, 20, 200))
    learning = (head,) if freeze else (encoder, head)
    if not any(True for part in learning for _ in part.parameters()):
        what = "this head has" if freeze else "this encoder and this head have"
        raise ModelError(f"nothing to train: {what} no weights")
    parameters = [p for part in (*learning, loss_of) for p in part.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    state = _State()
    fingerprint = _fingerprint(encoder, head, data, validation, config)
    if checkpoint is not None and checkpoint.exists():
        _resume(checkpoint, fingerprint, _words(augment), encoder, head, loss_of, optimizer, state)
    watched = _watched(validation, config.seed)
    try:
        with _bar(config.epochs, state.epoch, show=progress) as advance, _own_random_state(device):
            while state.epoch < config.epochs and not _stale(state, config, watched):
                loss = _epoch(encoder, head, loss_of, optimizer, data, config, steps, state.epoch, augment, freeze)
                row = {"epoch": state.epoch + 1, "loss": loss}
                if watched is not None:
                    row |= _validate(encoder, head, watched)
                    if row["auc"] > state.best_auc + 1e-4:
                        state.best_auc, state.best_epoch = row["auc"], state.epoch
                        state.best = _weights(encoder, head)
                state.history.append(row)
                state.epoch += 1
                if checkpoint is not None:
                    _save(checkpoint, fingerprint, _words(augment), encoder, head, loss_of, optimizer, state)
                advance(row)
    except KeyboardInterrupt as stop:
        kept = "nothing was kept: no checkpoint was asked for"
        if checkpoint is not None:
            kept = f"the same command goes on from {checkpoint}"
        raise TrainingInterrupted(f"stopped after {state.epoch} of {config.epochs} epochs; {kept}") from stop
    if state.best:
        _load(state.best, encoder, head)
    for part in (encoder, head):
        part.to("cpu")
        part.eval()
    return state.history


def _loss(config: TrainingConfig, n_classes: int, dim: int) -> Loss:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_seed(config.seed, -1 % 2**32))  # the directions of the classes, where a loss has some
        return LOSSES.get(config.loss)(temperature=config.temperature, n_classes=n_classes, dim=dim)


def _epoch(
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    data: TrainingData,
    config: TrainingConfig,
    steps: int,
    epoch: int,
    augment: Callable[[Tensor], Tensor] | None,
    freeze: bool,
) -> float:
    """Take the steps of one epoch and return their mean loss. Everything random depends on seed and epoch alone."""
    torch.manual_seed(_seed(config.seed, epoch))
    device = next(p.device for part in (encoder, head) for p in part.parameters())
    encoder.train(not freeze)
    head.train()
    total = 0.0
    classes = torch.from_numpy(np.unique(data.labels, return_inverse=True)[1].astype(np.int64))
    batches = balanced_batches(
        data,
        n_classes=config.classes_per_batch,
        per_class=config.per_class,
        n_batches=steps,
        rng=np.random.default_rng([config.seed, 2, epoch]),
    )
    for step, index in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _rate((epoch * steps + step) / (config.epochs * steps))
        x = torch.from_numpy(data.segments[index]).to(device)
        if augment is not None:
            x = augment(x)
        # Half precision where it is fast; what is exponentiated stays in single precision.
        with (
            torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"),
            torch.set_grad_enabled(not freeze),
        ):
            embeddings = encoder(x)
        loss = loss_of(embeddings.float(), classes[index].to(device), head)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for part in (encoder, head, loss_of) for p in part.parameters()], 5.0)
        optimizer.step()
        total += float(loss.detach())
    return total / steps


def _rate(done: float) -> float:
    """Return the share of the highest learning rate: a rise over the first tenth, then half a cosine."""
    if done < 0.1:
        return 0.05 + 0.95 * done / 0.1
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (done - 0.1) / 0.9))


def _seed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence([seed, 3, epoch]).generate_state(1)[0])


def _stale(state: _State, config: TrainingConfig, watched: object) -> bool:
    return watched is not None and state.best_epoch >= 0 and state.epoch - 1 - state.best_epoch >= config.patience


def _watched(validation: TrainingData | None, seed: int) -> TrainingData | None:
    """Return at most `VALIDATION_SEGMENTS` held-out segments, the same in every epoch."""
    if validation is None or not len(validation) or len(np.unique(validation.labels)) < 2:
        return None
    rng = np.random.default_rng([seed, 4])
    index = rng.permutation(len(validation))[:VALIDATION_SEGMENTS]
    return validation.take(np.sort(index))


def _validate(encoder: Encoder, head: Head, data: TrainingData) -> dict[str, float]:
    """Score all pairs of held-out segments; genuine pairs across recordings where there are any."""
    embeddings = encode_array(encoder, data.segments)
    head.eval()
    device = next((p.device for p in head.parameters()), torch.device("cpu"))
    with torch.inference_mode():
        scores = head.matrix(embeddings.to(device), embeddings.to(device)).cpu().numpy()
    left, right = np.triu_indices(len(data), k=1)
    same = data.labels[left] == data.labels[right]
    across = data.recordings[left] != data.recordings[right]
    if (same & across).any() and (~same & across).any():
        left, right, same = left[across], right[across], same[across]
    values = scores[left, right].astype(np.float64)
    cosines = torch.nn.functional.normalize(embeddings, dim=1).numpy()
    cosine = np.einsum("ij,ij->i", cosines[left[same]], cosines[right[same]])
    figures = pair_metrics(values, same)
    return {
        "auc": roc_auc(values, same),
        "eer": eer(values, same),
        "mse": figures.mse,
        "mae": figures.mae,
        "mape": figures.mape,
        "cosine": float(cosine.mean()) if len(cosine) else float("nan"),
    }


def _weights(encoder: Encoder, head: Head) -> dict[str, Tensor]:
    return {
        f"{name}.{key}": value.detach().cpu().clone()
        for name, part in (("encoder", encoder), ("head", head))
        for key, value in part.state_dict().items()
    }


def _load(weights: dict[str, Tensor], encoder: Encoder, head: Head) -> None:
    for name, part in (("encoder", encoder), ("head", head)):
        part.load_state_dict({k.removeprefix(f"{name}."): v for k, v in weights.items() if k.startswith(f"{name}.")})


def _fingerprint(
    encoder: Encoder,
    head: Head,
    data: TrainingData,
    validation: TrainingData | None,
    config: TrainingConfig,
) -> str:
    """Return a digest of what a checkpoint must agree on: settings, parts and their shapes, all data."""
    parts = {key: list(value.shape) for key, value in _weights(encoder, head).items()}
    kinds = [type(encoder).__name__, type(head).__name__]
    about = [asdict(config), encoder.options, kinds, parts]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for some in (data, validation):
        for array in (some.segments, some.labels, some.groups, some.recordings) if some is not None else ():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _words(augment: object) -> str:
    """Return what tells one augmentation from another; empty for a function, which cannot be looked into."""
    return repr(augment) if augment is None or isinstance(augment, Augment) else ""


def _save(
    path: Path,
    fingerprint: str,
    augment: str,
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    state: _State,
) -> None:
    kept = {
        "fingerprint": fingerprint,
        "augment": augment,
        "weights": _weights(encoder, head),
        "loss": loss_of.state_dict(),
        "optimizer": optimizer.state_dict(),
        "state": asdict(state),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as temporary, temporary.open("wb") as file:
        torch.save(kept, file)


def _resume(
    path: Path,
    fingerprint: str,
    augment: str,
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    state: _State,
) -> None:
    try:
        # weights_only: a checkpoint holds tensors and numbers, and is never allowed to run code.
        kept = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"{path}: not a checkpoint that can be read; delete it to start anew") from error
    other = kept.get("augment")
    if kept.get("fingerprint") != fingerprint or (augment and other and augment != other):
        raise ModelError(f"{path}: checkpoint of another training (other data or settings); delete it to start anew")
    _load(kept["weights"], encoder, head)
    loss_of.load_state_dict(kept["loss"])
    optimizer.load_state_dict(kept["optimizer"])
    for name, value in kept["state"].items():
        setattr(state, name, value)


@contextmanager
def _own_random_state(device: torch.device) -> Iterator[None]:
    """Leave torch's global generator as it was found."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        yield


@contextmanager
def _bar(epochs: int, done: int, *, show: bool) -> Iterator[Callable[[dict[str, float]], None]]:
    if not show or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("training", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=epochs, completed=done)

        def advance(row: dict[str, float]) -> None:
            held = f", held-out EER {100 * row['eer']:.1f} %" if "eer" in row else ""
            bar.update(task, advance=1, description=f"loss {row['loss']:.3f}{held}")

        yield advance
