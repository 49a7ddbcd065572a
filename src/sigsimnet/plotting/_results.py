"""Pictures that results draw of themselves: heart rate, quality by second, a profile at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.sampling import subsample_evenly
from sigsimnet.analysis import Profile
from sigsimnet.errors import ParameterError
from sigsimnet.peaks import Peaks, RRSeries, clean_rr
from sigsimnet.plotting._bands import shade
from sigsimnet.plotting._decimate import downsample_minmax
from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, figure_of, new_axes, new_figure
from sigsimnet.plotting._shape import plot_distribution, plot_spectrum
from sigsimnet.plotting._signals import draw_channel
from sigsimnet.signal_quality import Quality

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_heart_rate", "plot_profile", "plot_quality_map"]

MOST_OTHERS = 2000  # intervals that are not normal, drawn as dots
MOST_COLUMNS = 2000  # of a map of quality; a page is not wider
MOST_CHANNELS = 8  # of the signals at a glance


def plot_heart_rate(peaks: Peaks | RRSeries, *, ax: Axes | None = None) -> Figure:
    """Draw the heart rate from beat to beat; intervals that are not from normal beat to normal beat are dots.

    Parameters
    ----------
    peaks : Peaks or RRSeries
    ax : Axes, optional

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> figure = plot_heart_rate(detect_peaks(simulate(1, 1, duration=20, seed=1)[0]))
    """
    series = clean_rr(peaks) if isinstance(peaks, Peaks) else peaks
    axes = new_axes(ax, 10.0, 2.4)
    normal = np.where(series.kind == "normal", 60.0 / series.rr, np.nan)
    other = np.isfinite(series.rr) & (series.kind != "normal")
    t, x = downsample_minmax(series.times, normal)
    axes.plot(t, x, color=BLUE, linewidth=0.8, label="normal intervals")
    if other.any():
        dots = subsample_evenly(np.column_stack([series.times[other], 60.0 / series.rr[other]]), MOST_OTHERS)
        axes.plot(dots[:, 0], dots[:, 1], ".", color=ORANGE, markersize=2.5, label="others")
        axes.legend(fontsize=7, loc="upper right")
    axes.set(xlabel="time (s)", ylabel="heart rate (/min)")
    top = float(np.nanquantile(normal, 0.999)) if np.isfinite(normal).any() else 150.0
    axes.set_ylim(0, 1.6 * top)
    axes.grid(alpha=0.3, color=GREY)
    return figure_of(axes)


def plot_quality_map(found: Quality | Sequence[Quality]) -> Figure:
    """Draw the quality index of every channel by second: light is good, white lines are pauses.

    Of a long recording each column shows its worst second.

    Parameters
    ----------
    found : Quality or sequence of Quality
        Of several modalities, one panel each.

    Raises
    ------
    ParameterError
        If there is nothing to draw.

    Examples
    --------
    >>> from sigsimnet import quality, simulate
    >>> figure = plot_quality_map(quality(simulate(1, 1, duration=9)[0]))
    """
    parts = [found] if isinstance(found, Quality) else list(found)
    parts = [part for part in parts if part.index.size]
    if not parts:
        raise ParameterError("no second was judged: there is no quality to draw")
    figure = new_figure(10.0, 1.0 + 0.28 * sum(len(part.channel_names) for part in parts))
    heights = [len(part.channel_names) for part in parts]
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, part in zip(axes, parts, strict=True):
        for seconds in part.spans():
            size = max(1, -(-len(part) // MOST_COLUMNS))
            starts = np.arange(seconds.start, seconds.stop, size)
            worst = np.minimum.reduceat(part.index[:, seconds], starts - seconds.start, axis=1)
            edges = np.append(part.times[starts], part.times[seconds.stop - 1] + part.durations[seconds.stop - 1])
            rows = np.arange(len(part.channel_names) + 1)
            image = ax.pcolormesh(edges, rows, worst, vmin=0, vmax=1, cmap="cividis", rasterized=True)
        ax.set_yticks(np.arange(len(part.channel_names)) + 0.5, part.channel_names, fontsize=7)
        ax.invert_yaxis()
    axes[-1].set_xlabel("time (s)")
    figure.colorbar(image, ax=list(axes), shrink=0.9, pad=0.01)
    return figure


def plot_profile(found: Profile) -> Figure:
    """Draw a profile at a glance: the signals with gaps and poor seconds, their spectrum, and heart rate or values.

    The page (`Profile.to_html`) shows all of it.

    Parameters
    ----------
    found : Profile

    Examples
    --------
    >>> from sigsimnet import profile, simulate
    >>> len(plot_profile(profile(simulate(1, 1, duration=20, seed=1)[0])).axes)
    3
    """
    recording = found.recording
    judged = {name: part for part in found.quality.values() for name in part.channel_names}
    beats = found.peaks.channel if found.peaks is not None else ""
    n = min(recording.n_channels, MOST_CHANNELS)
    figure = new_figure(10.0, 2.8 + 1.1 * n)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.1 * n, 2.6))[:, 0]
    axes = above.subplots(n, 1, sharex=True, squeeze=False)[:, 0]
    for row, ax in enumerate(axes):
        draw_channel(ax, recording, row)
        if (name := recording.channel_names[row]) in judged:
            shade(ax, recording, row, judged[name])
    axes[-1].set_xlabel("time (s)")
    left, right = below.subplots(1, 2, squeeze=False)[0]
    if found.spectrum is not None:
        plot_spectrum(recording, found.spectrum, mains=found.mains, ax=left)
    else:
        left.set_axis_off()
    if found.rr is not None:
        plot_heart_rate(found.rr, ax=right)
    else:
        plot_distribution(recording, beats if beats in recording.channel_names else 0, ax=right)
    left_out = f" (the first {n} of {recording.n_channels} channels)" if n < recording.n_channels else ""
    figure.suptitle(f"{recording.source}{left_out}".strip())
    return figure
