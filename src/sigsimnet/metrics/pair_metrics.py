"""The article's figures: MSE, MAE, MAPE and cosine similarity of what a head says about pairs.

They say how near the predictions are to 0 and 1, not how often the answer is wrong: read them beside the error rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.errors import ParameterError
from sigsimnet.metrics._trials import check_arrays

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["PairMetrics", "mean_cosine_similarity", "pair_metrics"]


@dataclass(frozen=True)
class PairMetrics:
    """Distance of predictions from the labels of pairs.

    Attributes
    ----------
    mse, mae : float
        Mean squared and mean absolute error, over all pairs.
    mape : float
        Mean absolute percentage error, in %, over genuine pairs only. NaN if there are none.
    mape_fraction : float
        Share of pairs that ``mape`` is computed over, 0…1.
    cosine : float
        Cosine of the angle between the vector of predictions and the vector of labels. NaN if one of them is 0.
    n_pairs : int
        Number of pairs.

    Examples
    --------
    >>> pair_metrics([1.0, 0.5, 0.0], [1, 1, 0])
    PairMetrics(mse=0.083..., mae=0.166..., mape=25.0, mape_fraction=0.666..., cosine=0.948..., n_pairs=3)
    """

    mse: float
    mae: float
    mape: float
    mape_fraction: float
    cosine: float
    n_pairs: int


def pair_metrics(predictions: ArrayLike, labels: ArrayLike) -> PairMetrics:
    """Return MSE, MAE, MAPE and cosine similarity of predictions for pairs.

    Parameters
    ----------
    predictions : array_like, shape (n_pairs,)
        What the head says, such as a probability of *same*.
    labels : array_like, shape (n_pairs,)
        1 same, 0 different.

    Raises
    ------
    ParameterError
        If there is no pair, a prediction is NaN, or shapes differ.

    Notes
    -----
    MAPE divides by the label, which is 0 for impostor pairs. Keras divides by ``max(|label|, 1e-7)``: one impostor pair
    predicted 0.1 then adds 10⁸ %, and the figure says only how many impostors there are. Here MAPE runs over genuine
    pairs, where it is 100 × mean ``|1 − prediction|``, and ``mape_fraction`` says how many of all pairs these are.

    Keras' cosine similarity of a single number with its label is ±1 or 0; here it is taken once over all pairs.

    Examples
    --------
    >>> metrics = pair_metrics([0.9, 0.7, 0.2, 0.0], [1, 1, 0, 0])
    >>> round(metrics.mse, 3), round(metrics.mae, 3), round(metrics.mape, 1), metrics.mape_fraction
    (0.035, 0.15, 20.0, 0.5)
    """
    values, truth = check_arrays(predictions, labels)
    if not len(values):
        raise ParameterError("no pairs: predictions are empty")
    target = truth.astype(np.float64)
    error = np.abs(values - target)
    size = float(np.linalg.norm(values) * np.linalg.norm(target))
    return PairMetrics(
        mse=float(np.mean(error**2)),
        mae=float(np.mean(error)),
        mape=float(100 * np.mean(error[truth])) if truth.any() else float("nan"),
        mape_fraction=float(np.mean(truth)),
        cosine=float(values @ target) / size if size > 0 else float("nan"),
        n_pairs=len(values),
    )


def mean_cosine_similarity(a: ArrayLike, b: ArrayLike) -> float:
    """Return the mean cosine similarity of rows of ``a`` with the same rows of ``b``.

    Parameters
    ----------
    a, b : array_like, shape (n_pairs, n_dimensions)
        Embeddings of the two sides of each pair. No unit; they need not have length 1.

    Returns
    -------
    float
        -1…1. A row of zeros has no direction and counts as 0.

    Raises
    ------
    ParameterError
        If shapes differ or there is no pair.

    Examples
    --------
    >>> mean_cosine_similarity([[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [1.0, 0.0]])
    0.5
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.ndim != 2 or left.shape != right.shape or not len(left):
        raise ParameterError(
            f"embeddings of shapes {left.shape} and {right.shape}: both must be (n_pairs, n_dimensions)"
        )
    sizes = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    dots = np.sum(left * right, axis=1)
    return float(np.mean(np.divide(dots, sizes, out=np.zeros_like(dots), where=sizes > 0)))
