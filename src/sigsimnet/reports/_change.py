"""What changed, as a picture and as a page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.changes import DISCLAIMER, Change, Difference
from sigsimnet.channels import lead_name
from sigsimnet.plotting import BLUE, ORANGE, new_figure
from sigsimnet.reports._page import Section, Table, render_page, write_html
from sigsimnet.reports._words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["change_html", "change_page", "draw_change"]

_MOST_ROWS = 16
_GREY, _RED = "#8a8f98", "#b3261e"
_HEADLINES = {
    "changed": "The ECG has changed",
    "perhaps changed": "The ECG has perhaps changed",
    "no change beyond the usual": "No change beyond the usual",
    "cannot tell": "Cannot tell whether the ECG has changed",
}
_SHOWN = (
    "heart rate",
    "RR irregularity",
    "P",
    "PR",
    "QRS",
    "QT",
    "QTc fridericia",
    "QRS axis",
    "T axis",
    "QRS-T angle",
)


def draw_change(change: Change, figure: Figure) -> None:
    """Draw the typical beats of both sides lead by lead, and each difference on the scale of the usual.

    Parameters
    ----------
    change : Change
    figure : Figure
        Empty.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import change, simulate
    >>> draw_change(change(*simulate(1, 2, duration=20, seed=3), model=None), new_figure(11.0, 6.0))
    """
    names = _common(change)[:4]
    # Each row of beats of two leads; the scale to the right over the whole height.
    grid = figure.add_gridspec(max(len(names), 1), 2, width_ratios=(1, 1.1))
    for row, name in enumerate(names):
        _draw_beats(change, name, figure.add_subplot(grid[row, 0]), last=row == len(names) - 1, first=row == 0)
    _draw_scale(change, figure.add_subplot(grid[:, 1]))
    figure.set_layout_engine("constrained")


def _common(change: Change) -> list[str]:
    """Return the leads that all sides have, the most changed first."""
    mine = {lead_name(name): name for name in change.now.beats}
    common = [own for lead, own in mine.items() if all(_find(lead, one.beats) for one in change.baselines)]
    changed = {own: _strangest(change, own) for own in common}
    return sorted(common, key=lambda own: -changed[own])


def _strangest(change: Change, channel: str) -> float:
    lead = lead_name(channel)
    sizes = [abs(one.difference) / one.usual for one in change.differences if one.channel == lead and one.usual > 0]
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def _find(lead: str, beats: object) -> str:
    return next((name for name in beats if (lead_name(name)) == lead), "")  # type: ignore[attr-defined]


def _draw_beats(change: Change, name: str, axes: Axes, *, first: bool, last: bool) -> None:
    lead = lead_name(name)
    for number, one in enumerate(change.baselines):
        times, beat = one.beats[_find(lead, one.beats)]
        axes.plot(times * 1000, beat, color=BLUE, lw=1.2, alpha=0.9, label="before" if number == 0 else None)
    times, beat = change.now.beats[name]
    axes.plot(times * 1000, beat, color=ORANGE, lw=1.4, label="now")
    places = change.now.places[name]
    for wave, (onset, _, offset) in zip(("P", "QRS", "T"), places.tolist(), strict=True):
        if math.isfinite(onset) and math.isfinite(offset):
            axes.axvspan(onset * 1000, offset * 1000, color=_GREY, alpha=0.10, lw=0)
            middle, transform = (onset + offset) * 500, axes.get_xaxis_transform()
            axes.text(middle, 0.02, wave, transform=transform, ha="center", va="bottom", fontsize=8, color=_GREY)
    unit = dict(zip(change.recordings[-1].channel_names, change.recordings[-1].units, strict=True)).get(name, "")
    axes.set_ylabel(f"{lead} ({unit})" if unit else lead)
    axes.set_xlim(-350, 550)
    axes.grid(alpha=0.25)
    if first:
        axes.legend(loc="upper right", frameon=False, fontsize=8)
        axes.set_title("typical beats, ms from the QRS onset", fontsize=10)
    if not last:
        axes.tick_params(labelbottom=False)


def _rows(change: Change) -> list[Difference]:
    """Return what is worth showing: the intervals and rates, then the strangest of the channels."""
    known = [one for one in change.differences if math.isfinite(one.difference) and one.usual > 0]
    whole = [one for one in known if not one.channel and one.name in _SHOWN]
    whole.sort(key=lambda one: _SHOWN.index(one.name))
    rest = sorted((one for one in known if one.channel), key=lambda one: -abs(one.difference) / one.usual)
    return [*whole, *rest[: max(4, _MOST_ROWS - len(whole))]]


def _draw_scale(change: Change, axes: Axes) -> None:
    rows = _rows(change)
    for place, one in enumerate(reversed(rows)):
        ratio = float(np.clip(one.difference / one.usual, -4, 4))
        beyond = one.level in {"unusual", "rare"}
        axes.plot([0, ratio], [place, place], color=_RED if beyond else _GREY, lw=2.0)
        axes.plot(ratio, place, "o", color=_RED if beyond else _GREY, ms=5)
    labels = [f"{one.name}{f', {one.channel}' if one.channel else ''}" for one in reversed(rows)]
    axes.axvspan(-1, 1, color=_GREY, alpha=0.12, lw=0)
    axes.axvline(0, color=_GREY, lw=0.8)
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    axes.set_xlim(-4.2, 4.2)
    axes.set_xlabel("difference, in usual differences (grey: 95 of 100 unchanged records)")
    axes.set_title("now against before", fontsize=10)


def change_html(change: Change) -> str:
    """Return what `sigsimnet.change` found as a page that carries everything with it.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import change, simulate
    >>> "It is no diagnosis" in change_html(change(*simulate(1, 2, duration=20, seed=3), model=None))
    True
    """
    figure = new_figure(11.0, max(4.2, 1.9 * min(len(_common(change)), 4)))
    draw_change(change, figure)
    score = []
    if math.isfinite(change.score):
        share = change.share_less_alike
        seen = f"{share:.0%} of pairs of records of one unchanged person are less alike"
        score = [f"Beats as a whole: similarity {change.score:.3f}; {seen}."]
    shape = [sentence(reason) for reason in change.reasons] or [
        "No measurement of the shape of beats is beyond the usual."
    ]
    rhythm = [f"Rhythm: {one}." for one in change.rhythm]
    rows = [
        (
            f"{one.name}{f', {one.channel}' if one.channel else ''}",
            *(_number(value, one.unit) for value in (one.before, one.now, one.difference, one.usual)),
            one.unit,
            {"usual": "", "unusual": "beyond the usual", "rare": "far beyond the usual"}.get(one.level, one.level),
        )
        for one in change.differences
    ]
    beyond = [row for row in rows if row[-1]]
    within = [row for row in rows if not row[-1]]
    columns = ("measurement", "before", "now", "difference", "usual", "unit", "")
    own = any(one.source == "own" for one in change.differences)
    how = [
        f"Baselines: {', '.join(one.delineation.source or 'a recording' for one in change.baselines)}. "
        f"Now: {change.now.delineation.source or 'a recording'}.",
        "Usual: what 95 of 100 records of one unchanged person do not exceed, by how steady the measurement is from "
        f"beat to beat; {'from this person and from ' if own else 'from '}repeated records of other people "
        f"({'the same day' if change.same_day else 'other days'}).",
        "PR and QT: how much later P and the end of T come when the typical beats are laid over one another. QTc: by "
        "the usual rate of each record. Amplitudes: against the PQ segment.",
        DISCLAIMER,
    ]
    sections = [
        Section(
            "Answer", [*shape, *rhythm, *score], [("Typical beats before and now; differences on one scale", figure)]
        ),
        Section("Beyond the usual", table=Table(columns, beyond)),
        Section("Within the usual", table=Table(columns, within)),
        Section("How this was measured", [*how, *change.warnings]),
    ]
    lead = "Measurements of an ECG against what is usual between two records of one unchanged person."
    return render_page(_HEADLINES[change.verdict], sections, lead=lead)


def _number(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:.0f}" if unit in {"ms", "°", "1/min"} else f"{value:.3f}"


def change_page(change: Change, path: str | Path) -> None:
    """Write what `sigsimnet.change` found as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> import tempfile
    >>> from sigsimnet import change, simulate
    >>> found = change(*simulate(1, 2, duration=20, seed=3), model=None)
    >>> change_page(found, Path(tempfile.mkdtemp()) / "change.html")
    """
    write_html(change_html(change), path)
