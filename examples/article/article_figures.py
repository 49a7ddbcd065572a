"""The figures, and the words beside them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from article_data import ACTIVITIES, CORRECTED, LENGTH, TRAIN_SHARE, Windows
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

import sigsimnet as ssn
from sigsimnet.plotting import plot_matrix, plot_r_peaks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "METHODS",
    "draw_methods",
    "draw_r_peaks",
    "draw_raw",
    "draw_rolling",
    "draw_score_matrix",
    "draw_summary",
    "mean_matrix",
]

METHODS = (
    "article, untrained",
    "article, trained",
    "article on whole windows, untrained",
    "article on whole windows, trained",
    "Pearson, not aligned",
    "amplitude, five numbers",
    "amplitude, one number",
    "ours",
)
BLUE, ORANGE, GREY, GREEN = "#0072B2", "#D55E00", "#8a8f98", "#009E73"  # Okabe & Ito
STATES = {"still": BLUE, "moving": ORANGE}

LEAD = "Five-channel wearable ECG of one person, sitting, walking at two paces and climbing stairs (Deep-XF, MIT)."
ABOUT = (
    "The article subtracts and multiplies two vectors of five samples and sends them through an untrained network. "
    "Here its way is walked again, with the network trained, with our twin, and with amplitude alone beside it.",
    "Training uses the first 60 % of each recording, the test the last 40 %. No window lies across the cut, nothing is "
    "filtered across it, and two windows that share a sample are not a trial.",
)
RAW = (
    "Blue: the person is still; orange: moving; white: the device is being handled. Right of the dashed line is the "
    "test. The file walking_normal begins with 29.5 s of standing still, and walking_fast walks only from 15.5 s on. "
    "Scales differ between panels, and spikes of up to 700 mV, which no heart makes, are cut off by the axes.",
)
ROLLING = (
    "Left: the rolling sum, as the article draws it: mostly baseline. Right: the rolling root mean square, on a "
    "logarithmic axis; this one number already tells still from moving.",
)
R_PEAKS = (
    "Band-passed channel with the clearest beats, from the start of the test part. Sitting shows heart beats; while "
    "walking, movement is as large as the heart, and some spikes (cut off by the axis) are marked too.",
)
MATRIX = (
    "Diagonal: windows of one recording that do not overlap (stairs has a single test window, hence none). The "
    "untrained network's numbers have no scale of their own; the colours of each panel span its own range.",
)
METHODS_TEXT = (
    "ROC-AUC: the chance that two windows of the same label score higher than two of different labels; 0.5 is "
    "chance. ± is the standard deviation over random draws, not over people: there is only one.",
    "Both corrections of the labels fall into the training parts. In the last 40 % the file names are right; what "
    "changes there is the question: four activities, or still against moving. Whole files show what wrong labels do.",
)
NETWORKS = (
    "The article's network is trained with AdamW at a weight decay of 0, which is Adam. Departures from the article: "
    "the rate rises to 0.001 over the first tenth of the training and falls along a cosine, gradients are clipped at a "
    "norm of 5, and batch normalisation has the momentum of PyTorch (0.1 of each new batch), not that of Keras (0.01).",
    "Our twin's encoder was chosen among a few with figures of the test parts in sight, since the training parts are "
    "too short to choose by; its figures are a little optimistic. All that was tried stands in README.md.",
)
ERRORS = (
    "They measure the distance from 1 (same) and 0 (different), not how often an answer is wrong; the networks' scores "
    "are taken as they are, in mV. MAPE runs over same pairs only, since it divides by the label.",
)
LIMITS = (
    "One person, one session, and activity = recording: electrode contact, device position and baseline change from "
    "file to file along with the activity. A method that recognises the file looks as if it recognised the activity. "
    "Nothing here says anything about other people or other days.",
    "Still against moving is a difference of amplitude; a network is not needed for it. Once standing still is left "
    "out, every method is near chance: the walking paces cannot be told apart from four recordings.",
    "The last two columns hold out a whole recording. Still or moving carries over to it, for amplitude alone as well "
    "as for our twin; the article's network does worse, and its answer depends more on the draw.",
)


def _shade(ax: Axes, activity: str, duration: float) -> None:
    for start, stop, state in CORRECTED[activity]:
        ax.axvspan(start, min(stop, duration), color=STATES[state], alpha=0.10, linewidth=0)
    ax.axvline(TRAIN_SHARE * duration, color="k", linestyle="--", linewidth=0.9)
    ax.set_xlim(0, duration)


def _key(figure: Figure) -> None:
    patches = [Patch(color=color, alpha=0.25, label=state) for state, color in STATES.items()]
    patches.append(Patch(facecolor="w", edgecolor=GREY, label="handling: left out"))
    figure.legend(handles=patches, loc="outside lower center", ncols=3, fontsize=9, frameon=False)


def _bulk(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return limits of an axis that a few spikes do not flatten: 99 % of the samples and as much again around."""
    low, middle, high = (float(x) for x in np.nanpercentile(values, [0.5, 50.0, 99.5]))
    return middle - 2.0 * max(middle - low, 1e-6), middle + 2.0 * max(high - middle, 1e-6)


