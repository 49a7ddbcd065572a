"""Segments of several recordings as those of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigsimnet.errors import ParameterError
from sigsimnet.segments._segments import Segments

__all__ = ["common_channels_apart", "fuse_segments"]


def common_channels_apart(sets: Sequence[Segments]) -> tuple[str, ...]:
    """Return the channels that all sets have, in the order of the first.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.segments import BeatCutter, cut_leads
    >>> one, _ = cut_leads(simulate(1, 1, duration=9, leads=["I", "V1"], seed=1)[0], BeatCutter())
    >>> common_channels_apart([one, one.pick(["V1"])])
    ('V1',)
    """
    common = tuple(name for name in sets[0].channel_names if all(name in one.channel_names for one in sets))
    if not common:
        raise ParameterError("recordings of one enrolment have no common lead")
    return common


def fuse_segments(sets: Sequence[Segments]) -> Segments:
    """Return the segments of several recordings as those of one; each keeps its time in its own recording.

    Where leads were cut apart, those are kept that all recordings have.

    Raises
    ------
    ParameterError
        If they have no common lead.

    Examples
    --------
    >>> from sigsimnet import beats, simulate
    >>> first, second = (beats(recording) for recording in simulate(1, 2, duration=9, seed=1))
    >>> len(fuse_segments([first, second])) == len(first) + len(second)
    True
    """
    if len(sets) == 1:
        return sets[0]
    if all(one.cut_apart for one in sets):
        common = common_channels_apart(sets)
        sets = [one if one.channel_names == common else one.pick(common) for one in sets]
    return replace(
        sets[0],
        data=np.concatenate([one.data for one in sets]),
        times=np.concatenate([one.times for one in sets]),
        quality=np.concatenate([one.quality for one in sets]),
        rr=np.concatenate([one.rr for one in sets]),
        channel_quality=np.concatenate([one.channel_quality for one in sets]),
        source=" + ".join(one.source for one in sets),
        heart_rate=float("nan"),
        n_r_peaks=sum(one.n_r_peaks for one in sets),
        n_rejected=sum(one.n_rejected for one in sets),
        n_low_quality=sum(one.n_low_quality for one in sets),
        reject_reasons=tuple(dict.fromkeys(reason for one in sets for reason in one.reject_reasons)),
    )
