"""Sections of a profile that are pictures: spectra, rolling windows, channels together, beats, cleaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.analysis import Profile
from sigsimnet.plotting import (
    BLUE,
    new_figure,
    plot_autocorrelation,
    plot_beats,
    plot_cleaning,
    plot_correlation,
    plot_ecg_paper,
    plot_heart_rate,
    plot_r_peaks,
    plot_rolling,
    plot_spectrogram,
    plot_spectrum,
)
from sigsimnet.reports._page import Section, Table
from sigsimnet.reports._words import add, number
from sigsimnet.segments import beats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["beats_section", "cleaning_section", "rolling_section", "spectrum_section", "together_section"]


def spectrum_section(found: Profile) -> Section | None:
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
    add(figures, f"Spectrogram of {first}", plot_spectrogram, r, first)
    add(figures, "Autocorrelation", plot_autocorrelation, r.crop(*found.excerpt))
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


def rolling_section(found: Profile) -> Section | None:
    r = found.recording
    part = r.crop(*found.excerpt)
    window = 1.0 if part.duration >= 4 else part.duration / 4
    figures: list[tuple[str, Figure]] = []
    for names in found.modalities.values():
        add(figures, f"{names[0]}, from {found.excerpt[0]:g} s", plot_rolling, part, names[0], window)
    return (
        Section("Rolling windows", (f"Mean, sum, standard deviation and RMS of {window:g} s.",), figures)
        if figures
        else None
    )


def together_section(found: Profile) -> Section | None:
    r = found.recording
    if r.n_channels < 2:
        return None
    figures = [("Correlation of every channel with every other", plot_correlation(r, found.correlation))]
    if found.coherence is not None:
        a, b, frequencies, values = found.coherence
        figure = new_figure(7.0, 2.4)
        ax = figure.subplots()
        ax.plot(frequencies, values, color=BLUE, linewidth=0.9)
        ax.set(xlabel="frequency (Hz)", ylabel="coherence", ylim=(0, 1.02))
        figures.append((f"Coherence of {a} and {b}, the two most alike", figure))
    return Section("Channels together", (), figures)


def beats_section(found: Profile) -> Section | None:
    peaks, r = found.peaks, found.recording
    if peaks is None:
        return None
    rows: list[tuple[str, Any]] = [
        ("beats", f"{len(peaks):,} in {peaks.channel} ({peaks.method})"),
        ("heart rate, median", f"{number(peaks.heart_rate)} /min"),
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
    figures = [("Heart rate", plot_heart_rate(found.rr))] if found.rr is not None else []
    if peaks.method != "ppg" and peaks.channel in r.channel_names:
        first = _good_part(found)
        part = r.pick(peaks.channel).crop(*found.excerpt)
        add(
            figures,
            f"Ten seconds from {first:g} s, band-passed",
            plot_r_peaks,
            r,
            peaks,
            start=first,
            stop=first + 10,
        )
        shown = beats(part, peaks=peaks.crop(r, *found.excerpt))
        add(figures, "Beats over one another, mean ± one standard deviation", plot_beats, shown)
        add(figures, "On ECG paper", plot_ecg_paper, r, found.modalities["ecg"][:12], start=first)
    return Section("Beats and heart rate", (), figures, Table(("", ""), rows))


def _good_part(found: Profile) -> float:
    """Return the start of the first ten seconds that are good in the channel of the beats."""
    assert found.peaks is not None  # noqa: S101 - asked for only then
    for q in found.quality.values():
        if found.peaks.channel in q.channel_names:
            good = q.good[q.channel_names.index(found.peaks.channel)].astype(int)
            if len(good) >= 10:
                good_ahead = np.convolve(good, np.ones(10, dtype=int), "valid")
                whole = q.times[9:] - q.times[: len(good_ahead)] < 9.5  # no pause between
                fits = np.flatnonzero((good_ahead == good_ahead.max()) & whole)
                if len(fits):
                    return float(q.times[fits[0]])
    return float(found.recording.time_of([0])[0])


def cleaning_section(found: Profile) -> Section | None:
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
        title = f"{name}: each step of `clean --preset {kind}`"
        add(figures, title, plot_cleaning, part, kind, name, mains=found.mains_by_modality[kind])
    words = (
        f"Tried on {found.excerpt[0]:g} to {found.excerpt[1]:g} s; nothing was changed in the file. No sample is ever "
        "deleted: what is taken away becomes missing, what is bridged is counted.",
    )
    return Section("What cleaning would do", words, figures, Table(("kind", "step", "settings", "what it did"), rows))