def draw_raw(recordings: Mapping[str, ssn.Recording]) -> Figure:
    """Draw the five channels of each recording, with what was done when.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    """
    n_channels = max(recording.n_channels for recording in recordings.values())
    figure = Figure(figsize=(13, 1.5 * n_channels + 1), layout="constrained")
    axes = figure.subplots(n_channels, len(recordings), sharex="col", squeeze=False)
    for number, (activity, recording) in enumerate(recordings.items()):
        column, times = axes[:, number], recording.times()
        for row, ax in enumerate(column[: recording.n_channels]):
            _shade(ax, activity, recording.duration)
            ax.plot(times, recording.data[row], color="#1d2430", linewidth=0.4)
            ax.tick_params(labelsize=8)
            ax.set_ylim(*_bulk(recording.data[row]))
            if number == 0:
                ax.set_ylabel(f"{recording.channel_names[row]} ({recording.units[row]})", fontsize=9)
        column[0].set_title(activity, fontsize=11)
        column[-1].set_xlabel("time (s)", fontsize=9)
    _key(figure)
    return figure


def draw_rolling(recordings: Mapping[str, ssn.Recording], channel: int = 0, window: float = 1.0) -> Figure:
    """Draw the rolling sum and the rolling root mean square of a channel.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    channel : int
    window : float
        In s.
    """
    figure = Figure(figsize=(13, 2.0 * len(recordings) + 0.8), layout="constrained")
    axes = figure.subplots(len(recordings), 2, squeeze=False)
    for row, (activity, recording) in zip(axes, recordings.items(), strict=True):
        frame = recording.to_dataframe().iloc[:, channel].astype(float)
        rolling = frame.rolling(round(window * recording.sampling_rate), center=True)
        squares = (frame**2).rolling(round(window * recording.sampling_rate), center=True)
        for ax in row:
            _shade(ax, activity, recording.duration)
            ax.tick_params(labelsize=8)
        row[0].plot(frame.index, rolling.sum(), color="#1d2430", linewidth=0.9)
        row[0].set_ylabel(f"{activity}\nsum ({recording.units[channel]})", fontsize=9)
        row[1].semilogy(frame.index, np.sqrt(squares.mean().clip(lower=1e-12)), color="#1d2430", linewidth=0.9)
        row[1].set_ylim(0.02, 200)
        row[1].set_ylabel(f"RMS ({recording.units[channel]})", fontsize=9)
    name = next(iter(recordings.values())).channel_names[channel]
    axes[0, 0].set_title(f"rolling sum of {name}, {window:g} s", fontsize=11)
    axes[0, 1].set_title(f"rolling root mean square of {name}, {window:g} s", fontsize=11)
    for ax in axes[-1]:
        ax.set_xlabel("time (s)", fontsize=9)
    _key(figure)
    return figure


def draw_r_peaks(recordings: Mapping[str, ssn.Recording], seconds: float = 12.0) -> Figure:
    """Draw the R peaks at the start of each test part (or in the last ``seconds``, where it is shorter).

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    seconds : float
        Time shown, in s.
    """
    figure = Figure(figsize=(12, 2.3 * len(recordings)), layout="constrained")
    for ax, (activity, recording) in zip(
        figure.subplots(len(recordings), 1, squeeze=False)[:, 0], recordings.items(), strict=True
    ):
        start = max(0.0, min(TRAIN_SHARE * recording.duration, recording.duration - seconds))
        stop = min(start + seconds, recording.duration)
        peaks = ssn.detect_peaks(recording)
        plot_r_peaks(recording, peaks, ax=ax, start=start, stop=stop)
        # plot_r_peaks thins the whole recording for a page; here a few seconds are shown, with every sample.
        t, x = recording.times(), ssn.preprocess(recording.pick(peaks.channel)).data[0]
        ax.lines[0].set_data(t, x)
        seen = (t >= start) & (t <= stop)
        ax.set_ylim(*_bulk(x[seen]))
        ax.set_title(f"{activity}, {peaks.channel}: {len(peaks)} peaks in all, {peaks.heart_rate:.0f}/min", fontsize=10)
        legend = ax.get_legend()
        if legend is not None:
            legend.remove()
        if ax.get_subplotspec().get_gridspec().nrows - 1 != ax.get_subplotspec().rowspan.start:
            ax.set_xlabel("")
    return figure


