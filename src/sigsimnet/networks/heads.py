"""Heads: two embeddings become one score, higher for what is more alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Cosine", "Euclidean", "Head", "ThreePath"]


class Head(nn.Module):
    """Map two batches of embeddings, each of shape (batch, dim), to scores of shape (batch,).

    Examples
    --------
    >>> Cosine(8).matrix(torch.ones(2, 8), torch.ones(5, 8)).shape
    torch.Size([2, 5])
    """

    def matrix(self, a: Tensor, b: Tensor, *, chunk: int = 65536) -> Tensor:
        """Return the scores of all pairs, shape (n_a, n_b), in chunks of pairs that bound the memory."""
        rows = max(1, chunk // max(1, len(b)))
        parts = []
        for start in range(0, len(a), rows):
            left = a[start : start + rows]
            pairs_a = left.repeat_interleave(len(b), dim=0)
            pairs_b = b.repeat(len(left), 1)
            parts.append(self(pairs_a, pairs_b).reshape(len(left), len(b)))
        return torch.cat(parts) if parts else a.new_zeros(0, len(b))


class Cosine(Head):
    """Cosine of the angle between two embeddings: −1 to 1.

    Examples
    --------
    >>> Cosine(8).eval()(torch.zeros(3, 8), torch.zeros(3, 8)).shape
    torch.Size([3])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the cosine of each pair."""
        return functional.cosine_similarity(a, b, dim=1)

    def matrix(self, a: Tensor, b: Tensor, *, chunk: int = 65536) -> Tensor:  # noqa: ARG002 - one product does it
        """Return the cosines of all pairs."""
        return functional.normalize(a, dim=1) @ functional.normalize(b, dim=1).T


class Euclidean(Head):
    """1 / (1 + distance): 1 for equal embeddings, towards 0 far apart.

    Examples
    --------
    >>> Euclidean(8).eval()(torch.zeros(3, 8), torch.zeros(3, 8)).shape
    torch.Size([3])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the score of each pair."""
        return 1.0 / (1.0 + functional.pairwise_distance(a, b))

    def matrix(self, a: Tensor, b: Tensor, *, chunk: int = 65536) -> Tensor:  # noqa: ARG002 - one call does it
        """Return the scores of all pairs."""
        return 1.0 / (1.0 + torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"))


class ThreePath(Head):
    """The article's head: squared difference, product, and both, each through its own path, ending in one number.

    Each path is Dense(64)-BatchNorm-Dropout(0.25)-ReLU; they are joined into Dense(256)-BatchNorm-Dropout(0.25)-ReLU
    and Dense(1). The output has no bounds: it is trained towards 1 for *same* and 0 for *different*. It does not
    change when the two sides are exchanged.

    Weights start as Keras starts them (Glorot 2010, uniform; biases 0), and batch normalisation has Keras' ε of 1e-3,
    since the article's network is Keras'. Without biases the untrained score is homogeneous: samples a thousand times
    larger (mV for V) score 10⁶ times higher.

    Examples
    --------
    >>> ThreePath(8).eval()(torch.zeros(3, 8), torch.zeros(3, 8)).shape
    torch.Size([3])
    """

    def __init__(self, dim: int, *, width: int = 64, joint: int = 256, dropout: float = 0.25) -> None:
        super().__init__()
        self.dim = dim

        def path(n_in: int, n_out: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out, eps=1e-3), nn.Dropout(dropout), nn.ReLU()
            )

        self.difference = path(dim, width)
        self.product = path(dim, width)
        self.both = path(2 * dim, width)
        self.join = path(3 * width, joint)
        self.score = nn.Linear(joint, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the score of each pair."""
        difference, product = (a - b) ** 2, a * b
        paths = (self.difference(difference), self.product(product), self.both(torch.cat([difference, product], dim=1)))
        score: Tensor = self.score(self.join(torch.cat(paths, dim=1)))
        return score.squeeze(1)
