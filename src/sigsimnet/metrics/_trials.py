"""Scores, labels and weights of verification trials, checked once and in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.errors import ParameterError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class WeightedScores:
    """Scores of trials in rising order, with their weights; those of weight 0 are gone.

    Attributes
    ----------
    scores : ndarray, shape (n,)
        Rising.
    genuine, impostor : ndarray, shape (n,)
        Weight of each trial as one or the other; one of the two is 0.
    n_genuine, n_impostor : float
        Sums of the weights.
    """

    scores: Floats
    genuine: Floats
    impostor: Floats
    n_genuine: float
    n_impostor: float

    def group_ends(self) -> NDArray[np.intp]:
        """Return the last position of each run of equal scores."""
        return np.append(np.flatnonzero(self.scores[1:] != self.scores[:-1]), len(self.scores) - 1)


def check_arrays(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Bools]:
    """Return scores as float64 and labels as bool, both of shape (n,).

    Raises
    ------
    ParameterError
        If lengths differ, a score is NaN, or a label is neither 0 nor 1.
    """
    values = np.asarray(scores, dtype=np.float64)
    truth = np.asarray(labels)
    if values.ndim != 1 or truth.shape != values.shape:
        raise ParameterError(f"scores of shape {values.shape} and labels of shape {truth.shape}: both must be (n,)")
    if np.isnan(values).any():
        n_bad = int(np.isnan(values).sum())
        raise ParameterError(f"{n_bad} of {len(values)} scores are NaN: leave these trials out and report their number")
    if truth.dtype != np.bool_:
        if not np.isin(truth, (0, 1)).all():
            raise ParameterError("labels must be 1 (genuine) or 0 (impostor)")
        truth = truth.astype(np.bool_)
    return values, truth


def ordered(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> WeightedScores:
    """Check and sort trials. Scores that are sorted already, as in a bootstrap, cost no sort.

    Raises
    ------
    ParameterError
        As `check_arrays`, or if a weight is negative, or one of the two kinds of trial has no weight.
    """
    values, truth = check_arrays(scores, labels)
    if weights is None:
        weight = np.ones(len(values))
    else:
        weight = np.asarray(weights, dtype=np.float64)
        if weight.shape != values.shape:
            raise ParameterError(f"weights of shape {weight.shape} for scores of shape {values.shape}")
        if len(weight) and not 0 <= weight.min() <= weight.max() < np.inf:
            raise ParameterError("weights must be finite and 0 or more")
        kept = weight > 0
        if not kept.all():
            values, truth, weight = values[kept], truth[kept], weight[kept]
    if not (values[1:] >= values[:-1]).all():
        order = np.argsort(values, kind="stable")
        values, truth, weight = values[order], truth[order], weight[order]
    genuine = weight * truth
    impostor = weight - genuine
    n_genuine, n_impostor = float(genuine.sum()), float(impostor.sum())
    if n_genuine <= 0 or n_impostor <= 0:
        raise ParameterError("both genuine (label 1) and impostor (label 0) trials are needed")
    return WeightedScores(values, genuine, impostor, n_genuine, n_impostor)
