"""What an audit found, as a page: the surest first, each with the beats that it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.audits import GRID, KINDS, Audit, Finding, Seen
from sigsimnet.plotting import BLUE, ORANGE, new_figure
from sigsimnet.reports._page import Section, Table, render_page, write_html
from sigsimnet.reports._words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["audit_html", "audit_page"]

_PICTURES = 24
_MOST_OTHERS = 4
_STRIP_RATE = 100.0


def audit_page(audit: Audit, path: str | Path) -> None:
    """Write what an audit found as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import audit, simulate
    >>> recordings = simulate(2, 1, duration=20, seed=1)
    >>> audit_page(audit([*recordings, recordings[0]]), Path(tempfile.mkdtemp()) / "audit.html")
    """
    write_html(audit_html(audit), path)


def audit_html(audit: Audit) -> str:
    """Return what an audit found as a page that carries everything with it.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> from sigsimnet import audit, simulate
    >>> "No findings" in audit_html(audit(simulate(2, 1, duration=20, seed=1)))
    True
    """
    n, total = len(audit), len(audit.seen)
    recordings = f"{total} recording{'' if total == 1 else 's'}"
    title = f"{n} finding{'' if n == 1 else 's'} in {recordings}" if n else f"No findings in {recordings}"
    counts = [(kind, number, KINDS[kind]) for kind, number in audit.counts().items()]
    sections = [
        Section(
            "Overview",
            [*(sentence(note) for note in audit.notes)],
            table=Table(("kind", "findings", "what it means"), counts) if counts else None,
        )
    ]
    by_name = {one.name: one for one in audit.seen}
    for number, one in enumerate(audit.findings[:_PICTURES], start=1):
        sections.append(_section(number, one, audit, by_name))
    rows = [(f"{one.confidence:.2f}", one.kind, one.path, one.subject, one.channel, one.other, one.what)
            for one in audit.findings]  # fmt: skip
    if rows:
        columns = ("confidence", "kind", "recording", "person", "channel", "goes with", "evidence")
        sections.append(Section("All findings", table=Table(columns, rows), folded=len(rows) > _PICTURES))
    how = [
        "A finding is a doubt, not a verdict: look at it before anything is moved or removed.",
        f"Other people's files and copies were looked for with the model {audit.model!r}; docs/audit.md says what the "
        "confidence of each kind is.",
    ]
    sections.append(Section("How this was measured", how, folded=True))
    return render_page(title, sections, lead="Recordings that are perhaps not what they say, the surest first.")


def _section(number: int, one: Finding, audit: Audit, by_name: dict[str, Seen]) -> Section:
    about = [sentence(one.what)]
    if one.subject:
        about.insert(0, f"Filed under {one.subject}.")
    seen = by_name.get(one.path)
    figures = []
    if seen is not None and (len(seen.strip) or seen.shape is not None):
        figures = [(_caption(one, seen), _draw(one, seen, _partners(one, seen, audit, by_name)))]
    return Section(f"{number}. {one.kind}: {Path(one.path).name} ({one.confidence:.2f})", about, figures)


def _caption(one: Finding, seen: Seen) -> str:
    if seen.shape is None:
        return f"Five seconds from the middle of {seen.channels[0]}"
    against = (
        "" if one.kind in ("flat", "noise only") else "; its usual beat (orange) and what it is held against (blue)"
    )
    return f"Five seconds from the middle of {seen.channels[0]}{against}"


def _partners(one: Finding, seen: Seen, audit: Audit, by_name: dict[str, Seen]) -> list[Seen]:
    if one.other in by_name and one.other != one.path:
        return [by_name[one.other]]
    if not seen.person:
        return []
    same = [other for other in audit.seen if other.person == seen.person and other is not seen]
    return [other for other in same if other.shape is not None][:_MOST_OTHERS]


def _draw(one: Finding, seen: Seen, partners: list[Seen]) -> Figure:
    figure = new_figure(10.0, 2.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    left.plot(np.arange(len(seen.strip)) / _STRIP_RATE, seen.strip, color=ORANGE, lw=0.8)
    left.set_xlabel("s")
    left.set_ylabel(seen.units[0] if seen.units and seen.units[0] else seen.channels[0] if seen.channels else "")
    left.grid(alpha=0.25)
    _draw_beats(one, seen, partners, right)
    figure.set_layout_engine("constrained")
    return figure


def _draw_beats(one: Finding, seen: Seen, partners: list[Seen], axes: Axes) -> None:
    if seen.shape is None:
        axes.axis("off")
        axes.text(0.5, 0.5, "no heart beats", ha="center", va="center", transform=axes.transAxes, color="#5b6575")
        return
    named = [name for name in one.channel.split(", ") if name in seen.shape.leads]
    lead = (named or list(seen.shape.leads))[0]
    for other in partners:
        if other.shape is not None and lead in other.shape.leads:
            beat = other.shape.beats[other.shape.leads.index(lead)]
            axes.plot(GRID * other.shape.rr * 1000, beat, color=BLUE, lw=1.0, alpha=0.7)
    beat = seen.shape.beats[seen.shape.leads.index(lead)]
    axes.plot(GRID * seen.shape.rr * 1000, beat, color=ORANGE, lw=1.5)
    axes.set_xlabel("ms around R")
    axes.set_title(lead, fontsize=10)
    axes.grid(alpha=0.25)
