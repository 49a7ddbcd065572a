"""Encoders and heads by name. Asking which there are needs no PyTorch; making one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigsimnet._utils.extras import require_torch
from sigsimnet._utils.registry import Registry
from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    from sigsimnet.networks.encoders import Encoder
    from sigsimnet.networks.heads import Head

__all__ = ["ENCODERS", "HEADS", "build_encoder", "build_head"]

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

HEADS: Registry[type[Head]] = Registry(
    "head",
    {
        "cosine": "sigsimnet.networks.heads:Cosine",
        "euclidean": "sigsimnet.networks.heads:Euclidean",
        "three_path": "sigsimnet.networks.heads:ThreePath",
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
    MissingExtraError
        If PyTorch is not installed.

    Examples
    --------
    >>> import torch
    >>> encoder = build_encoder("cnn", 1, 160, dim=32)
    >>> encoder(torch.zeros(4, 1, 160)).shape
    torch.Size([4, 32])
    """
    require_torch("building a network")
    kind = ENCODERS.get(name)
    try:
        return kind(n_channels, n_samples, **options)
    except TypeError as error:
        raise ParameterError(f"encoder {name!r}: {error}") from error


def build_head(name: str, dim: int) -> Head:
    """Return a new head for embeddings of length ``dim``.

    Raises
    ------
    UnknownNameError
        If there is no such head.
    MissingExtraError
        If PyTorch is not installed.

    Examples
    --------
    >>> import torch
    >>> build_head("cosine", 2)(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])).item()
    0.0
    """
    require_torch("building a network")
    return HEADS.get(name)(dim)
