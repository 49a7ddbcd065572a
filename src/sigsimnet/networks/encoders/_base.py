"""What every encoder is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ClosedForm", "Encoder"]


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


class ClosedForm(Encoder):
    """An encoder that is learnt at once from all training rows, and not by gradients.

    Examples
    --------
    >>> from sigsimnet.networks import build_encoder
    >>> isinstance(build_encoder("rocket", 1, 100), ClosedForm)
    True
    """

    def fit_rows(self, segments: NDArray[np.float32], labels: NDArray[np.int64], *, seed: int, resize: bool) -> None:
        """Learn from segments, shape (n, n_channels, n_samples), with equal labels for what is the same.

        With ``resize`` embeddings may become shorter than `dim` said.
        """
        raise NotImplementedError

    def cross_rows(
        self,
        segments: NDArray[np.float32],
        labels: NDArray[np.int64],
        folds: NDArray[np.int64],
        good: NDArray[np.bool_],
        *,
        seed: int,
    ) -> NDArray[np.float32]:
        """Return embeddings, each by what the good segments of other folds teach, shape (n, dim), ends filled with 0.

        Those of one fold may be compared with each other, as those of a model with people whom it has never seen.
        """
        raise NotImplementedError

    def graph(self, n_channels: int, n_samples: int) -> Any:
        """Return the encoder as an ONNX model: ``segments`` (batch, n_channels, n_samples) to ``embeddings``."""
        raise NotImplementedError
