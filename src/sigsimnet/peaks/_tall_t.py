"""Tall T waves: where does every QRS complex have a smooth wave as large as itself behind it?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.jit import compiled
from sigsimnet.peaks._kernels import candidates, moving_average
from sigsimnet.peaks._levels import by_window, quantiles, running_median

__all__ = ["SHARP_BAND", "drop_t_waves", "sharp_level", "tall_t_windows"]

Floats = NDArray[np.float64]

# Chosen on QTDB, LUDB, channel 1 of MIT-BIH and simulated T waves (decision 5); the figures are those of channel 0.
SHARP_BAND = (12.0, 30.0)  # Hz; T waves 0.08 s wide at half their height have nothing left there, QRS complexes most
WIDTH = 0.06  # s over which the level of the band is taken: a narrow QRS complex
APART = 0.2  # s; no heart beats again within it (Pan & Tompkins 1985)
CLEAR = 0.5  # of the usual level at a complex: what is lower is none
LEAST_CONTRAST = 3.0  # complexes over the quiet between them, as `has_beats` of the preprocessing asks
EARLIEST, LATEST = 0.2, 0.4  # times the root of RR (s), where T peaks: Bazett's QTc of 0.35–0.47 s less the end of T
LEAST_T = 0.2  # of the slope energy of the complex: lower waves are left to the rules of the detectors
# Of the level of the complex at 12–30 Hz: less is T, more is a beat. T is the narrower the sooner it comes; so soon no
# beat comes (of 684 beats of MIT-BIH between two complexes of a sharper kind, ventricular ones, 683 later than 0.31 s).
SHARP_AT = (0.22, 0.3, 0.36)  # s behind the complex
MOST_SHARP = (0.6, 0.4, 0.2)
AROUND = 0.05  # s: half a QRS complex
P_AND_QRS = 0.3  # s before a complex: P, and the complex itself
LEAST_SHARE = 0.5  # of the complexes of 18 s
CONTINUED_SHARE = 0.25  # in windows next to such
LEAST_COUNT = 3  # complexes
SURROUNDINGS = 9  # windows: 18 s


@compiled
def _highest(level: Floats, first: int, last: int) -> float:  # pragma: no cover - compiled
    found = 0.0
    for i in range(max(first, 0), min(last, len(level))):
        found = max(found, level[i])
    return found


@compiled
def _most_sharp(seconds: float) -> float:  # pragma: no cover - compiled
    """Return the level at 12–30 Hz, of that of the complex, below which a wave so long after it is T."""
    return float(np.interp(seconds, np.array(SHARP_AT), np.array(MOST_SHARP)))


@compiled
def _followed_by_t(
    where: NDArray[np.int64], level: Floats, energy: Floats, noise: Floats, rate: float
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    """Return, for each complex but the last, whether the largest wave where T peaks is large and smooth."""
    found = np.zeros(max(len(where) - 1, 0), dtype=np.bool_)
    around = max(1, int(AROUND * rate))
    for k in range(len(found)):
        here, following = where[k], where[k + 1]
        root = np.sqrt((following - here) / rate)
        first = here + max(1, int(EARLIEST * root * rate))
        last = min(here + int(LATEST * root * rate) + 1, following - 2 * around)
        top = first
        for i in range(first, last):
            if energy[i] > energy[top]:
                top = i
        if top <= first or top >= last - 1 or energy[top] < LEAST_T * energy[here]:
            continue  # no maximum of its own
        if _highest(energy, last, following - int(P_AND_QRS * rate)) > energy[top]:
            continue  # a larger wave later, such as a ventricular beat without sharp edges
        sharp = _highest(level, max(top - around, first), min(top + around + 1, following - around))
        sharp = np.sqrt(max(sharp * sharp - noise[k] * noise[k], 0.0))
        found[k] = sharp < _most_sharp((top - here) / rate) * level[here]
    return found


@compiled
def _no_t(
    where: NDArray[np.int64], level: Floats, tall_t: NDArray[np.bool_], size: int, rate: float
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    kept = np.ones(len(where), dtype=np.bool_)
    around = max(1, int(AROUND * rate))
    last = -1
    for k in range(len(where)):
        here = where[k]
        if last >= 0 and k + 1 < len(where) and tall_t[min(here // size, len(tall_t) - 1)]:
            seconds = (here - last) / rate
            if seconds < LATEST * np.sqrt((where[k + 1] - last) / rate):
                sharp = _highest(level, here - around, here + around + 1)
                if sharp < _most_sharp(seconds) * _highest(level, last - around, last + around + 1):
                    kept[k] = False
                    continue
        last = here
    return kept


def sharp_level(sharp: Floats, rate: float) -> Floats:
    """Return the running level of the signal in `SHARP_BAND`."""
    return np.asarray(np.sqrt(np.maximum(moving_average(sharp * sharp, max(1, round(WIDTH * rate))), 0.0)))


def drop_t_waves(
    where: NDArray[np.int64], level: Floats, tall_t: NDArray[np.bool_], size: int, rate: float
) -> NDArray[np.int64]:
    """Return marks without those on T waves: where `tall_t_windows` holds, what lies and looks as it describes."""
    if not tall_t.any() or len(where) < LEAST_COUNT:
        return where
    return np.asarray(where[_no_t(where, level, tall_t, size, rate)])


def tall_t_windows(level: Floats, energy: Floats, rate: float, size: int) -> NDArray[np.bool_]:
    """Return for windows of ``size`` samples whether most complexes of the 18 s around are followed by a tall T wave.

    A complex is found by what only it has, energy of 12–30 Hz. Behind it, at 0.2–0.4 times the root of RR, a T wave has
    a maximum of slope energy in the QRS band of a fifth of that of the complex or more, but a low level at 12–30 Hz
    (`MOST_SHARP`). Of 3,644 waves of MIT-BIH (channel 0) that are taken for T so, 6 are beats.

    Where half of the complexes have such a T wave, and in the windows next to those where a quarter of them have.

    Parameters
    ----------
    level : ndarray, shape (n,)
        `sharp_level` of the signal.
    energy : ndarray, shape (n,)
        Slope energy in the QRS band.
    rate : float
        In Hz.
    size : int
        Samples in a window of 2 s.
    """
    n_windows = max(1, len(level) // size)
    usual = running_median(by_window(level, size, np.max))
    quiet = running_median(quantiles(level, size, 0.2)[0])
    where = np.asarray(candidates(level, max(1, round(APART * rate))))
    window = np.minimum(where // size, n_windows - 1)
    clear = (level[where] > CLEAR * usual[window]) & (usual[window] > LEAST_CONTRAST * quiet[window])
    where, window = where[clear], window[clear]
    if len(where) <= LEAST_COUNT:
        return np.zeros(n_windows, dtype=np.bool_)
    with_t = _followed_by_t(where, level, energy, quiet[window], rate)
    counted = _over_surroundings(np.bincount(window[:-1], minlength=n_windows))
    found = _over_surroundings(np.bincount(window[:-1], weights=with_t, minlength=n_windows))
    few, most = ((found >= LEAST_COUNT - 1e-6) & (found >= share * counted) for share in (CONTINUED_SHARE, LEAST_SHARE))
    return np.asarray(ndimage.binary_propagation(most, mask=few))


def _over_surroundings(counts: NDArray[np.generic]) -> Floats:
    """Return the sum over 18 s around each window."""
    return np.asarray(np.convolve(counts.astype(np.float64), np.ones(SURROUNDINGS), mode="full"))[
        SURROUNDINGS // 2 : SURROUNDINGS // 2 + len(counts)
    ]
