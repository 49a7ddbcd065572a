"""What can be evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry
from sigsimnet.model import Embedded
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, Segments

__all__ = ["Scorer"]


class Scorer(Protocol):
    """What can be evaluated: a `SigSimNet`, or anything else that embeds and scores, and says whom it learnt from.

    Examples
    --------
    >>> from sigsimnet import load_model
    >>> scorer: Scorer = load_model("ecg")
    >>> scorer.cutter.kind
    'beats'
    """

    @property
    def cutter(self) -> Cutter:
        """How segments are made."""

    def channels_of(self, recording: Recording, channels: Sequence[str] | str | None = None, /) -> tuple[str, ...]:
        """Return the channels of a recording to look at."""

    def embed(self, what: Segments, /) -> Embedded:
        """Return the segments of a recording with their embeddings."""

    def score_pairs(self, sets: Sequence[Embedded], pairs: NDArray[np.int64], /) -> NDArray[np.float64]:
        """Return the score of each pair (positions in ``sets``, shape (n_pairs, 2)); higher is more alike."""

    def probability(self, score: float, prior: float = 0.5, n_segments: int | None = None) -> float | None:
        """Return the calibrated probability of *same* for sides of at least so many segments, or None."""

    def check_leakage(self, entry: Entry, fingerprint: str = "", /) -> None:
        """Raise LeakageError for a person or a recording that was part of the training or calibration."""
