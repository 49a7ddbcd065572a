"""The most plausible sequence of beats: what candidates gain, less what the intervals between them cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled

__all__ = ["Costs", "best_sequence"]


class Costs(NamedTuple):
    """What intervals cost, in units of the gain.

    Attributes
    ----------
    short, long : float
        Times the usual interval: between them an interval costs nothing.
    by_short : float
        Times the squared logarithm of ``short`` over the interval.
    by_missed : float
        Of an interval twice as long as usual.
    most_short, most_long : float
        The most that a short and a long interval cost.
    least : float
        In s: no two beats are nearer.
    near, unlike : float
        Within ``near`` s a difference in height costs as well: ``unlike`` times that of the logarithms.
    """

    short: float
    long: float
    by_short: float
    by_missed: float
    most_short: float
    most_long: float
    least: float
    near: float
    unlike: float


@compiled
def best_sequence(
    where: NDArray[np.int64],
    gain: NDArray[np.float64],
    log_height: NDArray[np.float64],
    usual: NDArray[np.float64],
    rate: float,
    costs: Costs,
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    """Return the candidates with the largest sum of gains less the costs of the intervals between them."""
    n = len(where)
    kept = np.zeros(n, np.bool_)
    if n == 0:
        return kept
    best = gain.copy()
    before = np.full(n, -1)
    top = np.empty(n, np.int64)  # the best end of a sequence up to here
    for i in range(n):
        j = i - 1
        while j >= 0:
            interval = (where[i] - where[j]) / rate
            ratio = interval / usual[i]
            cost = 0.0
            if ratio > costs.long:
                cost = costs.by_missed * np.log(ratio / costs.long) / np.log(2.0 / costs.long)
            far = cost >= costs.most_long
            if far:  # every earlier candidate costs the same: the best of them is known
                cost, j = costs.most_long, top[j]
            elif interval < costs.least:
                j -= 1
                continue
            elif ratio < costs.short:
                cost = min(costs.by_short * np.log(costs.short / ratio) ** 2, costs.most_short)
            if interval < costs.near:
                cost += costs.unlike * abs(log_height[i] - log_height[j])
            total = best[j] + gain[i] - cost
            if total > best[i]:
                best[i], before[i] = total, j
            if far:
                break
            j -= 1
        top[i] = i if i == 0 or best[i] > best[top[i - 1]] else top[i - 1]
    k = top[n - 1]
    while k >= 0:
        kept[k] = True
        k = before[k]
    return kept
