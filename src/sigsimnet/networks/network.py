"""A network of PyTorch modules, applied to arrays and turned into graphs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sigsimnet._utils.batches import batch_of
from sigsimnet.networks.attention import Attention
from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Head
from sigsimnet.networks.registries import build_encoder, build_head

__all__ = ["TorchNetwork", "build_network", "encode_array"]

Floats = NDArray[np.float32]


class TorchNetwork:
    """Encoder, head and attention as modules; what it computes takes and returns arrays.

    A saved model computes the same by `sigsimnet.model.GraphNetwork`, without PyTorch.

    Parameters
    ----------
    encoder : Encoder
    head : Head
    attention : Attention, optional

    Examples
    --------
    >>> network = build_network("cnn", "cosine", 1, 160, options={"dim": 8})
    >>> network.encode(np.zeros((3, 1, 160), np.float32)).shape
    (3, 8)
    """

    def __init__(self, encoder: Encoder, head: Head, attention: Attention | None = None) -> None:
        self.encoder, self.head, self.attention = encoder.eval(), head.eval(), attention
        self._process = os.getpid()

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        return self.encoder.dim

    @property
    def options(self) -> dict[str, Any]:
        """Options of the encoder, those that were left out included."""
        return self.encoder.options

    @property
    def has_attention(self) -> bool:
        """Whether templates are weighted by a learnt attention."""
        return self.attention is not None

    def encode(self, segments: Floats) -> Floats:
        """Return the embeddings of segments, shape (n, dim)."""
        self._after_fork()
        return np.asarray(encode_array(self.encoder, segments).numpy())

    def scores(self, a: Floats, b: Floats) -> Floats:
        """Return the score of each row of ``a`` with the same row of ``b``, shape (n,)."""
        self._after_fork()
        self.head.eval()
        with torch.inference_mode():
            return np.asarray(self.head(_tensor(a), _tensor(b)).numpy())

    def score_matrix(self, a: Floats, b: Floats) -> Floats:
        """Return the scores of all pairs of rows, shape (n_a, n_b)."""
        self._after_fork()
        self.head.eval()
        with torch.inference_mode():
            return np.asarray(self.head.matrix(_tensor(a), _tensor(b)).numpy())

    def template(self, embeddings: Floats, quality: NDArray[np.float64] | None) -> Floats:
        """Return the template of embeddings, weighted by the learnt attention, shape (dim,)."""
        assert self.attention is not None  # noqa: S101 - has_attention says so
        self._after_fork()
        weight = torch.ones(len(embeddings)) if quality is None else torch.from_numpy(quality).float()
        with torch.inference_mode():
            found = self.attention(_tensor(embeddings)[None], weight[None])[0]
        return np.asarray(found.numpy(), dtype=np.float32)

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return all weights and running statistics by name: ``encoder.…``, ``head.…``, ``attention.…``."""
        return {
            f"{part}.{name}": value.detach().cpu().contiguous().numpy().copy()
            for part, module in self._modules()
            for name, value in module.state_dict().items()
        }

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over weights by name; an attention comes with its weights."""
        if "attention.trust" in weights and self.attention is None:
            self.attention = Attention(self.dim).eval()
        for part, module in self._modules():
            own = {
                name.removeprefix(f"{part}."): torch.from_numpy(np.array(value))
                for name, value in weights.items()
                if name.startswith(f"{part}.")
            }
            module.load_state_dict(own)

    def graphs(self, n_channels: int, n_samples: int) -> dict[str, bytes]:
        """Return the parts that have to be computed as ONNX graphs, checked against the modules.

        Raises
        ------
        MissingExtraError
            If onnx and onnxscript are not installed.
        ModelError
            If a graph computes something else.
        """
        from sigsimnet.networks.graphs import graphs_of

        return graphs_of(self, n_channels, n_samples)

    def _modules(self) -> list[tuple[str, torch.nn.Module]]:
        parts = (("encoder", self.encoder), ("head", self.head), ("attention", self.attention))
        return [(name, module) for name, module in parts if module is not None]

    def _after_fork(self) -> None:
        """Compute in one thread in a forked child: the threads of the parent do not exist there."""
        if os.getpid() != self._process:
            torch.set_num_threads(1)
            self._process = os.getpid()


def build_network(
    encoder: str,
    head: str,
    n_channels: int,
    n_samples: int,
    *,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> TorchNetwork:
    """Return a network with random weights drawn from ``seed``.

    Raises
    ------
    UnknownNameError, ParameterError
        If a name or an option is unknown.

    Examples
    --------
    >>> build_network("mlp", "three_path", 2, 100, options={"dim": 4}).dim
    4
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        built = build_encoder(encoder, n_channels, n_samples, **(options or {}))
        return TorchNetwork(built, build_head(head, built.dim))


def encode_array(encoder: Encoder, segments: Floats, batch: int = 1024) -> Tensor:
    """Return embeddings of segments, shape (n, dim), on the CPU; the encoder is left in evaluation mode."""
    batch = batch_of(segments.shape[1:], batch)
    encoder.eval()
    device = next((p.device for p in encoder.parameters()), torch.device("cpu"))
    found = []
    with torch.inference_mode():
        for start in range(0, len(segments), batch):
            # A copy: torch warns of arrays that must not be written to, and refuses those that run backwards.
            x = torch.from_numpy(np.array(segments[start : start + batch], dtype=np.float32)).to(device)
            found.append(encoder(x).cpu())
    return torch.cat(found) if found else torch.zeros(0, encoder.dim)


def _tensor(values: Floats) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
