"""Who it is, or nobody of the index: the threshold is what strangers score, measured in the index itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.archive._hits import Identified, SearchResult
from sigsimnet.model import Template, scores_of_templates

__all__ = ["decide_who", "scores_of_strangers"]

LEAST_STRANGERS = 20
MOST_STRANGERS = 2000  # of many people so many, evenly taken, each against all others


def scores_of_strangers(people: Sequence[Template]) -> NDArray[np.float64]:
    """Return for each person the highest score with anybody else: what somebody who is not there would score."""
    if len(people) < 2:
        return np.empty(0)
    rows = evenly_spaced(len(people), min(MOST_STRANGERS, len(people)))
    scores = scores_of_templates([people[k] for k in rows], people)
    scores[np.arange(len(rows)), rows] = np.nan
    known = ~np.isnan(scores).all(axis=1)
    return np.asarray(np.nanmax(scores[known], axis=1))


def decide_who(found: SearchResult, strangers: NDArray[np.float64], fpir: float) -> Identified:
    """Accept the first person where she scores higher than a share ``fpir`` of strangers would."""
    n = len(strangers)
    if not found.hits:
        return Identified("cannot tell", "", "nobody to compare with", math.nan, fpir, n, found)
    first = found.hits[0]
    who = first.subject or first.path
    needed = math.ceil(max(LEAST_STRANGERS, 1 / fpir))
    if n < needed:
        few = f"{n} people in the index are too few to know what strangers score at {fpir:g}; {needed} are needed"
        return Identified("cannot tell", "", f"{few}; the most similar is {who}", math.nan, fpir, n, found)
    threshold = float(np.quantile(strangers, 1 - fpir, method="higher"))
    if first.score > threshold:
        reason = f"score {first.score:.3f}; of {n} strangers {100 * fpir:g} % score above {threshold:.3f}"
        return Identified("known", who, reason, threshold, fpir, n, found)
    reason = f"the most similar, {who}, scores {first.score:.3f}: strangers do as well (threshold {threshold:.3f})"
    return Identified("nobody here", "", reason, threshold, fpir, n, found)
