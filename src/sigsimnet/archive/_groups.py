"""Kinds of beats in a recording: how many, when, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.checks import check_count
from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.errors import MissingExtraError, SignalError
from sigsimnet.io import as_recording
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.segments import MIN_GOOD_FRACTION, Segments, why_no_segments

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KIND_ROW", "Group", "Groups", "groups"]

KIND_ROW = ("kind", "number", "%", "first", "last", "most typical", "mean cosine with the kind")
"""Columns of `Groups.rows`; times since the first sample, in h:mm:ss."""
MOST_CLUSTERED = 5000  # segments; the others are put to the nearest group
LEAST = 5  # segments that make a group
SHARE = 0.002  # of all segments, too
JOINED = 0.95  # cosine of two groups' means from which they are one kind
BORDER = 0.01  # share of a group's own segments that lie farther from its mean than its border


@dataclass(frozen=True, eq=False)
class Group:
    """Segments that resemble each other.

    Attributes
    ----------
    number : int
        From 1, the largest first; 0: those that resemble no group.
    index : ndarray of int
        Positions of its segments in `Groups.segments`.
    times : ndarray of float
        Of its segments, in s.
    likeness : float
        Mean cosine with the mean of the group, 0–1.
    example : float
        Time of the segment that is most like the mean, in s.

    Examples
    --------
    >>> len(Group(1, np.array([0, 2]), np.array([0.8, 2.4]), 0.98, 0.8))
    2
    """

    number: int
    index: NDArray[np.int64]
    times: NDArray[np.float64]
    likeness: float
    example: float

    def __len__(self) -> int:
        return len(self.index)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "group": self.number,
            "n": len(self),
            "first": to_jsonable(float(self.times[0])),
            "last": to_jsonable(float(self.times[-1])),
            "example": to_jsonable(self.example),
            "likeness": to_jsonable(self.likeness),
        }


@dataclass(frozen=True, eq=False)
class Groups:
    """All groups of a recording.

    Attributes
    ----------
    groups : tuple of Group
        The largest first; last, with number 0, what belongs to none (where there is any).
    segments : Segments
    source : str

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> found = groups(simulate(1, 1, duration=60, seed=1)[0])
    >>> len(found.groups[0]) > 50
    True
    """

    groups: tuple[Group, ...]
    segments: Segments
    source: str

    def __len__(self) -> int:
        return len(self.groups)

    def __repr__(self) -> str:
        return (
            f"<Groups {', '.join(str(len(one)) for one in self.groups)} of {len(self.segments)} {self.segments.kind}>"
        )

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Number of the group of each segment."""
        found = np.zeros(len(self.segments), dtype=np.int64)
        for one in self.groups:
            found[one.index] = one.number
        return found

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line of text for each group (`KIND_ROW`)."""
        return [
            (
                str(one.number or "none of them"),
                f"{len(one):,}",
                f"{100 * len(one) / len(self.segments):.1f}",
                *(_clock(time) for time in (one.times[0], one.times[-1], one.example)),
                f"{one.likeness:.3f}",
            )
            for one in self.groups
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "recording": self.source,
            "segments": self.segments.kind,
            "n": len(self.segments),
            "n_low_quality": self.segments.n_low_quality,
            "groups": [one.to_dict() for one in self.groups],
        }


def _clock(seconds: float) -> str:
    minutes, rest = divmod(float(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:d}:{minutes:02d}:{rest:04.1f}"


def groups(
    recording: Any,
    *,
    model: SigSimNet | str | Path = "ecg",
    channel: str | None = None,
    min_size: int | None = None,
    min_good_fraction: float = MIN_GOOD_FRACTION,
) -> Groups:
    """Find the kinds of beats (or windows) of a recording: what Holter software calls templates.

    Embeddings of up to 5,000 segments, evenly spread, are clustered by their density (HDBSCAN, Campello, Moulavi &
    Sander 2013, doi:10.1007/978-3-642-37456-2_14; scikit-learn's); groups whose means have a cosine above 0.95 are one.
    Every segment belongs to the group whose mean it is most like, unless it is farther from it than 99 % of the group.
    The kinds have no names: a model of identity knows shapes, and no diagnoses.

    Parameters
    ----------
    recording : Recording, path, (array, sampling_rate), or DataFrame
    model : SigSimNet, path or name, default "ecg"
    channel : str, optional
        Look at this channel only; by default all leads that the model compares together.
    min_size : int, optional
        Fewest segments of a group; by default 0.2 % of all, and 5 at least.
    min_good_fraction : float, default 0.5
        Share of a segment that must lie in seconds of good quality.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    ParameterError
        If ``min_size`` is below 2.
    SignalError
        If there are no segments.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> [one.number for one in groups(simulate(1, 1, duration=60, seed=1)[0]).groups][:1]
    [1]
    """
    try:
        from sklearn.cluster import HDBSCAN
    except ImportError as error:
        raise MissingExtraError("grouping", "baselines") from error
    if min_size is not None:
        check_count(min_size, "min_size", least=2)
    network = model if isinstance(model, SigSimNet) else load_model(model)
    one = as_recording(recording)
    every, good = network.cut_good(one, channel, min_good_fraction=min_good_fraction)
    if not len(good):
        why = why_no_segments(one, every, network.cutter) if not len(every) else "all lie in seconds of low quality"
        raise SignalError(f"{one.source or 'recording'}: {why}")
    vectors, present = _by_lead(network.embed(good).embeddings, good)
    least = min_size if min_size is not None else max(LEAST, round(SHARE * len(vectors)))
    whole = np.flatnonzero(present.all(axis=1))  # a lead that is missing makes no kind of its own
    if not len(whole):
        whole = np.arange(len(vectors))
    some = whole[evenly_spaced(len(whole), min(MOST_CLUSTERED, len(whole)))]
    flat = vectors[some].reshape(len(some), -1) / np.sqrt(vectors.shape[1])
    size = max(2, round(least * len(some) / len(whole)))
    labels = np.zeros(len(some), dtype=np.int64)
    if len(some) >= 2 * size:
        found = HDBSCAN(min_cluster_size=size, min_samples=min(size, 5), copy=True).fit_predict(flat)
        labels = np.asarray(found, dtype=np.int64)
    means = _means(flat, labels).reshape(-1, *vectors.shape[1:])
    return Groups(_grouped(_alike(vectors, present, means), good.times), good, one.source)


def _by_lead(embeddings: NDArray[np.float32], segments: Segments) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return a unit vector for each lead of each segment, (n, n_leads, dim), and which are there."""
    found = np.asarray(embeddings, dtype=np.float64)
    if found.ndim == 2:
        return found[:, None], np.ones((len(found), 1), dtype=bool)
    present = segments.channel_quality > 0
    return np.where(present[:, :, None], found, 0.0), present


def _alike(vectors: NDArray[np.float64], present: NDArray[np.bool_], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cosine of each segment with each mean over the leads that it has, (n, n_means)."""
    dots = np.einsum("nld,kld->nk", vectors, means)
    sizes = np.sqrt(present.astype(np.float64) @ (means**2).sum(axis=2).T * present.sum(axis=1, keepdims=True))
    return np.asarray(dots / np.maximum(sizes, 1e-12))


def _means(vectors: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean of each cluster, at unit length; clusters that are almost the same are one."""
    names = [int(name) for name in np.unique(labels) if name >= 0]
    sums = [(vectors[labels == name].sum(axis=0), int((labels == name).sum())) for name in names]
    if not sums:  # nothing is dense: the whole is one group
        sums = [(vectors.sum(axis=0), len(vectors))]
    sums.sort(key=lambda item: -item[1])
    kept: list[NDArray[np.float64]] = []
    for total, _ in sums:
        unit = total / max(float(np.linalg.norm(total)), 1e-12)
        near = [k for k, one in enumerate(kept) if float(one @ unit) / float(np.linalg.norm(one)) > JOINED]
        if near:
            kept[near[0]] = kept[near[0]] + total
        else:
            kept.append(total)
    return np.stack([one / max(float(np.linalg.norm(one)), 1e-12) for one in kept])


def _grouped(alike: NDArray[np.float64], times: NDArray[np.float64]) -> tuple[Group, ...]:
    """Return the groups, by the cosines of segments and means, (n, n_means)."""
    nearest = alike.argmax(axis=1)
    own = alike[np.arange(len(alike)), nearest]
    inside = np.zeros(len(alike), dtype=bool)
    for k in range(alike.shape[1]):
        mine = nearest == k
        if mine.any():
            middle, spread = float(np.median(own[mine])), float(np.median(np.abs(own[mine] - np.median(own[mine]))))
            # Robust: what lies in the tail of a group does not widen its border.
            border = min(middle - 6.0 * max(spread, 0.005), float(np.quantile(own[mine], BORDER)) + 0.05)
            inside |= mine & (own >= border)
    found: list[Group] = []
    order = sorted(range(alike.shape[1]), key=lambda k: -int((inside & (nearest == k)).sum()))
    for k in order:
        index = np.flatnonzero(inside & (nearest == k))
        if len(index):
            best = int(index[own[index].argmax()])
            found.append(Group(len(found) + 1, index, times[index], float(own[index].mean()), float(times[best])))
    if len(rest := np.flatnonzero(~inside)):
        best = int(rest[own[rest].argmax()])
        found.append(Group(0, rest, times[rest], float(own[rest].mean()), float(times[best])))
    return tuple(found)
