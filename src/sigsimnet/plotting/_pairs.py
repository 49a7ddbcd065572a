"""Plots of pairs: where two recordings agree, and how scores fall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, figure_of, new_axes
from sigsimnet.plotting._signals import plot_beats
from sigsimnet.segments import Segments

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_agreement", "plot_beat_pair", "plot_matrix", "plot_score_histogram"]


def plot_beat_pair(a: Segments, b: Segments, *, ax: Axes | None = None, labels: tuple[str, str] = ("A", "B")) -> Figure:
    """Draw the beats of two recordings over one another, each with mean and spread.

    Parameters
    ----------
    a, b : Segments
    ax : Axes, optional
        Where to draw; a new figure when left out.
    labels : tuple of str
        What the two sides are called.

    Examples
    --------
    >>> from sigsimnet import beats, simulate
    >>> figure = plot_beat_pair(*(beats(recording) for recording in simulate(2, 1, duration=9)))
    """
    axes = new_axes(ax, 6.0, 3.6)
    plot_beats(a, ax=axes, color=BLUE, label=f"{labels[0]}: {len(a)} {a.kind}")
    plot_beats(b, ax=axes, color=ORANGE, label=f"{labels[1]}: {len(b)} {b.kind}")
    return figure_of(axes)


def plot_agreement(
    times: Sequence[NDArray[np.float64]],
    scores: Sequence[NDArray[np.floating]],
    *,
    ax: Axes | None = None,
    labels: tuple[str, str] = ("A", "B"),
) -> Figure:
    """Draw how well each segment of one recording agrees with the whole of the other, over time.

    Parameters
    ----------
    times, scores : sequence of two ndarrays, shape (n_segments,)
        Of both sides: time of each segment in s, and its score against the other side.
    ax : Axes, optional
        Where to draw; a new figure when left out.
    labels : tuple of str
        What the two sides are called.

    Examples
    --------
    >>> times, scores = np.arange(3.0), np.array([0.9, 0.8, 0.9])
    >>> figure = plot_agreement([times, times], [scores, scores])
    """
    axes = new_axes(ax, 9.0, 2.6)
    for t, s, color, label in zip(times, scores, (BLUE, ORANGE), labels, strict=True):
        axes.plot(t, s, ".-", color=color, linewidth=0.6, markersize=4, label=f"segments of {label}")
    axes.set_xlabel("time in its own recording (s)")
    axes.set_ylabel("score against the other")
    axes.legend(fontsize=8)
    return figure_of(axes)


def plot_matrix(
    scores: ArrayLike,
    labels: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str = "",
    bounds: tuple[float, float] | None = None,
) -> Figure:
    """Draw a matrix of scores, with the numbers in it when it is small.

    Examples
    --------
    >>> figure = plot_matrix([[1.0, 0.2], [0.2, 1.0]], ["a", "b"])
    """
    values = np.asarray(scores, dtype=np.float64)
    size = float(np.clip(1.5 + 0.45 * len(values), 4.0, 12.0))
    axes = new_axes(ax, size + 1.0, size)
    low, high = bounds if bounds is not None else (float(np.nanmin(values)), float(np.nanmax(values)))
    image = axes.imshow(values, cmap="viridis", vmin=low, vmax=high)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    if len(values) <= 12:
        for i, j in np.ndindex(values.shape):
            dark = values[i, j] < low + 0.6 * (high - low)
            shown = "–" if np.isnan(values[i, j]) else f"{values[i, j]:.2f}"
            axes.text(j, i, shown, ha="center", va="center", fontsize=7, color="w" if dark else "k")
    figure = figure_of(axes)
    figure.colorbar(image, ax=axes, shrink=0.8)
    axes.set_title(title, fontsize=10)
    return figure


def plot_score_histogram(scores: ArrayLike, genuine: ArrayLike, *, ax: Axes | None = None) -> Figure:
    """Draw how the scores of genuine and impostor trials are spread.

    Examples
    --------
    >>> figure = plot_score_histogram([0.9, 0.8, 0.1], [1, 1, 0])
    """
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(genuine, dtype=bool)
    axes = new_axes(ax, 6.0, 3.0)
    edges = np.linspace(values.min(), values.max() + 1e-9, 31)
    for chosen, color, kind in ((~truth, GREY, "different"), (truth, BLUE, "same")):
        if not chosen.any():
            continue
        label = f"{kind} ({chosen.sum()} pairs)"
        axes.hist(values[chosen], edges.tolist(), density=True, color=color, alpha=0.6, label=label)
    axes.set_xlabel("score")
    axes.set_ylabel("density")
    axes.legend(fontsize=8)
    return figure_of(axes)
