"""`sigsimnet`: the default detector."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet.clean import runs_of
from sigsimnet.peaks._front import candidates_of, envelope_of

__all__ = ["detect_sigsimnet"]

REFRACTORY = 0.2  # s; Pan & Tompkins 1985
T_WAVE = 0.36  # s; within it a hump must rival the beat before it (Pan & Tompkins 1985)
BLOCK = 2.0  # s; holds a beat down to 30 beats/min
NEIGHBOURS = 9  # blocks whose median is the level of a beat here
SHARE = 0.35  # of the way from noise to beats: the threshold
SEARCH_BACK = 0.5  # of the threshold, where a beat is overdue
OVERDUE = 1.66  # times the usual interval (Pan & Tompkins 1985)
LEAST_CONTRAST = 2.6  # beats over noise; band-limited Gaussian noise reaches 2.0–2.3 here


@njit(cache=True)  # type: ignore[untyped-decorator]  # Numba has no types
def _choose(
    where: NDArray[np.int64],
    height: NDArray[np.float64],
    threshold: NDArray[np.float64],
    sampling_rate: float,
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    """Walk over the candidates once: refractory period, T waves, search-back."""
    n = len(where)
    kept = np.zeros(n, dtype=np.bool_)
    last = -1
    intervals = np.empty(8)
    n_intervals = 0
    for i in range(n):
        if last >= 0:
            usual = np.median(intervals[: min(n_intervals, 8)]) if n_intervals > 0 else sampling_rate
            while where[i] - where[last] > OVERDUE * usual:
                best = -1
                for j in range(last + 1, i):
                    far = where[j] - where[last]
                    if far < T_WAVE * sampling_rate or where[i] - where[j] < REFRACTORY * sampling_rate:
                        continue
                    if height[j] > SEARCH_BACK * threshold[j] and (best < 0 or height[j] > height[best]):
                        best = j
                if best < 0:
                    break
                kept[best] = True
                last = best
        if height[i] <= threshold[i]:
            continue
        if last >= 0:
            gap = where[i] - where[last]
            if gap < REFRACTORY * sampling_rate:
                if height[i] > height[last]:
                    kept[last] = False
                else:
                    continue
            elif gap < T_WAVE * sampling_rate and height[i] < 0.5 * height[last]:
                continue
            else:
                intervals[n_intervals % 8] = gap
                n_intervals += 1
        kept[i] = True
        last = i
    return kept


def _levels(envelope: NDArray[np.float64], sampling_rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the usual height of a beat and of what lies between beats, for every block of 2 s."""
    size = max(1, round(BLOCK * sampling_rate))
    n_blocks = max(1, len(envelope) // size)
    blocks = envelope[: n_blocks * size].reshape(n_blocks, -1) if len(envelope) >= size else envelope[None, :]
    beat = ndimage.median_filter(blocks.max(axis=1), size=min(NEIGHBOURS, n_blocks - 1 + n_blocks % 2), mode="mirror")
    rest = ndimage.median_filter(
        np.median(blocks, axis=1), size=min(NEIGHBOURS, n_blocks - 1 + n_blocks % 2), mode="mirror"
    )
    return beat, rest


def detect_sigsimnet(x: NDArray[np.float64], sampling_rate: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find QRS complexes as humps of slope energy that stand out from their surroundings.

    The chain is that of Pan & Tompkins 1985 (doi:10.1109/TBME.1985.325532): band-pass, slope, energy over the width
    of a QRS, adaptive threshold, refractory period, T-wave test and search-back. It departs from the paper where a
    recording is at hand as a whole:

    - filters run both ways, so that there is no delay to take off;
    - the energy is an RMS, which keeps beats of unlike size within one threshold;
    - the threshold stands between the *medians* of beat heights and of what lies between, over 18 s around, instead
      of running averages: one artefact moves neither, and there is nothing to learn in the first seconds;
    - where beats do not stand out (contrast below 2.6) nothing is marked.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One uninterrupted channel (`prepare`); NaN = missing.
    sampling_rate : float
        In Hz.

    Returns
    -------
    samples : ndarray of int
        Middle of each complex.
    confidence : ndarray of float
        0–1: how far the hump stands above the threshold, 0.5 at it.
    """
    samples: list[NDArray[np.int64]] = []
    confidence: list[NDArray[np.float64]] = []
    for start, stop in runs_of(~np.isnan(x)):
        if stop - start < sampling_rate:
            continue
        _, envelope = envelope_of(x[start:stop], sampling_rate)
        where = candidates_of(envelope, sampling_rate)
        if not len(where):
            continue
        beat, rest = _levels(envelope, sampling_rate)
        centres = (np.arange(len(beat)) + 0.5) * BLOCK * sampling_rate
        level = np.interp(where, centres, beat)
        noise = np.interp(where, centres, rest)
        threshold = noise + SHARE * (level - noise)
        threshold[level < LEAST_CONTRAST * noise] = np.inf
        height = envelope[where]
        kept = _choose(where, height, threshold, float(sampling_rate))
        samples.append(where[kept] + start)
        confidence.append(height[kept] / (height[kept] + threshold[kept]))
    if not samples:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate(samples), np.concatenate(confidence)
