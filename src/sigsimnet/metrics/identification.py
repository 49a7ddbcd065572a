"""Who is it? Rank-k against a gallery, and MAP@R of a whole set of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["average_precision_at_r", "map_at_r", "open_set_dir", "rank_k", "rank_k_of_people"]

_ROWS_AT_ONCE = 512  # 512 × 10,000 similarities take 40 MB


def rank_k(similarity: ArrayLike, probe_subjects: ArrayLike, gallery_subjects: ArrayLike, k: int = 1) -> float:
    """Return the share of probes whose person is among the ``k`` most similar people of the gallery.

    Parameters
    ----------
    similarity : array_like, shape (n_probes, n_gallery)
        Higher means more alike. No unit.
    probe_subjects : array_like, shape (n_probes,)
        Person of each probe.
    gallery_subjects : array_like, shape (n_gallery,)
        Person of each template. Of several templates of one person the most similar counts.
    k : int
        1 or more.

    Returns
    -------
    float
        0…1. Probes of people who are not in the gallery are left out (closed-set identification).

    Raises
    ------
    ParameterError
        If shapes differ, a similarity is NaN, ``k`` is below 1, or no probe has its person in the gallery.

    Notes
    -----
    Cumulative match characteristic, ISO/IEC 19795-1:2021. Ties count against the system: a constant similarity is
    right only when ``k`` is the number of people.

    Examples
    --------
    >>> similarity = [[0.9, 0.1, 0.2], [0.8, 0.7, 0.1]]
    >>> rank_k(similarity, ["x", "y"], ["x", "y", "z"]), rank_k(similarity, ["x", "y"], ["x", "y", "z"], k=2)
    (0.5, 1.0)
    """
    hits, _ = _hits(similarity, probe_subjects, gallery_subjects, k)
    return float(np.mean(hits))


def rank_k_of_people(
    similarity: ArrayLike, probe_subjects: ArrayLike, gallery_subjects: ArrayLike, k: int = 1
) -> float:
    """Return rank-k with each person counting once: the mean over people of the share of their probes (`rank_k`).

    Two people with twenty probes each must not decide.

    Parameters
    ----------
    similarity, probe_subjects, gallery_subjects, k
        As in `rank_k`.

    Raises
    ------
    ParameterError
        As in `rank_k`.

    Examples
    --------
    >>> similarity = [[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]
    >>> rank_k(similarity, ["x", "x", "x", "y"], ["x", "y"]), rank_k_of_people(similarity, list("xxxy"), ["x", "y"])
    (0.75, 0.5)
    """
    hits, probes = _hits(similarity, probe_subjects, gallery_subjects, k)
    return float(np.mean([np.mean(hits[probes == person]) for person in np.unique(probes)]))


def open_set_dir(
    similarity: ArrayLike, probe_subjects: ArrayLike, gallery_subjects: ArrayLike, far: float = 0.05
) -> float:
    """Return the share of probes that are found *and* recognised, when strangers come too.

    Every probe whose person is enrolled comes twice: as herself, and as a stranger, against the gallery without her.
    The threshold lets in ``far`` of the strangers at most; a probe counts when her own template is the most similar of
    all and lies above it.

    Parameters
    ----------
    similarity, probe_subjects, gallery_subjects
        As in `rank_k`.
    far : float, default 0.05
        Share of strangers who are taken for somebody (false positive identification rate).

    Returns
    -------
    float
        0…1: detection and identification rate (1 less the FNIR of ISO/IEC 19795-1:2021).

    Raises
    ------
    ParameterError
        As in `rank_k`, if ``far`` is not between 0 and 1, or the gallery holds one person only.

    Examples
    --------
    >>> similarity = [[0.9, 0.1, 0.2], [0.1, 0.7, 0.1], [0.3, 0.8, 0.6]]
    >>> round(open_set_dir(similarity, ["x", "y", "z"], ["x", "y", "z"], far=0.1), 3)
    0.333
    """
    matrix = _checked(similarity)
    probes, gallery = np.asarray(probe_subjects), np.asarray(gallery_subjects)
    if matrix.shape != (probes.size, gallery.size):
        raise ParameterError(
            f"similarity of shape {matrix.shape} for {probes.size} probes and {gallery.size} gallery templates"
        )
    if not 0 < far < 1:
        raise ParameterError(f"far is {far}: it must lie between 0 and 1")
    own = probes[:, None] == gallery[None, :]
    enrolled = own.any(axis=1)
    if not enrolled.any() or own.all():
        raise ParameterError("open-set identification needs probes who are enrolled, and a gallery of several people")
    matrix, own = matrix[enrolled], own[enrolled]
    best_own = np.where(own, matrix, -np.inf).max(axis=1)
    best_other = np.where(own, -np.inf, matrix).max(axis=1)
    allowed = int(np.floor(far * len(best_other)))
    threshold = np.sort(best_other)[::-1][min(allowed, len(best_other) - 1)]
    return float(np.mean((best_own > best_other) & (best_own > threshold)))


def map_at_r(similarity: ArrayLike, labels: ArrayLike, *, owners: ArrayLike | None = None) -> float:
    """Return MAP@R: mean average precision over the R nearest, R being how many others share the label.

    Parameters
    ----------
    similarity : array_like, shape (n, n)
        Of every item with every other; the diagonal is not looked at. For embeddings of length 1, shape
        (n, n_dimensions), pass ``embeddings @ embeddings.T``.
    labels : array_like, shape (n,)
        Person, or other label, of each item.
    owners : array_like, shape (n,), optional
        Whose each item is: an item is then looked for among those of others only, so that a person's beats do not
        find each other because they are hers.

    Returns
    -------
    float
        0…1. Items that nobody (else) shares the label with are left out.

    Raises
    ------
    ParameterError
        If shapes differ, a similarity is NaN, or no label occurs twice.

    Notes
    -----
    Musgrave, Belongie & Lim 2020 (doi:10.1007/978-3-030-58595-2_41, arXiv:2003.08505), section 3.2. Departure: of
    equal similarities those of other labels come first, so that a constant embedding does not profit from the order
    of the items.

    Examples
    --------
    Three of one label, one other. The first finds [hit, miss]: (1/1 + 0) / 2.

    >>> similarity = [[1, 0.9, 0.1, 0.5], [0.9, 1, 0.8, 0.2], [0.1, 0.8, 1, 0.3], [0.5, 0.2, 0.3, 1]]
    >>> round(map_at_r(similarity, [0, 0, 0, 1]), 4)
    0.6667
    """
    found = average_precision_at_r(similarity, labels, owners=owners)
    if np.isnan(found).all():
        raise ParameterError("no label occurs twice: there is nothing to find")
    return float(np.nanmean(found))


def average_precision_at_r(
    similarity: ArrayLike, labels: ArrayLike, *, owners: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the average precision over the R nearest of each item, whose mean is `map_at_r`.

    Parameters
    ----------
    similarity, labels, owners
        As in `map_at_r`.

    Returns
    -------
    ndarray, shape (n,)
        0…1; NaN for items that nobody (else) shares the label with.

    Raises
    ------
    ParameterError
        If shapes differ, or a similarity is NaN.

    Examples
    --------
    >>> average_precision_at_r([[1, 0.9, 0.1], [0.9, 1, 0.8], [0.1, 0.8, 1]], ["a", "a", "b"]).tolist()
    [1.0, 1.0, nan]
    """
    matrix = _checked(similarity)
    names = np.asarray(labels)
    n = names.size
    if names.ndim != 1 or matrix.shape != (n, n):
        raise ParameterError(f"similarity of shape {matrix.shape} for {n} labels: it must be square")
    _, codes, counts = np.unique(names, return_inverse=True, return_counts=True)
    whose = np.arange(n) if owners is None else np.unique(np.asarray(owners), return_inverse=True)[1]
    if whose.shape != (n,):
        raise ParameterError(f"{whose.size} owners for {n} items")
    # Of a label, those of one owner, the item itself among them, are not looked for.
    own = np.unique(np.column_stack([codes, whose]), axis=0, return_inverse=True, return_counts=True)
    wanted = counts[codes] - own[2][np.ravel(own[1])]
    queries = np.flatnonzero(wanted > 0)
    found = np.full(n, np.nan)
    for begin in range(0, len(queries), _ROWS_AT_ONCE):
        rows = queries[begin : begin + _ROWS_AT_ONCE]
        found[rows] = _average_precisions(matrix, codes, whose, rows, wanted[rows])
    return found


def _average_precisions(
    matrix: NDArray[np.float64],
    codes: NDArray[np.intp],
    whose: NDArray[np.intp],
    rows: NDArray[np.intp],
    wanted: NDArray[np.intp],
) -> NDArray[np.float64]:
    hidden = whose[rows][:, None] == whose[None, :]  # never its own neighbour, nor its owner's
    hits = (codes[rows][:, None] == codes[None, :]) & ~hidden
    keys = np.where(hidden, np.inf, -matrix[rows])
    order = np.lexsort((hits, keys), axis=1)[:, : int(wanted.max())]
    found = np.take_along_axis(hits, order, axis=1)
    place = np.arange(1, found.shape[1] + 1)
    found &= place <= wanted[:, None]
    return np.asarray(np.sum(found * np.cumsum(found, axis=1) / place, axis=1) / wanted)


def _hits(
    similarity: ArrayLike, probe_subjects: ArrayLike, gallery_subjects: ArrayLike, k: int
) -> tuple[NDArray[np.bool_], NDArray[np.generic]]:
    """Return whether the person of each probe is among the first ``k``, and who she is; for enrolled people."""
    matrix = _checked(similarity)
    probes, gallery = np.asarray(probe_subjects), np.asarray(gallery_subjects)
    if matrix.shape != (probes.size, gallery.size):
        raise ParameterError(
            f"similarity of shape {matrix.shape} for {probes.size} probes and {gallery.size} gallery templates"
        )
    if k < 1:
        raise ParameterError(f"k is {k}: it must be 1 or more")
    order = np.argsort(gallery, kind="stable")
    people, starts = np.unique(gallery[order], return_index=True)
    enrolled = np.isin(probes, people)
    if not enrolled.any():
        raise ParameterError("no probe has its person in the gallery")
    best = np.maximum.reduceat(matrix[enrolled][:, order], starts, axis=1)
    own = np.take_along_axis(best, np.searchsorted(people, probes[enrolled])[:, None], axis=1)
    ranks = np.sum(best >= own, axis=1)
    return np.asarray(ranks <= k), probes[enrolled]


def _checked(similarity: ArrayLike) -> NDArray[np.float64]:
    matrix = np.asarray(similarity, dtype=np.float64)
    if matrix.ndim != 2:
        raise ParameterError(f"similarity of shape {matrix.shape}: it must be a matrix")
    if np.isnan(matrix).any():
        raise ParameterError(f"{int(np.isnan(matrix).sum())} similarities are NaN: leave those items out")
    return matrix
