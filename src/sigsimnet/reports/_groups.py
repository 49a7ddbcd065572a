"""Kinds of beats of a recording, as a page: what each looks like, how many there are, and when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.archive import KIND_ROW, Groups
from sigsimnet.plotting import BLUE, GREY, new_figure, plot_beats
from sigsimnet.reports._page import Section, Table, render_page, write_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigsimnet.segments import Segments

__all__ = ["groups_html", "groups_page"]

_PICTURES = 12
_A_ROW = 3
_DRAWN = 200  # segments of a group


def groups_page(found: Groups, path: str | Path) -> None:
    """Write the groups of a recording as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import simulate
    >>> from sigsimnet.archive import groups
    >>> groups_page(groups(simulate(1, 1, duration=60, seed=1)[0]), tempfile.mkdtemp() + "/groups.html")
    """
    write_html(groups_html(found), path)


def groups_html(found: Groups) -> str:
    """Return the groups of a recording as a page that carries everything with it.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.archive import groups
    >>> "kind" in groups_html(groups(simulate(1, 1, duration=60, seed=1)[0]))
    True
    """
    kind, total = found.segments.kind, len(found.segments)
    n = sum(one.number > 0 for one in found.groups)
    low = found.segments.n_low_quality
    notes = [f"{low:,} more lie in seconds of low quality and were left out."] if low else []
    sections = [
        Section("Kinds", notes, table=Table(KIND_ROW, found.rows())),
        Section("Shapes", (), [(f"Up to {_DRAWN} {kind} of each kind, with their mean", _shapes(found))]),
        Section("When", (), [("Each mark is one of the kind at the left, over the recording", _times(found))]),
        Section(
            "How this was measured",
            [
                "Embeddings were clustered by their density (HDBSCAN); what resembles no kind is shown last.",
                "The kinds have no names: the model knows shapes, and makes no diagnosis.",
            ],
            folded=True,
        ),
    ]
    named = Path(found.source).name or "a recording"
    return render_page(f"{n} kind{'' if n == 1 else 's'} of {kind} in {named}", sections, lead=f"{total:,} {kind}.")


def _shapes(found: Groups) -> Figure:
    shown = found.groups[:_PICTURES]
    n_rows = -(-len(shown) // _A_ROW)
    figure = new_figure(11.0, 2.7 * n_rows)
    panels = figure.subplots(n_rows, min(_A_ROW, len(shown)), squeeze=False).ravel()
    for panel, one in zip(panels, shown, strict=False):
        some = one.index[np.unique(np.linspace(0, len(one) - 1, _DRAWN).astype(int))]
        plot_beats(_drawn(found.segments.take(some)), ax=panel, color=BLUE if one.number else GREY)
        panel.set_title(f"kind {one.number}: {len(one):,}" if one.number else f"none of them: {len(one):,}", fontsize=9)
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    return figure


def _drawn(segments: Segments) -> Segments:
    """Return the segments that have the lead that most of them have, of several that were cut apart."""
    if not segments.cut_apart:
        return segments
    return segments.pick([segments.channel_names[int((segments.channel_quality > 0).sum(axis=0).argmax())]])


def _times(found: Groups) -> Figure:
    figure = new_figure(11.0, 0.8 + 0.3 * len(found.groups))
    axes = figure.subplots()
    hours = float(found.segments.times[-1]) > 2 * 3600
    for row, one in enumerate(found.groups):
        x = one.times / (3600 if hours else 60)
        axes.plot(x, np.full(len(x), row), "|", color=BLUE if one.number else GREY, markersize=9, alpha=0.7)
    axes.set_yticks(range(len(found.groups)), [str(one.number or "none") for one in found.groups])
    axes.set_ylim(len(found.groups) - 0.5, -0.5)
    axes.set_xlabel("time (h)" if hours else "time (min)")
    axes.set_ylabel("kind")
    return figure
