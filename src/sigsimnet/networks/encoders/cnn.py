"""A small convolutional encoder."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["CNN"]


class CNN(Encoder):
    """Strided 1-D convolutions, then a linear map of a few time bins to a unit vector.

    Segments are aligned (a beat on its R peak), so *where* something happens matters: the last feature map is pooled
    into time bins, not over all time, and the number of bins does not depend on the length of the segment.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. ``n_samples`` is free: any length from 16 samples on may be given to `forward`.
    dim : int, default 128
        Length of an embedding.
    widths : sequence of int, default (32, 64, 96, 96)
        Feature maps of each convolution. All but the last halve the time axis.
    kernel : int, default 7
        Length of the first kernel in samples; later ones are 5 and 3 long.
    shrink : int, default 1
        Average over so many samples first. Beats are cut at 200 Hz and hold nothing above 35 Hz: 2 loses nothing
        and makes the encoder several times as fast.
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
        widths: Sequence[int] = (32, 64, 96, 96),
        kernel: int = 7,
        shrink: int = 1,
        bins: int = 10,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not widths or min(*widths, dim, kernel, shrink, bins, n_channels) < 1:
            raise ParameterError("a CNN needs at least one width, and widths, dim, kernel, shrink, bins of at least 1")
        self.dim = dim
        self.options = {
            "dim": dim,
            "widths": list(widths),
            "kernel": kernel,
            "shrink": shrink,
            "bins": bins,
            "dropout": dropout,
        }
        layers: list[nn.Module] = [nn.AvgPool1d(shrink)] if shrink > 1 else []
        before = n_channels
        for depth, width in enumerate(widths):
            last = depth == len(widths) - 1
            size = kernel if depth == 0 else 3 if last else 5
            layers += [
                nn.Conv1d(before, width, size, stride=1 if last else 2, padding=size // 2, bias=False),
                nn.BatchNorm1d(width),
                nn.ReLU(inplace=True),
            ]
            before = width
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool1d(bins)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(before * bins, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        features = self.pool(self.features(x)).flatten(1)
        return functional.normalize(self.project(self.dropout(features)), dim=1)
