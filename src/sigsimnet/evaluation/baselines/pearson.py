"""Pearson correlation of mean segments."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet.evaluation.baselines._base import Baseline, mean_segment
from sigsimnet.segments import Segments

__all__ = ["Pearson", "PlainPearson"]


class Pearson(Baseline):
    """Pearson correlation of the mean segments of two recordings, averaged over channels."""

    def represent(self, segments: Segments) -> NDArray[np.float64]:
        """Return the mean segment with mean 0 and length 1 in each channel."""
        mean = mean_segment(segments)
        mean = mean - mean.mean(axis=-1, keepdims=True)
        norm = np.sqrt((mean**2).sum(axis=-1, keepdims=True))
        return np.asarray(mean / np.where(norm > 0, norm, 1.0))

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        """Return the correlation, −1 to 1; 0 where a mean is flat."""
        return float((a * b).sum(axis=-1).mean())


class PlainPearson(Pearson):
    """The same on beats as they are: ST and T are not stretched to one heart rate."""

    cutter_overrides: ClassVar[dict[str, Any]] = {"rate_normalise": False}
