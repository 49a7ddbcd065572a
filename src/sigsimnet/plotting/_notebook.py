"""What results look like at the end of a notebook cell: a small table of HTML, complete in itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from sigsimnet._utils.text import shorten_list
from sigsimnet.analysis import Profile
from sigsimnet.channels import modality_of
from sigsimnet.peaks import Peaks
from sigsimnet.plotting._spark import spark_svg
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import REASONS, Quality

__all__ = ["peaks_cell", "profile_cell", "quality_cell", "recording_cell"]

MOST_ROWS = 12
MOST_NOTES = 5
MOST_SAMPLES = 20_000_000  # of a channel that is looked at: a cell of a notebook must not take minutes
CELL = "text-align:left;padding:1px 10px 1px 0"


def recording_cell(recording: Recording) -> str:
    """Return a recording as a small table: a picture, kind, unit and missing share of each channel.

    Examples
    --------
    >>> "<svg" in recording_cell(Recording([[0.0, 1.0, 0.0]], 4, channel_names=["<ECG>"]))
    True
    """
    small = recording.n_samples <= MOST_SAMPLES
    rows = []
    for name, unit, x in list(zip(recording.channel_names, recording.units, recording.data, strict=True))[:MOST_ROWS]:
        missing = f"{100 * float(np.isnan(x).mean()):.1f} %" if small and len(x) else "–"
        picture = spark_svg(x) if small and len(x) else ""
        rows.append((escape(name), picture, modality_of(name) or "?", escape(unit) or "?", missing))
    about = [repr(recording).strip("<>")]
    if recording.start_time is not None:
        about.append(f"started {recording.start_time:%Y-%m-%d %H:%M:%S}")
    if recording.annotations:
        about.append(f"{len(recording.annotations):,} annotations")
    if recording.source:
        about.append(recording.source)
    table = _table(("channel", "", "kind", "unit", "missing"), rows, recording.n_channels)
    return _box(" · ".join(about), table, recording.warnings)


def peaks_cell(peaks: Peaks) -> str:
    """Return heart beats as a small table, with a picture of their intervals.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> "beats" in peaks_cell(detect_peaks(simulate(1, 1, duration=20, seed=1)[0]))
    True
    """
    rr = peaks.rr
    rate = f"{peaks.heart_rate:.0f}/min" if np.isfinite(peaks.heart_rate) else "–"
    confidence = f"{float(np.median(peaks.confidence)):.2f}" if len(peaks) else "–"
    row = (
        escape(peaks.channel),
        escape(peaks.method),
        f"{len(peaks):,}",
        rate,
        confidence,
        spark_svg(rr) if len(rr) else "",
    )
    columns = ("channel", "method", "beats", "heart rate", "confidence", "RR intervals")
    return _box("Peaks", _table(columns, [row], 1), ())


def quality_cell(found: Quality) -> str:
    """Return quality as a small table: good share, index over time and the most frequent reasons of each channel.

    Examples
    --------
    >>> from sigsimnet import quality, simulate
    >>> "100 %" in quality_cell(quality(simulate(1, 1, duration=20, seed=1)[0]))
    True
    """
    time = max(float(found.durations.sum()), 1e-12)
    rows = []
    for row, name in enumerate(found.channel_names[:MOST_ROWS]):
        shares = found.durations @ found.reasons[row] / time
        worst = [
            f"{REASONS[k]} {100 * shares[k]:.0f} %" for k in np.argsort(-shares, kind="stable") if shares[k] >= 0.005
        ]
        good = f"{100 * float(found.share_good[row]):.0f} %" if len(found) else "–"
        rows.append(
            (escape(name), good, spark_svg(found.index[row]) if len(found) else "", escape(shorten_list(worst, 3)))
        )
    table = _table(("channel", "good", "index over time", "seen"), rows, len(found.channel_names))
    return _box(repr(found).strip("<>"), table, found.warnings)


def profile_cell(found: Profile) -> str:
    """Return a profile as a small table: kind, good share, missing share and range of each channel.

    Examples
    --------
    >>> from sigsimnet import profile, simulate
    >>> "100 %" in profile_cell(profile(simulate(1, 1, duration=20, seed=1)[0]))
    True
    """
    recording = found.recording
    table = found.to_dataframe()
    rows = []
    for name, x in list(zip(recording.channel_names, recording.data, strict=True))[:MOST_ROWS]:
        line = table.loc[name]
        good = f"{100 * line['good']:.0f} %" if np.isfinite(line["good"]) else "–"
        missing = f"{100 * line['missing'] / recording.n_samples:.1f} %"
        numbers = [f"{line[key]:.4g}" if np.isfinite(line[key]) else "–" for key in ("min", "median", "max")]
        picture = spark_svg(x) if recording.n_samples <= MOST_SAMPLES else ""
        rows.append(
            (escape(name), picture, line["modality"] or "?", escape(str(line["unit"])) or "?", missing, good, *numbers)
        )
    columns = ("channel", "", "kind", "unit", "missing", "good", "lowest", "median", "highest")
    return _box(repr(found).strip("<>"), _table(columns, rows, recording.n_channels), found.warnings)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], n: int) -> str:
    """Return a table of cells that are HTML already; ``n`` is how many rows there would be."""
    head = "".join(f'<th style="{CELL}">{escape(name)}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    more = (
        f'<tr><td style="{CELL}" colspan="{len(columns)}">… and {n - MOST_ROWS} more</td></tr>' if n > MOST_ROWS else ""
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{more}</tbody></table>"


def _box(title: str, table: str, notes: Sequence[str]) -> str:
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes[:MOST_NOTES])
    more = f"<li>… and {len(notes) - MOST_NOTES} more</li>" if len(notes) > MOST_NOTES else ""
    told = f"<ul>{listed}{more}</ul>" if notes else ""
    return f"<div><div>{escape(title)}</div>{table}{told}</div>"
