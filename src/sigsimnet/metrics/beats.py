"""How right are detected beats, and how well placed?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.errors import ParameterError

__all__ = ["BeatScore", "match_beats"]

ROUNDING = 1e-6  # s: a beat 18 samples away at 360 Hz is 50 ms away, whatever the last binary digit says


@dataclass(frozen=True, eq=False)
class BeatScore:
    """Detected beats against true ones.

    Attributes
    ----------
    n_true, n_found, n_matched : int
    differences : ndarray, shape (n_matched,)
        Found less true, in s.
    tolerance : float
        In s.

    Examples
    --------
    >>> match_beats([1.0, 2.0], [1.0, 2.0, 2.5]).ppv
    0.6666666666666666
    """

    n_true: int
    n_found: int
    n_matched: int
    differences: NDArray[np.float64]
    tolerance: float

    @property
    def sensitivity(self) -> float:
        """Share of the true beats that were found; NaN when there are none."""
        return self.n_matched / self.n_true if self.n_true else float("nan")

    @property
    def ppv(self) -> float:
        """Share of the found beats that are true (positive predictive value); NaN when there are none."""
        return self.n_matched / self.n_found if self.n_found else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of sensitivity and PPV; NaN when there are neither true nor found beats."""
        return 2 * self.n_matched / (self.n_true + self.n_found) if self.n_true + self.n_found else float("nan")

    @property
    def lag(self) -> float:
        """Median of the differences, in s."""
        return float(np.median(self.differences)) if self.n_matched else float("nan")

    @property
    def mad(self) -> float:
        """Median absolute deviation of the differences from their median, in s: the jitter."""
        return float(np.median(np.abs(self.differences - self.lag))) if self.n_matched else float("nan")

    @property
    def jf(self) -> float:
        """JF in %: F1 × 1 / (1 + MAD / 10 ms), after Porr & Macfarlane 2024 (doi:10.1371/journal.pone.0309739).

        They take the detector's lag off before they count: give `match_beats` times less `lag` for that.
        """
        return 100 * self.f1 / (1 + self.mad / 0.010) if self.n_matched else 0.0


def match_beats(true: ArrayLike, found: ArrayLike, tolerance: float = 0.150) -> BeatScore:
    """Match found beats to true ones, one to one: of all pairs within the tolerance the nearest first.

    Parameters
    ----------
    true, found : array_like, shape (n,)
        Times in s, ascending.
    tolerance : float, default 0.150
        In s. 150 ms is that of ANSI/AAMI EC57; 50 ms tells whether a beat can be cut at the mark.

    Raises
    ------
    ParameterError
        If the tolerance is not positive.

    Examples
    --------
    >>> score = match_beats([1.0, 2.0, 3.0], [1.01, 2.4, 3.01])
    >>> score.n_matched, round(score.f1, 3), round(score.lag, 3)
    (2, 0.667, 0.01)
    """
    if not 0 < tolerance < np.inf:
        raise ParameterError(f"tolerance is {tolerance}: it must be a positive number of seconds")
    truth, marks = np.asarray(true, dtype=np.float64), np.asarray(found, dtype=np.float64)
    reach = tolerance + ROUNDING
    first, last = np.searchsorted(marks, truth - reach), np.searchsorted(marks, truth + reach, side="right")
    n_near = last - first
    of_truth = np.repeat(np.arange(len(truth)), n_near)
    of_marks = np.arange(len(of_truth)) + np.repeat(first - np.concatenate([[0], np.cumsum(n_near)[:-1]]), n_near)
    apart = marks[of_marks] - truth[of_truth]
    free_truth, free_marks = np.ones(len(truth), dtype=bool), np.ones(len(marks), dtype=bool)
    taken: list[int] = []
    for pair in np.argsort(np.abs(apart), kind="stable").tolist():
        i, j = of_truth[pair], of_marks[pair]
        if free_truth[i] and free_marks[j]:
            free_truth[i] = free_marks[j] = False
            taken.append(pair)
    differences = apart[np.sort(np.asarray(taken, dtype=np.int64))]
    return BeatScore(len(truth), len(marks), len(differences), differences, tolerance)
