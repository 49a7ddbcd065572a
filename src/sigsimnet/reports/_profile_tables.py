"""Sections of a profile that are tables: what is there, what is missing, how good it is, its numbers."""

from __future__ import annotations

from typing import Any

from sigsimnet._utils.text import shorten_list
from sigsimnet.analysis import Profile
from sigsimnet.plotting import new_figure, plot_distribution, plot_quality_map, spark_svg
from sigsimnet.reports._page import Section, Table
from sigsimnet.reports._words import cell, counted, number, p_words, time_words
from sigsimnet.signal_quality import REASONS

__all__ = ["channels_section", "gaps_section", "overview_section", "quality_section", "statistics_section"]

MOST_GAPS = 40  # rows of the gap table; the longest
MOST_SHOWN = 12  # channels whose distribution is drawn


def overview_section(found: Profile) -> Section:
    r = found.recording
    rows: list[tuple[str, Any]] = [
        ("file", r.source or "–"),
        (
            "channels",
            f"{r.n_channels}: "
            + "; ".join(f"{kind or 'unknown'}: {shorten_list(names, 12)}" for kind, names in found.modalities.items()),
        ),
        ("sampling rate", f"{r.sampling_rate:g} Hz"),
        ("recorded", f"{time_words(r.duration)} ({r.n_samples:,} samples a channel)"),
        ("spans", f"{len(r.spans)}" + (", with pauses between them" if len(r.spans) > 1 else "")),
    ]
    if r.start_time:
        rows.append(("started", f"{r.start_time:%Y-%m-%d %H:%M:%S}"))
    if r.annotations:
        counts: dict[str, int] = {}
        for mark in r.annotations:
            counts[mark.label] = counts.get(mark.label, 0) + 1
        most = sorted(counts.items(), key=lambda item: -item[1])
        rows.append(
            ("annotations", f"{len(r.annotations):,}: " + shorten_list((f"{label} × {n:,}" for label, n in most), 12))
        )
    rows += [
        (str(k), "; ".join(map(str, v)) if isinstance(v, (list, tuple)) else str(v)) for k, v in r.metadata.items()
    ]
    warnings = found.warnings
    words = [f"{len(warnings)} {'thing' if len(warnings) == 1 else 'things'} to know:", *warnings] if warnings else []
    return Section("Overview", words, table=Table(("", ""), rows))


def channels_section(found: Profile) -> Section:
    from markupsafe import Markup

    r, of = found.recording, {name: kind for kind, names in found.modalities.items() for name in names}
    good = {n: float(s) for q in found.quality.values() for n, s in zip(q.channel_names, q.share_good, strict=True)}
    rows = []
    for row, name in enumerate(r.channel_names):
        line: Any = found.statistics.loc[name]
        share = float(line["missing"]) / r.n_samples
        rows.append(
            (
                name,
                Markup(spark_svg(r.data[row])),  # noqa: S704 - numbers of ours
                of.get(name, "") or "unknown",
                r.units[row] or "?",
                f"{100 * share:.2f} %",
                "–" if name not in good else f"{100 * good[name]:.1f} %",
                *(number(line[key]) for key in ("min", "median", "max")),
            )
        )
    columns = ("channel", "whole recording", "kind", "unit", "missing", "good", "lowest", "median", "highest")
    return Section("Channels", table=Table(columns, rows))


def gaps_section(found: Profile) -> Section:
    gaps = found.gaps
    if not gaps:
        return Section("Gaps", ("No sample is missing, and there is no pause.",))
    longest = sorted(gaps, key=lambda gap: -gap.duration)[:MOST_GAPS]
    rows = [
        (gap.channel or "all (pause)", f"{gap.time:.3f}", f"{gap.duration:.3f}", gap.n_samples)
        for gap in sorted(longest, key=lambda gap: gap.time)
    ]
    pauses = sum(not gap.channel for gap in gaps)
    words = f"{counted(len(gaps) - pauses, 'gap')} and {counted(pauses, 'pause')}" + (
        f"; the {MOST_GAPS} longest:" if len(gaps) > MOST_GAPS else ":"
    )
    return Section("Gaps", (words,), table=Table(("channel", "start (s)", "length (s)", "samples"), rows))


def quality_section(found: Profile) -> Section | None:
    if not found.quality:
        return None
    rows, figures, words = [], [], []
    for kind, q in found.quality.items():
        time = float(q.durations.sum())
        for row, name in enumerate(q.channel_names):
            shares = {
                reason: float(q.reasons[row, :, k] @ q.durations) / time for k, reason in enumerate(REASONS) if time > 0
            }
            named = ", ".join(
                f"{reason} {100 * share:.1f} %"
                for reason, share in sorted(shares.items(), key=lambda i: -i[1])
                if share > 0.0005
            )
            rows.append((name, f"{100 * q.share_good[row]:.1f} %", float(q.channel_index[row]), named or "nothing"))
        words.append(f"{kind or 'unknown'}: a second is good from an index of {q.threshold:g} on.")
    figures.append(
        (
            "Quality index by second: light is good; white lines are pauses",
            plot_quality_map(list(found.quality.values())),
        )
    )
    return Section(
        "Quality by second",
        words,
        figures,
        Table(("channel", "good", "mean index", "what was seen, by share of the time"), rows),
    )


def statistics_section(found: Profile) -> Section:
    r = found.recording
    columns = [str(name) for name in found.statistics.columns]
    rows = [(name, *(cell(value) for value in found.statistics.loc[name])) for name in r.channel_names]
    tests = [
        (name, test.name, number(test.statistic), p_words(test.p), f"{test.n:,}", test.null, test.note)
        for name in r.channel_names
        for test in (*found.normality.get(name, ()), *found.stationarity.get(name, ()))
    ]
    shown = min(r.n_channels, MOST_SHOWN)
    across = min(4, shown)
    figure = new_figure(2.6 * across, 2.1 * -(-shown // across))
    axes = figure.subplots(-(-shown // across), across, squeeze=False).ravel()
    for ax, name in zip(axes, r.channel_names, strict=False):
        plot_distribution(r, name, ax=ax)
    for ax in axes[shown:]:
        ax.set_axis_off()
    words = (
        "A small p speaks against the hypothesis. Neighbouring samples depend on each other, so that every p is too "
        "small: it describes the shape, it proves nothing.",
    )
    more = [Table(("channel", "test", "statistic", "p", "samples", "hypothesis", ""), tests)] if tests else []
    title = "How often each value comes, and the normal distribution of the same mean and spread"
    return Section("Statistics", words, [(title, figure)], Table(("channel", *columns), rows), more=more)
