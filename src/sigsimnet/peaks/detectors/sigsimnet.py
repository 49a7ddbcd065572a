"""`sigsimnet`: the default detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet.peaks._candidates import candidate_features, log_odds
from sigsimnet.peaks._kernels import blended_energy, candidates
from sigsimnet.peaks._path import Costs, best_sequence
from sigsimnet.peaks._preprocess import Preprocessed

__all__ = ["beats_with", "candidates_of", "detect_sigsimnet"]

QUIETEST, BY_NOISE = 0.15, 1.0  # share of the usual beat at which beat and noise are equally likely: the first in
# silence, more of it by this times the quiet level (as a share of the usual beat)
LOWEST, HIGHEST = -5.0, 1.2  # limits of the gain by height
CLEAR = 0.3  # of the usual beat: candidates that high, with positive log odds, define the usual interval
LEAST = 0.02  # of the usual beat: below there is no beat
WEIGHT, LIMIT = 0.2, 3.0  # of the network's log odds
COSTS = Costs(
    short=0.5, long=1.25, by_short=8.0, by_missed=0.9, most_short=1.5, most_long=3.0, least=0.2, near=0.3, unlike=1.0
)  # near: P and T waves


def detect_sigsimnet(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find the most plausible sequence of beats among the candidates of QRS energy.

    The energy is RMS(5–15 Hz)^¾ × RMS(slope of 5–20 Hz)^¼ over 0.1 s: in muscle noise a slope stands out less than an
    amplitude in a narrow band, in clean signals P and T stand out less in the slope.

    The gain of a candidate is the logarithm of its height over a share of that of the usual beat (0.15 without noise,
    more where the signal between beats is loud), and a fifth of the log odds of a small network (`candidate_features`).
    The cost of an interval between two chosen candidates is its deviation from the usual interval (too short, or long
    enough to contain a missed beat); within 0.3 s a difference in height costs as well (P and T waves). The sequence
    with the largest sum is found by dynamic programming (Viterbi 1967, doi:10.1109/TIT.1967.1054010), over half an hour
    at once. So the rules of other detectors (refractory period, T-wave test, search-back) become weights here, which
    depend on later beats as well as on earlier ones. The usual height is the median over 18 s (`Preprocessed`), the
    usual interval the median of 15 between clear beats, so that neither an artefact nor a pause changes them. Costs are
    capped: atrial fibrillation, extrasystoles and pauses stay possible.

    Ours; no paper. The constants were set on the MIT-BIH records at hand with networks that had not seen the record in
    question (``recipes/peaks/cross_validation.csv``); ``benchmarks/peaks/sensitivity.py`` shows the effect of changing
    each of them.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    return beats_with(prepared, None)


def candidates_of(prepared: Preprocessed) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the energy whose maxima are the candidates, and the candidates."""
    energy = blended_energy(prepared.band(5.0, 15.0), prepared.qrs, prepared.samples(0.1))
    where = np.asarray(candidates(energy, prepared.samples(0.15)))
    where = where[prepared.has_beats(where)]
    return energy, where[prepared.share_of_beat(where, energy) > LEAST]


def beats_with(
    prepared: Preprocessed, layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...] | None
) -> NDArray[np.int64]:
    """Find beats with the weights of a network, those of the package for None."""
    energy, where = candidates_of(prepared)
    if not len(where):
        return where
    odds = log_odds(candidate_features(prepared, energy, where), layers)
    height = np.log(np.maximum(prepared.share_of_beat(where, energy), 1e-3))
    noise = prepared.at(prepared.quiet, where) / np.maximum(prepared.at(prepared.usual, where), 1e-12)
    gain = np.clip(height - np.log(QUIETEST + BY_NOISE * noise), LOWEST, HIGHEST)
    gain += WEIGHT * np.clip(odds, -LIMIT, LIMIT)
    usual = _usual_interval(where, (odds > 0) & (height > np.log(CLEAR)), prepared.rate)
    chosen = where[best_sequence(where, gain, np.log(np.maximum(energy[where], 1e-9)), usual, prepared.rate, COSTS)]
    # The middle of a complex is where its slopes are; the amplitude leans towards a late, broad part of it.
    reach = prepared.samples(0.1)
    around = np.clip(chosen[:, None] + np.arange(-reach, reach + 1), 0, len(energy) - 1)
    return np.unique(around[np.arange(len(chosen)), prepared.energy[around].argmax(axis=1)])


def _usual_interval(where: NDArray[np.int64], clear_ones: NDArray[np.bool_], rate: float) -> NDArray[np.float64]:
    """Return the running median of 15 intervals between clear beats, in s, at every candidate."""
    clear = where[clear_ones]
    if len(clear) < 3:
        return np.full(len(where), 0.8)
    intervals = np.diff(clear) / rate
    size = min(15, len(intervals) - 1 + len(intervals) % 2)
    usual = np.clip(ndimage.median_filter(intervals, size=size, mode="mirror"), 0.3, 1.8)
    return np.asarray(np.interp(where, clear[1:], usual))
