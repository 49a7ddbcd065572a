"""`sigsimnet forecast`: what comes next, what is missing, what one vital sign says of another."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_table
from sigsimnet.cli._targets import PAGE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.series import Series

__all__ = ["forecast"]


def forecast(
    series: Annotated[
        str, typer.Argument(help="A table of values at even steps, or an ECG, whose heart rate is taken.")
    ],
    *,
    horizon: Annotated[
        float, typer.Option(help="How far ahead, in s; with --nowcast for how long it is not seen.")
    ] = 60.0,
    column: Annotated[str | None, typer.Option(help="What is forecast. [the first column]")] = None,
    step: Annotated[float | None, typer.Option(help="Means over so long, in s. [as in the file; heart rate 5]")] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Fill what is missing instead.")] = False,
    nowcast: Annotated[
        str | None, typer.Option(help="Say this column's value of now from the other columns instead.")
    ] = None,
    moments: Annotated[int, typer.Option(help="Of the past, at which methods are tried.", min=5)] = 20,
    level: Annotated[float, typer.Option(help="Share of past errors that the interval holds.")] = 0.8,
    seed: Annotated[int, typer.Option(help="Of the bootstrap, and of what is hidden to measure.")] = 0,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the forecast, or the filled series, to this CSV.")
    ] = None,
    page: Annotated[str | None, typer.Option(help="Draw it, with the figures behind it (.html).")] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Forecast a vital sign beside its last value, fill its gaps, or say it from others; and say what that is worth."""
    from sigsimnet import series as of_series
    from sigsimnet.errors import ParameterError

    if fill and nowcast:
        raise ParameterError("--fill and --nowcast are two questions: ask one")
    if nowcast and output:
        raise ParameterError("a nowcast is one value: --json prints it, --page draws it")
    if output:
        claim(output, force=force, command="forecast", endings=(".csv",), what="values are a table", inputs=[series])
    if page:
        check_apart(output, page)
        claim(page, force=force, command="forecast", endings=PAGE, what="pictures need a page", inputs=[series])
    found: Any
    if fill:
        found = of_series.fill(series, step=step, seed=seed)
    elif nowcast:
        found = of_series.nowcast(series, nowcast, hidden=horizon, step=step, seed=seed)
    else:
        found = of_series.forecast(series, horizon, column=column, step=step, origins=moments, level=level, seed=seed)
    if output:
        _write(output, found)
    if page:
        from sigsimnet.reports import series_page

        series_page(found, page)
    if json:
        print_json(found.to_dict())
        return
    typer.echo(found.verdict)
    if fill:
        rows = [(name, f"{found.mae[name]:.3g}", f"{found.mae_line[name]:.3g}") for name in found.mae]
        print_table(("column", "MAE of hidden values", "MAE of a line"), rows)
    elif nowcast:
        typer.echo(f"{nowcast} now, from the others: {found.value:.4g} ± {found.spread:.2g}")
        print_table(("what", "adds"), [(name, f"{value:+.3g}") for name, value in found.contributions.items()])
    else:
        print_table(of_series.FORECAST_ROW, found.rows(), title=f"{found.column} in {found.horizon:g} s")
        share = f"{100 * level:.0f} %"
        typer.echo(
            f"by {found.method}: {found.values[-1]:.4g} in {found.horizon:g} s ({share} of its past errors: "
            f"{found.low[-1]:.4g} to {found.high[-1]:.4g})"
        )
    for written in (output, page):
        if written:
            typer.echo(f"wrote {written}")


def _headed(made: Series, name: str) -> str:
    unit = made.units[made.names.index(name)]
    return f"{name} ({unit})" if unit else name


def _write(path: str, found: Any) -> None:
    from sigsimnet._utils.files import write_whole
    from sigsimnet.series import Forecast

    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if isinstance(found, Forecast):
            writer.writerow(("time (s)", found.column, "low", "high"))
            begin = found.series.times[-1]
            for k, row in enumerate(zip(found.values, found.low, found.high, strict=True), 1):
                writer.writerow([f"{begin + k * found.series.step:.6g}", *(f"{value:.6g}" for value in row)])
            return
        made: Series = found.series
        writer.writerow(("time (s)", *(_headed(made, name) for name in made.names)))
        for time, row in zip(made.times, made.values.T, strict=True):
            writer.writerow([f"{time:.6g}", *(f"{value:.7g}" for value in row)])
