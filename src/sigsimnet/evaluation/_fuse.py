"""Several recordings of a person as one enrolment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigsimnet.model import Embedded
from sigsimnet.segments import Segments

__all__ = ["fuse", "fuse_segments"]


def fuse(sets: Sequence[Embedded]) -> Embedded:
    """Return the segments of several recordings, with their embeddings, as those of one.

    The model's fusion then makes one template of them, in which a recording counts by its number of segments.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> first, second = load_model("ecg").embed(simulate(1, 2, duration=10, seed=1))
    >>> len(fuse([first, second])) == len(first) + len(second)
    True
    """
    if len(sets) == 1:
        return sets[0]
    return Embedded(
        fuse_segments([one.segments for one in sets]), np.concatenate([one.embeddings for one in sets], axis=0)
    )


def fuse_segments(sets: Sequence[Segments]) -> Segments:
    """Return the segments of several recordings as those of one; each keeps its time in its own recording."""
    if len(sets) == 1:
        return sets[0]
    return replace(
        sets[0],
        data=np.concatenate([one.data for one in sets]),
        times=np.concatenate([one.times for one in sets]),
        quality=np.concatenate([one.quality for one in sets]),
        rr=np.concatenate([one.rr for one in sets]),
        source=" + ".join(one.source for one in sets),
        heart_rate=float("nan"),
        n_r_peaks=sum(one.n_r_peaks for one in sets),
        n_rejected=sum(one.n_rejected for one in sets),
        n_low_quality=sum(one.n_low_quality for one in sets),
        reject_reasons=tuple(dict.fromkeys(reason for one in sets for reason in one.reject_reasons)),
    )
