"""How commands speak: JSON for machines, tables for people, notes on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from sigsimnet._utils.json import to_jsonable

__all__ = ["Json", "fail_soon", "names_in", "print_json", "print_notes", "print_table"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


def names_in(text: str) -> list[str]:
    """Return names with commas between them.

    Raises
    ------
    ParameterError
        If there is none.
    """
    from sigsimnet.errors import ParameterError

    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ParameterError(f"{text!r} names no channel: put commas between names, or leave the option out")
    return names


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object; NaN and infinity become null, which is the only way that JSON can say it."""
    typer.echo(json.dumps(to_jsonable(values), indent=2, ensure_ascii=False, allow_nan=False))


def print_notes(notes: Iterable[str]) -> None:
    """Print what the user should know but did not ask for."""
    for note in dict.fromkeys(notes):
        typer.echo(f"note: {note}", err=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table that fits the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*row)
    console = Console()
    # Where nobody looks (a pipe, a file) lines are not broken at 80 characters.
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table)


def fail_soon(path: str, *inputs: str) -> None:
    """Check that a file could be written to ``path`` before long work starts.

    Raises
    ------
    WriteError
        If its folder is not there or cannot be written, it is a folder itself, or it is one of the inputs.
    """
    import os
    from pathlib import Path

    from sigsimnet.errors import WriteError

    target = Path(path)
    if target.is_dir():
        raise WriteError(f"{path}: is a folder; name a file")
    if not target.absolute().parent.is_dir():
        raise WriteError(f"{path}: its folder is not there")
    if not os.access(target.absolute().parent, os.W_OK):
        raise WriteError(f"{path}: its folder cannot be written")
    if any(target.exists() and Path(item).exists() and target.samefile(item) for item in inputs):
        raise WriteError(f"{path}: is an input; name another file for the output")
