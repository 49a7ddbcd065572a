"""Who is it? Ranks of probes against a gallery of enrolments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import open_set_dir, rank_k, rank_k_of_people

__all__ = ["identification_of"]

MIN_STRANGERS = 60  # 5 % of them are three


def identification_of(
    scores: NDArray[np.float64], trials: Trials, gallery: NDArray[np.int64], probes: NDArray[np.int64]
) -> dict[str, float | int | None]:
    """Return Rank-1 and Rank-5 (of all probes, and with each person counting once) and the open-set rate.

    Parameters
    ----------
    scores : ndarray, shape (n_trials,)
    trials : Trials
        Each probe against each enrolment of the gallery, either way round.
    gallery, probes : ndarray of int
        Positions of the recordings.
    """
    n = len(trials.people)
    similarity = np.full((n, n), -np.inf)
    similarity[trials.enrol, trials.probe] = similarity[trials.probe, trials.enrol] = scores
    found: dict[str, float | int | None] = {"n_gallery": len(gallery), "n_probes": len(probes)}
    if not len(probes) or len(gallery) < 2:
        return found
    people = np.asarray(trials.people)
    matrix, whose, enrolled = similarity[np.ix_(probes, gallery)], people[probes], people[gallery]
    found["n_probe_people"] = len(set(whose.tolist()))
    for k in (1, 5):
        found[f"rank_{k}"] = rank_k(matrix, whose, enrolled, k)
        found[f"rank_{k}_people"] = rank_k_of_people(matrix, whose, enrolled, k)
    # 5 % of the strangers must be at least a few of them.
    found["dir_at_far_5pct"] = open_set_dir(matrix, whose, enrolled, 0.05) if len(probes) >= MIN_STRANGERS else None
    return found
