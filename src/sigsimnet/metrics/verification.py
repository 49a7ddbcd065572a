"""Error rates of verification: ROC, DET, EER, TAR at FAR and d'.

A trial is accepted when its score is at or above the threshold. FAR is the share of impostor trials accepted, FRR the
share of genuine trials rejected (ISO/IEC 19795-1:2021 calls these FMR and FNMR where nothing failed to be acquired).
All figures but d' depend on the order of the scores only. ``weights`` count a trial several times, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.errors import ParameterError
from sigsimnet.metrics._trials import WeightedScores, ordered

__all__ = ["ErrorCurve", "d_prime", "det_curve", "eer", "roc_auc", "roc_curve", "tar_at_far", "threshold_at_far"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """Error rates at every threshold that changes them.

    Attributes
    ----------
    far, frr : ndarray, shape (n_thresholds,)
        False accept and false reject rate, 0…1, from accepting nobody (0, 1) to accepting all (1, 0).
    thresholds : ndarray, shape (n_thresholds,)
        Falling; the first is infinite.

    Examples
    --------
    >>> curve = det_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> curve.far.tolist(), curve.thresholds.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [inf, 0.8, 0.4, 0.35, 0.1])
    """

    far: Floats
    frr: Floats
    thresholds: Floats

    @property
    def tar(self) -> Floats:
        """True accept rate, 0…1.

        Examples
        --------
        >>> det_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).tar.tolist()
        [0.0, 0.5, 0.5, 1.0, 1.0]
        """
        return 1.0 - self.frr


def roc_auc(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the area under the ROC: the chance that a genuine trial scores above an impostor trial (ties half).

    Parameters
    ----------
    scores : array_like, shape (n_trials,)
        Higher means more alike. No unit.
    labels : array_like, shape (n_trials,)
        1 genuine, 0 impostor.
    weights : array_like, shape (n_trials,), optional
        How often each trial counts.

    Returns
    -------
    float
        0…1; 0.5 is chance.

    Raises
    ------
    ParameterError
        If one kind of trial is missing, a score is NaN, or shapes differ.

    Notes
    -----
    Hanley & McNeil 1982 (doi:10.1148/radiology.143.1.7063747); the trapezium rule over tied scores.

    Examples
    --------
    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    far, frr, _ = _rates(ordered(scores, labels, weights))
    tar = 1.0 - frr
    return float(np.sum(np.diff(far) * (tar[1:] + tar[:-1])) / 2)


def roc_curve(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> tuple[Floats, Floats, Floats]:
    """Return FAR, TAR and thresholds, in the form in which scikit-learn returns them.

    Parameters
    ----------
    scores, labels, weights
        As in `roc_auc`.

    Returns
    -------
    far, tar, thresholds : ndarray, shape (n_thresholds,)
        Rates 0…1; thresholds fall from infinity. No point is dropped.

    Raises
    ------
    ParameterError
        As in `roc_auc`.

    Examples
    --------
    >>> far, tar, thresholds = roc_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> tar.tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    curve = det_curve(scores, labels, weights)
    return curve.far, curve.tar, curve.thresholds


