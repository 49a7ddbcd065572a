"""Segments of many recordings in one array, with what they are the same in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError

__all__ = ["LabelledSegments"]


@dataclass(frozen=True, eq=False)
class LabelledSegments:
    """Segments with what they are the same in.

    Attributes
    ----------
    segments : ndarray of float32, shape (n, n_channels, n_samples)
    labels : ndarray of int, shape (n,)
        Segments with equal labels are *the same*.
    groups : ndarray of int, shape (n,)
        What must not stand on both sides of a split: the person, where known.
    recordings : ndarray of int, shape (n,)
        Recording that each segment was cut from.

    Examples
    --------
    >>> n = np.arange(4)
    >>> len(LabelledSegments(np.zeros((4, 1, 160), np.float32), n // 2, n // 2, n).take(n[:3]))
    3
    """

    segments: NDArray[np.float32]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    recordings: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.segments)
        if any(len(x) != n for x in (self.labels, self.groups, self.recordings)):
            raise ParameterError("segments, labels, groups and recordings must have the same length")

    def __len__(self) -> int:
        return len(self.segments)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> LabelledSegments:
        """Return some of the segments."""
        return LabelledSegments(self.segments[index], self.labels[index], self.groups[index], self.recordings[index])
