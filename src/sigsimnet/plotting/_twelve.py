"""Twelve leads as an electrocardiograph prints them: three rows of four, a rhythm strip, a calibration pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS, lead_of
from sigsimnet.errors import ParameterError
from sigsimnet.plotting._figure import new_figure
from sigsimnet.plotting._paper import GAIN, SPEED, draw_squares, to_mv
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["has_twelve_leads", "plot_twelve_leads"]

_ROWS = (("I", "AVR", "V1", "V4"), ("II", "AVL", "V2", "V5"), ("III", "AVF", "V3", "V6"))
_RHYTHM = "II"
_SHOWN = {"AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}
_EACH, _WHOLE = 2.5, 10.0  # s of a lead, of the rhythm strip
_PULSE = 0.5  # s in front, with 1 mV for 0.2 s
_ROW = 3.0  # mV a row


def has_twelve_leads(recording: Recording) -> bool:
    """Return whether a recording has the twelve standard leads in a unit of voltage.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> has_twelve_leads(simulate(1, 1, duration=10)[0])
    False
    """
    return set(_rows_of(recording)) >= {*LIMB_LEADS, *CHEST_LEADS}


def plot_twelve_leads(recording: Recording, *, start: float = 0.0) -> Figure:
    """Draw ten seconds of twelve leads on ECG paper, 25 mm/s and 10 mm/mV: 2.5 s of each, and lead II throughout.

    Parameters
    ----------
    recording : Recording
        With the twelve standard leads in V, mV or µV.
    start : float
        In s.

    Raises
    ------
    ParameterError
        If a lead is missing or has no unit of voltage, or nothing was recorded there.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> leads = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    >>> figure = plot_twelve_leads(simulate(1, 1, duration=10, leads=leads)[0])
    """
    rows = _rows_of(recording)
    missing = [_SHOWN.get(lead, lead) for lead in (*LIMB_LEADS, *CHEST_LEADS) if lead not in rows]
    if missing:
        raise ParameterError(f"{recording.source or 'recording'}: no lead {', '.join(missing)} in V, mV or µV")
    part = recording.crop(start, min(start + _WHOLE, float(recording.times()[-1]) + 1 / recording.sampling_rate))
    times = part.times()
    width, height = (_WHOLE + _PULSE) * SPEED + 10.0, (len(_ROWS) + 1) * _ROW * GAIN + 14.0
    figure = new_figure(width / 25.4, height / 25.4)
    figure.set_layout_engine("none")
    box = (5 / width, 9 / height, (_WHOLE + _PULSE) * SPEED / width, (len(_ROWS) + 1) * _ROW * GAIN / height)
    axes = figure.add_axes(box)
    axes.set(xlim=(-_PULSE, _WHOLE), ylim=(0, (len(_ROWS) + 1) * _ROW))
    draw_squares(axes)
    samples = {lead: part.data[row].astype(np.float64) * factor for lead, (row, factor) in rows.items()}
    lines = [[(lead, k * _EACH, _EACH) for k, lead in enumerate(leads)] for leads in _ROWS]
    lines.append([(_RHYTHM, 0.0, _WHOLE)])
    for number, line in enumerate(lines):
        level = (len(lines) - number - 0.5) * _ROW
        pulse = np.array([[-0.45, 0], [-0.35, 0], [-0.35, 1], [-0.15, 1], [-0.15, 0], [-0.05, 0]])
        axes.plot(pulse[:, 0], level + pulse[:, 1], color="black", lw=0.8)
        for lead, begin, length in line:
            inside = (times >= begin) & (times < begin + length)
            x = samples[lead]
            middle = float(np.nanmedian(x)) if np.isfinite(x).any() else 0.0
            drawn = np.clip(x - middle, -_ROW / 2, _ROW / 2)
            for span in part.spans:
                own = inside.copy()
                own[: span.start] = own[span.stop :] = False
                axes.plot(times[own], level + drawn[own], color="black", lw=0.8)
            axes.text(begin + 0.05, level + 1.2, _SHOWN.get(lead, lead), fontsize=9, weight="bold", va="center")
            if begin > 0:
                axes.plot([begin, begin], [level - 0.4, level + 0.4], color="black", lw=0.6)
    for second in range(0, int(_WHOLE) + 1, 1):
        axes.text(second, -0.05, f"{start + second:g} s", fontsize=7, ha="center", va="top", color="#555555")
    figure.text(5 / width, 1.5 / height, f"{part.source}  25 mm/s, 10 mm/mV".strip(), fontsize=7, color="#555555")
    return figure


def _rows_of(recording: Recording) -> dict[str, tuple[int, float]]:
    found: dict[str, tuple[int, float]] = {}
    for row, (name, unit) in enumerate(zip(recording.channel_names, recording.units, strict=True)):
        factor = to_mv(unit)
        if lead_of(name) and factor is not None:
            found.setdefault(lead_of(name), (row, factor))
    return found
