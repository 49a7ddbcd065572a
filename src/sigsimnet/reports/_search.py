"""What a search found, as a page: each hit's segments over those that were asked with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.archive import ROW, Hit, Index, SearchResult
from sigsimnet.errors import SigSimNetError
from sigsimnet.io import as_recording, read
from sigsimnet.plotting import new_figure, plot_beat_pair
from sigsimnet.reports._page import Section, Table, render_page, write_html
from sigsimnet.segments import standard_leads, with_limb_leads

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigsimnet.segments import Segments

__all__ = ["search_html", "search_page"]

_PICTURES = 12
_A_ROW = 2


def search_page(
    found: SearchResult, index: Index, query: Any, path: str | Path, *, channel: str | None = None, **part: Any
) -> None:
    """Write what a search found as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import Index, simulate
    >>> folder = Path(tempfile.mkdtemp())
    >>> index = Index(folder / "a.index")
    >>> first, second = simulate(2, 1, duration=20, seed=1)
    >>> _ = index.add([first], progress=False)
    >>> search_page(index.search(second), index, second, folder / "hits.html")
    """
    write_html(search_html(found, index, query, channel=channel, **part), path)


def search_html(
    found: SearchResult,
    index: Index,
    query: Any,
    *,
    channel: str | None = None,
    start: float | None = None,
    stop: float | None = None,
    folder: str | Path | None = None,
) -> str:
    """Return what a search found as a page that carries everything with it.

    Parameters
    ----------
    found : SearchResult
    index : Index
        That was searched: its model cuts the segments that are drawn.
    query : as of `Index.search`, or None
        What was asked with; without it the hits are drawn alone.
    channel : str, optional
    start, stop : float, optional
        As of `Index.search`.
    folder : str or Path, optional
        Read the hits' files below this folder alone; others are named, and not drawn.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import Index, simulate
    >>> index = Index(tempfile.mkdtemp() + "/a.index")
    >>> first, second = simulate(2, 1, duration=20, seed=1)
    >>> _ = index.add([first], progress=False)
    >>> "1 nearest to" in search_html(index.search(second), index, second)
    True
    """
    asked = _segments(index, query, channel, start or 0.0, stop) if query is not None else None
    lead, *notes = found.in_words()
    figures, missing = _figures(found, index, asked, None if folder is None else Path(folder).resolve())
    sections = [
        Section("Hits", [f"{note}." for note in notes], table=Table(ROW, found.rows()) if found.hits else None),
        Section("Shapes", missing, figures),
        Section(
            "How this was measured",
            [
                f"Model {index.model.name}: {index.model.card.trained_on}.",
                "Scores are cosines of embeddings; a probability is that it is the same, at even odds.",
                "Lines are means, bands the spread, after the model's own filter.",
            ],
            folded=True,
        ),
    ]
    title = f"{len(found.hits)} nearest to {Path(found.query).name or found.query}"
    return render_page(title, [one for one in sections if one.figures or one.table or one.paragraphs], lead=f"{lead}.")


def _figures(
    found: SearchResult, index: Index, asked: Segments | None, folder: Path | None
) -> tuple[list[tuple[str, Figure]], list[str]]:
    drawn: list[tuple[Hit, Segments]] = []
    missing = []
    for hit in found.hits[:_PICTURES]:
        path = hit.path.split(" + ")[0]
        if folder is not None and not Path(path).resolve().is_relative_to(folder):
            missing.append(f"Hit {hit.rank} is not drawn: its file lies outside the folder that is served.")
            continue
        try:
            lead = hit.leads.split("+")[0] if index.model.n_channels == 1 else None
            own = _segments(index, read(path), lead, hit.start, hit.stop)
        except SigSimNetError as error:
            missing.append(f"Hit {hit.rank} cannot be drawn: {error}.")
            continue
        if found.level == "beat" and len(own):
            middle = hit.start + index.model.cutter.reach[0]
            own = own.take([int(np.abs(own.times - middle).argmin())])
        if len(own):
            drawn.append((hit, own))
    if not drawn:
        return [], missing
    n_rows = -(-len(drawn) // _A_ROW)
    figure = new_figure(4.6 * min(_A_ROW, len(drawn)), 3.0 * n_rows)
    panels = figure.subplots(n_rows, min(_A_ROW, len(drawn)), squeeze=False).ravel()
    for panel, (hit, own) in zip(panels, drawn, strict=False):
        plot_beat_pair(own if asked is None else asked, own, ax=panel, labels=("query", f"hit {hit.rank}"))
        panel.set_title(f"{hit.rank}. {hit.subject or Path(hit.path).name}: {hit.score:.3f}", fontsize=9)
    for panel in panels[len(drawn) :]:
        panel.set_axis_off()
    return [("The query (blue) and each hit (orange)", figure)], missing


def _segments(index: Index, what: Any, lead: str | None, start: float, stop: float | None) -> Segments:
    """Return the segments of one lead in a part of a recording; all where that part holds none."""
    recording = as_recording(what)
    names = standard_leads(recording)
    if lead and lead not in recording.channel_names:
        if lead in names:
            lead = names[lead]
        elif "+" not in lead and lead in with_limb_leads(recording).channel_names:
            recording = with_limb_leads(recording)
        else:
            lead = None
    cut = index.model.cut(recording, lead or None)
    inside = (cut.times >= start - 1e-6) & (cut.times <= (np.inf if stop is None else stop) + 1e-6)
    return cut.take(inside) if inside.any() else cut