def mean_matrix(scores: NDArray[np.float64], windows: Windows) -> NDArray[np.float64]:
    """Return the mean score of each recording with each, over windows that do not overlap.

    Parameters
    ----------
    scores : ndarray, shape (n_windows, n_windows)
    windows : Windows

    Returns
    -------
    ndarray, shape (4, 4)
        NaN where there is no pair; in the order of `ACTIVITIES`.
    """
    means = np.full((len(ACTIVITIES), len(ACTIVITIES)), np.nan)
    apart = np.abs(windows.start[:, None] - windows.start[None]) >= LENGTH - 1e-6
    for i, a in enumerate(ACTIVITIES):
        for j, b in enumerate(ACTIVITIES):
            use = (windows.activity == a)[:, None] & (windows.activity == b)[None]
            if a == b:
                use = use & apart
            if use.any():
                means[i, j] = scores[use].mean()
    return means


def draw_score_matrix(matrices: Mapping[str, NDArray[np.float64]], windows: Windows) -> Figure:
    """Draw the matrix of scores of the recordings, as the untrained network, the trained one and ours have it.

    Parameters
    ----------
    matrices : mapping of str to ndarray, shape (n_windows, n_windows)
        By method.
    windows : Windows
    """
    shown = [name for name in ("article, untrained", "article, trained", "ours") if name in matrices]
    figure = Figure(figsize=(4.6 * len(shown), 4.0), layout="constrained")
    for ax, name in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        plot_matrix(mean_matrix(matrices[name], windows), ACTIVITIES, ax=ax, title=name)
        ax.tick_params(labelsize=9)
        for text in ax.texts:
            text.set_fontsize(9)
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    return figure


def draw_summary(networks: Mapping[str, str]) -> Figure:
    """Draw the layers of the networks, one panel each.

    Parameters
    ----------
    networks : mapping of str to str
        Summary by title.
    """
    columns = [max(len(line) for line in text.splitlines()) for text in networks.values()]
    lines = max(len(text.splitlines()) for text in networks.values())
    figure = Figure(figsize=(0.085 * sum(columns) + 1.0, 0.16 * lines + 0.7), layout="constrained")
    panels = figure.subplots(1, len(networks), squeeze=False, width_ratios=columns)[0]
    for ax, (title, text) in zip(panels, networks.items(), strict=True):
        ax.set_axis_off()
        ax.set_title(title, fontsize=11, loc="left")
        ax.text(0, 1, text, family="monospace", fontsize=9, va="top", transform=ax.transAxes)
    return figure


def draw_methods(rows: Sequence[Any], titles: Mapping[str, str]) -> Figure:
    """Draw mean and standard deviation of the ROC-AUC of each method, one panel a task.

    Parameters
    ----------
    rows : sequence of Row
    titles : mapping of str to str
        Of the tasks, in order.
    """
    per_line = 4
    n_lines = -(-len(titles) // per_line)
    figure = Figure(figsize=(14, 3.4 * n_lines), layout="constrained")
    axes = figure.subplots(n_lines, per_line, sharey=True, squeeze=False).ravel()
    names = list(METHODS)[::-1]
    for ax, (task, title) in zip(axes, titles.items(), strict=False):
        for row in rows:
            if row.task != task:
                continue
            a = np.array(row.aucs)
            colour = GREEN if row.method == "ours" else ORANGE if row.method.startswith("article") else BLUE
            y = names.index(row.method)
            spread = a.std(ddof=1) if len(a) > 1 else 0.0
            ax.errorbar(a.mean(), y, xerr=spread, fmt="o", color=colour, markersize=6, capsize=3)
            ax.text(1.08, y, f"{a.mean():.2f}", va="center", ha="left", fontsize=8, color=colour)
        ax.axvline(0.5, color=GREY, linestyle=":", linewidth=1)
        ax.set_xlim(0, 1.05)
        ax.set_ylim(-0.6, len(names) - 0.4)
        ax.set_yticks(range(len(names)), names, fontsize=9)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
        ax.tick_params(axis="x", labelsize=8)
        ax.set_title(textwrap.fill(title, 28), fontsize=9)
    for ax in axes[len(titles) :]:
        ax.remove()
    figure.supxlabel("ROC-AUC: mean ± standard deviation over draws (dotted: chance)", fontsize=9)
    return figure
