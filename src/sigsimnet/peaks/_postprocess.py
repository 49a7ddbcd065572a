"""Postprocessing that all detectors share: the polarity of the record, and the position of each R peak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled

__all__ = ["polarity_of", "snap"]

Floats = NDArray[np.float64]

REACH = 0.09  # s to either side of the middle of the complex in which the R peak lies
WIDTH = 0.012  # s to either side over which a peak is averaged: a pacemaker's spike (1–3 ms) is no R wave
BASE = 0.10  # s to either side: the level that a deflection is measured from, so that a sharp R beats a broad S or T
AGAINST = 1.3  # a deflection against the record's polarity must be so much larger to be the R peak


@compiled
def _deflection(
    x: NDArray[np.floating], low: int, high: int, width: int, base: int, out: Floats
) -> None:  # pragma: no cover - compiled
    """Write, for samples low…high, the mean over ± width less the mean over ± base."""
    n = len(x)
    first, last = max(low - base, 0), min(low + base, n - 1)
    wide, n_wide = 0.0, last - first + 1
    for j in range(first, last + 1):
        wide += x[j]
    first, last = max(low - width, 0), min(low + width, n - 1)
    narrow, n_narrow = 0.0, last - first + 1
    for j in range(first, last + 1):
        narrow += x[j]
    for i in range(low, high + 1):
        out[i - low] = narrow / n_narrow - wide / n_wide
        if i - base >= 0:
            wide -= x[i - base]
            n_wide -= 1
        if i + base + 1 < n:
            wide += x[i + base + 1]
            n_wide += 1
        if i - width >= 0:
            narrow -= x[i - width]
            n_narrow -= 1
        if i + width + 1 < n:
            narrow += x[i + width + 1]
            n_narrow += 1


@compiled
def _balances(
    x: NDArray[np.floating], centres: NDArray[np.int64], reach: int, width: int, base: int
) -> Floats:  # pragma: no cover - compiled
    """Return, for each beat, −1 (all down) to 1 (all up)."""
    balance = np.empty(len(centres))
    window = np.empty(2 * reach + 2)
    for k in range(len(centres)):
        low, high = max(centres[k] - reach, 0), min(centres[k] + reach, len(x) - 1)
        _deflection(x, low, high, width, base, window)
        up = down = 0.0
        for i in range(high - low + 1):
            up = max(up, window[i])
            down = max(down, -window[i])
        balance[k] = (up - down) / (up + down + 1e-30)
    return balance


@compiled
def _snap(
    x: NDArray[np.floating],
    centres: NDArray[np.int64],
    reach: int,
    width: int,
    base: int,
    polarity: int,
    against: float,
) -> Floats:  # pragma: no cover - compiled
    n = len(x)
    refined = np.empty(len(centres))
    window = np.empty(2 * reach + 2)
    for k in range(len(centres)):
        low, high = max(centres[k] - reach, 1), min(centres[k] + reach, n - 2)
        if high < low:
            refined[k] = centres[k]
            continue
        _deflection(x, low, high, width, base, window)
        best, worst = -np.inf, -np.inf
        at_best = at_worst = low
        for i in range(high - low + 1):
            v = polarity * window[i]
            if v > best:
                best, at_best = v, low + i
            if -v > worst:
                worst, at_worst = -v, low + i
        sign, peak = polarity, at_best
        if worst > against * max(best, 0.0):
            sign, peak = -polarity, at_worst
        # The peak of the averaged wave is near that of the wave itself.
        top = peak
        for i in range(max(peak - width, 1), min(peak + width, n - 2) + 1):
            if sign * x[i] > sign * x[top]:
                top = i
        left, middle, right = sign * x[top - 1], sign * x[top], sign * x[top + 1]
        bend = left - 2.0 * middle + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        refined[k] = top + min(max(shift, -0.5), 0.5)
    return refined


def _lengths(sampling_rate: float) -> tuple[int, int, int]:
    return tuple(max(1, round(seconds * sampling_rate)) for seconds in (REACH, WIDTH, BASE))  # type: ignore[return-value]


def polarity_of(x: NDArray[np.floating], centres: NDArray[np.int64], sampling_rate: float) -> float:
    """Return the vote of the beats: above 0 when R waves point up, below when they point down.

    The median over beats of (up − down) / (up + down), where up and down are the largest deflections of a complex.
    ``x`` and ``−x`` get opposite answers, and hence the same peaks.
    """
    if not len(centres):
        return 0.0
    return float(np.median(_balances(x, centres, *_lengths(sampling_rate))))


def snap(x: NDArray[np.floating], centres: NDArray[np.int64], sampling_rate: float, polarity: int) -> Floats:
    """Return the R peak near each centre, at sub-sample precision, in samples.

    The R peak is the largest deflection in the record's polarity within 90 ms, averaged over 24 ms and measured from
    the mean over 200 ms. A beat that deflects 1.3 times further the other way (a ventricular beat, say) is marked
    there. A parabola through the highest sample and its neighbours gives the fraction.
    """
    reach, width, base = _lengths(sampling_rate)
    return np.asarray(_snap(x, centres, reach, width, base, polarity, AGAINST))
