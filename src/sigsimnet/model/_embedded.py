"""`Embedded`: the segments of a recording with their embeddings, computed once and passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError
from sigsimnet.segments import Segments, common_channels_apart, fuse_segments

__all__ = ["Embedded", "Embeddings", "fuse"]

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Embedded:
    """Segments and what the encoder made of them.

    Attributes
    ----------
    segments : Segments
    embeddings : ndarray of float32, shape (n_segments, dim)
        Or (n_segments, n_leads, dim), of leads that were cut apart (`sigsimnet.segments.cut_leads`).

    Raises
    ------
    ParameterError
        If there are not as many embeddings as segments.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> found = load_model("ecg").embed(simulate(1, 1, duration=10, seed=1)[0])
    >>> found.embeddings.shape, len(found.take([0, 1]))
    ((11, 128), 2)
    """

    segments: Segments
    embeddings: Embeddings

    def __post_init__(self) -> None:
        if len(self.segments) != len(self.embeddings):
            raise ParameterError(f"{len(self.embeddings)} embeddings for {len(self.segments)} segments")

    def __len__(self) -> int:
        return len(self.segments)

    def __repr__(self) -> str:
        return f"<Embedded {len(self)} {self.segments.kind} in {self.embeddings.shape[-1]} dimensions>"

    @property
    def quality(self) -> NDArray[np.float64]:
        """Quality of each segment, shape (n_segments,) (`Segments.quality`)."""
        return self.segments.quality

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_] | Sequence[int] | slice) -> Embedded:
        """Return some of the segments, in the order given."""
        return Embedded(self.segments.take(index), self.embeddings[index])

    def pick(self, leads: Sequence[str]) -> Embedded:
        """Return some of the leads that were cut apart (`Segments.pick`).

        Raises
        ------
        ParameterError
            If there is no such lead.
        """
        segments, index = self.segments.pick(leads), [self.segments.channel_names.index(lead) for lead in leads]
        present = (self.segments.channel_quality[:, index] > 0).any(axis=1)
        return Embedded(segments, self.embeddings[present][:, index])


def fuse(sets: Sequence[Embedded]) -> Embedded:
    """Return the segments of several recordings, with their embeddings, as those of one.

    The model's fusion then makes one template of them, in which a recording counts by its number of segments.

    Raises
    ------
    ParameterError
        If their leads were cut apart, and they have none in common.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> first, second = load_model("ecg").embed(simulate(1, 2, duration=10, seed=1))
    >>> len(fuse([first, second])) == len(first) + len(second)
    True
    """
    if len(sets) == 1:
        return sets[0]
    if all(one.segments.cut_apart for one in sets):
        common = common_channels_apart([one.segments for one in sets])
        sets = [one if one.segments.channel_names == common else one.pick(common) for one in sets]
    return Embedded(
        fuse_segments([one.segments for one in sets]), np.concatenate([one.embeddings for one in sets], axis=0)
    )
