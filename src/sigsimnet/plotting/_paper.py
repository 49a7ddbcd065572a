"""ECG as clinicians read it: on paper of 25 mm/s and 10 mm/mV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.errors import ParameterError
from sigsimnet.io.units import IN_VOLTS, canonical_unit
from sigsimnet.plotting._figure import new_figure
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["GAIN", "SPEED", "draw_squares", "plot_ecg_paper", "to_mv"]

SPEED, GAIN = 25.0, 10.0  # mm/s and mm/mV: the standard (Kligfield 2007, doi:10.1161/CIRCULATIONAHA.106.180200)
THIN, THICK = "#f6cfd0", "#e59a9c"
STRIP = 30.0  # mm a lead: ±1.5 mV, as on printed paper; taller where the lead is
LONGEST = 30.0  # s, 75 cm of paper


def plot_ecg_paper(
    recording: Recording, channels: Sequence[str] | str | None = None, *, start: float = 0.0, stop: float | None = None
) -> Figure:
    """Draw leads under one another on ECG paper: a small square is 40 ms and 0.1 mV, a large one 200 ms and 0.5 mV.

    The figure has the size of the paper: printed at 100 %, 25 mm are one second and 10 mm one mV.

    Parameters
    ----------
    recording : Recording
        In V, mV or µV.
    channels : sequence of str or str, optional
        All by default.
    start, stop : float
        In s; ten seconds by default, thirty at most.

    Raises
    ------
    ParameterError
        If the interval is longer than 30 s, or a channel has no unit of voltage.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> figure = plot_ecg_paper(simulate(1, 1, duration=5)[0])
    >>> axes = figure.axes[0]
    >>> box, (left, right) = axes.get_position(), axes.get_xlim()
    >>> round(float(box.width * figure.get_figwidth() * 25.4 / (right - left)), 3)  # mm for each second
    25.0
    """
    chosen = recording if channels is None else recording.pick(channels)
    last = float(chosen.time_of([max(chosen.n_samples - 1, 0)])[0])
    stop = min(start + 10.0, last + 1.0 / chosen.sampling_rate) if stop is None else stop
    if stop - start > LONGEST:
        raise ParameterError(
            f"{stop - start:g} s of ECG paper are {(stop - start) * SPEED / 10:.0f} cm: ask for 30 s at most"
        )
    strange = [name for name, unit in zip(chosen.channel_names, chosen.units, strict=True) if to_mv(unit) is None]
    if strange:
        raise ParameterError(
            f"no unit of voltage for {', '.join(strange)}: ECG paper is in mV; say what they are with units='mV'"
        )
    part = chosen.crop(start, stop)
    factors = np.array([to_mv(unit) for unit in part.units], dtype=np.float64)
    leads = list(part.data.astype(np.float64) * factors[:, None])
    middles = [0.5 * round(2 * float(np.nanmedian(x))) if not np.isnan(x).all() else 0.0 for x in leads]
    heights = [_strip(x - middle) for x, middle in zip(leads, middles, strict=True)]
    duration = np.ceil((stop - start) * 5) / 5
    margin, gap = 12.0, 2.0  # mm
    width, height = duration * SPEED + 2 * margin, sum(heights) + gap * (len(heights) - 1) + 2 * margin
    figure = new_figure(width / 25.4, height / 25.4)
    figure.set_layout_engine("none")
    top, times = height - margin, part.times()
    for name, x, middle, tall in zip(part.channel_names, leads, middles, heights, strict=True):
        box = (margin / width, (top - tall) / height, duration * SPEED / width, tall / height)
        ax = figure.add_axes(box)
        top -= tall + gap
        half = tall / GAIN / 2
        ax.set(xlim=(0, duration), ylim=(middle - half, middle + half))
        draw_squares(ax)
        for span in part.spans:
            ax.plot(times[span.start : span.stop], x[span.start : span.stop], color="black", linewidth=0.8)
        ax.text(0.05, middle + half - 0.12, name, fontsize=9, weight="bold", va="top")
    words = f"{recording.source}  25 mm/s, 10 mm/mV, from {start:g} s".strip()
    figure.text(margin / width, 3.0 / height, words, fontsize=8, color="#555")
    return figure


def draw_squares(ax: Axes) -> None:
    """Draw the squares of ECG paper behind axes in s and mV."""
    from matplotlib.ticker import MultipleLocator

    for axis, small, large in ((ax.xaxis, 0.04, 0.2), (ax.yaxis, 0.1, 0.5)):
        axis.set_minor_locator(MultipleLocator(small))
        axis.set_major_locator(MultipleLocator(large))
    ax.grid(which="minor", color=THIN, linewidth=0.4)
    ax.grid(which="major", color=THICK, linewidth=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(which="both", length=0, labelleft=False, labelbottom=False)


def _strip(x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the height of a lead's strip in mm: 99.8 % of its samples fit, up to ±6 mV; what is beyond is cut off."""
    known = np.abs(x[~np.isnan(x)])
    reach = float(np.quantile(known, 0.998)) if len(known) else 0.0
    return float(np.clip(10.0 * np.ceil(2 * reach * 1.1), STRIP, 4 * STRIP))


def to_mv(unit: str) -> float | None:
    """Return how many mV one of a unit is; None of a unit that is no voltage."""
    plain, factor = canonical_unit(unit)
    return 1e3 * IN_VOLTS[plain] * factor if plain in IN_VOLTS else None
