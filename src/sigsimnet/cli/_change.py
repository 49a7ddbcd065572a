"""`sigsimnet change`: what changed since the baseline, and whether it is more than usual."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PAGE, PICTURE, Force, claim

__all__ = ["change"]


@with_reading()
def change(
    files: Annotated[list[str], typer.Argument(help="One or more baselines of a person, then the new recording.")],
    *,
    model: Annotated[
        str, typer.Option(help="For the similarity of the beats as a whole: a model, or none to leave it out.")
    ] = "ecg",
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the answer as a page (.html) or a picture (.png …).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List what is within the usual too.")] = False,
    force: Force = False,
    reading: Reading,
    json: Json = False,
) -> None:
    """Say what changed in a person's ECG since the baseline: measurements against what is usual between records."""
    from sigsimnet.changes import DISCLAIMER
    from sigsimnet.changes import change as find_changes
    from sigsimnet.errors import ParameterError

    if len(files) < 2:
        raise ParameterError(f"{files[0]}: name at least one baseline and then the new recording")
    if output:
        what = "the answer is a page or a picture"
        claim(output, force=force, command="change", endings=(*PAGE, *PICTURE), what=what, inputs=files)
    recordings = [reading.read(file) for file in files]
    found = find_changes(recordings[:-1], recordings[-1], model=None if model == "none" else model)
    if output and output.endswith(PAGE):
        from sigsimnet.reports import change_page

        change_page(found, output)
    elif output:
        from sigsimnet.plotting import save_figure

        save_figure(found.plot(), output)
    if json:
        print_json(found.to_dict())
        return
    typer.echo(found.verdict)
    for reason in found.reasons:
        typer.echo(f"  {reason}")
    for said in found.rhythm:
        typer.echo(f"  rhythm: {said}")
    rows = []
    for one in found.differences:
        if one.level == "usual" and not everything and (one.channel or not math.isfinite(one.usual)):
            continue
        digits = 0 if one.unit in {"ms", "°", "1/min"} else 2
        shown = [
            "–" if math.isnan(value) else f"{value:.{digits}f}"
            for value in (one.before, one.now, one.difference, one.usual)
        ]
        rows.append((f"{one.name} {one.channel}".strip(), *shown, one.unit, "" if one.level == "usual" else one.level))
    print_table(("measurement", "before", "now", "difference", "usual", "unit", ""), rows)
    if math.isfinite(found.score):
        share = f"{found.share_less_alike:.0%} of pairs of records of one unchanged person are less alike"
        typer.echo(f"beats as a whole: similarity {found.score:.3f}; {share}")
    typer.echo(DISCLAIMER)
    if output:
        typer.echo(f"wrote {output}")
    print_notes([*(note for one in recordings for note in one.warnings), *found.warnings])
