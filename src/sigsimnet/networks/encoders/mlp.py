"""A multilayer perceptron on the samples."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import Encoder

__all__ = ["MLP"]


class MLP(Encoder):
    """Fully connected layers on all samples of all channels, then a unit vector.

    Knows nothing of time: each sample is a feature. It fits aligned segments (beats), and is the yardstick that any
    encoder with a notion of time has to beat.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment. Segments of another length are brought to ``n_samples`` by straight lines.
    dim : int, default 128
        Length of an embedding.
    widths : sequence of int, default (256, 256)
        Of the hidden layers, each with batch normalisation and ReLU.
    dropout : float, default 0.1
        Behind each hidden layer.
    """

    def __init__(
        self,
        n_channels: int,
        n_samples: int,
        *,
        dim: int = 128,
        widths: Sequence[int] = (256, 256),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not widths or min(*widths, dim, n_channels, n_samples) < 1:
            raise ParameterError("an MLP needs at least one width, and widths and dim of at least 1")
        self.dim = dim
        self.options = {"dim": dim, "widths": list(widths), "dropout": dropout}
        self.n_samples = n_samples
        layers: list[nn.Module] = []
        before = n_channels * n_samples
        for width in widths:
            layers += [
                nn.Linear(before, width, bias=False),
                nn.BatchNorm1d(width),
                nn.ReLU(inplace=True),
                nn.Dropout(dropout),
            ]
            before = width
        self.layers = nn.Sequential(*layers, nn.Linear(before, dim))

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        if x.shape[-1] != self.n_samples:
            x = functional.interpolate(x, self.n_samples, mode="linear", align_corners=True)
        return functional.normalize(self.layers(x.flatten(1)), dim=1)
