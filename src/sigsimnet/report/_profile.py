"""The page of a profile: everything about one recording, in one file."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import sigsimnet
from sigsimnet.errors import SigSimNetError
from sigsimnet.explore import (
    Profile,
    interactive_html,
    interactive_script,
    plot_autocorrelation,
    plot_beats,
    plot_cleaning,
    plot_correlation,
    plot_distribution,
    plot_ecg_paper,
    plot_r_peaks,
    plot_rolling,
    plot_spectrogram,
    plot_spectrum,
)
from sigsimnet.explore._decimate import extremes, thinned
from sigsimnet.explore._figure import BLUE, GREY, ORANGE, new_figure
from sigsimnet.peaks import clean_rr
from sigsimnet.quality import REASONS
from sigsimnet.report._page import Section, Table, write_page
from sigsimnet.segments import beats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["profile_page", "signals_page"]

MOST_GAPS = 40  # rows of the gap table; the longest
MOST_SHOWN = 12  # channels whose distribution is drawn
SPARK = 90  # columns of a small picture


def profile_page(found: Profile, path: str | Path) -> None:
    """Write a profile as one self-contained page, whole or not at all.

    Parameters
    ----------
    found : Profile
        From `sigsimnet.profile`.
    path : str or path
        Of the HTML file.

    Raises
    ------
    MissingExtraError
        If Jinja2, matplotlib or Plotly is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import profile, simulate
    >>> path = Path(tempfile.mkdtemp()) / "profile.html"
    >>> profile_page(profile(simulate(1, 1, duration=20, seed=1)[0]), path)
    >>> "Quality by second" in path.read_text(encoding="utf-8")
    True
    """
    head = interactive_script()
    r = found.recording
    name = Path(r.source).name or "a recording"
    lead = repr(found).strip("<>").replace("Profile ", "")
    sections = [
        _overview(found),
        _channels(found),
        Section("Signals", html=interactive_html(r, peaks=found.peaks, quality=found.quality)),
        _gaps(found),
        _quality(found),
        _statistics(found),
        _spectrum(found),
        _rolling(found),
        _together(found),
        _beats(found),
        _cleaning(found),
        _again(found),
    ]
    write_page(path, f"Profile of {name}", [s for s in sections if s is not None], lead=lead, head=head)


def signals_page(found: Profile, path: str | Path) -> None:
    """Write the signals alone, to move about in, as one self-contained page.

    Raises
    ------
    MissingExtraError, WriteError
        As `profile_page`.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import profile, simulate
    >>> path = Path(tempfile.mkdtemp()) / "signals.html"
    >>> signals_page(profile(simulate(1, 1, duration=20, seed=1)[0]), path)
    >>> path.stat().st_size > 1_000_000  # Plotly is inside
    True
    """
    r = found.recording
    part = Section("Signals", found.warnings, html=interactive_html(r, peaks=found.peaks, quality=found.quality))
    write_page(path, Path(r.source).name or "Signals", [part], lead=repr(r).strip("<>"), head=interactive_script())


def _overview(found: Profile) -> Section:
    r = found.recording
    rows: list[tuple[str, Any]] = [
        ("file", r.source or "–"),
        (
            "channels",
            f"{r.n_channels}: "
            + "; ".join(f"{kind or 'unknown'}: {_few(names)}" for kind, names in found.modalities.items()),
        ),
        ("sampling rate", f"{r.sampling_rate:g} Hz"),
        ("recorded", f"{_time(r.duration)} ({r.n_samples:,} samples a channel)"),
        ("segments", f"{len(r.segments)}" + (", with pauses between them" if len(r.segments) > 1 else "")),
    ]
    if r.start_time:
        rows.append(("started", f"{r.start_time:%Y-%m-%d %H:%M:%S}"))
    if r.annotations:
        counts: dict[str, int] = {}
        for mark in r.annotations:
            counts[mark.label] = counts.get(mark.label, 0) + 1
        most = sorted(counts.items(), key=lambda item: -item[1])
        rows.append(
            ("annotations", f"{len(r.annotations):,}: " + ", ".join(f"{label} × {n:,}" for label, n in most[:12]))
        )
    rows += [
        (str(k), "; ".join(map(str, v)) if isinstance(v, (list, tuple)) else str(v)) for k, v in r.metadata.items()
    ]
    warnings = found.warnings
    words = [f"{len(warnings)} {'thing' if len(warnings) == 1 else 'things'} to know:", *warnings] if warnings else []
    return Section("Overview", words, table=Table(("", ""), rows))


def _channels(found: Profile) -> Section:
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
                Markup(_spark(r.data[row])),  # noqa: S704 - numbers of ours
                of.get(name, "") or "unknown",
                r.units[row] or "?",
                f"{100 * share:.2f} %",
                "–" if name not in good else f"{100 * good[name]:.1f} %",
                *(_number(line[key]) for key in ("min", "median", "max")),
            )
        )
    columns = ("channel", "whole recording", "kind", "unit", "missing", "good", "lowest", "median", "highest")
    return Section("Channels", table=Table(columns, rows))


def _spark(x: np.ndarray[Any, np.dtype[np.float32]]) -> str:
    """Return a small picture: lowest to highest of each column, between the 0.5 and 99.5 % quantiles of them."""
    low, high = extremes(x, max(1, -(-len(x) // SPARK)))
    there = ~np.isnan(low)
    if not there.any():
        return ""
    bottom, top = float(np.quantile(low[there], 0.005)), float(np.quantile(high[there], 0.995))
    scale = 26.0 / (top - bottom) if top > bottom else 0.0
    step = 180.0 / max(len(low), 1)
    parts = []
    for k in np.flatnonzero(there):
        y0, y1 = (27.0 - scale * (float(np.clip(v, bottom, top)) - bottom) for v in (high[k], low[k]))
        parts.append(f"M{k * step:.1f} {y0:.1f}V{max(y1, y0 + 0.7):.1f}")
    line = f'<path d="{"".join(parts)}" stroke="{BLUE}" stroke-width="{max(step, 0.8):.1f}"/>'
    return f'<svg class="spark" viewBox="0 0 180 28">{line}</svg>'


def _gaps(found: Profile) -> Section:
    gaps = found.gaps
    if not gaps:
        return Section("Gaps", ("No sample is missing, and there is no pause.",))
    longest = sorted(gaps, key=lambda gap: -gap.duration)[:MOST_GAPS]
    rows = [
        (gap.channel or "all (pause)", f"{gap.time:.3f}", f"{gap.duration:.3f}", gap.n_samples)
        for gap in sorted(longest, key=lambda gap: gap.time)
    ]
    pauses = sum(not gap.channel for gap in gaps)
    words = f"{len(gaps) - pauses:,} gaps and {pauses:,} pauses" + (
        f"; the {MOST_GAPS} longest:" if len(gaps) > MOST_GAPS else ":"
    )
    return Section("Gaps", (words,), table=Table(("channel", "start (s)", "length (s)", "samples"), rows))


def _quality(found: Profile) -> Section | None:
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
    figures.append(("Quality index by second: light is good; white lines are pauses", _quality_map(found)))
    return Section(
        "Quality by second",
        words,
        figures,
        Table(("channel", "good", "mean index", "what was seen, by share of the time"), rows),
    )


def _quality_map(found: Profile) -> Figure:
    n = sum(len(q.channel_names) for q in found.quality.values())
    figure = new_figure(10.0, 1.0 + 0.28 * n)
    parts = list(found.quality.values())
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=[len(q.channel_names) for q in parts])[:, 0]
    for ax, q in zip(axes, parts, strict=True):
        # At most 2,000 columns, of which each shows its worst second.
        size = max(1, -(-len(q) // 2000))
        edges = np.arange(0, len(q), size)
        worst = np.minimum.reduceat(q.index, edges, axis=1) if len(q) else q.index
        starts = q.times[edges] if len(q) else np.array([0.0])
        ends = np.append(starts, (q.times[-1] + q.durations[-1]) if len(q) else 1.0)
        image = ax.pcolormesh(
            ends, np.arange(len(q.channel_names) + 1), worst, vmin=0, vmax=1, cmap="cividis", rasterized=True
        )
        ax.set_yticks(np.arange(len(q.channel_names)) + 0.5, q.channel_names, fontsize=7)
        ax.invert_yaxis()
    axes[-1].set_xlabel("time (s)")
    figure.colorbar(image, ax=list(axes), shrink=0.9, pad=0.01)
    return figure


def _statistics(found: Profile) -> Section:
    r = found.recording
    columns = [str(name) for name in found.statistics.columns]
    rows = [(name, *(_cell(value) for value in found.statistics.loc[name])) for name in r.channel_names]
    tests = [
        (name, test.name, _number(test.statistic), _p(test.p), f"{test.n:,}", test.null, test.note)
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


def _spectrum(found: Profile) -> Section | None:
    r = found.recording
    if found.spectrum is None:
        return None
    figures = [
        (
            f"Power spectral density (Welch, windows of {found.spectrum.window:g} s)",
            plot_spectrum(r, found.spectrum, mains=found.mains),
        )
    ]
    first = (
        found.peaks.channel
        if found.peaks is not None and found.peaks.channel in r.channel_names
        else r.channel_names[0]
    )
    _add(figures, f"Spectrogram of {first}", plot_spectrogram, r, first)
    _add(figures, "Autocorrelation", plot_autocorrelation, r.crop(*found.excerpt))
    hum = "No hum stands out at 50 or 60 Hz." if found.mains is None else f"Hum of the mains at {found.mains:g} Hz."
    tables = []
    for kind, names in found.modalities.items():
        bands = [name for name in names if name in found.bands]
        if bands:
            columns = list(found.bands[bands[0]])
            rows = [(name, *(_share(found.bands[name], band) for band in columns)) for name in bands]
            tables.append(Table((f"{kind or 'unknown'}: share of the bands' power", *columns), rows))
    return Section("Spectrum", (hum,), figures, more=tables)


def _share(bands: dict[str, float], band: str) -> str:
    whole = sum(value for value in bands.values() if np.isfinite(value))
    return f"{100 * bands[band] / whole:.1f} %" if whole > 0 and np.isfinite(bands[band]) else "–"


def _rolling(found: Profile) -> Section | None:
    r = found.recording
    part = r.crop(*found.excerpt)
    window = 1.0 if part.duration >= 4 else part.duration / 4
    figures: list[tuple[str, Figure]] = []
    for names in found.modalities.values():
        _add(figures, f"{names[0]}, from {found.excerpt[0]:g} s", plot_rolling, part, names[0], window)
    return (
        Section("Rolling windows", (f"Mean, sum, standard deviation and RMS of {window:g} s.",), figures)
        if figures
        else None
    )


def _together(found: Profile) -> Section | None:
    r = found.recording
    if r.n_channels < 2:
        return None
    figures = [("Correlation of every channel with every other", plot_correlation(r))]
    if found.coherence is not None:
        a, b, frequencies, values = found.coherence
        figure = new_figure(7.0, 2.4)
        ax = figure.subplots()
        ax.plot(frequencies, values, color=BLUE, linewidth=0.9)
        ax.set(xlabel="frequency (Hz)", ylabel="coherence", ylim=(0, 1.02))
        figures.append((f"Coherence of {a} and {b}, the two most alike", figure))
    return Section("Channels together", (), figures)


def _beats(found: Profile) -> Section | None:
    peaks, r = found.peaks, found.recording
    if peaks is None:
        return None
    rows: list[tuple[str, Any]] = [
        ("beats", f"{len(peaks):,} in {peaks.channel} ({peaks.method})"),
        ("heart rate, median", f"{_number(peaks.heart_rate)} /min"),
        (
            "intervals",
            ", ".join(f"{kind} {n:,}" for kind, n in sorted(found.rr_kinds.items(), key=lambda i: -i[1])) or "–",
        ),
    ]
    if found.hrv is not None:
        h = found.hrv
        rows += [
            ("SDNN, RMSSD", f"{h.sdnn:.1f} ms, {h.rmssd:.1f} ms"),
            ("pNN50, pNN20", f"{h.pnn50:.1f} %, {h.pnn20:.1f} %"),
        ]
        if h.n_windows:
            rows.append(
                ("LF, HF, LF/HF", f"{h.lf:.0f} ms², {h.hf:.0f} ms², {h.lf_hf:.2f} (mean of {h.n_windows} windows)")
            )
    figures = [("Heart rate", _rate(found))] if len(peaks) > 1 else []
    if peaks.method != "ppg" and peaks.channel in r.channel_names:
        first = _good_part(found)
        part = r.pick(peaks.channel).crop(*found.excerpt)
        _add(
            figures,
            f"Ten seconds from {first:g} s, band-passed",
            plot_r_peaks,
            r.pick(peaks.channel).crop(max(0.0, first - 30), first + 40),
            start=min(first, 30.0),
            stop=min(first, 30.0) + 10,
        )
        _add(figures, "Beats over one another, mean ± one standard deviation", plot_beats, beats(part))
        _add(figures, "On ECG paper", plot_ecg_paper, r, found.modalities["ecg"][:12], start=first)
    return Section("Beats and heart rate", (), figures, Table(("", ""), rows))


def _rate(found: Profile) -> Figure:
    assert found.peaks is not None  # noqa: S101 - asked for only then
    series = clean_rr(found.peaks)
    figure = new_figure(10.0, 2.4)
    ax = figure.subplots()
    normal = np.where(series.kind == "normal", 60.0 / series.rr, np.nan)
    other = np.isfinite(series.rr) & (series.kind != "normal")
    t, x = thinned(series.times, normal)
    ax.plot(t, x, color=BLUE, linewidth=0.8, label="normal intervals")
    if other.any():
        every = max(1, int(other.sum()) // 2000)
        ax.plot(
            series.times[other][::every],
            60.0 / series.rr[other][::every],
            ".",
            color=ORANGE,
            markersize=2.5,
            label="others",
        )
        ax.legend(fontsize=7, loc="upper right")
    ax.set(xlabel="time (s)", ylabel="heart rate (/min)")
    top = float(np.nanquantile(normal, 0.999)) if np.isfinite(normal).any() else 150.0
    ax.set_ylim(0, 1.6 * top)
    ax.grid(alpha=0.3, color=GREY)
    return figure


def _good_part(found: Profile) -> float:
    """Return the start of the first ten seconds that are good in the channel of the beats."""
    assert found.peaks is not None  # noqa: S101 - asked for only then
    for q in found.quality.values():
        if found.peaks.channel in q.channel_names:
            good = q.good[q.channel_names.index(found.peaks.channel)].astype(int)
            if len(good) >= 10:
                run = np.convolve(good, np.ones(10, dtype=int), "valid")
                whole = q.times[9:] - q.times[: len(run)] < 9.5  # no pause between
                fits = np.flatnonzero((run == run.max()) & whole)
                if len(fits):
                    return float(q.times[fits[0]])
    return float(found.recording.time_of([0])[0])


def _cleaning(found: Profile) -> Section | None:
    if not found.cleaned:
        return None
    r, start = found.recording, found.excerpt[0]
    rows: list[tuple[str, str, str, str]] = []
    figures: list[tuple[str, Figure]] = []
    for kind, cleaned in found.cleaned.items():
        name = found.modalities[kind][0]
        for entry in cleaned.log:
            settings = ", ".join(f"{key} {value}" for key, value in entry.settings.items() if value is not None)
            rows.append((kind, entry.name, settings, entry.note))
        part = r.pick(found.modalities[kind]).crop(start, min(found.excerpt[1], start + 60))
        _add(figures, f"{name}: each step of `clean --preset {kind}`", plot_cleaning, part, kind, name)
    words = (
        f"Tried on {found.excerpt[0]:g} to {found.excerpt[1]:g} s; nothing was changed in the file. No sample is ever "
        "deleted: what is taken away becomes missing, what is bridged is counted.",
    )
    return Section("What cleaning would do", words, figures, Table(("kind", "step", "settings", "what it did"), rows))


def _again(found: Profile) -> Section:
    r = found.recording
    name = r.source or "FILE"
    cleanable = next(iter(found.cleaned), "ecg")
    code = f"""\
