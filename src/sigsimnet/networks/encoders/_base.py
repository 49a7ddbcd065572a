"""What every encoder is."""

from __future__ import annotations

from typing import Any

from torch import nn

__all__ = ["Encoder"]


class Encoder(nn.Module):
    """Map segments of shape (batch, n_channels, n_samples) to embeddings of shape (batch, dim).

    Attributes
    ----------
    dim : int
        Length of an embedding.
    options : dict
        What it was built with, besides ``n_channels`` and ``n_samples``, as JSON can keep it.

    Examples
    --------
    >>> from sigsimnet.networks import build_encoder
    >>> build_encoder("identity", 2, 100).dim
    200
    """

    dim: int
    options: dict[str, Any]
