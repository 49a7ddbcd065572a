"""InceptionTime: kernels of several lengths side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["Inception"]


class Inception(Encoder):
    """Kernels of three lengths and a maximum side by side, with a way around every third, then a unit vector.

    Ismail Fawaz et al. 2020, InceptionTime (doi:10.1007/s10618-020-00710-y), one network instead of five. Departures:
    the first layer halves the time axis, for speed on 2 cores; the last feature map is pooled into time bins, not over
    all time, since segments are aligned (``bins=1`` is the paper's, for windows that are not).

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. ``n_samples`` is free: any length from 16 samples on may be given to `forward`.
    dim : int, default 128
        Length of an embedding.
    width : int, default 24
        Feature maps of each kernel length; a layer has four times as many.
    depth : int, default 3
        Layers.
    kernels : sequence of int, default (5, 11, 23)
        Lengths in samples; odd. The paper's are 10, 20 and 40.
    bins : int, default 10
        Time bins before the linear map.
    dropout : float, default 0.1
        On the bins.
    """

    def __init__(
        self,
        n_channels: int,
        n_samples: int,  # noqa: ARG002 - part of the common interface
        *,
        dim: int = 128,
        width: int = 24,
        depth: int = 3,
        kernels: tuple[int, ...] = (5, 11, 23),
        bins: int = 10,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not kernels or min(*kernels, dim, width, depth, bins, n_channels) < 1 or any(k % 2 == 0 for k in kernels):
            raise ParameterError("an Inception network needs positive sizes and odd kernels")
        self.dim = dim
        self.options = {
            "dim": dim,
            "width": width,
            "depth": depth,
            "kernels": list(kernels),
            "bins": bins,
            "dropout": dropout,
        }
        many = width * (len(kernels) + 1)
        self.stem = nn.Conv1d(n_channels, width, 7, stride=2, padding=3, bias=False)
        self.layers = nn.ModuleList(
            _Layer(width if number == 0 else many, width, tuple(kernels)) for number in range(depth)
        )
        self.around = nn.Sequential(nn.Conv1d(width, many, 1, bias=False), nn.BatchNorm1d(many))
        self.pool = nn.AdaptiveAvgPool1d(bins)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(many * bins, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        first = features = self.stem(x)
        for layer in self.layers:
            features = layer(features)
        features = functional.relu(features + self.around(first))
        return functional.normalize(self.project(self.dropout(self.pool(features).flatten(1))), dim=1)


class _Layer(nn.Module):
    def __init__(self, before: int, width: int, kernels: tuple[int, ...]) -> None:
        super().__init__()
        self.narrow = nn.Conv1d(before, width, 1, bias=False)
        self.kernels = nn.ModuleList(nn.Conv1d(width, width, k, padding=k // 2, bias=False) for k in kernels)
        self.highest = nn.Sequential(nn.MaxPool1d(3, stride=1, padding=1), nn.Conv1d(before, width, 1, bias=False))
        self.norm = nn.BatchNorm1d(width * (len(kernels) + 1))

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.narrow(x)
        parts = [kernel(narrow) for kernel in self.kernels] + [self.highest(x)]
        return functional.relu(self.norm(torch.cat(parts, dim=1)))
