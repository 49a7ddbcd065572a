"""`sigsimnet`: the default detector."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet.peaks._front import Front
from sigsimnet.peaks._kernels import blended_energy, humps

__all__ = ["detect_sigsimnet"]

EVEN = 0.26  # share of the usual beat at which beat and noise are equally likely
SHORT, LONG = 0.45, 1.25  # times the usual interval: between them an interval costs nothing
COST_SHORT = 8.0
COST_MISSED = 0.9  # of an interval twice as long as usual: so a hump of 40 % of `EVEN` still closes it
UNLIKE, NEAR = 1.0, 0.3  # neighbours within 0.3 s pay for unlike heights: P and T waves
RESTART = 1.5  # the most that any interval costs, short ones; twice it for long ones


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]  # Numba has no types
def _best_path(
    where: NDArray[np.int64],
    gain: NDArray[np.float64],
    log_height: NDArray[np.float64],
    usual: NDArray[np.float64],
    rate: float,
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    """Return the subset of humps with the largest sum of gains less the costs of the intervals between them."""
    n = len(where)
    best = np.empty(n)
    before = np.empty(n, np.int64)
    for i in range(n):
        best[i] = gain[i] if i == 0 else gain[i] - RESTART
        before[i] = -1
        for j in range(i - 1, max(-1, i - 40), -1):
            interval = (where[i] - where[j]) / rate
            if interval < 0.2:
                continue
            if interval > 4.0 and interval > 4.0 * usual[i] and j < i - 1:
                break
            ratio = interval / usual[i]
            cost = 0.0
            if ratio < SHORT:
                cost = min(COST_SHORT * np.log(SHORT / ratio) ** 2, RESTART)
            elif ratio > LONG:
                cost = min(COST_MISSED * np.log(ratio / LONG) / np.log(2.0 / LONG), 2.0 * RESTART)
            if interval < NEAR:
                cost += UNLIKE * abs(log_height[i] - log_height[j])
            total = best[j] + gain[i] - cost
            if total > best[i]:
                best[i], before[i] = total, j
    kept = np.zeros(n, np.bool_)
    k = int(np.argmax(best))
    while k >= 0:
        kept[k] = True
        k = before[k]
    return kept


def detect_sigsimnet(front: Front) -> NDArray[np.int64]:
    """Find the most plausible sequence of beats among the humps of QRS energy.

    The energy is RMS(5–15 Hz)^¾ × RMS(slope of 5–20 Hz)^¼ over 0.1 s: in muscle noise a slope stands out less than an
    amplitude in a narrow band, in clean signals P and T stand out less in the slope.

    Every hump gains the logarithm of its height over 0.26 of the usual beat's; every interval between two chosen humps
    costs what it is out of the usual (too short, or long enough to have missed a beat), and neighbours within 0.3 s pay
    for unlike heights (P and T waves). The sequence with the largest sum is found by dynamic programming (Viterbi 1967,
    doi:10.1109/TIT.1967.1054010), over the whole stretch at once. So what other detectors do by rules in passing
    (refractory period, T-wave test, search-back) is weighed here, with what comes after as well as what came before.
    The usual height is the median over 18 s (`Front`), the usual interval the median of 15 between clear beats, so that
    neither an artefact nor a pause moves them. Costs are capped: atrial fibrillation, extrasystoles and pauses stay
    possible.

    Ours; no paper. The constants were set on the MIT-BIH records at hand: halving or doubling a cost changes F1 by at
    most 0.02 points, moving a share of an interval or a height by a fifth by at most 0.08
    (``benchmarks/peaks/results/sensitivity.csv``).

    Parameters
    ----------
    front : Front
        One channel, as `sigsimnet.peaks._front.front_of` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    energy = blended_energy(front.band(5.0, 15.0), front.qrs, front.samples(0.1))
    where = np.asarray(humps(energy, front.samples(0.15)))
    where = where[front.alive(where)]
    if not len(where):
        return where
    height = front.share_of_beat(where, energy)
    log_height = np.log(np.maximum(height, 1e-3))
    gain = np.clip(log_height - np.log(EVEN), -3.0, 1.2)
    usual = _usual_interval(where, height, front.rate)
    chosen = where[_best_path(where, gain, log_height, usual, front.rate)]
    # The middle of a complex is where its slopes are; the amplitude leans towards a late, broad part of it.
    reach = front.samples(0.1)
    around = np.clip(chosen[:, None] + np.arange(-reach, reach + 1), 0, len(energy) - 1)
    return np.unique(around[np.arange(len(chosen)), front.energy[around].argmax(axis=1)])


def _usual_interval(where: NDArray[np.int64], height: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return the running median of 15 intervals between clear beats, in s, at every hump."""
    clear = where[height > 0.45]
    if len(clear) < 3:
        return np.full(len(where), 0.8)
    intervals = np.diff(clear) / rate
    size = min(15, len(intervals) - 1 + len(intervals) % 2)
    usual = np.clip(ndimage.median_filter(intervals, size=size, mode="mirror"), 0.3, 1.8)
    return np.asarray(np.interp(where, clear[1:], usual))