sigsimnet profile "{name}" -o profile.html          # this page; --json for the numbers
sigsimnet clean "{name}" -o clean.csv --preset {cleanable}   # and clean.csv.log.json with what was done
sigsimnet plot "{name}" -o signals.html             # the signals alone; .png, .svg or .pdf for print

import sigsimnet as ssn
found = ssn.profile(ssn.read("{name}"))
found.statistics, found.quality, found.hrv
"""
    words = (
        f"Made by sigsimnet {sigsimnet.__version__} with Python {platform.python_version()} and NumPy {np.__version__}."
    )
    return Section("How to get this again", (words,), code=code)


def _add(figures: list[tuple[str, Figure]], title: str, draw: Callable[..., Figure], *given: Any, **more: Any) -> None:
    """Add a picture, or none where the recording is too short for it."""
    try:
        figures.append((title, draw(*given, **more)))
    except SigSimNetError:
        return


def _few(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _time(seconds: float) -> str:
    hours, rest = divmod(round(seconds, 3), 3600)
    minutes, left = divmod(rest, 60)
    return (
        f"{hours:.0f} h {minutes:.0f} min {left:.0f} s"
        if hours
        else f"{minutes:.0f} min {left:.1f} s"
        if minutes
        else f"{left:g} s"
    )


def _number(value: Any) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{float(value):.4g}"


def _cell(value: Any) -> Any:
    return (
        value
        if isinstance(value, str)
        else f"{int(value):,}"
        if isinstance(value, (int, np.integer))
        else _number(value)
    )


def _p(value: float) -> str:
    return "–" if not np.isfinite(value) else "<\u00a00.0001" if value < 1e-4 else f"{value:.4f}"
