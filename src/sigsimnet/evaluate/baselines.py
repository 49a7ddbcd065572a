"""Simple methods that stand beside the network on the same trials."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sigsimnet._registry import Registry
from sigsimnet.segments import Segments

__all__ = ["BASELINES", "Baseline", "pearson_of_means"]


class Baseline(Protocol):
    """Score of two sets of segments; higher is more alike. No training, no weights."""

    def __call__(self, a: Segments, b: Segments) -> float:
        """Return the score."""


BASELINES: Registry[Baseline] = Registry("baseline", {"pearson": "sigsimnet.evaluate.baselines:pearson_of_means"})


def pearson_of_means(a: Segments, b: Segments) -> float:
    """Return the Pearson correlation of the mean segments of two recordings, averaged over channels.

    It sees exactly the segments that the network sees: filtered, aligned, and rate-normalised where the network's
    are.

    Examples
    --------
    >>> from sigsimnet import beats, simulate
    >>> first, second = (beats(r) for r in simulate(1, 2, duration=20, seed=1))
    >>> pearson_of_means(first, second) > 0.9
    True
    """
    x, y = a.data.mean(axis=0, dtype=np.float64), b.data.mean(axis=0, dtype=np.float64)
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return float(np.mean((x * y).sum(axis=-1) / np.where(norm > 0, norm, 1.0)))
