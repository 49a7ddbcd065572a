"""A map of an index: recordings that are alike lie together, and form groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.archive._search import templates_of
from sigsimnet.errors import MissingExtraError, SignalError

if TYPE_CHECKING:
    from sigsimnet.archive._store import Store

__all__ = ["MAP_ROW", "Map", "MapGroup", "map_of"]

MAP_ROW = ("group", "recordings", "people", "most are of", "most typical", "mean cosine with the group")
"""Columns of `Map.rows`."""
MOST = 5000  # recordings that are drawn and clustered; the others are put to the nearest group
WHOLE = 0.5  # share of the recordings that must have a lead for it to count


@dataclass(frozen=True, eq=False)
class MapGroup:
    """Recordings that resemble each other.

    Attributes
    ----------
    number : int
        From 1, the largest first; 0: those that resemble no group.
    index : ndarray of int
        Positions in `Map.recordings`.
    typical : int
        Position of the recording that is most like the mean.
    likeness : float
        Mean cosine with the mean of the group.

    Examples
    --------
    >>> len(MapGroup(1, np.array([0, 3]), 3, 0.97))
    2
    """

    number: int
    index: NDArray[np.int64]
    typical: int
    likeness: float

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, eq=False)
class Map:
    """Where the recordings of an index lie.

    Attributes
    ----------
    recordings : list of dict
        What the index knows of each (`Index.recordings`).
    x, y : ndarray of float
        Where it is drawn; NaN of those beyond 5,000, which are not drawn.
    groups : tuple of MapGroup
        The largest first; last, with number 0, what belongs to none (where there is any).
    leads : tuple of str
        That recordings were compared by.
    n_without : int
        Recordings left out as they lack one of these leads.

    Examples
    --------
    >>> Map([], np.empty(0), np.empty(0), (), ("II",), 0).numbers
    array([], dtype=int64)
    """

    recordings: list[dict[str, Any]]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    groups: tuple[MapGroup, ...]
    leads: tuple[str, ...]
    n_without: int

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Number of the group of each recording."""
        found = np.zeros(len(self.recordings), dtype=np.int64)
        for one in self.groups:
            found[one.index] = one.number
        return found

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line of text for each group (`MAP_ROW`)."""
        made: list[tuple[str, ...]] = []
        for one in self.groups:
            mine = [self.recordings[i] for i in one.index]
            people = Counter(_person(about) for about in mine)
            labels = Counter(about["label"] for about in mine if about["label"])
            known = labels or Counter(_person(about) for about in mine if about["subject"])
            most = [f"{name} ({100 * count / len(one):.0f} %)" for name, count in known.most_common(1)]
            made.append((
                str(one.number or "none of them"), f"{len(one):,}", f"{len(people):,}",
                "".join(most), str(self.recordings[one.typical]["path"]),
                f"{one.likeness:.3f}",
            ))  # fmt: skip
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        numbers = self.numbers
        return {
            "leads": list(self.leads),
            "n_without_these_leads": self.n_without,
            "groups": [
                {
                    "group": one.number,
                    "n": len(one),
                    "typical": self.recordings[one.typical]["path"],
                    "likeness": to_jsonable(one.likeness),
                }
                for one in self.groups
            ],
            "recordings": [
                {
                    "id": about["id"],
                    "path": about["path"],
                    "subject": about["subject"],
                    "label": about["label"],
                    "group": int(numbers[i]),
                    "x": to_jsonable(float(self.x[i])),
                    "y": to_jsonable(float(self.y[i])),
                }
                for i, about in enumerate(self.recordings)
            ],
        }


def map_of(store: Store, recordings: list[dict[str, Any]], *, min_size: int, seed: int) -> Map:
    """Return groups of recordings (HDBSCAN) and where they lie in two dimensions (t-SNE).

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    SignalError
        If there are fewer than four recordings that have the same leads.
    """
    try:
        from sklearn.cluster import HDBSCAN
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingExtraError("a map", "baselines") from error
    vectors, leads, kept = _vectors(store, [int(about["id"]) for about in recordings])
    chosen = [recordings[i] for i in kept]
    if len(chosen) < 4:
        raise SignalError(f"{store.where}: {len(chosen)} recordings with the same leads are too few for a map; four do")
    some = evenly_spaced(len(vectors), MOST)
    labels = np.full(len(some), -1, dtype=np.int64)
    if len(some) >= 2 * min_size:
        found = HDBSCAN(min_cluster_size=min_size, min_samples=min(min_size, 3), copy=True).fit_predict(vectors[some])
        labels = np.asarray(found, dtype=np.int64)
    perplexity = float(min(30, max(2, (len(some) - 1) // 3)))
    drawn = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors[some])
    x, y = np.full(len(vectors), np.nan), np.full(len(vectors), np.nan)
    x[some], y[some] = drawn[:, 0], drawn[:, 1]
    return Map(chosen, x, y, _groups(vectors, some, labels), leads, len(recordings) - len(chosen))


def _vectors(store: Store, numbers: Sequence[int]) -> tuple[NDArray[np.float64], tuple[str, ...], list[int]]:
    """Return a unit vector for each recording that has the leads that most have, the leads, and which these are."""
    templates = templates_of(store, numbers)
    counts = Counter(lead for template in templates.values() for lead in template.leads)
    common = [lead for lead, n in counts.most_common() if n >= WHOLE * len(templates)] or list(counts)[:1]
    while len(common) > 1 and sum(set(common) <= set(one.leads) for one in templates.values()) < WHOLE * len(templates):
        common.pop()  # leads that seldom come together
    leads = tuple(common)
    kept, rows = [], []
    for place, number in enumerate(numbers):
        template = templates.get(number)
        if template is not None and set(leads) <= set(template.leads):
            kept.append(place)
            rows.append(np.concatenate([template.vectors[template.leads.index(lead)] for lead in leads]))
    found = np.asarray(rows, dtype=np.float64).reshape(len(rows), -1)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), leads, kept


def _groups(vectors: NDArray[np.float64], some: NDArray[np.int64], labels: NDArray[np.int64]) -> tuple[MapGroup, ...]:
    """Return the groups; recordings that were not clustered join the nearest group if they are as near as its own."""
    names = [int(name) for name in np.unique(labels) if name >= 0]
    owner = np.zeros(len(vectors), dtype=np.int64)
    means, borders = [], []
    for number, name in enumerate(names, 1):
        mine = some[labels == name]
        mean = vectors[mine].mean(axis=0)
        means.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
        borders.append(float((vectors[mine] @ means[-1]).min()))
        owner[mine] = number
    if means and len(some) < len(vectors):
        rest = np.setdiff1d(np.arange(len(vectors)), some)
        alike = vectors[rest] @ np.stack(means).T
        best = alike.argmax(axis=1)
        near = alike[np.arange(len(rest)), best] >= np.array(borders)[best]
        owner[rest[near]] = best[near] + 1
    made: list[MapGroup] = []
    for number in sorted(range(1, len(names) + 1), key=lambda number: -int((owner == number).sum())):
        index = np.flatnonzero(owner == number)
        own = vectors[index] @ means[number - 1]
        made.append(MapGroup(len(made) + 1, index, int(index[own.argmax()]), float(own.mean())))
    if len(rest := np.flatnonzero(owner == 0)):
        mean = vectors[rest].mean(axis=0)
        own = vectors[rest] @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
        made.append(MapGroup(0, rest, int(rest[own.argmax()]), float(own.mean())))
    return tuple(made)


def _person(about: dict[str, Any]) -> str:
    if not about["subject"]:
        return str(about["path"])
    return f"{about['database']}/{about['subject']}" if about["database"] else str(about["subject"])
