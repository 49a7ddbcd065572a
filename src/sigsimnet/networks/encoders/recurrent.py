"""A recurrent network over short patches of time."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["Recurrent"]


class Recurrent(Encoder):
    """LSTM or GRU, in one direction or two, then a linear map of its mean and last state to a unit vector.

    Hochreiter & Schmidhuber 1997 (doi:10.1162/neco.1997.9.8.1735); Cho et al. 2014 (arXiv:1406.1078). Departure: a
    strided convolution makes patches of 20–40 ms first, since a recurrence over single samples is slow and forgets.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. ``n_samples`` is free: any length from ``patch`` samples on may be given to `forward`.
    dim : int, default 128
        Length of an embedding.
    cell : {"gru", "lstm"}, default "gru"
    hidden : int, default 96
        Size of the state in each direction.
    layers : int, default 1
    bidirectional : bool, default True
    patch : int, default 8
        Samples in a patch; patches overlap by half.
    dropout : float, default 0.1
        Before the linear map.
    """

    def __init__(
        self,
        n_channels: int,
        n_samples: int,  # noqa: ARG002 - part of the common interface
        *,
        dim: int = 128,
        cell: Literal["gru", "lstm"] = "gru",
        hidden: int = 96,
        layers: int = 1,
        bidirectional: bool = True,
        patch: int = 8,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if cell not in ("gru", "lstm"):
            raise ParameterError(f"unknown cell {cell!r} (known: gru, lstm)")
        if min(dim, hidden, layers, patch - 1, n_channels) < 1:
            raise ParameterError("a recurrent encoder needs dim, hidden and layers of at least 1 and a patch of 2")
        self.dim = dim
        self.options = {
            "dim": dim,
            "cell": cell,
            "hidden": hidden,
            "layers": layers,
            "bidirectional": bidirectional,
            "patch": patch,
            "dropout": dropout,
        }
        self.patches = nn.Sequential(
            nn.Conv1d(n_channels, hidden, patch, stride=patch // 2, padding=patch // 2, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
        )
        kind = nn.GRU if cell == "gru" else nn.LSTM
        self.memory = kind(hidden, hidden, layers, batch_first=True, bidirectional=bidirectional)
        width = hidden * (2 if bidirectional else 1)
        self.hidden, self.bidirectional = hidden, bidirectional
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(2 * width, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        states, _ = self.memory(self.patches(x).transpose(1, 2))
        last = states[:, -1]
        if self.bidirectional:  # the way back ends at the first patch
            last = torch.cat([last[:, : self.hidden], states[:, 0, self.hidden :]], dim=1)
        features = torch.cat([states.mean(dim=1), last], dim=1)
        return functional.normalize(self.project(self.dropout(features)), dim=1)
