"""The training loop: small, seeded, stoppable, resumable (docs/decisions/0003-training-loop.md)."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from sigsimnet.errors import ModelError, ParameterError, SignalError, TrainingInterrupted
from sigsimnet.metrics import eer, pair_metrics, roc_auc
from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Head
from sigsimnet.networks.network import encode_array
from sigsimnet.segments import LabelledSegments
from sigsimnet.training._checkpoint import State, fingerprint_of, load_weights, resume, save, weights_of, words_of
from sigsimnet.training._config import TrainingConfig
from sigsimnet.training._distributed import WorkerGroup, worker_group
from sigsimnet.training.data import balanced_batches
from sigsimnet.training.losses import LOSSES, Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TrainingConfig", "gpu_in_words", "pick_device", "train"]

LOG = logging.getLogger(__name__)
VALIDATION_SEGMENTS = 800  # 320,000 pairs: an EER of 5 % is then known to 0.1 points, in well under a second
MOST_LINES = 50  # of a training where there is no terminal: what watches it can draw them


def pick_device(name: str) -> torch.device:
    """Return the device called ``name``; ``"auto"`` is a GPU when there is one.

    Raises
    ------
    ParameterError
        If there is no such device.
    """
    if name == "auto":
        return _own_gpu() if torch.cuda.is_available() else torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ParameterError(f"unknown device {name!r} (known: auto, cpu, cuda)") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ParameterError(f"device {name!r}: PyTorch finds no GPU here; use device='cpu'")
    return _own_gpu() if device.type == "cuda" and device.index is None else device


def gpu_in_words() -> str:
    """Return which GPU trains, or that there is none.

    Examples
    --------
    >>> "PyTorch" in gpu_in_words()
    True
    """
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name(0)}, PyTorch {torch.__version__}"
    return f"none that PyTorch {torch.__version__} sees (applying a model needs none)"


def _own_gpu() -> torch.device:
    """Return the GPU of this process: those that torchrun starts take one each."""
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def train(
    encoder: Encoder,
    head: Head,
    data: LabelledSegments,
    validation: LabelledSegments | None,
    config: TrainingConfig,
    *,
    augment: Callable[[Tensor], Tensor] | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
    freeze: bool = False,
    after_epoch: Callable[[], Mapping[str, float]] | None = None,
) -> list[dict[str, float]]:
    """Train an encoder and a head in place.

    Parameters
    ----------
    encoder, head : Encoder, Head
        Left with the weights of the best epoch (or the last: ``config.keep``), in evaluation mode, on the CPU.
    data : LabelledSegments
        Needs at least two labels.
    validation : LabelledSegments or None
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
    after_epoch : callable, optional
        Called after every epoch, with encoder and head in evaluation mode on the CPU; the figures that it returns
        stand in the row of the epoch.

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

    Notes
    -----
    Under ``torchrun`` the processes share every batch and all end with the same weights; the first writes the
    checkpoint.

    Examples
    --------
    >>> from sigsimnet.networks import build_encoder
    >>> from sigsimnet.networks import build_head
    >>> rng, n = np.random.default_rng(0), np.arange(40)
    >>> data = LabelledSegments(rng.normal(size=(40, 1, 32)).astype(np.float32), n // 10, n // 10, n // 5)
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
        if freeze:
            raise ModelError("nothing to train: this head has no weights; with freeze take three_path and loss mse")
        raise ModelError("nothing to train: this encoder and this head have no weights")
    parameters = [p for part in (*learning, loss_of) for p in part.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    state = State()
    fingerprint = fingerprint_of(encoder, head, data, validation, config, freeze=freeze)
    if checkpoint is not None and checkpoint.exists():
        resume(checkpoint, fingerprint, words_of(augment), encoder, head, loss_of, optimizer, state)
    watched = _watched(validation, config.seed)
    try:
        with (
            worker_group(device) as workers,
            _bar(config.epochs, state.epoch, show=progress and workers.first) as advance,
        ):
            workers.broadcast([encoder, head, loss_of])
            with _own_random_state(device):
                while state.epoch < config.epochs and not _stale(state, config, watched):
                    loss = _epoch(
                        encoder, head, loss_of, optimizer, data, config, steps, state.epoch, augment, freeze, workers
                    )
                    workers.broadcast([encoder, head])
                    row = {"epoch": state.epoch + 1, "loss": loss}
                    if watched is not None:
                        row |= _validate(encoder, head, watched)
                        if row["auc"] > state.best_auc + 1e-4:
                            state.best_auc, state.best_epoch = row["auc"], state.epoch
                            state.best = weights_of(encoder, head)
                    if after_epoch is not None:
                        row |= _asked(after_epoch, encoder, head, device)
                    state.history.append(row)
                    state.epoch += 1
                    if checkpoint is not None and workers.first:
                        save(checkpoint, fingerprint, words_of(augment), encoder, head, loss_of, optimizer, state)
                    advance(row)
    except KeyboardInterrupt as stop:
        kept = "nothing was kept: no checkpoint was asked for"
        if checkpoint is not None:
            kept = f"the same command goes on from {checkpoint}"
        raise TrainingInterrupted(f"stopped after {state.epoch} of {config.epochs} epochs; {kept}") from stop
    if state.best and config.keep == "best":
        load_weights(state.best, encoder, head)
    for part in (encoder, head):
        part.to("cpu")
        part.eval()
    return state.history


def _loss(config: TrainingConfig, n_classes: int, dim: int) -> Loss:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_seed(config.seed, -1 % 2**32))  # the directions of the classes, where a loss has some
        return LOSSES.get(config.loss)(
            temperature=config.temperature,
            n_classes=n_classes,
            dim=dim,
            within_recording_weight=config.within_recording_weight,
        )


def _epoch(
    encoder: Encoder,
    head: Head,
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
    data: LabelledSegments,
    config: TrainingConfig,
    steps: int,
    epoch: int,
    augment: Callable[[Tensor], Tensor] | None,
    freeze: bool,
    workers: WorkerGroup,
) -> float:
    """Take the steps of one epoch and return their mean loss. Everything random depends on seed and epoch alone."""
    torch.manual_seed(_seed(config.seed, epoch * workers.size + workers.rank))
    device = next(p.device for part in (encoder, head) for p in part.parameters())
    encoder.train(not freeze)
    head.train()
    total = 0.0
    parameters = [p for part in (encoder, head, loss_of) for p in part.parameters()]
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
        x = torch.from_numpy(data.segments[workers.share(index)]).to(device)
        if augment is not None:
            x = augment(x)
        # Half precision where it is fast; what is exponentiated stays in single precision.
        with (
            torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"),
            torch.set_grad_enabled(not freeze),
        ):
            embeddings = encoder(x)
        whole = workers.all_of(index)
        recordings = torch.from_numpy(data.recordings[whole]).to(device)
        loss = loss_of(workers.gathered(embeddings.float()), classes[whole].to(device), head, recordings)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        workers.average(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        total += float(loss.detach())
    return total / steps


def _asked(
    after_epoch: Callable[[], Mapping[str, float]], encoder: Encoder, head: Head, device: torch.device
) -> dict[str, float]:
    """Return the figures of the caller's own evaluation; random numbers and devices stay as they were."""
    with _own_random_state(device):
        for part in (encoder, head):
            part.to("cpu").eval()
        found = {name: float(value) for name, value in after_epoch().items()}
        for part in (encoder, head):
            part.to(device)
    return found


def _rate(done: float) -> float:
    """Return the share of the highest learning rate: a rise over the first tenth, then half a cosine."""
    if done < 0.1:
        return 0.05 + 0.95 * done / 0.1
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (done - 0.1) / 0.9))


