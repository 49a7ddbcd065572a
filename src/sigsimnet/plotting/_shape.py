"""Plots of what a channel is made of: frequencies, and how often each value comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet.analysis._spectrum import Spectrum, spectrum
from sigsimnet.errors import ParameterError
from sigsimnet.plotting._figure import BLUE, GREY, ORANGE, figure_of, new_axes
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_autocorrelation", "plot_correlation", "plot_distribution", "plot_spectrogram", "plot_spectrum"]

COLUMNS = 1500  # of a spectrogram; a page is not wider


def plot_spectrum(
    recording: Recording, found: Spectrum | None = None, *, mains: float | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the power spectral density of every channel, both axes logarithmic; mains and its harmonics are marked.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_spectrum(simulate(1, 1, duration=9)[0])
    """
    found = spectrum(recording) if found is None else found
    axes = new_axes(ax, 7.0, 3.2)
    for name, density in zip(recording.channel_names, found.density, strict=True):
        known = (found.frequencies > 0) & (density > 0)
        if known.any():
            axes.loglog(found.frequencies[known], density[known], linewidth=0.9, label=name)
    for harmonic in range(1, 4):
        if mains and harmonic * mains < found.frequencies[-1]:
            axes.axvline(harmonic * mains, color=ORANGE, linestyle=":", linewidth=1)
            axes.text(harmonic * mains, 0.98, f" {harmonic * mains:g} Hz", transform=axes.get_xaxis_transform(),
                      fontsize=7, va="top", color=ORANGE)  # fmt: skip
    known = set(recording.units)
    units = known.pop() if len(known) == 1 else ""
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel(f"power density ({units}²/Hz)" if units else "power density")
    axes.grid(which="major", alpha=0.3)
    if 1 < recording.n_channels <= 12:
        axes.legend(fontsize=7, ncols=2)
    return figure_of(axes)


