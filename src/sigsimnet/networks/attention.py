"""Attention: which segments of a recording a template should trust."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Attention"]


class Attention(nn.Module):
    """Weigh the segments of a recording by what they look like (Ilse 2018, arXiv:1802.04712).

    The weight of a segment is a softmax over the recording of the logarithm of its quality and a small network of its
    embedding. Untrained, the network gives 0 and the weights are the qualities.
    """

    def __init__(self, dim: int, width: int = 32) -> None:
        super().__init__()
        self.look, self.judge = nn.Linear(dim, width), nn.Linear(width, 1)
        self.trust = nn.Parameter(torch.ones(1))
        nn.init.zeros_(self.judge.weight)
        nn.init.zeros_(self.judge.bias)

    def forward(self, embeddings: Tensor, quality: Tensor) -> Tensor:
        """Return templates of unit length, (batch, dim), of (batch, n_segments, dim) and (batch, n_segments)."""
        logits = self.judge(torch.tanh(self.look(embeddings))).squeeze(-1)
        logits = logits + self.trust * quality.clamp_min(1e-3).log()
        weights = torch.softmax(logits, dim=-1)
        return functional.normalize((embeddings * weights[..., None]).sum(dim=-2), dim=-1)
