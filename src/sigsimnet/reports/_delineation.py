"""The waves of a recording, drawn on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.delineation import WAVES, Delineation
from sigsimnet.plotting import BLUE, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigsimnet.recording import Recording

__all__ = ["plot_delineation"]

_COLOURS = {"P": "#2a9d8f", "QRS": "#b3261e", "T": "#7a4fbf"}
_MOST = 12  # leads


def plot_delineation(
    recording: Recording, delineation: Delineation, *, start: float = 0.0, stop: float | None = None
) -> Figure:
    """Draw leads with their P, QRS and T shaded, and beats that are aberrant or paced named.

    Parameters
    ----------
    recording : Recording
    delineation : Delineation
        Of it.
    start, stop : float
        In s; the first 5 s without.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import delineate, simulate
    >>> recording = simulate(1, 1, duration=10, noise=0, seed=1)[0]
    >>> figure = plot_delineation(recording, delineate(recording))
    """
    names = delineation.channel_names[:_MOST]
    end = start + 5.0 if stop is None else stop
    figure = new_figure(11.0, 1.0 + 1.5 * len(names))
    panels = np.atleast_1d(figure.subplots(len(names), 1, sharex=True))
    times = recording.time_of(np.arange(recording.n_samples))
    shown = (times >= start) & (times <= end)
    units = dict(zip(recording.channel_names, recording.units, strict=True))
    for axes, name in zip(panels, names, strict=True):
        axes.plot(times[shown], recording.data[recording.channel_index(name)][shown], color=BLUE, lw=0.9)
        for beat, kind in zip(delineation.of(name), delineation.kinds, strict=True):
            for wave, (onset, peak, offset) in zip(WAVES, beat, strict=True):
                if not np.isfinite(peak):
                    continue
                a, b = recording.time_of(np.rint([onset, offset]).astype(np.int64))
                if b >= start and a <= end:
                    axes.axvspan(a, b, color=_COLOURS[wave], alpha=0.22, lw=0)
                    if wave == "QRS" and kind != "usual":
                        axes.text((a + b) / 2, 1.0, kind, transform=axes.get_xaxis_transform(), ha="center", fontsize=7)
        axes.set_ylabel(f"{name} ({units[name]})" if units[name] else name)
        axes.grid(alpha=0.25)
    handles = [
        panels[0].axvspan(np.nan, np.nan, color=colour, alpha=0.3, label=wave) for wave, colour in _COLOURS.items()
    ]
    panels[0].legend(handles=handles, loc="upper right", ncols=3, frameon=False, fontsize=8)
    panels[-1].set_xlabel("time (s)")
    panels[-1].set_xlim(start, end)
    figure.suptitle(recording.source or "delineation", fontsize=10)
    return figure
