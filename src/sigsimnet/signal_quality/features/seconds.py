"""Seconds: the first sample of each, and chunks of a channel that bound the memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MARGIN", "Chunk", "chunks", "second_edges"]

CORE = 1800  # s judged at a time: some 10 MB of samples at 360 Hz
MARGIN = 45  # s to either side; longer than the context of any measure (32 s, and the ringing of the filters)


class Chunk(NamedTuple):
    """Seconds ``first`` to ``last`` are computed, of which ``keep`` (a slice into them) is kept."""

    first: int
    last: int
    keep: slice


def second_edges(n_samples: int, sampling_rate: float) -> NDArray[np.int64]:
    """Return the first sample of every second, and one past the last sample; the last second may be partial.

    Examples
    --------
    >>> second_edges(10, 4).tolist()
    [0, 4, 8, 10]
    """
    n = int(np.ceil(n_samples / sampling_rate - 1e-9))
    edges = np.rint(np.arange(n + 1) * sampling_rate).astype(np.int64)
    # Rounding may have put the start of the last, partial second at the very end.
    return np.append(edges[:n][edges[:n] < n_samples], n_samples)


def chunks(n_seconds: int) -> Iterator[Chunk]:
    """Yield chunks with a margin of `MARGIN` seconds, so that what is kept does not depend on the chunks.

    Examples
    --------
    >>> [(chunk.first, chunk.last) for chunk in chunks(4000)]
    [(0, 1845), (1755, 3645), (3555, 4000)]
    """
    for start in range(0, n_seconds, CORE):
        stop = min(start + CORE, n_seconds)
        first = max(0, start - MARGIN)
        yield Chunk(first, min(n_seconds, stop + MARGIN), slice(start - first, stop - first))
