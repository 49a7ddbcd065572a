"""`Embedded`: the segments of a recording with their embeddings, computed once and passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError
from sigsimnet.segments import Segments

__all__ = ["Embedded", "Embeddings"]

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Embedded:
    """Segments and what the encoder made of them.

    Attributes
    ----------
    segments : Segments
    embeddings : ndarray of float32, shape (n_segments, dim)

    Raises
    ------
    ParameterError
        If there are not as many embeddings as segments.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> found = load_model("ecg").embed(simulate(1, 1, duration=10, seed=1)[0])
    >>> found.embeddings.shape, len(found.take([0, 1]))
    ((11, 128), 2)
    """

    segments: Segments
    embeddings: Embeddings

    def __post_init__(self) -> None:
        if len(self.segments) != len(self.embeddings):
            raise ParameterError(f"{len(self.embeddings)} embeddings for {len(self.segments)} segments")

    def __len__(self) -> int:
        return len(self.segments)

    def __repr__(self) -> str:
        return f"<Embedded {len(self)} {self.segments.kind} in {self.embeddings.shape[1]} dimensions>"

    @property
    def quality(self) -> NDArray[np.float64]:
        """Quality of each segment, shape (n_segments,) (`Segments.quality`)."""
        return self.segments.quality

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_] | Sequence[int] | slice) -> Embedded:
        """Return some of the segments, in the order given."""
        return Embedded(self.segments.take(index), self.embeddings[index])
