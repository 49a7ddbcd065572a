"""MiniRocket, and linear discriminants of its features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.rocket import KERNELS, bias_quantiles, dilations_of, kernel_weights
from sigsimnet.evaluation.baselines.lda import LDA

__all__ = ["MiniRocket", "MiniRocketLDA"]

SEGMENTS_A_BATCH = 512


class MiniRocket:
    """Shares of positive values behind 84 fixed kernels at many dilations.

    Dempster, Schmidt & Webb 2021 (doi:10.1145/3447548.3467231). Written here since aeon, which keeps it, asks for an
    older pandas than ours (docs/decisions/0006-baselines.md). Departures: several channels are transformed each by
    itself; the number of features is a choice, 10,000 being the paper's.

    Parameters
    ----------
    n_features : int, default 10_000
        Rounded down to a multiple of 84, for each channel.
    seed : int, default 0
        Draws the segments that biases are taken from.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(20, 1, 100)).astype(np.float32)
    >>> MiniRocket(1000).fit(x).transform(x).shape
    (20, 924)
    """

    def __init__(self, n_features: int = 10_000, seed: int = 0) -> None:
        self.n_features, self.seed = n_features, seed

    def fit(self, x: NDArray[np.float32]) -> MiniRocket:
        """Choose dilations by the length, and biases by quantiles of what the kernels make of some segments."""
        rng = np.random.default_rng(self.seed)
        length = x.shape[-1]
        per_kernel = max(1, self.n_features // len(KERNELS))
        self.dilations, n_biases = dilations_of(length, per_kernel)
        quantiles = bias_quantiles(per_kernel)
        self.biases: list[list[NDArray[np.float32]]] = []
        for channel in range(x.shape[1]):
            of_channel, at = [], 0
            for dilation, n in zip(self.dilations, n_biases, strict=True):
                chosen = x[rng.integers(0, len(x), len(KERNELS)), channel]
                wanted = quantiles[at : at + len(KERNELS) * n].reshape(len(KERNELS), n)
                at += wanted.size
                responses = _convolved(chosen, int(dilation))
                own = responses[np.arange(len(KERNELS)), np.arange(len(KERNELS))]
                of_channel.append(np.stack([np.quantile(own[k], wanted[k]) for k in range(len(KERNELS))]))
            self.biases.append([biases.astype(np.float32) for biases in of_channel])
        return self

    def transform(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features of segments of shape (n, n_channels, n_samples), shape (n, n_features)."""
        batches = range(0, len(x), SEGMENTS_A_BATCH)
        parts = [self._transform(x[first : first + SEGMENTS_A_BATCH]) for first in batches]
        return np.concatenate(parts) if parts else np.empty((0, self.n_features), dtype=np.float32)

    def _transform(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        found = []
        for channel, of_channel in enumerate(self.biases):
            for number, (dilation, biases) in enumerate(zip(self.dilations.tolist(), of_channel, strict=True)):
                responses = _convolved(x[:, channel], dilation)
                # Every other kernel looks at whole overlaps only; which ones changes with the dilation.
                inner = responses[:, :, 4 * dilation : responses.shape[-1] - 4 * dilation]
                cut = (np.arange(len(KERNELS)) + number) % 2 == 1
                for k in range(biases.shape[1]):
                    share = (responses > biases[:, k, None]).mean(axis=-1)
                    if inner.shape[-1]:
                        share[:, cut] = (inner[:, cut] > biases[cut, k, None]).mean(axis=-1)
                    found.append(share.astype(np.float32))
        return np.concatenate(found, axis=1)


def _convolved(x: NDArray[np.float32], dilation: int) -> NDArray[np.float32]:
    """Return what each kernel makes of each row, shape (n, 84, n_samples); the ends are zero-padded."""
    n, length = x.shape
    padded = np.zeros((n, length + 8 * dilation), dtype=np.float32)
    padded[:, 4 * dilation : 4 * dilation + length] = x
    taps = np.stack([padded[:, k * dilation : k * dilation + length] for k in range(9)], axis=1)
    return np.asarray(kernel_weights() @ taps)


class MiniRocketLDA(LDA):
    """`LDA` of the features of `MiniRocket`: about 1,500 of them, which is what covariances of a few people carry."""

    learns: ClassVar[bool] = True
    n_features = 1512

    def fit(self, segments: NDArray[np.float32], labels: NDArray[np.int64], seed: int = 0) -> None:
        """Choose the features, then the directions."""
        self._rocket = MiniRocket(self.n_features, seed).fit(segments)
        super().fit(segments, labels, seed)

    def features(self, segments: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the features, shape (n, n_features)."""
        return self._rocket.transform(segments).astype(np.float64)
