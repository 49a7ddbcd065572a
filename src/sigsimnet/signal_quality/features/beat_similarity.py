"""Similarity of beats: the highest complex of each second against those of the seconds around."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["beat_similarity"]

Floats = NDArray[np.float64]

RATE = 100  # Hz
QRS = (-8, 9)  # samples around the middle of the complex
BEAT = (-22, 41)
LAGS = 2  # samples: jitter of the middle of the complex
REACH = 6  # s
APART = 25  # samples: complexes nearer than that are the same one, found in two seconds
BEST = 3  # most similar neighbours that are averaged: an ectopic beat needs a few similar ones, not a majority


def beat_similarity(wide: Floats, qrs: Floats, unusable: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the similarity of the highest complex of the 2 s around each second with its neighbours.

    Absolute correlations, after the template matching of Orphanidou et al. 2015 (doi:10.1109/JBHI.2014.2338351).
    Departures: beats are not detected; each complex is compared with its neighbours, not with the mean beat; and the
    three most similar count, so that ectopic beats may differ from the others.

    Parameters
    ----------
    wide, qrs : ndarray, shape (n_seconds × 100,)
        The channel without its baseline, and its QRS band.
    unusable : ndarray of bool, shape (n_seconds,)

    Returns
    -------
    tuple of ndarray, shape (n_seconds,)
        Of the QRS complex and of the whole beat: mean over the three most similar neighbours; then the best of 3 s of
        both. NaN where there is no neighbour.

    Examples
    --------
    >>> x = np.tile(np.concatenate([np.zeros(40), np.hanning(20), np.zeros(40)]), 10)
    >>> float(beat_similarity(x, x, np.zeros(10, dtype=bool))[0].round(3).min())
    1.0
    """
    n = len(unusable)
    energy = np.convolve(qrs**2, np.ones(9), mode="same")
    half = RATE // 2
    seen = sliding_window_view(np.pad(energy, (half, half)), 2 * RATE)[::RATE][:n]
    middle = seen.argmax(axis=1) + np.arange(n) * RATE - half
    found = []
    for low, high in (QRS, BEAT):
        side = max(-low, high) + LAGS
        cuts = sliding_window_view(
            np.pad(wide, side, mode="reflect" if len(wide) > side else "edge"), high - low + 2 * LAGS
        )
        cuts = cuts[np.clip(middle + side + low - LAGS, 0, len(cuts) - 1)]
        best = _best(cuts, middle, unusable)
        found += [best, _most_3(best)]
    return found[0], found[2], found[1], found[3]


def _best(cuts: Floats, middle: NDArray[np.int64], unusable: NDArray[np.bool_]) -> Floats:
    n, size = len(cuts), cuts.shape[1] - 2 * LAGS
    shifted = [_unit(cuts[:, lag : lag + size]) for lag in range(2 * LAGS + 1)]
    own = shifted[LAGS]
    table = np.full((n, 2 * REACH), np.nan)
    for d in range(1, min(REACH, n - 1) + 1):
        similarity = np.max([np.abs(np.einsum("ij,ij->i", own[:-d], other[d:])) for other in shifted], axis=0)
        same = (np.abs(middle[d:] - middle[:-d]) < APART) | unusable[d:] | unusable[:-d]
        similarity[same] = np.nan
        table[:-d, d - 1] = similarity
        table[d:, REACH + d - 1] = similarity
    table = -np.sort(-table, axis=1)[:, :BEST]  # NaN goes last
    known = ~np.isnan(table)
    count = known.sum(axis=1)
    return np.asarray(np.where(count > 0, np.where(known, table, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan))


def _unit(cuts: Floats) -> Floats:
    cuts = cuts - cuts.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", cuts, cuts))
    return np.asarray(cuts / np.where(length > 0, length, 1.0)[:, None])


def _most_3(values: Floats) -> Floats:
    neighbours = np.fmax(np.append(values[1:], np.nan), np.append(np.nan, values[:-1]))
    return np.asarray(np.fmax(neighbours, values))
