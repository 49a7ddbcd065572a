"""Gaps and quality as coloured bands behind a signal, and each step of a cleaning before and after."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.runs import runs_of
from sigsimnet.analysis._crop import crop_with_time
from sigsimnet.cleaning import Chain, preset
from sigsimnet.cleaning.steps import Mains
from sigsimnet.plotting._decimate import downsample_minmax
from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, new_figure
from sigsimnet.plotting._signals import draw_channel
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import Quality, quality

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MISSING", "POOR", "bands_of", "joined", "missing_of", "plot_cleaning", "plot_quality", "shade"]

MISSING, POOR = "#c8ccd2", "#f3b38c"
MOST_BANDS = 400  # of a panel: more would be thinner than a pixel


def shade(
    ax: Axes, recording: Recording, row: int, found: Quality, begin: float = 0.0, end: float = float("inf")
) -> None:
    """Colour the seconds of a channel that are not good (orange) and those with missing samples (grey), in a part."""
    poor = bands_of(found)[recording.channel_names[row]]
    for color, spans in ((POOR, poor), (MISSING, missing_of(recording, row))):
        for start, stop in joined([span for span in spans if span[1] > begin and span[0] < end], MOST_BANDS):
            ax.axvspan(max(start, begin), min(stop, end), color=color, alpha=0.6, linewidth=0)


def bands_of(found: Quality) -> dict[str, list[tuple[float, float]]]:
    """Return, of each channel, start and stop in s of the intervals that are not good."""
    bands: dict[str, list[tuple[float, float]]] = {name: [] for name in found.channel_names}
    for interval in found.intervals():
        bands[interval.channel].append((interval.start, interval.stop))
    return bands


def missing_of(recording: Recording, row: int) -> list[tuple[float, float]]:
    """Return start and stop in s of the intervals of a channel that are missing."""
    rate = recording.sampling_rate
    return [
        (span.time + start / rate, span.time + stop / rate)
        for span, samples in recording.iter_spans()
        for start, stop in runs_of(np.isnan(samples[row])).tolist()
    ]


def joined(spans: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """Return at most ``most`` spans: those with the narrowest clearings between them become one.

    Examples
    --------
    >>> joined([(0, 1), (2, 3), (9, 10)], 2)
    [(0, 3), (9, 10)]
    """
    if len(spans) <= most:
        return spans
    clear = np.array([b[0] - a[1] for a, b in pairwise(spans)])
    kept = np.sort(np.argsort(-clear, kind="stable")[: most - 1])
    starts = [spans[0][0], *(spans[k + 1][0] for k in kept)]
    stops = [*(spans[k][1] for k in kept), spans[-1][1]]
    return list(zip(starts, stops, strict=True))


def plot_quality(
    recording: Recording,
    found: Quality | None = None,
    *,
    modality: str | None = "ecg",
    start: float = 0.0,
    stop: float | None = None,
) -> Figure:
    """Draw every channel with its gaps (grey) and poor seconds (orange) behind it, and its quality index under it.

    Parameters
    ----------
    recording : Recording
    found : Quality, optional
        Judged as ``modality`` when left out.
    modality : str or None
    start, stop : float
        Part to draw, in s.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_quality(simulate(1, 1, duration=9)[0])
    """
    found = quality(recording, modality=modality) if found is None else found
    part, zero = crop_with_time(recording, start, stop)
    last = zero + float(part.time_of([max(part.n_samples - 1, 0)])[0])
    shown = (found.times + found.durations > zero) & (found.times <= last)
    n = recording.n_channels
    figure = new_figure(10.0, 0.8 + 1.7 * n)
    axes = figure.subplots(2 * n, 1, sharex=True, squeeze=False, height_ratios=(3, 1) * n)[:, 0]
    for row in range(n):
        above, below = axes[2 * row], axes[2 * row + 1]
        draw_channel(above, part, row, zero=zero)
        shade(above, recording, row, found, zero, last)
        for seconds in found.spans():
            t, x = downsample_minmax(found.times[seconds], found.index[row, seconds])
            end = found.times[seconds.stop - 1] + found.durations[seconds.stop - 1]
            below.step(np.append(t, end), np.append(x, x[-1]), where="post", color=GREY, linewidth=0.9)
        below.axhline(found.threshold, color=ORANGE, linewidth=0.7, linestyle=":")
        below.set(ylim=(-0.05, 1.05), yticks=(0, 1))
        below.set_ylabel("quality", fontsize=7)
        good = found.good[row, shown]
        above.set_title(f"{100 * good.mean() if len(good) else 0:.0f} % good", fontsize=8, loc="right", pad=2)
    axes[-1].set_xlim(zero, max(last, zero + 1e-3))
    axes[-1].set_xlabel("time (s)")
    figure.suptitle(recording.source)
    return figure


def plot_cleaning(
    recording: Recording,
    chain: Chain | str = "ecg",
    channel: str | int = 0,
    *,
    start: float = 0.0,
    stop: float | None = None,
    mains: float | None = None,
) -> Figure:
    """Draw a channel before and after each step of a cleaning; invented samples are marked.

    Parameters
    ----------
    recording : Recording
    chain : Chain or str, default "ecg"
        A chain, or the name of a preset.
    channel : str or int, default 0
    start, stop : float
        Part to draw, in s; ten seconds by default. The whole recording is cleaned.
    mains : float, optional
        Mains frequency in Hz, 0 for none, where it was looked for before.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> len(plot_cleaning(simulate(1, 1, duration=9)[0], "ecg").axes)  # as it came, and six steps
    7
    """
    steps = (preset(chain) if isinstance(chain, str) else chain).steps
    row = recording.channel_index(channel)
    end = start + 10.0 if stop is None else stop
    figure = new_figure(10.0, 0.8 + 1.5 * (len(steps) + 1))
    axes = figure.subplots(len(steps) + 1, 1, sharex=True, squeeze=False)[:, 0]
    part, zero = crop_with_time(recording, start, end)
    draw_channel(axes[0], part, row, color=GREY, zero=zero)
    axes[0].set_title("as it came", fontsize=8, loc="right", pad=2)
    # Other channels stay: steps that look at several (mains) see what they would see.
    for ax, step in zip(axes[1:], steps, strict=True):
        draw_channel(ax, part, row, color=MISSING, zero=zero)
        recording, invented, note = step.apply(recording, mains) if isinstance(step, Mains) else step.apply(recording)
        part, zero = crop_with_time(recording, start, end)
        draw_channel(ax, part, row, color=BLUE, zero=zero)
        if invented is not None and invented[row].any():
            times = recording.times()
            where = np.flatnonzero(invented[row] & (times >= start) & (times < end))
            ax.plot(times[where], recording.data[row, where], ".", color=ORANGE, markersize=3)
        ax.set_title(f"{step.name}: {note}", fontsize=8, loc="right", pad=2)
    axes[-1].set_xlabel("time (s)")
    about = f"{recording.source} {recording.channel_names[row]}".strip()
    figure.suptitle(f"{about}: before (grey) and after (blue) each step")
    return figure
