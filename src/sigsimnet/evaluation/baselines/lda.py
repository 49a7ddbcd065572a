"""Linear discriminant analysis of raw segments."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import MissingExtraError
from sigsimnet.evaluation.baselines._base import Baseline, unit
from sigsimnet.segments import Segments

__all__ = ["LDA"]


class LDA(Baseline):
    """Cosine of the mean discriminant features (Fisher 1936), by scikit-learn with Ledoit & Wolf's shrinkage.

    Trained on people who are not in the test, like the network: it learns along which directions people differ more
    than beats of one person do.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """

    learns: ClassVar[bool] = True

    def __init__(self) -> None:
        try:
            from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
        except ImportError as error:
            raise MissingExtraError("linear discriminant analysis", "baselines") from error
        self._lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto")

    def features(self, segments: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return what the analysis sees of each segment, shape (n, n_features): the samples."""
        return segments.reshape(len(segments), -1).astype(np.float64)

    def fit(self, segments: NDArray[np.float32], labels: NDArray[np.int64], seed: int = 0) -> None:  # noqa: ARG002
        """Learn the directions."""
        self._lda.fit(self.features(segments), labels)

    def represent(self, segments: Segments) -> NDArray[np.float64]:
        """Return the mean of the features along the directions, at unit length."""
        return unit(np.asarray(self._lda.transform(self.features(segments.data))).mean(axis=0))

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        """Return the cosine."""
        return float(a @ b)