def det_curve(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> ErrorCurve:
    """Return FAR and FRR at every threshold: the detection error trade-off.

    Parameters
    ----------
    scores, labels, weights
        As in `roc_auc`.

    Raises
    ------
    ParameterError
        As in `roc_auc`.

    Notes
    -----
    Martin, Doddington, Kamm, Ordowski & Przybocki 1997 (doi:10.21437/Eurospeech.1997-504); they draw both axes on a
    normal deviate scale, which is left to the plot.

    Examples
    --------
    >>> curve = det_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> curve.frr.tolist()
    [1.0, 0.5, 0.5, 0.0, 0.0]
    """
    return ErrorCurve(*_rates(ordered(scores, labels, weights)))


def eer(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the equal error rate: where FAR = FRR on the ROC, joined by straight lines.

    Parameters
    ----------
    scores, labels, weights
        As in `roc_auc`.

    Returns
    -------
    float
        0…1 (not percent); 0.5 is chance, above it the scores point the wrong way.

    Raises
    ------
    ParameterError
        As in `roc_auc`.

    Notes
    -----
    Tied scores make one point of the ROC, so that they change FAR and FRR together. Departure from Brümmer & de
    Villiers 2013 (BOSARIS toolkit, arXiv:1304.2865), who take the convex hull of the ROC: with few trials the hull is
    optimistic, since it picks thresholds with knowledge of the test.

    Examples
    --------
    >>> eer([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.5
    >>> eer([0.5, 0.5, 0.5], [0, 1, 1])
    0.5
    """
    far, frr, _ = _rates(ordered(scores, labels, weights))
    # FAR - FRR never falls along the curve, from -1 to 1.
    difference = far - frr
    after = int(np.searchsorted(difference, 0.0, side="left"))
    step = difference[after] - difference[after - 1]
    share = -difference[after - 1] / step
    return float(far[after - 1] + share * (far[after] - far[after - 1]))


def tar_at_far(
    scores: ArrayLike,
    labels: ArrayLike,
    far: float = 0.01,
    weights: ArrayLike | None = None,
    *,
    min_false_accepts: float = 30.0,
) -> float:
    """Return the true accept rate at the loosest threshold that keeps the false accept rate at or below ``far``.

    Parameters
    ----------
    scores, labels, weights
        As in `roc_auc`.
    far : float
        Above 0, below 1.
    min_false_accepts : float
        How many impostor trials must be expected above the threshold for the figure to mean anything; 0 to compute it
        from whatever there is.

    Returns
    -------
    float
        0…1; NaN if there are fewer than ``min_false_accepts / far`` impostor trials.

    Raises
    ------
    ParameterError
        As in `roc_auc`, or if ``far`` is out of range.

    Notes
    -----
    The rule of 30 (Doddington, Przybocki, Martin & Reynolds 2000, doi:10.1016/S0167-6393(99)00080-1): with 30 errors
    the true rate lies within ±30 % of the one observed at 90 % confidence. At FAR 1 % it asks for 3,000 impostor
    trials. It supposes independent trials, which pairs of the same people are not: read the interval too. No
    interpolation: the threshold returned to the user must keep its promise.

    Examples
    --------
    >>> scores, labels = [0.1, 0.2, 0.3, 0.4, 0.35, 0.8], [0, 0, 0, 0, 1, 1]
    >>> tar_at_far(scores, labels, 0.25, min_false_accepts=1)
    1.0
    >>> tar_at_far(scores, labels, 0.25)
    nan
    """
    return _at_far(scores, labels, far, weights, min_false_accepts)[0]


def threshold_at_far(
    scores: ArrayLike,
    labels: ArrayLike,
    far: float = 0.01,
    weights: ArrayLike | None = None,
    *,
    min_false_accepts: float = 30.0,
) -> float:
    """Return the lowest threshold that keeps the false accept rate at or below ``far``; NaN where trials are too few.

    Parameters
    ----------
    scores, labels, far, weights, min_false_accepts
        As in `tar_at_far`; a score at or above the threshold is accepted.

    Raises
    ------
    ParameterError
        As in `tar_at_far`.

    Examples
    --------
    >>> threshold_at_far([0.1, 0.2, 0.3, 0.4, 0.35, 0.8], [0, 0, 0, 0, 1, 1], 0.25, min_false_accepts=1)
    0.35
    """
    return _at_far(scores, labels, far, weights, min_false_accepts)[1]


def _at_far(
    scores: ArrayLike, labels: ArrayLike, far: float, weights: ArrayLike | None, min_false_accepts: float
) -> tuple[float, float]:
    """Return the true accept rate and the threshold at a false accept rate; NaN where trials are too few."""
    if not 0 < far < 1:
        raise ParameterError(f"far is {far}: it must lie between 0 and 1 (0.01 is 1 %)")
    trials = ordered(scores, labels, weights)
    if trials.n_impostor < min_false_accepts / far * (1 - 1e-12):
        return float("nan"), float("nan")
    rates, frr, thresholds = _rates(trials)
    last = int(np.searchsorted(rates, far * (1 + 1e-12), side="right")) - 1
    return float(1.0 - frr[last]), float(thresholds[last])


def d_prime(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return d': the distance of the two means, in units of the root mean square of the two standard deviations.

    Parameters
    ----------
    scores, labels, weights
        As in `roc_auc`.

    Returns
    -------
    float
        Positive when genuine trials score higher. NaN if scores vary within neither kind of trial.

    Raises
    ------
    ParameterError
        As in `roc_auc`.

    Notes
    -----
    Green & Swets 1966; Daugman 2000 as "decidability". Variances are those of the sample (divided by n). For two
    Gaussians of equal variance EER = Φ(-d'/2) and AUC = Φ(d'/√2); of other shapes d' alone says little.

    Examples
    --------
    >>> d_prime([0.0, 2.0, 4.0, 6.0], [0, 0, 1, 1])
    4.0
    """
    trials = ordered(scores, labels, weights)
    genuine, impostor = trials.genuine / trials.n_genuine, trials.impostor / trials.n_impostor
    mean_genuine, mean_impostor = float(genuine @ trials.scores), float(impostor @ trials.scores)
    spread = genuine @ (trials.scores - mean_genuine) ** 2 + impostor @ (trials.scores - mean_impostor) ** 2
    rounding = 16 * np.finfo(np.float64).eps * float(np.max(np.abs(trials.scores)))
    if not spread > rounding**2:  # not 0 exactly: the means are rounded
        return float("nan")
    return float((mean_genuine - mean_impostor) / np.sqrt(spread / 2))


def _rates(trials: WeightedScores) -> tuple[Floats, Floats, Floats]:
    """Return FAR, FRR and thresholds, the threshold falling."""
    ends = trials.group_ends()
    below_genuine, below_impostor = np.cumsum(trials.genuine)[ends], np.cumsum(trials.impostor)[ends]
    # Rates are taken from what lies *below* each threshold; divided by the same sum so that they end at exactly 1.
    frr = np.append(0.0, below_genuine / below_genuine[-1])[::-1]
    far = 1.0 - np.append(0.0, below_impostor / below_impostor[-1])[::-1]
    thresholds = np.append(np.inf, trials.scores[ends][::-1])
    return far, frr, thresholds
