"""A residual network along time."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["ResNet"]


class _Block(nn.Module):
    """Two convolutions with a way around them (He 2016, arXiv:1512.03385), and weights for the channels."""

    def __init__(self, before: int, width: int, kernel: int, stride: int, squeeze: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(before, width, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(inplace=True),
            nn.Conv1d(width, width, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(width),
        )
        self.weigh = nn.Sequential(
            nn.AdaptiveAvgPool1d(1),
            nn.Conv1d(width, max(1, width // squeeze), 1),
            nn.ReLU(inplace=True),
            nn.Conv1d(max(1, width // squeeze), width, 1),
            nn.Sigmoid(),
        )
        same = before == width and stride == 1
        self.around = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv1d(before, width, 1, stride=stride, bias=False), nn.BatchNorm1d(width))
        )

    def forward(self, x: Tensor) -> Tensor:
        body = self.body(x)
        return functional.relu(body * self.weigh(body) + self.around(x))


class ResNet(Encoder):
    """Residual blocks with squeeze-and-excitation along time, then a linear map of a few time bins to a unit vector.

    He et al. 2016 (arXiv:1512.03385) in one dimension, with the channel weights of Hu et al. 2018 (arXiv:1709.01507).
    Departures: the last feature map is pooled into time bins, not over all time, since segments are aligned.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. ``n_samples`` is free: any length from 16 samples on may be given to `forward`.
    dim : int, default 128
        Length of an embedding.
    widths : sequence of int, default (32, 64, 96, 128)
        Feature maps of each stage. All stages but the first halve the time axis.
    depth : int, default 1
        Blocks in a stage.
    kernel : int, default 5
        Length of the kernels in samples; odd.
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
        widths: Sequence[int] = (32, 64, 96, 128),
        depth: int = 1,
        kernel: int = 5,
        bins: int = 10,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not widths or min(*widths, dim, depth, kernel, bins, n_channels) < 1 or kernel % 2 == 0:
            raise ParameterError("a ResNet needs at least one width, positive sizes, and an odd kernel")
        self.dim = dim
        self.options = {
            "dim": dim,
            "widths": list(widths),
            "depth": depth,
            "kernel": kernel,
            "bins": bins,
            "dropout": dropout,
        }
        self.stem = nn.Sequential(
            nn.Conv1d(n_channels, widths[0], 7, stride=2, padding=3, bias=False),
            nn.BatchNorm1d(widths[0]),
            nn.ReLU(inplace=True),
        )
        blocks: list[nn.Module] = []
        before = widths[0]
        for stage, width in enumerate(widths):
            for number in range(depth):
                blocks.append(_Block(before, width, kernel, 2 if stage and not number else 1, 8))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool1d(bins)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(before * bins, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        features = self.pool(self.blocks(self.stem(x))).flatten(1)
        return functional.normalize(self.project(self.dropout(features)), dim=1)
