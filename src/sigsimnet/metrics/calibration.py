"""From a score to a likelihood ratio and a probability."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from sigsimnet.errors import ParameterError
from sigsimnet.metrics._trials import ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CALIBRATIONS", "Calibration", "IsotonicCalibration", "LogisticCalibration", "calibration_from_dict"]

Floats = NDArray[np.float64]


class Calibration(Protocol):
    """A map from scores to natural log-likelihood ratios, fitted to trials of held-out people.

    Examples
    --------
    >>> calibration: Calibration = LogisticCalibration(2.0, -1.0)
    >>> calibration.log_likelihood_ratio([1.0]).tolist()
    [1.0]
    """

    def log_likelihood_ratio(self, scores: ArrayLike) -> Floats:
        """Return natural log-likelihood ratios: above 0 speaks for *same*."""

    def probability(self, scores: ArrayLike, prior: float = 0.5) -> Floats:
        """Return the probability 0…1 of *same*, for a chance ``prior`` before the score was seen."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""


@dataclass(frozen=True)
class LogisticCalibration:
    """A straight line from score to natural log-likelihood ratio.

    Attributes
    ----------
    slope : float
        Natural log-likelihood ratio per unit of score.
    intercept : float
        Log-likelihood ratio of score 0.
    prior : float
        Share of genuine trials that the fit was weighted to; it moves the weight of errors, not the zero of the ratio.

    Notes
    -----
    Prior-weighted logistic regression as in van Leeuwen & Brümmer 2013 (arXiv:1304.1199), with the smoothed targets of
    Platt 1999 (Lin, Lin & Weng 2007, doi:10.1007/s10994-007-5018-6), which keep the slope finite when the scores are
    separated. Fit it on people who are neither in the training nor in the test set.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([1, 0], 5000)
    >>> calibration = LogisticCalibration.fit(rng.normal(2.0 * labels), labels)  # truth: slope 2, intercept -2
    >>> abs(calibration.slope - 2) < 0.1, abs(calibration.intercept + 2) < 0.1
    (True, True)
    >>> bool(calibration.probability([3.0])[0] > 0.9)
    True
    """

    slope: float
    intercept: float
    prior: float = 0.5

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and np.isfinite(self.intercept)):
            raise ParameterError(f"slope {self.slope} and intercept {self.intercept} must be finite")
        _check_prior(self.prior)

    @classmethod
    def fit(
        cls, scores: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None, prior: float = 0.5
    ) -> LogisticCalibration:
        """Fit slope and intercept.

        Parameters
        ----------
        scores : array_like, shape (n_trials,)
            Finite; higher (or lower) means more alike.
        labels : array_like, shape (n_trials,)
            1 genuine, 0 impostor.
        weights : array_like, shape (n_trials,), optional
            How often each trial counts.
        prior : float
            Total weight of the genuine trials, between 0 and 1, however many there are.

        Raises
        ------
        ParameterError
            If one kind of trial is missing, a score is not finite, or shapes or ``prior`` are wrong.

        Examples
        --------
        >>> LogisticCalibration.fit([0.9, 0.6, 0.4, 0.1], [1, 1, 0, 0]).slope > 0
        True
        """
        _check_prior(prior)
        trials = ordered(scores, labels, weights)
        if not np.isfinite(trials.scores).all():
            raise ParameterError("scores must be finite to be calibrated")
        centre, scale = float(np.mean(trials.scores)), float(np.std(trials.scores))
        if scale <= 1e-12 * max(1.0, abs(centre)):
            return cls(0.0, 0.0, prior)  # scores that never vary say nothing: the ratio is 1
        x = (trials.scores - centre) / scale
        weight = prior * trials.genuine / trials.n_genuine + (1 - prior) * trials.impostor / trials.n_impostor
        high, low = (trials.n_genuine + 1) / (trials.n_genuine + 2), 1 / (trials.n_impostor + 2)
        target = np.where(trials.genuine > 0, high, low)
        slope, intercept = _newton(x, target, weight, float(logit(prior)))
        return cls(slope / scale, intercept - slope * centre / scale, prior)

    def log_likelihood_ratio(self, scores: ArrayLike) -> Floats:
        """Return natural log-likelihood ratios of scores, of the same shape: above 0 speaks for *same*.

        Examples
        --------
        >>> LogisticCalibration(2.0, -1.0).log_likelihood_ratio([0.5, 1.0]).tolist()
        [0.0, 1.0]
        """
        return np.asarray(self.slope * np.asarray(scores, dtype=np.float64) + self.intercept)

    def probability(self, scores: ArrayLike, prior: float = 0.5) -> Floats:
        """Return the probability 0…1 of *same*, for a chance ``prior`` of *same* before the score was seen.

        Raises
        ------
        ParameterError
            If ``prior`` is not between 0 and 1.

        Examples
        --------
        >>> LogisticCalibration(2.0, -1.0).probability([0.5, 1.0]).round(3).tolist()
        [0.5, 0.731]
        """
        _check_prior(prior)
        return np.asarray(expit(self.log_likelihood_ratio(scores) + logit(prior)))

    def to_dict(self) -> dict[str, float]:
        """Return plain numbers, for JSON.

        Examples
        --------
        >>> LogisticCalibration(2.0, -1.0).to_dict()
        {'slope': 2.0, 'intercept': -1.0, 'prior': 0.5}
        """
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LogisticCalibration:
        """Return the calibration that `to_dict` wrote.

        Raises
        ------
        ParameterError
            If a number is missing or not finite.

        Examples
        --------
        >>> LogisticCalibration.from_dict({"slope": 2, "intercept": -1, "prior": 0.5})
        LogisticCalibration(slope=2.0, intercept=-1.0, prior=0.5)
        """
        try:
            return cls(float(values["slope"]), float(values["intercept"]), float(values["prior"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(f"not a calibration (slope, intercept, prior): {dict(values)}") from error


@dataclass(frozen=True)
class IsotonicCalibration:
    """A rising staircase from score to natural log-likelihood ratio, joined by straight lines.

    Attributes
    ----------
    scores : tuple of float
        Rising.
    ratios : tuple of float
        Natural log-likelihood ratio at each score, never falling; beyond the ends it stays.

    Notes
    -----
    Pool-adjacent-violators (Zadrozny & Elkan 2002, doi:10.1145/775047.775151), with genuine and impostor trials of
    equal total weight, so that the odds of a pool are its likelihood ratio. Pools that hold one kind only would be
    infinitely sure; as in Platt's targets, each pool is given one more trial of either kind, which bounds the ratio
    by the number of trials. Departure: between the middles of pools we go by straight lines, so that a little more
    score never jumps the answer. It takes more trials than a straight line: with fewer than some hundred genuine
    ones prefer `LogisticCalibration`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([1, 0], 5000)
    >>> calibration = IsotonicCalibration.fit(rng.normal(2.0 * labels), labels)  # truth: 2 score - 2
    >>> bool(abs(calibration.log_likelihood_ratio([1.0])[0]) < 0.3)
    True
    """

    scores: tuple[float, ...]
    ratios: tuple[float, ...]

    def __post_init__(self) -> None:
        x, y = np.asarray(self.scores), np.asarray(self.ratios)
        fits = len(x) == len(y) > 0 and np.isfinite(x).all() and np.isfinite(y).all()
        if not fits or (np.diff(x) <= 0).any() or (np.diff(y) < 0).any():
            raise ParameterError("scores must rise, ratios must not fall, and both be finite and as many")

    @classmethod
    def fit(cls, scores: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None) -> IsotonicCalibration:
        """Fit the staircase.

        Parameters
        ----------
        scores, labels, weights
            As in `LogisticCalibration.fit`.

        Raises
        ------
        ParameterError
            If one kind of trial is missing or a score is not finite.

        Examples
        --------
        >>> IsotonicCalibration.fit([0.9, 0.6, 0.4, 0.1], [1, 1, 0, 0]).ratios[0] < 0
        True
        """
        from scipy.optimize import isotonic_regression

        trials = ordered(scores, labels, weights)
        if not np.isfinite(trials.scores).all():
            raise ParameterError("scores must be finite to be calibrated")
        ends = trials.group_ends()
        starts = np.concatenate([[0], ends[:-1] + 1])
        genuine, impostor = np.add.reduceat(trials.genuine, starts), np.add.reduceat(trials.impostor, starts)
        weight = genuine / trials.n_genuine + impostor / trials.n_impostor
        share = isotonic_regression(genuine / trials.n_genuine / weight, weights=weight).x
        pools = np.flatnonzero(np.diff(share, prepend=-1.0) > 0)
        hits, misses = np.add.reduceat(genuine, pools), np.add.reduceat(impostor, pools)
        middle = np.add.reduceat(trials.scores[ends] * weight, pools) / np.add.reduceat(weight, pools)
        ratio = np.log((hits + 1) / (trials.n_genuine + 2)) - np.log((misses + 1) / (trials.n_impostor + 2))
        # One more trial of either kind may turn the order of two small pools.
        ratio = isotonic_regression(ratio, weights=np.add.reduceat(weight, pools)).x
        return cls(tuple(middle.tolist()), tuple(ratio.tolist()))

    def log_likelihood_ratio(self, scores: ArrayLike) -> Floats:
        """Return natural log-likelihood ratios of scores, of the same shape.

        Examples
        --------
        >>> IsotonicCalibration((0.0, 1.0), (-2.0, 2.0)).log_likelihood_ratio([-1.0, 0.5, 3.0]).tolist()
        [-2.0, 0.0, 2.0]
        """
        return np.asarray(np.interp(np.asarray(scores, dtype=np.float64), self.scores, self.ratios))

    def probability(self, scores: ArrayLike, prior: float = 0.5) -> Floats:
        """Return the probability 0…1 of *same*, for a chance ``prior`` of *same* before the score was seen.

        Raises
        ------
        ParameterError
            If ``prior`` is not between 0 and 1.

        Examples
        --------
        >>> IsotonicCalibration((0.0, 1.0), (-2.0, 2.0)).probability([0.5]).tolist()
        [0.5]
        """
        _check_prior(prior)
        return np.asarray(expit(self.log_likelihood_ratio(scores) + logit(prior)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for JSON.

        Examples
        --------
        >>> IsotonicCalibration((0.0, 1.0), (-2.0, 2.0)).to_dict()
        {'scores': [0.0, 1.0], 'ratios': [-2.0, 2.0]}
        """
        return {"scores": list(self.scores), "ratios": list(self.ratios)}


# How to fit, by name.
CALIBRATIONS: dict[str, type[LogisticCalibration | IsotonicCalibration]] = {
    "logistic": LogisticCalibration,
    "isotonic": IsotonicCalibration,
}


def calibration_from_dict(values: Mapping[str, Any]) -> Calibration:
    """Return the calibration that ``to_dict`` of either kind wrote.

    Raises
    ------
    ParameterError
        If it is neither.

    Examples
    --------
    >>> calibration_from_dict({"scores": [0, 1], "ratios": [-1, 1]})
    IsotonicCalibration(scores=(0.0, 1.0), ratios=(-1.0, 1.0))
    """
    if "slope" in values:
        return LogisticCalibration.from_dict(values)
    try:
        scores, ratios = tuple(map(float, values["scores"])), tuple(map(float, values["ratios"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ParameterError(
            f"not a calibration (slope and intercept, or scores and ratios): {dict(values)}"
        ) from error
    return IsotonicCalibration(scores, ratios)


def _check_prior(prior: float) -> None:
    if not 0 < prior < 1:
        raise ParameterError(f"prior is {prior}: it must lie between 0 and 1")


def _newton(x: Floats, target: Floats, weight: Floats, offset: float) -> tuple[float, float]:
    """Minimise the weighted cross-entropy of ``expit(slope x + intercept + offset)`` by damped Newton steps."""
    design = np.column_stack([x, np.ones_like(x)])

    def loss(parameters: Floats) -> float:
        z = design @ parameters + offset
        return float(weight @ (np.logaddexp(0.0, z) - target * z))

    parameters = np.zeros(2)
    now = loss(parameters)
    for _ in range(100):
        p = expit(design @ parameters + offset)
        gradient = design.T @ (weight * (p - target))
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-8 and loss(parameters - size * step) > now:
            size /= 2
        parameters = parameters - size * step
        before, now = now, loss(parameters)
        if before - now < 1e-14:
            break
    return float(parameters[0]), float(parameters[1])
