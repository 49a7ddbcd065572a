"""The page of an evaluation: error trade-off, scores, calibration, and EER by the number of segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sigsimnet.metrics import det_curve
from sigsimnet.plotting import (
    new_figure,
    plot_calibration,
    plot_confusion,
    plot_det,
    plot_error_by_count,
    plot_score_histogram,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sigsimnet.evaluation._result import Evaluation

__all__ = ["draw_page", "draw_rows"]


def draw_page(found: Evaluation) -> Figure:
    """Draw the four panels of one protocol."""
    named = found.labels is not None and "model" in found.labels.methods
    figure = new_figure(16.5 if named else 11.0, 8.5)
    if named:
        grid = figure.add_gridspec(2, 3)
        _draw(found, [figure.add_subplot(grid[k // 2, k % 2]) for k in range(4)])
        _draw_labels(found, [figure.add_subplot(grid[k, 2]) for k in range(2)])
    else:
        _draw(found, figure.subplots(2, 2).ravel().tolist())
    figure.suptitle(_title(found), fontsize=9)
    return figure


def draw_rows(every: Mapping[str, Evaluation]) -> Figure:
    """Draw a row of four panels for each protocol."""
    figure = new_figure(17.0, 4.2 * len(every))
    rows = figure.subplots(len(every), 4, squeeze=False)
    for axes, (name, found) in zip(rows.tolist(), every.items(), strict=True):
        _draw(found, axes)
        axes[0].set_title(f"{name}: {_counts(found)}", fontsize=8, loc="left")
    return figure


def _draw(found: Evaluation, axes: Sequence[Axes]) -> None:
    trade_off, scores, calibration, by_count = axes
    methods = {"this model": found.scores, **found.baseline_scores}
    curves = {name: det_curve(values, found.genuine) for name, values in methods.items()}
    plot_det({name: (curve.far, curve.frr) for name, curve in curves.items()}, ax=trade_off)
    plot_score_histogram(found.scores, found.genuine, ax=scores)
    if found.probabilities is not None:
        plot_calibration(found.probabilities, found.genuine, ax=calibration)
    else:
        calibration.set_axis_off()
        calibration.set_title("not calibrated", fontsize=9)
    if found.by_count:
        named = {"this model" if name == "model" else name: rates for name, rates in found.by_count.items()}
        plot_error_by_count(
            list(found.by_count["model"]),
            {name: list(rates.values()) for name, rates in named.items()},
            what=str(found.model.protocol["segments"]),
            ax=by_count,
        )
    else:
        by_count.set_axis_off()


def _draw_labels(found: Evaluation, axes: Sequence[Axes]) -> None:
    """Draw the confusion of labels for the model, and below for the best baseline."""
    answers = found.labels
    if answers is None:
        return
    others = {name: one for name, one in answers.methods.items() if name != "model"}
    best = max(others, key=lambda name: others[name].balanced_accuracy, default="")
    for panel, name in zip(axes, ("model", best), strict=True):
        if name not in answers.methods:
            panel.set_axis_off()
            continue
        one = answers.methods[name]
        who = "this model" if name == "model" else name
        said = f"{who}: balanced accuracy {100 * one.balanced_accuracy:.1f} %, macro-F1 {100 * one.macro_f1:.1f} %"
        plot_confusion(one.labels, one.confusion, title=said, ax=panel)


def _title(found: Evaluation) -> str:
    return f"{found.model.protocol['trials']}: {_counts(found)}"


def _counts(found: Evaluation) -> str:
    return f"{found.model.n_genuine} genuine, {found.model.n_impostor} impostor trials"
