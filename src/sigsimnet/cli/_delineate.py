"""`sigsimnet delineate`: P, QRS and T of every beat, and what they measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PICTURE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.delineation import Delineation, Measurements

__all__ = ["delineate"]


@with_reading()
def delineate(
    file: Annotated[str, typer.Argument(help="ECG.")],
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write all marks: NAME.csv, or NAME.atr (WFDB) of one lead.")
    ] = None,
    plot: Annotated[str | None, typer.Option(help="Write a picture (.png, .svg, .pdf).")] = None,
    start: Annotated[float, typer.Option(help="Of the picture, in s.")] = 0.0,
    stop: Annotated[float | None, typer.Option(help="Of the picture, in s; 5 s by default.")] = None,
    force: Force = False,
    reading: Reading,
    json: Json = False,
) -> None:
    """Mark P, QRS and T of every beat and measure intervals, amplitudes, ST and the axis, each with its interval."""
    from sigsimnet.delineation import delineate as find_waves
    from sigsimnet.delineation import measure
    from sigsimnet.errors import ParameterError

    if output:
        what = "marks are a table or a WFDB annotation file"
        claim(output, force=force, command="delineate", endings=(".csv", ".atr"), what=what, inputs=[file])
    if plot:
        claim(plot, force=force, command="delineate", endings=PICTURE, what="a picture", inputs=[file])
    check_apart(output, plot)
    recording = reading.read(file)
    length = float(recording.time_of([recording.n_samples - 1])[0])
    end = min(length, start + 5.0) if stop is None else min(length, stop)
    if not 0 <= start < end:
        raise ParameterError(f"--start {start:g} and --stop {end:g} show nothing of a recording of {length:.1f} s")
    found = find_waves(recording)
    measured = measure(recording, delineation=found)
    if output:
        _write(found, output)
    if plot:
        from sigsimnet.plotting import save_figure
        from sigsimnet.reports import plot_delineation

        save_figure(plot_delineation(recording, found, start=start, stop=end), plot)
    if json:
        kinds = {kind: found.kinds.count(kind) for kind in sorted(set(found.kinds))}
        shares = {name: found.share_found(name) for name in found.channel_names}
        print_json(measured.to_dict() | {"n_beats": len(found), "beats": kinds, "share_found": shares})
        return
    kinds_said = ", ".join(f"{found.kinds.count(kind)} {kind}" for kind in dict.fromkeys(found.kinds))
    typer.echo(f"{len(found)} beats ({kinds_said}) in {', '.join(found.channel_names)}")
    print_table(("measurement", "value", "95 % interval", "beat to beat", "beats"), _rows(measured))
    for target in (output, plot):
        if target:
            typer.echo(f"wrote {target}")
    print_notes([*recording.warnings, *measured.warnings])


def _rows(measured: Measurements) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in measured.items:
        digits = 0 if one.unit in {"ms", "°", "1/min"} else 3
        value = "–" if math.isnan(one.value) else f"{one.value:.{digits}f} {one.unit}".strip()
        interval = "–" if math.isnan(one.low) else f"{one.low:.{digits}f} to {one.high:.{digits}f}"
        spread = "–" if math.isnan(one.spread) else f"± {one.spread:.{digits}f}"
        rows.append((f"{one.name} {one.channel}".strip(), value, interval, spread, str(one.n_beats)))
    return rows


def _write(found: Delineation, output: str) -> None:
    from sigsimnet._utils.files import write_whole
    from sigsimnet.errors import ParameterError

    if output.endswith(".atr"):
        from sigsimnet.io import write_annotations

        if len(found.channel_names) > 1:
            raise ParameterError(
                f"{output}: a WFDB annotation file holds the marks of one lead; name one of "
                f"{', '.join(found.channel_names)} with --channels, or write a .csv"
            )
        marks = found.to_annotations()
        labels = [mark.label for mark in marks]
        write_annotations([mark.sample for mark in marks], found.sampling_rate, output, labels=labels)
        return
    with write_whole(output) as temporary:
        found.to_dataframe().to_csv(temporary, index=False)
