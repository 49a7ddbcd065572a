"""What comes next, what was filled, what one column says of another: pages with the figures behind the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.plotting import BLUE, GREY, ORANGE, new_figure
from sigsimnet.reports._page import Section, Table, render_page, write_html
from sigsimnet.series import FORECAST_ROW, Filled, Forecast, Nowcast, Series

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_series", "series_html", "series_page"]

_BEFORE = 120  # steps that are drawn before a forecast
_MOST_ROWS = 8


def series_page(found: Forecast | Filled | Nowcast, path: str | Path) -> None:
    """Write a forecast, what was filled, or a nowcast as a page, whole or not at all.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet.series import forecast
    >>> series_page(forecast((np.arange(200) % 7, 5.0)), tempfile.mkdtemp() + "/next.html")
    """
    write_html(series_html(found), path)


def series_html(found: Forecast | Filled | Nowcast) -> str:
    """Return a forecast, what was filled, or a nowcast as a page that carries everything with it.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> from sigsimnet.series import forecast
    >>> "last value" in series_html(forecast((np.arange(200) % 7, 5.0)))
    True
    """
    said = f"{found.verdict[0].upper()}{found.verdict[1:]}."
    if isinstance(found, Forecast):
        name = Path(found.series.source).name or "a series"
        title = f"{found.column[0].upper()}{found.column[1:]} of {name}, the next {found.horizon:g} s"
        sections = [
            Section("Forecast", [said], [(_caption(found), plot_series(found))]),
            Section("Methods at the same moments", (), table=Table(FORECAST_ROW, found.rows())),
        ]
        if found.contributions:
            last = [(one, f"{row[-1]:+.3g}") for one, row in found.contributions.items()]
            last.append(("together", f"{found.values[-1]:.3g}"))
            table = Table(("what", "adds to the last step"), last)
            sections.append(Section("What the forecast is made of", ["The parts add up to it exactly."], table=table))
        how = "At each moment a method saw what lay before; its error is that of the last step."
    elif isinstance(found, Filled):
        title = f"{Path(found.given.source).name or 'A series'}, filled"
        rows = [(one, f"{found.mae[one]:.3g}", f"{found.mae_line[one]:.3g}") for one in found.mae]
        table = Table(("column", "MAE of hidden values", "MAE of a line"), rows)
        sections = [
            Section("Filled", [said], [("Known values (blue) and filled ones (orange)", plot_series(found))], table)
        ]
        how = "A tenth of the known values was hidden in pieces as long as the gaps, and estimated."
    else:
        title = f"{found.column[0].upper()}{found.column[1:]} of {Path(found.series.source).name or 'a series'}, now"
        parts = [(one, f"{value:+.3g}") for one, value in found.contributions.items()]
        parts.append(("together", f"{found.value:.3g} ± {found.spread:.2g}"))
        table = Table(("what", "adds"), parts)
        sections = [Section("Now", [said], [("The series", plot_series(found))], table)]
        how = "The column was hidden at moments of the second half; the model learnt from the first."
    sections.append(Section("How this was measured", [how], folded=True))
    return render_page(title, sections)


def _caption(found: Forecast) -> str:
    share = f"{100 * found.level:.0f} %"
    return f"By {found.method}; the band holds {share} of its errors at {found.methods[0].n} moments of the past"


def plot_series(found: Forecast | Filled | Nowcast) -> Figure:
    """Draw a forecast, what was filled, or a nowcast.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from sigsimnet.series import forecast
    >>> plot_series(forecast((np.arange(200) % 7, 5.0))).axes[0].get_xlabel()
    'time (s)'
    """
    if isinstance(found, Forecast):
        figure = new_figure(9.0, 3.6)
        axes = figure.subplots()
        x, times = found.series.column(found.column), found.series.times
        axes.plot(times[-_BEFORE:], x[-_BEFORE:], color=BLUE, label="so far")
        ahead = times[-1] + found.series.step * np.arange(1, len(found.values) + 1)
        axes.plot(ahead, found.values, color=ORANGE, label=found.method)
        axes.fill_between(ahead, found.low, found.high, color=ORANGE, alpha=0.25, linewidth=0)
        axes.set_ylabel(_named(found.series, found.column))
        axes.legend(frameon=False)
        axes.set_xlabel("time (s)")
        return figure
    series = found.series
    known = found.given.values if isinstance(found, Filled) else series.values
    rows = min(len(series.values), _MOST_ROWS)
    figure = new_figure(9.0, 1.2 + 1.5 * rows)
    for row, axes in enumerate(figure.subplots(rows, 1, squeeze=False, sharex=True)[:, 0]):
        if isinstance(found, Filled):
            axes.plot(series.times, series.values[row], color=ORANGE)
        axes.plot(series.times, known[row], color=BLUE)
        if isinstance(found, Nowcast) and series.names[row] == found.column:
            axes.errorbar(series.times[-1], found.value, found.spread, color=ORANGE, fmt="o")
        axes.set_ylabel(_named(series, series.names[row]), fontsize=8, color=GREY)
    axes.set_xlabel("time (s)")
    return figure


def _named(series: Series, column: str) -> str:
    unit = series.units[series.names.index(column)]
    return f"{column} ({unit})" if unit else column
