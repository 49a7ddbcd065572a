"""The article's network as a baseline: no encoder, its head over raw mean segments, trained or not. Needs PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.extras import require_torch
from sigsimnet.evaluation.baselines._base import Baseline
from sigsimnet.segments import LabelledSegments, Segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigsimnet.networks.network import TorchNetwork

__all__ = ["TrainedArticle", "UntrainedArticle"]

EPOCHS = 20


class UntrainedArticle(Baseline):
    """The article's network as its code leaves it: random weights. It compares mean segments, sample by sample.

    Raises
    ------
    MissingExtraError
        If PyTorch is not installed.
    """

    def __init__(self, seed: int = 0) -> None:
        require_torch("the article's network")
        self.seed = seed
        self._network: TorchNetwork | None = None

    def represent(self, segments: Segments) -> NDArray[np.float32]:
        """Return the mean segment, flattened."""
        return np.asarray(segments.data.mean(axis=0, dtype=np.float64).ravel(), dtype=np.float32)

    def compare(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
        """Return the network's number."""
        if self._network is None:
            self._network = _new_network((1, len(a)), self.seed)
        return float(self._network.scores(a[None], b[None])[0])


class TrainedArticle(UntrainedArticle):
    """The same network trained as the article says: squared error on labelled pairs of segments, Adam."""

    learns: ClassVar[bool] = True

    def fit(self, segments: NDArray[np.float32], labels: NDArray[np.int64], seed: int = 0) -> None:
        """Train on pairs, for 20 epochs."""
        from sigsimnet.training import TrainingConfig, train

        network = _new_network(segments.shape[1:], seed)
        data = LabelledSegments(segments, labels, labels, np.arange(len(segments)))
        config = TrainingConfig(loss="mse", epochs=EPOCHS, weight_decay=0.0, learning_rate=1e-3, seed=seed)
        train(network.encoder, network.head, data, None, config, progress=False)
        self._network = network


def _new_network(shape: Sequence[int], seed: int) -> TorchNetwork:
    from sigsimnet.networks.network import build_network

    return build_network("identity", "three_path", *shape, seed=seed)
