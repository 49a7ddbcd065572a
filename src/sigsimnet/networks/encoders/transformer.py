"""A transformer over patches of time."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["Transformer"]


class Transformer(Encoder):
    """Self-attention between patches of a few samples, then a linear map of their mean to a unit vector.

    Vaswani et al. 2017 (arXiv:1706.03762) on patches, as Nie et al. 2023 (arXiv:2211.14730) cut series. Departures:
    patches see all channels at once; positions are encoded by sines of the time since the first sample, so that any
    length will do; normalisation comes before attention (Xiong et al. 2020, arXiv:2002.04745), which trains without
    warm-up.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. ``n_samples`` is free: any length from ``patch`` samples on may be given to `forward`.
    dim : int, default 128
        Length of an embedding.
    width : int, default 96
        Length of a patch's vector; a multiple of 2 × ``heads``.
    depth : int, default 3
        Layers.
    heads : int, default 4
        Of attention.
    patch : int, default 8
        Samples in a patch; patches overlap by half.
    dropout : float, default 0.1
    """

    def __init__(
        self,
        n_channels: int,
        n_samples: int,  # noqa: ARG002 - part of the common interface
        *,
        dim: int = 128,
        width: int = 96,
        depth: int = 3,
        heads: int = 4,
        patch: int = 8,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if min(dim, width, depth, heads, patch - 1, n_channels) < 1 or width % (2 * heads):
            raise ParameterError(
                f"a transformer needs positive sizes, a patch of 2, and a width that is a multiple of twice its "
                f"{heads} heads (not {width})"
            )
        self.dim = dim
        self.options = {
            "dim": dim,
            "width": width,
            "depth": depth,
            "heads": heads,
            "patch": patch,
            "dropout": dropout,
        }
        self.patches = nn.Conv1d(n_channels, width, patch, stride=patch // 2, padding=patch // 2)
        self.blocks = nn.ModuleList(_Attention(width, heads, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        tokens = self.patches(x).transpose(1, 2)
        tokens = tokens + _places(tokens.shape[1], tokens.shape[2], tokens)
        for block in self.blocks:
            tokens = block(tokens)
        return functional.normalize(self.project(self.norm(tokens).mean(dim=1)), dim=1)


class _Attention(nn.Module):
    """One layer: attention, then two dense layers, each added to what went in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.norm_dense = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = self.query_key_value(self.norm(x)).view(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, width)
        x = x + self.dropout(self.out(mixed))
        out: Tensor = x + self.dropout(self.dense(self.norm_dense(x)))
        return out


def _places(length: int, width: int, like: Tensor) -> Tensor:
    """Return sines and cosines of the place at wavelengths from 2π to 2π × 1000, shape (length, width)."""
    place = torch.arange(length, device=like.device, dtype=like.dtype)[:, None]
    rate = torch.exp(
        -math.log(1000.0) * torch.arange(0, width, 2, device=like.device, dtype=like.dtype) / max(width - 2, 1)
    )
    return torch.cat([torch.sin(place * rate), torch.cos(place * rate)], dim=1)
