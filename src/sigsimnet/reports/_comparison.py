"""What `compare` found, as a page: the verdict is the headline."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet.reports._page import Section, Table, render_page, write_html
from sigsimnet.reports._side_by_side import measured_section, stretches_section
from sigsimnet.reports._words import sentence

if TYPE_CHECKING:
    from sigsimnet.comparison import Comparison, Why
    from sigsimnet.recording import Recording

__all__ = ["comparison_html", "comparison_page"]

_WHOSE = {"subject": ("Same person", "Different people"), "label": ("Same label", "Different labels"),
          "recording": ("Same recording", "Different recordings")}  # fmt: skip
_BLUE, _GREY, _ORANGE = "#0072B2", "#c9ced6", "#D55E00"


def comparison_page(
    comparison: Comparison,
    path: str | Path,
    *,
    why: Why | None = None,
    recordings: tuple[Recording, Recording] | None = None,
) -> None:
    """Write what `compare` found as a page, whole or not at all.

    Parameters
    ----------
    comparison : Comparison
    path : str or Path
    why : Why, optional
        What the score rests on.
    recordings : (Recording, Recording), optional
        Both sides: stretches of them are drawn, and their measurements stand side by side.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import compare, simulate
    >>> path = Path(tempfile.mkdtemp()) / "answer.html"
    >>> comparison_page(compare(*simulate(1, 2, duration=20)), path)
    >>> "Same person" in path.read_text(encoding="utf-8")
    True
    """
    write_html(comparison_html(comparison, why=why, recordings=recordings), path)


def comparison_html(
    comparison: Comparison, *, why: Why | None = None, recordings: tuple[Recording, Recording] | None = None
) -> str:
    """Return what `compare` found as a page that carries everything with it (`comparison_page`).

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> from sigsimnet import compare, simulate
    >>> "Same person" in comparison_html(compare(*simulate(1, 2, duration=20)))
    True
    """
    about = comparison.protocol
    same, different = _WHOSE.get(str(about["same"]), ("Same", "Different"))
    headline = {"same": same, "different": different}.get(comparison.verdict, "Cannot tell")
    first, *others = [sentence(reason) for reason in comparison.reasons] or ["No reason is known."]
    answer = Section(
        "Answer",
        [first],
        [("Beats of both over one another; the score of each against the other recording", comparison.plot())]
        if comparison.has_score
        else [],
        html=_gauge(comparison) + _items(others),
    )
    sections = [answer]
    if why is not None:
        sections.append(_reasons(why))
    if comparison.stretches is not None:
        compared = (comparison.a.channel_names, comparison.b.channel_names)
        sections.append(stretches_section(comparison.stretches, recordings, compared))
    if recordings is not None and (measured := measured_section(recordings)) is not None:
        sections.append(measured)
    if len(comparison.leads) > 1:
        ranked = sorted(comparison.leads.items(), key=lambda one: -one[1])
        sections.append(Section("Lead by lead", table=Table(("lead", "score"), ranked)))
    columns = ("", "recording", "channel", "segments", "rejected", "low quality", "R peaks", "heart rate (/min)")
    sides = [_row(name, cut) for name, cut in (("A", comparison.a), ("B", comparison.b))]
    sections.append(Section("The two sides", table=Table(columns, sides), html=_warnings(comparison)))
    settings = Table(("", ""), [(key, value) for key, value in about.items()])
    sections.append(Section("How this was measured", table=settings, folded=True))
    sources = [cut.source for cut in (comparison.a, comparison.b)]
    short = [Path(source).name for source in sources]
    names = sources if short[0] == short[1] else short
    pair = " against ".join(name or "a recording" for name in names)
    return render_page(headline, sections, lead=f"{pair}: are they of the same {about['same']}?")


def _items(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>" if sentences else ""


def _gauge(comparison: Comparison) -> str:
    """Return the probability between both thresholds as a drawing, and what the score means in plain words."""
    about = comparison.protocol
    if comparison.probability is None:
        return ""
    low, high = float(about["different_below"]), float(about["same_above"])
    width, left, top = 600, 20, 34
    span = width - 2 * left

    def x(share: float) -> float:
        return left + span * share

    zones = ((0.0, low, _ORANGE, "different"), (low, high, _GREY, "cannot tell"), (high, 1.0, _BLUE, "same"))
    drawn = "".join(
        f'<rect x="{x(a):.1f}" y="{top}" width="{span * (b - a):.1f}" height="14" fill="{colour}" fill-opacity="0.55"/>'
        f'<text x="{x((a + b) / 2):.1f}" y="{top + 30}" text-anchor="middle" font-size="12" fill="#5b6575">{name}'
        "</text>"
        for a, b, colour, name in zones
    )
    at = x(comparison.probability)
    anchor = "start" if comparison.probability < 0.15 else "end" if comparison.probability > 0.85 else "middle"
    mark = (
        f'<path d="M {at:.1f} {top + 16} l -6 -20 l 12 0 z" fill="#1d2430"/>'
        f'<text x="{at:.1f}" y="{top - 12}" text-anchor="{anchor}" font-size="13" fill="#1d2430">probability '
        f"{comparison.probability:.3f}</text>"
    )
    drawing = (
        f'<svg viewBox="0 0 {width} 72" role="img" aria-label="probability {comparison.probability:.3f}" '
        f'style="max-width:38rem;width:100%;height:auto">{drawn}{mark}</svg>'
    )
    words = []
    if len(comparison.leads) < 2:
        for rate, score in sorted(about["thresholds_at_far"].items(), key=lambda one: -float(one[0])):
            words.append(f"1 of {round(1 / float(rate)):,} pairs of strangers scores above {score:.2f}")
    said = f"Score {comparison.score:.3f}. {'; '.join(words)}{'.' if words else ''}".strip()
    return f"{drawing}<p>{escape(said)}</p>"


def _warnings(comparison: Comparison) -> str:
    """Return the warnings of each file, folded."""
    groups: dict[str, list[str]] = {}
    sources = [cut.source for cut in (comparison.a, comparison.b) if cut.source]
    for note in comparison.warnings:
        source = next((one for one in sources if note.startswith(one)), "")
        groups.setdefault(source, []).append(note[len(source) :].lstrip(": ") if source else note)
    parts = []
    for source, notes in groups.items():
        plural, of = "s" if len(notes) > 1 else "", f" on {escape(Path(source).name)}" if source else ""
        listed = _items([sentence(one) for one in notes])
        parts.append(f"<details><summary>{len(notes)} note{plural}{of}</summary>{listed}</details>")
    return "".join(parts)


def _reasons(why: Why) -> Section:
    rows = [(one.name, one.without, one.swapped) for one in why.parts]
    table = Table(("part of the beat", "score without it", "score with A's in B's place"), rows)
    words = [sentence(said) for said in why.in_words()]
    return Section("Why", words, [(f"Both mean beats in {why.channels[0]}", why.plot())], table)


def _row(name: str, cut: Any) -> tuple[Any, ...]:
    rate = f"{cut.heart_rate:.0f}" if math.isfinite(cut.heart_rate) else "–"
    return (
        name,
        cut.source,
        ", ".join(cut.channel_names),
        len(cut),
        cut.n_rejected,
        cut.n_low_quality,
        cut.n_r_peaks,
        rate,
    )
