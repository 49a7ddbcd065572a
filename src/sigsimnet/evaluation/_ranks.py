"""Who is it? Ranks of a manifest's recordings against everybody's first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry
from sigsimnet.evaluation.trials import Trials, session_key
from sigsimnet.metrics.identification import open_set_dir, rank_k

__all__ = ["identification_of"]

LEAST_STRANGERS = 60  # 5 % of them are three


def identification_of(
    scores: NDArray[np.float64], trials: Trials, entries: Sequence[Entry]
) -> dict[str, float | int | None]:
    """Return ranks: everybody's first recording is the gallery, all later ones are probes."""
    n = len(entries)
    similarity = np.full((n, n), -np.inf)
    similarity[trials.enrol, trials.probe] = similarity[trials.probe, trials.enrol] = scores
    order = sorted(range(n), key=lambda k: (session_key(entries[k].session), k))
    people = np.asarray(trials.people)
    first: dict[str, int] = {}
    for k in order:
        first.setdefault(str(people[k]), k)
    gallery = np.array(sorted(first.values()))
    probes = np.array([k for k in range(n) if first[str(people[k])] != k], dtype=int)
    found: dict[str, float | int | None] = {"n_gallery": len(gallery), "n_probes": len(probes)}
    if not len(probes) or len(gallery) < 2:
        return found
    matrix = similarity[np.ix_(probes, gallery)]
    found["n_probe_people"] = len(set(people[probes].tolist()))
    for k in (1, 5):
        each = [rank_k(matrix[i : i + 1], people[probes[i : i + 1]], people[gallery], k) for i in range(len(probes))]
        found[f"rank_{k}"] = float(np.mean(each))
        # Two people with twenty recordings each must not decide: everybody counts once.
        of_people = [np.mean(np.array(each)[people[probes] == p]) for p in sorted(set(people[probes].tolist()))]
        found[f"rank_{k}_people"] = float(np.mean(of_people))
    # 5 % of the strangers must be at least a few of them.
    enough = len(probes) >= LEAST_STRANGERS
    found["dir_at_far_5pct"] = open_set_dir(matrix, people[probes], people[gallery], 0.05) if enough else None
    return found
