"""Where in time two recordings are alike: a score for each stretch of one against each of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sigsimnet.model import Embedded, SigSimNet

__all__ = ["Stretch", "StretchPair", "Stretches", "stretches_of"]

SHORTEST, _LONG = 5.0, 10.0  # s
_FEWEST = 3  # segments in a stretch whose mean says something
_MOST, _MOST_OF_PAIRS = 120, 24  # stretches of a side; for heads that look at each pair of segments


class Stretch(NamedTuple):
    """A part of a recording.

    Examples
    --------
    >>> Stretch(0.0, 10.0, "a.edf", 12).stop
    10.0
    """

    start: float
    stop: float
    source: str
    n_segments: int


class StretchPair(NamedTuple):
    """A stretch of A, one of B, and their score.

    Examples
    --------
    >>> StretchPair(Stretch(0.0, 10.0, "", 12), Stretch(20.0, 30.0, "", 11), 0.93).score
    0.93
    """

    a: Stretch
    b: Stretch
    score: float


@dataclass(frozen=True, eq=False)
class Stretches:
    """A score for each stretch of A against each of B.

    Attributes
    ----------
    a, b : tuple of Stretch
        Of equal length in s; those with fewer than three segments are left out.
    scores : ndarray, shape (n_a, n_b)
        Of the model's head; of several leads fused.

    Examples
    --------
    >>> from sigsimnet import compare, simulate
    >>> found = compare(*simulate(1, 2, duration=60, seed=1)).stretches
    >>> found.scores.shape == (len(found.a), len(found.b))
    True
    """

    a: tuple[Stretch, ...]
    b: tuple[Stretch, ...]
    scores: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"<Stretches {len(self.a)} × {len(self.b)}>"

    def best(self, top: int = 5) -> tuple[StretchPair, ...]:
        """Return the pairs that are most alike, the most alike first; no stretch comes twice.

        Raises
        ------
        ParameterError
            If ``top`` is negative.
        """
        _check(top)
        left = np.where(np.isfinite(self.scores), self.scores, -np.inf)
        found: list[StretchPair] = []
        while left.size and len(found) < top and np.isfinite(left.max()):
            i, j = np.unravel_index(int(left.argmax()), left.shape)
            found.append(StretchPair(self.a[int(i)], self.b[int(j)], float(self.scores[i, j])))
            left[i, :] = left[:, j] = -np.inf
        return tuple(found)

    def worst(self, top: int = 5) -> tuple[StretchPair, ...]:
        """Return the stretches of either side that nothing on the other side is like, with what is nearest.

        Raises
        ------
        ParameterError
            If ``top`` is negative.
        """
        _check(top)
        if not self.scores.size:
            return ()
        known = np.where(np.isfinite(self.scores), self.scores, -np.inf)
        rows = [(i, int(known[i].argmax())) for i in range(len(self.a))]
        columns = [(int(known[:, j].argmax()), j) for j in range(len(self.b))]
        pairs = sorted(set(rows) | set(columns), key=lambda one: known[one])
        found = [StretchPair(self.a[i], self.b[j], float(known[i, j])) for i, j in pairs if np.isfinite(known[i, j])]
        return tuple(found[:top])

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a pair of stretches: ``start_a, stop_a, start_b, stop_b, score`` (s)."""
        import pandas as pd

        rows = [
            (one.start, one.stop, other.start, other.stop, self.scores[i, j])
            for i, one in enumerate(self.a)
            for j, other in enumerate(self.b)
        ]
        return pd.DataFrame(rows, columns=["start_a", "stop_a", "start_b", "stop_b", "score"])

    def to_dict(self, top: int = 5) -> dict[str, Any]:
        """Return the best and worst pairs and the matrix as plain values, for JSON."""

        def plain(pairs: Sequence[StretchPair]) -> list[dict[str, Any]]:
            return [{"a": list(one.a[:2]), "b": list(one.b[:2]), "score": one.score} for one in pairs]

        return {
            "best": plain(self.best(top)),
            "worst": plain(self.worst(top)),
            "starts_a": [one.start for one in self.a],
            "starts_b": [one.start for one in self.b],
            "scores": np.round(self.scores, 4).tolist(),
        }


def _check(top: int) -> None:
    if top < 0:
        raise ParameterError(f"top={top}: the number of pairs is 0 or more")


def stretches_of(
    model: SigSimNet, a: Sequence[Embedded], b: Embedded, *, length: float | None = None
) -> Stretches | None:
    """Return the scores of all stretches of A against those of B; None where a side is too short for two.

    Parameters
    ----------
    model : SigSimNet
    a : sequence of Embedded
        One for each recording of that side.
    b : Embedded
    length : float, optional
        Of a stretch, in s; by default 10 s, or more where a side would have more than 120.
    """
    cosine = model.head == "cosine"
    most = _MOST if cosine else _MOST_OF_PAIRS
    longest = max(sum(_span(one) for one in a), _span(b))
    usual = _LONG if longest >= 4 * _LONG else SHORTEST
    chosen = length or max(usual, float(np.ceil(longest / most / SHORTEST)) * SHORTEST)
    rows = [part for one in a for part in _parts(one, chosen)]
    columns = _parts(b, chosen)
    if (len(rows) < 2 and len(columns) < 2) or not rows or not columns:
        return None
    if cosine:
        left, right = ([model.template_of(part) for _, part in side] for side in (rows, columns))
        if b.segments.cut_apart:
            scores = np.asarray(model.similarity(left, right), dtype=np.float64)
        else:  # one channel a side, which may have two names
            first, second = (np.stack([one.vectors[0] for one in side]) for side in (left, right))
            scores = (first @ second.T).astype(np.float64)
    else:
        pairs = np.array([(i, len(rows) + j) for i in range(len(rows)) for j in range(len(columns))])
        sets = [part for _, part in (*rows, *columns)]
        scores = model.score_pairs(sets, pairs).reshape(len(rows), len(columns))
    return Stretches(tuple(one for one, _ in rows), tuple(one for one, _ in columns), scores)


def _span(one: Embedded) -> float:
    times = one.segments.times
    return float(times[-1] - times[0]) if len(times) > 1 else 0.0


def _parts(one: Embedded, length: float) -> list[tuple[Stretch, Embedded]]:
    times = one.segments.times
    if not len(times):
        return []
    first = np.floor(times[0] / length) * length
    places = np.floor((times - first) / length).astype(int)
    found = []
    for place in np.unique(places).tolist():
        rows = np.flatnonzero(places == place)
        if len(rows) >= _FEWEST:
            start = float(first + place * length)
            part = one.take(rows)
            if not part.segments.cut_apart or part.segments.channel_quality.any():
                found.append((Stretch(start, start + length, one.segments.source, len(rows)), part))
    return found
