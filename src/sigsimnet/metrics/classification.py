"""Classes: balanced accuracy, macro-F1 and confusion, with intervals over people."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import ParameterError
from sigsimnet.metrics.bootstrap import MIN_PEOPLE, Interval

__all__ = ["ClassificationResult", "classification"]

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1")


@dataclass(frozen=True, eq=False)
class ClassificationResult:
    """How often items got their class.

    Attributes
    ----------
    labels : tuple of str
        Classes, sorted: those of the items and those that were given.
    confusion : ndarray of int, shape (n_labels, n_labels)
        Rows are the true class, columns the one that was given.
    accuracy : float
        Share of items that got their class, 0–1.
    balanced_accuracy : float
        Mean over classes of the share of its items that got it: rare ones count as much as frequent ones.
    macro_f1 : float
        Mean over classes of the harmonic mean of that share and of the share of right ones among those given it.
    intervals : dict of str to Interval
        95 %, of these three, over resampled people; empty with fewer than `sigsimnet.metrics.MIN_PEOPLE`.
    n_people : int

    Examples
    --------
    >>> found = classification(["a", "a", "b", "b"], ["a", "b", "b", "b"], ["p1", "p2", "p1", "p2"])
    >>> found.confusion.tolist(), found.balanced_accuracy
    ([[1, 1], [0, 2]], 0.75)
    """

    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    n_people: int
    intervals: dict[str, Interval] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        """How many were classified."""
        return int(self.confusion.sum())

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            **{name: to_jsonable(getattr(self, name)) for name in FIGURES},
            "n_items": self.n_items,
            "n_people": self.n_people,
            "intervals": {name: [to_jsonable(one.low), to_jsonable(one.high)] for name, one in self.intervals.items()},
        }


def classification(
    truth: ArrayLike, given: ArrayLike, people: ArrayLike, *, n_resamples: int = 1000, seed: int = 0
) -> ClassificationResult:
    """Compare the classes that items have with those that they were given.

    Parameters
    ----------
    truth, given : array_like of str, shape (n_items,)
    people : array_like of str, shape (n_items,)
        Whose each item is.
    n_resamples : int, default 1000
        Of people, for the intervals; 0: none.
    seed : int, default 0

    Raises
    ------
    ParameterError
        If the shapes differ, or there is nothing to compare.

    Examples
    --------
    >>> round(classification(["a", "b"], ["a", "a"], ["p1", "p2"]).macro_f1, 3)
    0.333
    """
    true, got, whose = (np.asarray(values, dtype=str) for values in (truth, given, people))
    if not true.size or true.ndim != 1 or true.shape != got.shape or true.shape != whose.shape:
        raise ParameterError(
            f"classes of shapes {true.shape} and {got.shape} of people {whose.shape}: one each is needed"
        )
    labels, coded = np.unique(np.concatenate([true, got]), return_inverse=True)
    rows, columns = coded[: len(true)], coded[len(true) :]
    names, person = np.unique(whose, return_inverse=True)
    counts = np.zeros((len(names), len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (person, rows, columns), 1)
    whole = counts.sum(axis=0)
    intervals = {}
    if n_resamples and len(names) >= MIN_PEOPLE:
        rng = np.random.default_rng(seed)
        times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), n_resamples)
        drawn = np.array([_figures(np.tensordot(weights, counts, axes=1)) for weights in times])
        estimates = _figures(whole)
        for k, name in enumerate(FIGURES):
            low, high = np.quantile(drawn[:, k], (0.025, 0.975))
            intervals[name] = Interval(estimates[k], float(low), float(high), 0.95, len(names), 0)
    accuracy, balanced, f1 = _figures(whole)
    return ClassificationResult(tuple(labels.tolist()), whole, accuracy, balanced, f1, len(names), intervals)


def _figures(confusion: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return accuracy, balanced accuracy (of classes that items have) and macro-F1 (of these and of those given)."""
    right, of_class, given = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    total = int(of_class.sum())
    if not total:
        return math.nan, math.nan, math.nan
    present, seen = of_class > 0, (of_class + given) > 0
    return (
        float(right.sum() / total),
        float((right[present] / of_class[present]).mean()),
        float((2 * right[seen] / (of_class + given)[seen]).mean()),
    )
