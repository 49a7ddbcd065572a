"""Parts of the page of `compare` that need the recordings: stretches on ECG paper, measurements of both sides."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from sigsimnet.channels import ecg_channels, lead_of
from sigsimnet.delineation import measure
from sigsimnet.errors import SigSimNetError
from sigsimnet.plotting import has_twelve_leads, new_figure, plot_ecg_paper, plot_twelve_leads
from sigsimnet.reports._page import Section, Table
from sigsimnet.segments import standard_leads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from sigsimnet.comparison import Stretches, StretchPair
    from sigsimnet.delineation import Measurement, Measurements
    from sigsimnet.recording import Recording

__all__ = ["measured_section", "stretches_section"]

_LISTED = 5
_LONGEST = 10.0  # s of a stretch that are drawn
_MEASURED = 60.0  # s
_LEADS = 3  # on paper, where there are not twelve
_OF_THE_WHOLE = ("heart rate", "RR irregularity", "P", "PR", "QRS", "QT", "QTc fridericia", "QRS axis", "T axis")
_OF_A_LEAD = ("P amplitude", "R amplitude", "S amplitude", "T amplitude", "ST at J+80")


def stretches_section(
    found: Stretches, recordings: tuple[Recording, Recording] | None, channels: tuple[tuple[str, ...], tuple[str, ...]]
) -> Section:
    """Return the matrix over time, the most and the least alike stretches, and pictures of the first of both.

    ``channels``: those of A and of B that were compared.
    """
    best, worst = found.best(_LISTED), found.worst(_LISTED)
    figures = [("Score of each stretch of A (upwards) against each of B: bright is alike", _matrix(found))]
    if recordings is not None:
        for what, pairs in (("Most alike", best), ("Least alike", worst)):
            if pairs:
                figures += _strips(what, pairs[0], recordings, channels)
    rows = [(f"{_span(one.a)}", f"{_span(one.b)}", one.score) for one in best]
    less = [(f"{_span(one.a)}", f"{_span(one.b)}", one.score) for one in worst]
    columns = ("A (s)", "B (s)", "score")
    words = ["The most alike stretches, and then those that nothing on the other side is like (with what is nearest)."]
    return Section("Where in time", words, figures, Table(columns, rows), more=[Table(columns, less)])


def _span(stretch: tuple[float, float, str, int]) -> str:
    return f"{stretch[0]:g}–{stretch[1]:g}"


def _matrix(found: Stretches) -> Figure:
    figure = new_figure(7.0, 4.6)
    axes = figure.subplots()
    ends = (found.b[0].start, found.b[-1].stop, found.a[0].start, found.a[-1].stop)
    rows = [one.source for one in found.a]
    image = axes.imshow(found.scores, cmap="cividis", origin="lower", aspect="auto", interpolation="nearest",
                        extent=ends if len(set(rows)) == 1 else None)  # fmt: skip
    axes.set_xlabel("time in B (s)")
    axes.set_ylabel("time in A (s)" if len(set(rows)) == 1 else "stretch of A, file after file")
    figure.colorbar(image, ax=axes, label="score")
    figure.set_layout_engine("constrained")
    return figure


def _strips(
    what: str,
    pair: StretchPair,
    recordings: tuple[Recording, Recording],
    channels: tuple[tuple[str, ...], tuple[str, ...]],
) -> list[tuple[str, Figure]]:
    figures = []
    for name, stretch, recording, compared in zip("AB", (pair.a, pair.b), recordings, channels, strict=True):
        if stretch.source != recording.source:
            continue
        if (drawn := _paper(recording, stretch.start, stretch.stop, compared)) is not None:
            caption = f"{what} (score {pair.score:.2f}): {name}, {Path(recording.source).name or 'recording'}"
            figures.append((f"{caption}, from {stretch.start:g} s", drawn))
    return figures


def _paper(recording: Recording, start: float, stop: float, compared: tuple[str, ...]) -> Figure | None:
    """Return the stretch on ECG paper; None where it has no unit of voltage, or is no ECG."""
    start = max(start, 0.0)
    try:
        if has_twelve_leads(recording):
            return plot_twelve_leads(recording, start=max(0.0, min(start, recording.duration - _LONGEST)))
        known = standard_leads(recording)
        own = [known.get(name, name) for name in compared]
        names = ([name for name in own if name in recording.channel_names] or ecg_channels(recording))[:_LEADS]
        end = min(stop, start + _LONGEST, float(recording.times()[-1]))
        return plot_ecg_paper(recording, list(names), start=start, stop=end) if names else None
    except SigSimNetError:
        return None


def measured_section(recordings: tuple[Recording, Recording]) -> Section | None:
    """Return the measurements of both sides; None where a side cannot be measured, or openecg is not installed."""
    try:
        first, second = (measure(_minute(one)) for one in recordings)
    except SigSimNetError:
        return None
    whole = [row for name in _OF_THE_WHOLE if (row := _row(name, name, _item(first, name), _item(second, name)))]
    leads = [lead_of(one.channel) for one in first.items if one.channel and lead_of(one.channel)]
    for lead in list(dict.fromkeys(leads))[:_LEADS]:
        of_lead = [(name, _item(first, name, lead), _item(second, name, lead)) for name in _OF_A_LEAD]
        whole += [row for name, a, b in of_lead if (row := _row(f"{name}, {lead}", name, a, b))]
    if not whole:
        return None
    columns = ("", "A", "B", "B − A", "unit")
    words = ["Medians over beats with 95 % intervals. What counts as a change of one person, `sigsimnet change` says."]
    if any(one.duration > _MEASURED for one in recordings):
        words.append("Of longer recordings the minute in the middle is measured.")
    return Section("Measurements", words, table=Table(columns, whole))


def _minute(recording: Recording) -> Recording:
    if recording.duration <= _MEASURED:
        return recording
    start = (recording.duration - _MEASURED) / 2
    return recording.crop(start, start + _MEASURED)


def _item(found: Measurements, name: str, lead: str = "") -> Measurement | None:
    return next((one for one in found.items if one.name == name and lead_of(one.channel) == lead), None)


def _row(shown: str, name: str, a: Measurement | None, b: Measurement | None) -> Sequence[str] | None:
    if a is None or b is None or not (math.isfinite(a.value) or math.isfinite(b.value)):
        return None
    digits = 2 if "amplitude" in name or name.startswith("ST") or a.unit not in ("ms", "°", "1/min") else 0
    unit = "per minute" if a.unit == "1/min" else a.unit

    def of(one: Measurement) -> str:
        if not math.isfinite(one.value):
            return "–"
        around = f" [{one.low:.{digits}f}, {one.high:.{digits}f}]" if math.isfinite(one.low) else ""
        return f"{one.value:.{digits}f}{around}"

    step = f"{b.value - a.value:+.{digits}f}" if math.isfinite(b.value - a.value) else "–"
    return (shown, of(a), of(b), step, unit)
