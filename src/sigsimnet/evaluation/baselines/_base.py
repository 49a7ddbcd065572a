"""What every baseline is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.registry import Registry
from sigsimnet.segments import Segments

__all__ = ["BASELINES", "Baseline", "mean_segment", "unit"]


class Baseline(ABC):
    """A way to score two recordings; higher is more alike.

    It sees exactly the segments that the network sees: filtered, aligned, and rate-normalised where the network's are,
    unless it asks for other settings of the cutter. One that needs an optional library raises `MissingExtraError` when
    it is made: ``baselines="all"`` then leaves it out and says so.

    Attributes
    ----------
    learns : bool
        Whether it has to be trained, on people who are not in the test.
    cutter_overrides : dict
        Settings of the cutter that it asks for instead of the model's.

    Examples
    --------
    >>> from sigsimnet import beats, simulate
    >>> first, second = (beats(r) for r in simulate(1, 2, duration=20, seed=1))
    >>> pearson = BASELINES.get("pearson")()
    >>> pearson.compare(pearson.represent(first), pearson.represent(second)) > 0.9
    True
    """

    learns: ClassVar[bool] = False
    cutter_overrides: ClassVar[dict[str, Any]] = {}

    def fit(self, segments: NDArray[np.float32], labels: NDArray[np.int64], seed: int = 0) -> None:  # noqa: B027
        """Learn from segments of shape (n, n_channels, n_samples) with labels of shape (n,); by default nothing."""

    @abstractmethod
    def represent(self, segments: Segments) -> Any:
        """Return what is kept of a recording."""

    @abstractmethod
    def compare(self, a: Any, b: Any) -> float:
        """Return the score of two recordings, by what was kept of them."""


BASELINES: Registry[type[Baseline]] = Registry(
    "baseline",
    {
        "article": "sigsimnet.evaluation.baselines.article:TrainedArticle",
        "article_untrained": "sigsimnet.evaluation.baselines.article:UntrainedArticle",
        "cross_correlation": "sigsimnet.evaluation.baselines.cross_correlation:CrossCorrelation",
        "dtw": "sigsimnet.evaluation.baselines.dtw:DTW",
        "lda": "sigsimnet.evaluation.baselines.lda:LDA",
        "minirocket": "sigsimnet.evaluation.baselines.minirocket:MiniRocketLDA",
        "pearson": "sigsimnet.evaluation.baselines.pearson:Pearson",
        "pearson_plain": "sigsimnet.evaluation.baselines.pearson:PlainPearson",
    },
)


def mean_segment(segments: Segments) -> NDArray[np.float64]:
    """Return the mean segment, shape (n_channels, n_samples), of each channel over the segments that it has."""
    if segments.cut_apart:
        there = (segments.channel_quality > 0)[..., None]
        return np.asarray((segments.data * there).sum(axis=0, dtype=np.float64) / np.maximum(there.sum(axis=0), 1))
    return np.asarray(segments.data.mean(axis=0, dtype=np.float64))


def unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector at unit length; a vector of zeros stays."""
    norm = float(np.linalg.norm(x))
    return x / norm if norm > 0 else x
