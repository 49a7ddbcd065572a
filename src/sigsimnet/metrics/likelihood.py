"""Cost of likelihood ratios: Cllr, and what is left of it after the best monotone calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.metrics._trials import ordered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["cllr", "min_cllr"]


def cllr(log_likelihood_ratios: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Cllr, the cost of log-likelihood ratios over all operating points.

    Parameters
    ----------
    log_likelihood_ratios : array_like, shape (n_trials,)
        Natural logarithms of P(score | genuine) / P(score | impostor), as of
        `LogisticCalibration.log_likelihood_ratio`. Infinite ones are allowed: wrong by certainty costs infinity.
    labels : array_like, shape (n_trials,)
        1 genuine, 0 impostor.
    weights : array_like, shape (n_trials,), optional
        How often each trial counts.

    Returns
    -------
    float
        In bits: 0 is perfect, 1 is what saying nothing (all ratios 1) costs; more than 1 is worse than saying nothing.

    Raises
    ------
    ParameterError
        If one kind of trial is missing, a score is NaN, or shapes differ.

    Notes
    -----
    Brümmer & du Preez 2006 (doi:10.1016/j.csl.2005.08.001); van Leeuwen & Brümmer 2013 (arXiv:1304.1199). Genuine and
    impostor trials count half each, however many there are.

    Examples
    --------
    >>> cllr([0.0, 0.0], [1, 0])
    1.0
    >>> round(cllr([3.0, 2.0, -2.0, -3.0], [1, 1, 0, 0]), 3)
    0.127
    """
    trials = ordered(log_likelihood_ratios, labels, weights)
    is_genuine = trials.genuine > 0
    cost = np.logaddexp(0.0, np.where(is_genuine, -trials.scores, trials.scores)) / np.log(2.0)
    genuine = np.sum(trials.genuine[is_genuine] * cost[is_genuine]) / trials.n_genuine
    impostor = np.sum(trials.impostor[~is_genuine] * cost[~is_genuine]) / trials.n_impostor
    return float((genuine + impostor) / 2)


def min_cllr(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Cllr of these scores after the best non-falling calibration: what discrimination alone costs.

    Parameters
    ----------
    scores : array_like, shape (n_trials,)
        Any scores, higher more alike.
    labels, weights
        As in `cllr`.

    Returns
    -------
    float
        In bits, 0…1. ``cllr - min_cllr`` is the loss by calibration.

    Raises
    ------
    ParameterError
        As in `cllr`.

    Notes
    -----
    Pool adjacent violators, as in Brümmer & du Preez 2006 (doi:10.1016/j.csl.2005.08.001). Tied scores are pooled
    first; no Laplace correction, so separated scores give exactly 0.

    Examples
    --------
    >>> min_cllr([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    0.0
    >>> round(min_cllr([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 3)
    0.5
    """
    trials = ordered(scores, labels, weights)
    from scipy.optimize import isotonic_regression

    ends = trials.group_ends()
    genuine = np.diff(np.cumsum(trials.genuine)[ends], prepend=0.0)
    impostor = np.diff(np.cumsum(trials.impostor)[ends], prepend=0.0)
    pooled = isotonic_regression(genuine / (genuine + impostor), weights=genuine + impostor)
    starts = np.asarray(pooled.blocks[:-1])
    g = np.add.reduceat(genuine, starts) / trials.n_genuine
    i = np.add.reduceat(impostor, starts) / trials.n_impostor
    # In a block the likelihood ratio is g / i; a block of one kind only costs nothing.
    both = (g > 0) & (i > 0)
    g, i = g[both], i[both]
    return float(np.sum(g * np.log2(1 + i / g) + i * np.log2(1 + g / i)) / 2)
