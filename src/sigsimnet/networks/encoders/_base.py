"""What every encoder is, and how one is made by name."""

from __future__ import annotations

from typing import Any

from torch import nn

from sigsimnet._utils.registry import Registry
from sigsimnet.errors import ParameterError

__all__ = ["ENCODERS", "Encoder", "build_encoder"]


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
    >>> build_encoder("identity", 2, 100).dim
    200
    """

    dim: int
    options: dict[str, Any]


ENCODERS: Registry[type[Encoder]] = Registry(
    "encoder",
    {
        "cnn": "sigsimnet.networks.encoders.cnn:CNN",
        "identity": "sigsimnet.networks.encoders.identity:Identity",
        "inception": "sigsimnet.networks.encoders.inception:Inception",
        "mlp": "sigsimnet.networks.encoders.mlp:MLP",
        "recurrent": "sigsimnet.networks.encoders.recurrent:Recurrent",
        "resnet": "sigsimnet.networks.encoders.resnet:ResNet",
        "transformer": "sigsimnet.networks.encoders.transformer:Transformer",
    },
)


def build_encoder(name: str, n_channels: int, n_samples: int, **options: Any) -> Encoder:
    """Return a new encoder with random weights.

    Parameters
    ----------
    name : str
        One of `ENCODERS`; an unknown name lists the known.
    n_channels, n_samples : int
        Shape of a segment.
    **options
        Of the encoder, such as ``dim``.

    Raises
    ------
    UnknownNameError
        If there is no such encoder.
    ParameterError
        If it has no such option.

    Examples
    --------
    >>> import torch
    >>> encoder = build_encoder("cnn", 1, 160, dim=32)
    >>> encoder(torch.zeros(4, 1, 160)).shape
    torch.Size([4, 32])
    """
    kind = ENCODERS.get(name)
    try:
        return kind(n_channels, n_samples, **options)
    except TypeError as error:
        raise ParameterError(f"encoder {name!r}: {error}") from error
