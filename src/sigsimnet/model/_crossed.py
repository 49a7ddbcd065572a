"""Few people: each teaches, and each is held out once (cross-fitting), for encoders that are learnt in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsimnet.segments import LabelledSegments

if TYPE_CHECKING:
    from sigsimnet.networks.network import TorchNetwork

__all__ = ["folds_for"]

MOST_FOLDS = 4
LEAST_PEOPLE = 2  # of a fold: labels are compared between people


def folds_for(data: LabelledSegments, network: TorchNetwork, validation: float, seed: int) -> NDArray[np.int64] | None:
    """Return the fold of each segment, by people; None where nobody is to be held out, or there are too few people.

    A head with weights of its own is made for one space and is not cross-fitted.
    """
    people = np.unique(data.groups)
    n = min(MOST_FOLDS, len(people) // LEAST_PEOPLE)
    if not validation or n < 2 or any(True for _ in network.head.parameters()):
        return None
    # In order of their labels, so that each fold has its share of each.
    drawn = np.random.default_rng([seed, 11]).permutation(people)
    label_of = {int(one): int(data.labels[np.flatnonzero(data.groups == one)[0]]) for one in drawn}
    ordered = np.array(sorted(drawn.tolist(), key=lambda one: label_of[one]))
    fold_of = {int(one): k % n for k, one in enumerate(ordered)}
    folds = np.array([fold_of[int(group)] for group in data.groups], dtype=np.int64)
    kinds = [len(np.unique(data.labels[folds != k])) for k in range(n)]
    return folds if min(kinds) > 1 else None
