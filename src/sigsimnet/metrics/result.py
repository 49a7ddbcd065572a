"""One honest answer to "how good is it?": figures, intervals, and what was tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logit

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import ParameterError
from sigsimnet.metrics._trials import check_arrays
from sigsimnet.metrics.bootstrap import Interval, Statistic, bootstrap_people_many
from sigsimnet.metrics.likelihood import cllr, min_cllr
from sigsimnet.metrics.pair_metrics import PairMetrics, pair_metrics
from sigsimnet.metrics.verification import d_prime, eer, roc_auc, tar_at_far

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["VerificationResult", "verification"]

_SURE = 1e-9  # probabilities are kept this far from 0 and 1, so that Cllr stays finite (at most 30 bits a trial)


@dataclass(frozen=True)
class VerificationResult:
    """Figures of a verification test.

    Attributes
    ----------
    eer, auc, tar_at_far_1pct : float
        0…1. The last is NaN if there are too few impostor trials (see `tar_at_far`).
    tar_at_far_01pct : float
        At FAR 0.1 %, 0…1; NaN below 30,000 impostor trials.
    d_prime : float
        No unit.
    cllr, min_cllr : float
        In bits. ``cllr`` is NaN without probabilities.
    intervals : mapping of str to Interval
        Of the figures above that are numbers, by bootstrap over people. Ends are NaN with fewer than
        `sigsimnet.metrics.MIN_PEOPLE` people; with one person there are none.
    n_genuine, n_impostor, n_people : int
        Trials of each kind, and people in them.
    mse, mae, mape, mape_fraction, cosine : float
        The article's figures of the probabilities (see `pair_metrics`); NaN without probabilities. ``mape`` in %.
    protocol : mapping
        What was tested: database, sessions, leads, segments fused, rejected by quality, seed, …
    """

    eer: float
    auc: float
    tar_at_far_1pct: float
    d_prime: float
    cllr: float
    min_cllr: float
    intervals: Mapping[str, Interval]
    n_genuine: int
    n_impostor: int
    n_people: int
    mse: float = math.nan
    mae: float = math.nan
    mape: float = math.nan
    mape_fraction: float = math.nan
    cosine: float = math.nan
    protocol: Mapping[str, Any] = field(default_factory=dict)
    tar_at_far_01pct: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain types for JSON: NaN and infinity become None.

        Examples
        --------
        >>> scores, truth, a, b = [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], ["x", "y", "x", "y"], ["x", "y", "y", "x"]
        >>> found = verification(scores, truth, a, b, n_resamples=0).to_dict()
        >>> found["auc"], found["tar_at_far_1pct"], found["protocol"]
        (1.0, None, {'n_resamples': 0, 'seed': 0})
        """
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["intervals"] = {
            name: {item.name: getattr(interval, item.name) for item in fields(interval)}
            for name, interval in self.intervals.items()
        }
        found = to_jsonable(values)
        assert isinstance(found, dict)  # noqa: S101 (for the type checker)
        return found


def verification(
    scores: ArrayLike,
    labels: ArrayLike,
    subjects_a: ArrayLike,
    subjects_b: ArrayLike,
    *,
    probabilities: ArrayLike | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    protocol: Mapping[str, Any] | None = None,
) -> VerificationResult:
    """Return all figures of a verification test, with intervals by bootstrap over people.

    Parameters
    ----------
    scores, labels : array_like, shape (n_trials,)
        Scores, higher more alike, and 1 genuine or 0 impostor.
    subjects_a, subjects_b : array_like, shape (n_trials,)
        The person on each side.
    probabilities : array_like, shape (n_trials,), optional
        Of *same*, 0…1, at a prior of one half, as of `LogisticCalibration.probability`; for ``cllr`` and the article's
        figures. Calibration must come from other people than these.
    n_resamples : int
        Of people; 0 leaves the intervals out.
    level : float
        Of the intervals.
    seed : int
        Of the bootstrap.
    protocol : mapping, optional
        Description of the test, kept in the result; ``n_resamples`` and ``seed`` are added.

    Raises
    ------
    ParameterError
        If shapes differ, one kind of trial is missing, or a probability is outside 0…1.

    Examples
    --------
    >>> people = np.arange(20)
    >>> a, b = (side.ravel() for side in np.meshgrid(people, people))
    >>> scores = np.random.default_rng(0).normal(3.0 * (a == b))
    >>> result = verification(scores, a == b, a, b, n_resamples=100, protocol={"database": "simulated"})
    >>> result.n_genuine, result.n_impostor, result.n_people, result.auc > 0.9
    (20, 380, 20, True)
    >>> result.to_dict()["tar_at_far_1pct"] is None  # 380 impostor trials cannot support it
    True
    """
    values, truth = check_arrays(scores, labels)
    first, second = np.asarray(subjects_a), np.asarray(subjects_b)
    tar, strict = tar_at_far(values, truth, 0.01), tar_at_far(values, truth, 0.001)
    figures: dict[str, Statistic] = {"eer": eer, "auc": roc_auc, "d_prime": d_prime, "min_cllr": min_cllr}
    if not math.isnan(tar):
        figures["tar_at_far_1pct"] = _TarAt(0.01)
    if not math.isnan(strict):
        figures["tar_at_far_01pct"] = _TarAt(0.001)
    estimates = {name: figure(values, truth) for name, figure in figures.items()}
    pairs: PairMetrics | None = None
    intervals: dict[str, Interval] = {}
    options: dict[str, Any] = {"n_resamples": n_resamples, "level": level, "seed": seed}
    n_people = len(np.unique(np.concatenate([first, second])))
    resampled = n_resamples > 0 and n_people > 1
    if resampled:
        intervals = bootstrap_people_many(figures, values, truth, first, second, **options)
    if probabilities is not None:
        sure = np.asarray(probabilities, dtype=np.float64)
        if sure.shape != values.shape or not ((sure >= 0) & (sure <= 1)).all():
            raise ParameterError(
                f"probabilities of shape {sure.shape} must be 0…1, one for each of {len(values)} scores"
            )
        pairs = pair_metrics(sure, truth)
        ratios = logit(np.clip(sure, _SURE, 1 - _SURE))
        estimates["cllr"] = cllr(ratios, truth)
        if resampled:
            intervals |= bootstrap_people_many({"cllr": cllr}, ratios, truth, first, second, **options)
    return VerificationResult(
        eer=estimates["eer"],
        auc=estimates["auc"],
        tar_at_far_1pct=tar,
        tar_at_far_01pct=strict,
        d_prime=estimates["d_prime"],
        cllr=estimates.get("cllr", math.nan),
        min_cllr=estimates["min_cllr"],
        intervals=intervals,
        n_genuine=int(truth.sum()),
        n_impostor=int((~truth).sum()),
        n_people=n_people,
        mse=pairs.mse if pairs else math.nan,
        mae=pairs.mae if pairs else math.nan,
        mape=pairs.mape if pairs else math.nan,
        mape_fraction=pairs.mape_fraction if pairs else math.nan,
        cosine=pairs.cosine if pairs else math.nan,
        protocol={**(protocol or {}), "n_resamples": n_resamples, "seed": seed},
    )


class _TarAt:
    """`tar_at_far` at one rate. Whether there are enough trials was decided on the whole set, not in a resample."""

    def __init__(self, far: float) -> None:
        self.far = far

    def __call__(self, scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None, /) -> float:
        return tar_at_far(scores, labels, self.far, weights, min_false_accepts=0.0)
