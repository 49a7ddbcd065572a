"""`sigsimnet groups`: the kinds of beats of a recording."""

from __future__ import annotations

import csv
from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_table
from sigsimnet.cli._targets import PAGE, Force, check_apart, claim

__all__ = ["groups"]


def groups(
    recording: Annotated[str, typer.Argument(help="A recording, such as a Holter.")],
    *,
    model: Annotated[str, typer.Option(help="A model folder, or the name of a model in the package.")] = "ecg",
    channel: Annotated[str | None, typer.Option(help="Look at this channel only.")] = None,
    min_size: Annotated[
        int | None, typer.Option(help="Fewest beats of a kind. [0.2 % of all, and 5 at least]", min=2)
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the time and kind of each beat to this CSV.")
    ] = None,
    page: Annotated[str | None, typer.Option(help="Draw the kinds, and when they come (.html).")] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Find the kinds of beats of a recording: how many, when, and what they look like."""
    from sigsimnet._utils.files import write_whole
    from sigsimnet.archive import KIND_ROW
    from sigsimnet.archive import groups as group

    if output:
        claim(output, force=force, command="groups", endings=(".csv",), what="beats are a table", inputs=[recording])
    if page:
        check_apart(output, page)
        claim(page, force=force, command="groups", endings=PAGE, what="pictures need a page", inputs=[recording])
    found = group(recording, model=model, channel=channel, min_size=min_size)
    if output:
        with write_whole(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("time", "kind"))
            writer.writerows(
                (f"{time:.4f}", number) for time, number in zip(found.segments.times, found.numbers, strict=True)
            )
    if page:
        from sigsimnet.reports import groups_page

        groups_page(found, page)
    if json:
        print_json(found.to_dict())
        return
    print_table(KIND_ROW, found.rows(), title=f"{recording}: {len(found.segments):,} {found.segments.kind}")
    for written in (output, page):
        if written:
            typer.echo(f"wrote {written}")