def _seed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence([seed, 3, epoch]).generate_state(1)[0])


def _stale(state: State, config: TrainingConfig, watched: object) -> bool:
    return watched is not None and state.best_epoch >= 0 and state.epoch - 1 - state.best_epoch >= config.patience


def _watched(validation: LabelledSegments | None, seed: int) -> LabelledSegments | None:
    """Return the held-out segments, or about `VALIDATION_SEGMENTS`: several of each class, the same in every epoch.

    Drawn from all alike, they would make hardly a genuine pair where there are hundreds of classes.
    """
    if validation is None or not len(validation) or len(np.unique(validation.labels)) < 2:
        return None
    if len(validation) <= VALIDATION_SEGMENTS:
        return validation
    rng = np.random.default_rng([seed, 4])
    n_classes = len(np.unique(validation.labels))
    each = max(8, VALIDATION_SEGMENTS // n_classes)
    batches = balanced_batches(
        validation, n_classes=min(n_classes, VALIDATION_SEGMENTS // each), per_class=each, n_batches=1, rng=rng
    )
    return validation.take(np.unique(next(iter(batches))))


def _validate(encoder: Encoder, head: Head, data: LabelledSegments) -> dict[str, float]:
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


@contextmanager
def _own_random_state(device: torch.device) -> Iterator[None]:
    """Leave torch's global generator as it was found."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        yield


@contextmanager
def _bar(epochs: int, done: int, *, show: bool) -> Iterator[Callable[[dict[str, float]], None]]:
    if not show:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        every = max(1, epochs // MOST_LINES)

        def tell(row: dict[str, float]) -> None:
            if row["epoch"] % every == 0 or row["epoch"] == epochs:
                LOG.info("epoch %d of %d: %s", row["epoch"], epochs, _words(row))

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("training", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=epochs, completed=done)

        def advance(row: dict[str, float]) -> None:
            bar.update(task, advance=1, description=_words(row))

        yield advance


def _words(row: dict[str, float]) -> str:
    held = f", held-out EER {100 * row['eer']:.1f} %" if "eer" in row else ""
    return f"loss {row['loss']:.3f}{held}"
