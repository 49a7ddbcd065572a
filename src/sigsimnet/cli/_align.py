"""`sigsimnet align`: how two recordings of the same time lie to one another."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading

__all__ = ["align"]


@with_reading("a", "b", leave_out=("channels",))
def align(
    a: Annotated[str, typer.Argument(help="First recording.")],
    b: Annotated[str, typer.Argument(help="Second recording, of the same time by another device or lead.")],
    *,
    method: Annotated[str, typer.Option(help="signal, or beats for an ECG and a pulse wave.")] = "signal",
    channel_a: Annotated[str | None, typer.Option(help="Channel of the first recording.")] = None,
    channel_b: Annotated[str | None, typer.Option(help="Channel of the second recording.")] = None,
    longest_lag: Annotated[float | None, typer.Option(help="In s. [any]")] = None,
    reading_a: Reading,
    reading_b: Reading,
    json: Json = False,
) -> None:
    """Find lag and clock drift of two simultaneous recordings, with intervals."""
    from sigsimnet.comparison import align as find_lag

    one, other = reading_a.read(a, channel_a), reading_b.read(b, channel_b)
    found = find_lag(
        one,
        other,
        method=method,  # type: ignore[arg-type]  # checked there
        channel_a=channel_a,
        channel_b=channel_b,
        longest_lag=longest_lag,
    )
    if json:
        print_json(found.to_dict())
        return
    typer.echo(found.in_words())
    rows = [
        ("lag", f"{found.lag:.4f} s", f"{found.lag_interval[0]:.4f} to {found.lag_interval[1]:.4f}"),
        ("drift", f"{found.drift:.2f} ppm", f"{found.drift_interval[0]:.2f} to {found.drift_interval[1]:.2f}"),
    ]
    print_table(("", "value", "95 % interval"), rows)
    typer.echo(f"{found.n_matched} of {found.n_looked} {'beats' if method == 'beats' else 'pieces'} matched")
    if found.polarity < 0:
        typer.echo("one is the other turned over")
    print_notes([*one.warnings, *other.warnings])