def plot_spectrogram(
    recording: Recording,
    channel: str | int = 0,
    *,
    window: float = 1.0,
    highest: float | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the power of a channel over time and frequency, in dB below its strongest.

    Windows with missing samples, and what lies between segments, stay white.

    Parameters
    ----------
    recording : Recording
    channel : str or int, default 0
    window : float, default 1
        In s; windows overlap by half, or are spaced out where the recording is very long.
    highest : float, optional
        Frequency to draw up to, in Hz; 60 Hz or half the sampling rate by default.
    ax : Axes, optional

    Raises
    ------
    ParameterError
        If the window is shorter than eight samples or longer than the longest segment.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_spectrogram(simulate(1, 1, duration=9)[0])
    """
    one, rate = recording.pick(channel), recording.sampling_rate
    size = round(window * rate) if np.isfinite(window) else 0
    longest = max((span.stop - span.start for span in one.spans), default=0)
    if not 8 <= size <= longest:
        raise ParameterError(
            f"a window of {window:g} s does not fit: it must hold 8 samples and be no longer than the longest segment, "
            f"{longest / rate:g} s"
        )
    hop = max(size // 2, one.n_samples // COLUMNS)
    top = min(60.0, rate / 2) if highest is None else highest
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    shown = frequencies <= top
    axes = new_axes(ax, 10.0, 2.8)
    parts = []
    for span, samples in one.iter_spans():
        starts = np.arange(0, span.stop - span.start - size + 1, hop)
        if not len(starts):
            continue
        windows = np.lib.stride_tricks.sliding_window_view(samples[0], size)[starts].astype(np.float64)
        tapered = (windows - windows.mean(axis=1, keepdims=True)) * signal.windows.hann(size, sym=False)
        parts.append((span.time + starts / rate, np.abs(np.fft.rfft(tapered, axis=1)[:, shown]) ** 2))
    strongest = max((float(np.nanmax(power)) for _, power in parts if not np.isnan(power).all()), default=0.0)
    for begins, power in parts:
        with np.errstate(divide="ignore"):
            level = 10 * np.log10(power / strongest) if strongest > 0 else np.full(power.shape, np.nan)
        edges = np.append(begins, begins[-1] + hop / rate) + (size - hop) / rate / 2
        lines = np.append(frequencies[shown], frequencies[shown][-1] + frequencies[1]) - frequencies[1] / 2
        image = axes.pcolormesh(
            edges, lines, np.ma.masked_invalid(level.T), vmin=-60, vmax=0, cmap="viridis", rasterized=True
        )
    if parts:
        figure_of(axes).colorbar(image, ax=axes, label="dB", pad=0.01)
    axes.set(xlabel="time (s)", ylabel="frequency (Hz)", ylim=(0, top))
    axes.set_title(f"{one.source} {one.channel_names[0]}: windows of {window:g} s".strip(), fontsize=9)
    return figure_of(axes)


def plot_distribution(recording: Recording, channel: str | int = 0, *, ax: Axes | None = None) -> Figure:
    """Draw how often each value comes, beside the normal distribution of the same mean and standard deviation.

    Bins by Freedman & Diaconis (1981, doi:10.1007/BF01025868), between 0.1 % and 99.9 %; what lies outside is counted.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_distribution(simulate(1, 1, duration=9)[0])
    """
    row = recording.channel_index(channel)
    x = recording.data[row]
    x = x[~np.isnan(x)]
    axes = new_axes(ax, 4.2, 2.6)
    name, unit = recording.channel_names[row], recording.units[row]
    axes.set_xlabel(f"{name} ({unit})" if unit else name)
    axes.set_yticks([])
    if len(x) < 2 or x.min() == x.max():
        axes.text(0.5, 0.5, "does not move" if len(x) else "nothing there", ha="center", transform=axes.transAxes)
        return figure_of(axes)
    low, high = np.quantile(x, (0.001, 0.999))
    inside = x[(x >= low) & (x <= high)].astype(np.float64)
    if not len(inside):  # of two samples neither lies between the quantiles
        inside, (low, high) = x.astype(np.float64), (x.min(), x.max())
    spread = float(np.subtract(*np.quantile(x, (0.75, 0.25))))
    width = 2 * spread / len(inside) ** (1 / 3)
    bins = int(np.clip((high - low) / width if width > 0 else 60, 10, 120))
    axes.hist(inside, bins=bins, density=True, color=BLUE, alpha=0.7)
    grid = np.linspace(low, high, 200)
    mean, std = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
    axes.plot(grid, np.exp(-0.5 * ((grid - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi)), color=GREY, linewidth=1)
    axes.set_title(f"{len(x) - len(inside):,} samples outside", fontsize=7, loc="right", pad=2)
    return figure_of(axes)


def plot_autocorrelation(recording: Recording, *, longest: float = 2.0, ax: Axes | None = None) -> Figure:
    """Draw the autocorrelation of every channel.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_autocorrelation(simulate(1, 1, duration=9)[0])
    """
    from sigsimnet.analysis._spectrum import autocorrelation

    lags, values = autocorrelation(recording, longest=longest)
    axes = new_axes(ax, 7.0, 2.6)
    for name, line in zip(recording.channel_names, values, strict=True):
        axes.plot(lags, line, linewidth=0.9, label=name)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set(xlabel="lag (s)", ylabel="autocorrelation")
    if 1 < recording.n_channels <= 12:
        axes.legend(fontsize=7, ncols=2)
    return figure_of(axes)


def plot_correlation(
    recording: Recording, matrix: NDArray[np.float64] | None = None, *, ax: Axes | None = None
) -> Figure:
    """Draw the correlation of every channel with every other, computed when it is not given.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_correlation(simulate(1, 1, duration=9)[0])
    """
    from sigsimnet.analysis._spectrum import correlation

    matrix = correlation(recording) if matrix is None else matrix
    size = 1.6 + 0.32 * len(matrix)
    axes = new_axes(ax, size + 0.8, size)
    image = axes.imshow(np.ma.masked_invalid(matrix), vmin=-1, vmax=1, cmap="RdBu_r")
    names = list(recording.channel_names)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    if len(names) <= 12:
        for (i, j), value in np.ndenumerate(matrix):
            if np.isfinite(value):
                axes.text(
                    j,
                    i,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=6,
                    color="white" if abs(value) > 0.6 else "black",
                )
    figure_of(axes).colorbar(image, ax=axes, shrink=0.8)
    return figure_of(axes)
