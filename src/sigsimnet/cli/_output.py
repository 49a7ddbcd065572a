"""How commands speak: JSON for machines, tables for people, notes on standard error."""

from __future__ import annotations

import codecs
import io
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from sigsimnet._utils.json import to_jsonable

__all__ = ["Json", "names_in", "print_json", "print_notes", "print_table", "speak_any_encoding"]

_PLAIN = {"→": "->", "–": "-", "—": "-", "…": "...", "×": "x", "≥": ">=", "≤": "<=", "µ": "u", "−": "-", "·": "."}

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


def speak_any_encoding() -> None:
    """Let standard output and error take every letter: what their encoding lacks is written in ASCII, or as a ``?``.

    A redirect on Windows has the encoding of the country, which knows no arrow; the work is done by then.
    """
    codecs.register_error("sigsimnet", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="sigsimnet")


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in letters), error.end


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
    """Print one JSON object; NaN and infinity become null, which is the only way that JSON can say it.

    Where standard output is not in UTF-8, letters that are not ASCII are escaped, so that nothing is lost.
    """
    utf_8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(to_jsonable(values), indent=2, ensure_ascii=not utf_8, allow_nan=False))


def print_notes(notes: Iterable[str]) -> None:
    """Print what the user should know but did not ask for."""
    from sigsimnet.cli._reading import as_options

    for note in dict.fromkeys(notes):
        typer.echo(f"note: {as_options(note)}", err=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table that fits the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*map(Text, row))  # brackets in names are no markup
    console = Console()
    # Where nobody looks (a pipe, a file) lines are not broken at 80 characters.
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table)
