"""A map of an index as a page to look around in: zoom, drag, names, colours by what is known."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from sigsimnet.archive import MAP_ROW, Map
from sigsimnet.reports._page import Section, Table, render_page, write_html

__all__ = ["map_html", "map_page"]

_SIDE = 1000  # of the drawing
_COLOURS = ("group", "subject", "label", "session", "sex", "database")
# Okabe and Ito, "Color Universal Design" (2008): told apart by the colour-blind; shapes tell further groups apart.
_PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")


def map_page(found: Map, path: str | Path) -> None:
    """Write a map as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> map_page(Map([], np.empty(0), np.empty(0), (), ("II",), 0), tempfile.mkdtemp() + "/map.html")
    """
    write_html(map_html(found), path)


def map_html(found: Map) -> str:
    """Return a map as a page that carries everything with it.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.

    Examples
    --------
    >>> "0 recordings" in map_html(Map([], np.empty(0), np.empty(0), (), ("II",), 0))
    True
    """
    numbers, n = found.numbers, len(found.recordings)
    there = np.flatnonzero(~np.isnan(found.x))
    items = [_mark(found, int(i), int(numbers[i]), *_place(found, int(i), there)) for i in there]
    colours = [name for name in _COLOURS if len({item["about"][name] for item in items}) > 1] or ["group"]
    whole = {"side": _SIDE, "colours": colours, "palette": _PALETTE, "items": items}
    # No text of a file can end the script, or become a part of the page.
    text = json.dumps(whole, ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026")
    notes = [f"{found.n_without} recordings lack one of the leads and are left out."] if found.n_without else []
    if len(there) < n:
        notes.append(f"Of {n:,} recordings {len(there):,}, evenly taken, are drawn.")
    groups = sum(one.number > 0 for one in found.groups)
    sections = [
        Section("Map", notes, html=_template("map.html").replace("{{ data }}", text)),
        Section("Groups", (), table=Table(MAP_ROW, found.rows())),
        Section(
            "How this was made",
            [
                f"Recordings were compared by their templates of {', '.join(found.leads)}.",
                "Groups are dense regions of the templates (HDBSCAN); places are by t-SNE.",
                "Neighbours count. Sizes of gaps and of groups on the map mean nothing.",
            ],
            folded=True,
        ),
    ]
    lead = f"{n:,} recordings, {groups} group{'' if groups == 1 else 's'}."
    return render_page("Recordings that are alike lie together", sections, lead=lead, head=_template("map_head.html"))


def _template(name: str) -> str:
    return (files("sigsimnet.reports") / "templates" / name).read_text(encoding="utf-8")


def _place(found: Map, i: int, there: Any) -> tuple[float, float]:
    """Return where a mark lies on the drawing, within a margin of 3 %."""
    x, y = found.x[there], found.y[there]
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9) / 0.94
    left, top = (x.max() + x.min() - span) / 2, (y.max() + y.min() - span) / 2
    return float((found.x[i] - left) / span * _SIDE), float((found.y[i] - top) / span * _SIDE)


def _mark(found: Map, i: int, number: int, x: float, y: float) -> dict[str, Any]:
    about = found.recordings[i]
    known = {name: str(about.get(name) or "") for name in _COLOURS if name != "group"}
    known["group"] = f"group {number}" if number else ""
    said = [str(about["path"]), *(f"{name} {value}" for name, value in known.items() if value and name != "group")]
    said.append(known["group"] or "in no group")
    return {
        "x": round(x, 1),
        "y": round(y, 1),
        "name": Path(str(about["path"])).name,
        "said": ", ".join(said),
        "about": known,
    }
