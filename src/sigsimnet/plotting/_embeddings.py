"""A map of embeddings: what the model finds alike lies close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sigsimnet.errors import ParameterError
from sigsimnet.plotting._figure import GREY, figure_of, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_embedding_map"]

NAMED = 20  # groups that get a colour of their own and a name
METHODS = ("tsne", "pca")


def plot_embedding_map(
    embeddings: ArrayLike, names: Sequence[str], *, method: str = "tsne", seed: int = 0, ax: Axes | None = None
) -> Figure:
    """Draw embeddings in a plane, coloured by what they belong to.

    Parameters
    ----------
    embeddings : array_like, shape (n, dim)
        Templates of recordings, or embeddings of segments.
    names : sequence of str, length n
        Person or label of each; the 20 most frequent are named, the others grey.
    method : {"tsne", "pca"}, default "tsne"
        t-SNE on cosine distances (van der Maaten & Hinton 2008), by scikit-learn: neighbours stay neighbours, and
        distances between groups mean nothing. Or the two directions in which embeddings vary most.
    seed : int, default 0
        Of t-SNE.
    ax : Axes, optional

    Raises
    ------
    ParameterError
        If there are fewer than four embeddings, not as many names, or the method is unknown.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> figure = plot_embedding_map(rng.normal(size=(6, 4)), list("aabbcc"), method="pca")
    """
    x = np.asarray(embeddings, dtype=np.float64)
    if method not in METHODS:
        raise ParameterError(f"unknown map {method!r} (known: {', '.join(METHODS)})")
    if x.ndim != 2 or len(x) < 4 or len(x) != len(names):
        raise ParameterError(f"{len(names)} names for embeddings of shape {x.shape}: a map takes at least 4, all named")
    if not np.isfinite(x).all():
        raise ParameterError("embeddings must be finite")
    if method == "pca":
        centred = x - x.mean(axis=0)
        _, size, directions = np.linalg.svd(centred, full_matrices=False)
        places = centred @ directions[:2].T
        shares = 100 * size[:2] ** 2 / max(float((size**2).sum()), 1e-30)
        labels = tuple(f"component {k} ({share:.0f} % of the variance)" for k, share in enumerate(shares, start=1))
    else:
        from sklearn.manifold import TSNE

        perplexity = min(30.0, (len(x) - 1) / 3)
        tsne = TSNE(metric="cosine", init="random", perplexity=perplexity, random_state=seed)
        places, labels = tsne.fit_transform(x), ("t-SNE, cosine distance", "")
    axes = new_axes(ax, 6.4, 5.2)
    who, count = np.unique(np.asarray(names, dtype=str), return_counts=True)
    shown = who[np.argsort(-count, kind="stable")[:NAMED]]
    rest = ~np.isin(names, shown)
    if rest.any():
        axes.scatter(
            places[rest, 0], places[rest, 1], s=14, color=GREY, alpha=0.6, label=f"{len(who) - len(shown)} others"
        )
    from matplotlib import colormaps

    colours = colormaps["tab20"].colors  # type: ignore[attr-defined]
    for number, name in enumerate(sorted(shown.tolist())):
        mine = np.asarray(names, dtype=str) == name
        marker = "os^D"[number // 5 % 4]  # shapes too: not everybody distinguishes twenty colours
        axes.scatter(places[mine, 0], places[mine, 1], s=18, color=colours[number], marker=marker, label=name)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    if method == "tsne":
        axes.set_xticks([])
        axes.set_yticks([])
    axes.legend(fontsize=6, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return figure_of(axes)
