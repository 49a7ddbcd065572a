"""Encoders and heads by name. Asking which there are needs no PyTorch; making one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigsimnet._utils.checks import is_number
from sigsimnet._utils.extras import require_torch
from sigsimnet._utils.registry import Registry
from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigsimnet.networks.encoders import Encoder
    from sigsimnet.networks.heads import Head

__all__ = ["ENCODERS", "HEADS", "build_encoder", "build_head", "check_encoder_options"]

_LAYERS = ("depth", "layers")
_MOST_LAYERS = 256  # ten times the deepest network of this field; each costs seconds to build
_WIDEST = 1 << 16  # of a layer, an embedding, a kernel

ENCODERS: Registry[type[Encoder]] = Registry(
    "encoder",
    {
        "cnn": "sigsimnet.networks.encoders.cnn:CNN",
        "identity": "sigsimnet.networks.encoders.identity:Identity",
        "inception": "sigsimnet.networks.encoders.inception:Inception",
        "mlp": "sigsimnet.networks.encoders.mlp:MLP",
        "recurrent": "sigsimnet.networks.encoders.recurrent:Recurrent",
        "resnet": "sigsimnet.networks.encoders.resnet:ResNet",
        "rocket": "sigsimnet.networks.encoders.rocket:Rocket",
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
    check_encoder_options(options)
    try:
        return kind(n_channels, n_samples, **options)
    except TypeError as error:
        raise ParameterError(f"encoder {name!r}: {error}") from error


def check_encoder_options(options: Mapping[str, Any]) -> None:
    """Refuse networks that no machine can build: more than 256 layers, or one of more than 65,536 places.

    Raises
    ------
    ParameterError
        Naming the option.

    Examples
    --------
    >>> check_encoder_options({"widths": (32, 64), "depth": 3})
    >>> check_encoder_options({"layers": 100_000})
    Traceback (most recent call last):
    sigsimnet.errors.ParameterError: encoder option layers asks for 100,000 layers; at most 256 are built
    """
    for name, value in options.items():
        items = value if isinstance(value, list | tuple) else (value,)
        if any(isinstance(item, list | tuple) for item in items):
            raise ParameterError(f"encoder option {name} holds lists in a list; a flat one is needed")
        layers = len(items) if items is value else value if name in _LAYERS else 0
        if is_number(layers) and layers > _MOST_LAYERS:
            raise ParameterError(f"encoder option {name} asks for {layers:,} layers; at most {_MOST_LAYERS} are built")
        widest = max((item for item in items if is_number(item)), default=0)
        if not widest <= _WIDEST:
            raise ParameterError(f"encoder option {name} is {widest:g}; at most {_WIDEST:,} places are built")


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
