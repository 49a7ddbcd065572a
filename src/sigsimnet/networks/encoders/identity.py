"""The encoder that does nothing: the article compares raw samples."""

from __future__ import annotations

from torch import Tensor

from sigsimnet.networks.encoders._base import Encoder

__all__ = ["Identity"]


class Identity(Encoder):
    """Return the samples of all channels in one row, unchanged and *not* scaled to unit length.

    Behind `heads.ThreePath` it is the network of the article to the letter: no shared encoder, raw values.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment; the embedding has their product as its length.
    """

    def __init__(self, n_channels: int, n_samples: int) -> None:
        super().__init__()
        self.dim = n_channels * n_samples
        self.options = {}

    def forward(self, x: Tensor) -> Tensor:
        """Flatten segments of shape (batch, n_channels, n_samples) to (batch, dim)."""
        return x.flatten(1)
