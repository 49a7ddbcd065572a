"""Pictures of how good answers are: error trade-off, calibration, errors against the number of beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from sigsimnet.errors import ParameterError
from sigsimnet.plotting._figure import BLUE, GREY, figure_of, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_calibration", "plot_confusion", "plot_det", "plot_error_by_count"]

MOST_COUNTED = 20  # labels, whose counts are written into the squares
TICKS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6)


def plot_det(curves: Mapping[str, tuple[ArrayLike, ArrayLike]], *, ax: Axes | None = None) -> Figure:
    """Draw false rejects against false accepts, both on a normal deviate scale.

    Martin et al. 1997 (doi:10.21437/Eurospeech.1997-504): scores that are normal give straight lines.

    Parameters
    ----------
    curves : mapping of str to (far, frr)
        Rates 0…1 at falling thresholds, by name; the first is drawn in blue.
    ax : Axes, optional

    Raises
    ------
    ParameterError
        If there is nothing to draw.

    Examples
    --------
    >>> figure = plot_det({"a model": ([0, 0.1, 0.5, 1], [1, 0.4, 0.1, 0])})
    """
    if not curves:
        raise ParameterError("no curves to draw")
    axes = new_axes(ax, 4.6, 4.4)
    low, high = norm.ppf(TICKS[0]), norm.ppf(TICKS[-1])
    for number, (name, (far, frr)) in enumerate(curves.items()):
        x, y = (np.clip(norm.ppf(np.clip(np.asarray(rate, dtype=float), 1e-6, 1 - 1e-6)), -5, 5) for rate in (far, frr))
        style = {"color": BLUE, "linewidth": 2.0, "zorder": 3} if number == 0 else {"linewidth": 1.0}
        axes.plot(x, y, label=name, **style)
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.7, linestyle=":")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([float(norm.ppf(tick)) for tick in TICKS], [f"{100 * tick:g}" for tick in TICKS])
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_xlabel("different taken for same (%)")
    axes.set_ylabel("same taken for different (%)")
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    return figure_of(axes)


def plot_calibration(probabilities: ArrayLike, genuine: ArrayLike, *, ax: Axes | None = None) -> Figure:
    """Draw how often it was the same against the probability that the model gave.

    Both kinds of trial count half, as in the model's probabilities. A dot is a tenth of the scale, as large
    as its share of the trials; on the diagonal it is an honest probability.

    Examples
    --------
    >>> figure = plot_calibration([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0])
    """
    p, truth = np.asarray(probabilities, dtype=float), np.asarray(genuine, dtype=bool)
    if p.shape != truth.shape or not truth.any() or truth.all():
        raise ParameterError("calibration needs a probability for each trial, and both kinds of trial")
    axes = new_axes(ax, 4.4, 4.2)
    weight = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    edges = np.linspace(0, 1, 11)
    which = np.clip(np.digitize(p, edges) - 1, 0, 9)
    there = [k for k in range(10) if (which == k).any()]
    predicted = [float(np.average(p[which == k], weights=weight[which == k])) for k in there]
    was = [float(np.average(truth[which == k], weights=weight[which == k])) for k in there]
    share = np.array([weight[which == k].sum() for k in there])
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    axes.scatter(predicted, was, s=20 + 400 * share, color=BLUE, alpha=0.7)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("probability of same, as the model says")
    axes.set_ylabel("share that was the same")
    return figure_of(axes)


def plot_confusion(labels: Sequence[str], confusion: ArrayLike, *, title: str = "", ax: Axes | None = None) -> Figure:
    """Draw which class was given to items of which class: counts, and the share of a row as its shade.

    Parameters
    ----------
    labels : sequence of str
    confusion : array_like of int, shape (n_labels, n_labels)
        Rows are the true class.
    title : str, optional
    ax : Axes, optional

    Raises
    ------
    ParameterError
        If there are not as many rows and columns as labels.

    Examples
    --------
    >>> figure = plot_confusion(["fist", "rest"], [[8, 2], [1, 9]])
    """
    counts = np.asarray(confusion)
    if counts.shape != (len(labels), len(labels)) or not len(labels):
        raise ParameterError(f"a confusion of shape {counts.shape} for {len(labels)} labels")
    axes = new_axes(ax, 4.8, 4.4)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    places = np.arange(len(labels))
    names = [label if len(label) <= 18 else label[:17] + "…" for label in labels]
    axes.set_xticks(places, names, rotation=45 if max(map(len, names)) > 3 else 0, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, names)
    if len(labels) <= MOST_COUNTED:
        for i, j in np.ndindex(counts.shape):
            if counts[i, j]:
                shade = "white" if share[i, j] > 0.55 else "black"
                axes.text(j, i, str(int(counts[i, j])), ha="center", va="center", fontsize=8, color=shade)
    axes.set_xlabel("label given")
    axes.set_ylabel("true label")
    axes.grid(visible=False)
    if title:
        axes.set_title(title, fontsize=9)
    return figure_of(axes)


def plot_error_by_count(
    counts: Sequence[int], rates: Mapping[str, Sequence[float]], *, what: str = "beats", ax: Axes | None = None
) -> Figure:
    """Draw the equal error rate against the number of beats on each side.

    Parameters
    ----------
    counts : sequence of int
    rates : mapping of str to sequence of float
        EER 0…1 at each count, by name; the first is drawn in blue.
    what : str
        What is counted.
    ax : Axes, optional

    Examples
    --------
    >>> figure = plot_error_by_count([1, 2, 4], {"a model": [0.2, 0.15, 0.12]})
    """
    axes = new_axes(ax, 4.6, 3.4)
    for number, (name, values) in enumerate(rates.items()):
        style = {"color": BLUE, "linewidth": 2.0} if number == 0 else {"linewidth": 1.0}
        axes.plot(counts, 100 * np.asarray(values, dtype=float), marker="o", markersize=4, label=name, **style)
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(counts), [str(n) for n in counts])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"{what} on each side")
    axes.set_ylabel("EER (%)")
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    return figure_of(axes)
