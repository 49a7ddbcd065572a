"""Highest cross-correlation of mean segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet.evaluation.baselines._base import Baseline
from sigsimnet.evaluation.baselines.pearson import Pearson
from sigsimnet.segments import Segments

__all__ = ["CrossCorrelation"]

FURTHEST = 0.25  # of the length: mean segments may be shifted against each other by that much


class CrossCorrelation(Baseline):
    """The highest normalised cross-correlation of two mean segments over lags of up to a quarter of their length."""

    def represent(self, segments: Segments) -> NDArray[np.float64]:
        """Return the mean segment with mean 0 and length 1 in each channel."""
        return Pearson().represent(segments)

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        """Return the highest correlation, −1 to 1; all channels are shifted together."""
        n = a.shape[-1]
        reach = int(FURTHEST * n)
        sums = [signal.correlate(x, y, "full")[n - 1 - reach : n + reach] for x, y in zip(a, b, strict=True)]
        return float(np.mean(sums, axis=0).max())
