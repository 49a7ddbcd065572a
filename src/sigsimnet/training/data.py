"""What the loop trains on, and how batches are drawn from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.segments import LabelledSegments

__all__ = ["balanced_batches", "split_groups"]


def split_groups(data: LabelledSegments, share: float, seed: int) -> tuple[LabelledSegments, LabelledSegments]:
    """Hold out a share of the groups; no group is on both sides.

    Parameters
    ----------
    data : LabelledSegments
    share : float
        Of the groups to hold out, 0–1. 0 holds out none. At least two groups are held out, and at least two stay.
    seed : int
        Draws the groups.

    Raises
    ------
    SignalError
        If there are fewer than four groups to draw from.
    """
    if not 0 <= share < 1:
        raise ParameterError(f"validation is {share}: it must lie between 0 and 1")
    groups = np.unique(data.groups)
    if share == 0:
        return data, data.take(np.zeros(len(data), dtype=bool))
    if len(groups) < 4:
        raise SignalError(
            f"{len(groups)} people are too few to hold some out for early stopping: bring at least 4, or set "
            "validation to 0 and the number of epochs yourself"
        )
    n_held = int(np.clip(round(share * len(groups)), 2, len(groups) - 2))
    held = np.random.default_rng([seed, 1]).permutation(groups)[:n_held]
    outside = np.isin(data.groups, held)
    return data.take(~outside), data.take(outside)


def balanced_batches(
    data: LabelledSegments,
    *,
    n_classes: int,
    per_class: int,
    n_batches: int,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.int64]]:
    """Yield batches of ``n_classes`` × ``per_class`` segments, spread over the recordings of each class.

    Every class counts the same however long it was recorded, and within a class every recording does: two segments
    of a class come from two recordings wherever there are two, since a pair from one recording is the easy one.
    (pytorch-metric-learning's ``MPerClassSampler`` balances classes but does not know of recordings.)
    """
    classes, inverse = np.unique(data.labels, return_inverse=True)
    # Rows sorted by class, then recording: each class is a slice, each recording a slice within.
    order = np.lexsort((data.recordings, inverse))
    sorted_class, sorted_recording = inverse[order], data.recordings[order]
    new = np.concatenate([[True], (np.diff(sorted_class) != 0) | (np.diff(sorted_recording) != 0)])
    starts = np.flatnonzero(new)
    lengths = np.diff(np.concatenate([starts, [len(order)]]))
    recordings_of = np.split(np.arange(len(starts)), np.flatnonzero(np.diff(sorted_class[starts])) + 1)
    n_classes = min(n_classes, len(classes))
    deck = np.empty(0, dtype=np.int64)
    for _ in range(n_batches):
        if len(deck) < n_classes:
            # What is left comes first, then all classes anew, those that are left last: no class twice in a batch.
            anew = rng.permutation(len(classes))
            left = np.isin(anew, deck)
            deck = np.concatenate([deck, anew[~left], anew[left]])
        drawn, deck = np.sort(deck[:n_classes]), deck[n_classes:]
        batch = []
        for c in drawn:
            recordings = rng.permutation(recordings_of[c])
            chosen = recordings[np.arange(per_class) % len(recordings)]
            batch.append(starts[chosen] + (rng.random(per_class) * lengths[chosen]).astype(np.int64))
        yield order[np.concatenate(batch)]
