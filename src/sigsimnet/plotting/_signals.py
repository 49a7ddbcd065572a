"""Plots of one recording."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.checks import check_number
from sigsimnet._utils.sampling import subsample_evenly
from sigsimnet.analysis._crop import crop_with_time
from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError
from sigsimnet.peaks import Peaks, detect_peaks
from sigsimnet.plotting._decimate import downsample_minmax
from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, figure_of, new_axes, new_figure
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_channel", "plot_beats", "plot_detectors", "plot_r_peaks", "plot_recording", "plot_rolling"]

MOST_BEATS = 60  # drawn one by one
SETTLING = 5.0  # s around what is shown, in which filters settle


def draw_channel(ax: Axes, recording: Recording, row: int, color: str = BLUE, *, zero: float = 0.0) -> None:
    """Draw one channel from time ``zero`` (s) on, each segment by itself, so that no line crosses a pause."""
    times = zero + recording.times()
    for span in recording.spans:
        t, x = downsample_minmax(times[span.start : span.stop], recording.data[row, span.start : span.stop])
        ax.plot(t, x, color=color, linewidth=0.7)
    unit = recording.units[row]
    ax.set_ylabel(f"{recording.channel_names[row]}{f' ({unit})' if unit else ''}")
    ax.margins(x=0.005)


def plot_recording(recording: Recording, *, start: float = 0.0, stop: float | None = None, title: str = "") -> Figure:
    """Draw every channel under one another, on one time axis.

    Parameters
    ----------
    recording : Recording
    start, stop : float
        Part to draw, in s.
    title : str, optional

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_recording(simulate(1, 1, duration=5)[0])
    """
    part, zero = crop_with_time(recording, start, stop)
    figure = new_figure(10.0, 1.2 + 1.2 * part.n_channels)
    axes = figure.subplots(part.n_channels, 1, sharex=True, squeeze=False)[:, 0]
    for row, ax in enumerate(axes):
        draw_channel(ax, part, row, zero=zero)
    axes[-1].set_xlabel("time (s)")
    figure.suptitle(title or part.source)
    return figure


def plot_rolling(
    recording: Recording,
    channel: str | int = 0,
    window: float = 1.0,
    *,
    statistics: tuple[str, ...] = ("mean", "sum", "std", "rms"),
) -> Figure:
    """Draw rolling-window statistics of a channel under its raw signal.

    Parameters
    ----------
    recording : Recording
    channel : str or int, default 0
    window : float, default 1
        In s; centred.
    statistics : tuple of {"mean", "sum", "std", "rms"}
        The sum is the rolling mean times the number of samples in the window.

    Raises
    ------
    ParameterError
        If the window is not shorter than the recording, or a statistic is unknown.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_rolling(simulate(1, 1, duration=5)[0], window=0.5)
    """
    import pandas as pd

    size = round(window * recording.sampling_rate) if np.isfinite(window) else 0
    if not 2 <= size < recording.n_samples:
        raise ParameterError(f"a window of {window:g} s does not fit a recording of {recording.duration:g} s")
    one = recording.pick(channel)
    figure = new_figure(10.0, 1.8 * (len(statistics) + 1))
    axes = figure.subplots(len(statistics) + 1, 1, sharex=True)
    draw_channel(axes[0], one, 0)
    times = one.times()
    for ax, name in zip(axes[1:], statistics, strict=True):
        for span in one.spans:
            series = pd.Series(one.data[0, span.start : span.stop].astype(np.float64))
            if name == "rms":
                values = np.sqrt((series**2).rolling(size, center=True).mean().clip(lower=0))
            elif name in ("mean", "sum", "std"):
                values = getattr(series.rolling(size, center=True), name)()
            else:
                raise ParameterError(f"unknown statistic {name!r} (known: mean, rms, std, sum)")
            t, x = downsample_minmax(times[span.start : span.stop], values.to_numpy())
            ax.plot(t, x, color=ORANGE, linewidth=0.8)
        ax.set_ylabel(f"{name}, {window:g} s")
    axes[-1].set_xlabel("time (s)")
    figure.suptitle(f"{one.source} {one.channel_names[0]}: rolling windows".strip())
    return figure


def plot_r_peaks(
    recording: Recording,
    peaks: Peaks | None = None,
    *,
    ax: Axes | None = None,
    start: float = 0.0,
    stop: float | None = None,
) -> Figure:
    """Draw the band-passed channel that the R peaks were found in, with the peaks marked.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_r_peaks(simulate(1, 1, duration=5)[0])
    """
    peaks = detect_peaks(recording) if peaks is None else peaks
    part, zero = _clean_part(recording.pick(peaks.channel), start, stop)
    inside = (peaks.times >= start) & (peaks.times <= (np.inf if stop is None else stop))
    heights = np.interp(peaks.times[inside], zero + part.times(), part.data[0])
    axes = new_axes(ax, 10.0, 2.8)
    draw_channel(axes, part, 0, color=GREY, zero=zero)
    label = f"{int(inside.sum())} {'pulses' if peaks.method == 'ppg' else 'R peaks'}"
    axes.plot(peaks.times[inside], heights, "o", color=ORANGE, markersize=4, label=label)
    axes.set_xlabel("time (s)")
    axes.legend(loc="upper right", fontsize=8)
    rate = f", {peaks.heart_rate:.0f}/min" if np.isfinite(peaks.heart_rate) else ""
    axes.set_title(f"{recording.source} {peaks.channel}: {peaks.method}{rate}".strip(), fontsize=10)
    return figure_of(axes)


def plot_detectors(
    recording: Recording, found: Mapping[str, Peaks], *, start: float = 0.0, stop: float | None = None
) -> Figure:
    """Draw the peaks of several detectors under one another, each over the channel that it looked at.

    A mark that at least half of the detectors share (within 50 ms) is a dot; one that they do not is a cross.

    Parameters
    ----------
    recording : Recording
    found : mapping of str to Peaks
        Name of each detector and what it found.
    start, stop : float
        Part to draw, in s.

    Raises
    ------
    ParameterError
        If there is nothing to draw.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> recording = simulate(1, 1, duration=8)[0]
    >>> names = ("sigsimnet", "christov")
    >>> figure = plot_detectors(recording, {name: detect_peaks(recording, method=name) for name in names})
    """
    if not found:
        raise ParameterError("no peaks to draw: name at least one detector")
    end = np.inf if stop is None else stop
    figure = new_figure(11.0, 0.6 + 1.5 * len(found))
    axes = figure.subplots(len(found), 1, sharex=True, squeeze=False)[:, 0]
    parts: dict[str, tuple[Recording, float]] = {}
    for ax, (name, peaks) in zip(axes, found.items(), strict=True):
        channel = peaks.channel if peaks.channel in recording.channel_names else recording.channel_names[0]
        if channel not in parts:
            parts[channel] = _clean_part(recording.pick(channel), start, stop)
        part, zero = parts[channel]
        draw_channel(ax, part, 0, color=GREY, zero=zero)
        inside = (peaks.times >= start) & (peaks.times <= end)
        times = peaks.times[inside]
        heights = np.interp(times, zero + part.times(), part.data[0]) if part.n_samples else np.empty(0)
        shared = np.array([_share(time, found) >= 0.5 for time in times], dtype=bool)
        ax.plot(times[shared], heights[shared], "o", color=ORANGE, markersize=4)
        ax.plot(times[~shared], heights[~shared], "x", color=BLUE, markersize=7)
        ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
        rate = f"{peaks.heart_rate:.0f}/min" if np.isfinite(peaks.heart_rate) else "no rate"
        ax.set_title(f"{int(inside.sum())} beats here, {len(peaks)} in all, {rate}", fontsize=8, loc="right", pad=2)
    axes[-1].set_xlabel("time (s)")
    what = f"{Path(recording.source).name} {channel}".strip()
    figure.suptitle(f"{what}: dots are shared by half of the detectors, crosses are not" if len(found) > 1 else what)
    return figure


def _clean_part(recording: Recording, start: float, stop: float | None) -> tuple[Recording, float]:
    """Return a cleaned part and where it begins; of a long recording no more is cleaned than the filters need."""
    check_number(start, "start", "s")
    if stop is not None:
        check_number(stop, "stop", "s")
    if not start and stop is None:
        return preprocess(recording), 0.0
    wider, zero = crop_with_time(recording, max(0.0, start - SETTLING), None if stop is None else stop + SETTLING)
    part, further = crop_with_time(preprocess(wider), max(0.0, start - zero), None if stop is None else stop - zero)
    return part, zero + further


def _share(time: float, found: Mapping[str, Peaks]) -> float:
    """Return the share of detectors that have a mark within 50 ms of a time."""
    near = [len(p.times) > 0 and float(np.min(np.abs(p.times - time))) <= 0.05 for p in found.values()]
    return sum(near) / len(near)


def plot_beats(segments: Segments, *, ax: Axes | None = None, color: str = BLUE, label: str = "") -> Figure:
    """Draw beats over one another, with their mean and its spread (± one standard deviation).

    Of several channels the first is drawn.

    Examples
    --------
    >>> from sigsimnet import beats, simulate
    >>> figure = plot_beats(beats(simulate(1, 1, duration=9)[0]))
    """
    axes = new_axes(ax, 5.0, 3.2)
    if not len(segments):
        axes.text(0.5, 0.5, "no beats", ha="center", transform=axes.transAxes)
        return figure_of(axes)
    x = segments.data[:, 0]
    if segments.cut_apart and (segments.channel_quality[:, 0] > 0).any():
        x = x[segments.channel_quality[:, 0] > 0]
    t = np.arange(x.shape[1]) / segments.sampling_rate - segments.before
    for beat in subsample_evenly(x, MOST_BEATS):
        axes.plot(t, beat, color=color, linewidth=0.4, alpha=0.15)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    axes.fill_between(t, mean - spread, mean + spread, color=color, alpha=0.2, linewidth=0)
    axes.plot(t, mean, color=color, linewidth=1.6, label=label or f"mean of {len(segments)} {segments.kind}")
    of_lead = f" of {segments.channel_names[0]}" if segments.cut_apart else ""
    axes.set_xlabel(f"time from the QRS complex{of_lead} (s)" if segments.kind == "beats" else "time (s)")
    axes.legend(fontsize=8)
    return figure_of(axes)
