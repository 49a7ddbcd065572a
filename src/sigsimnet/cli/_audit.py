"""`sigsimnet audit`: what is wrong in an archive, ranked for review."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._targets import PAGE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.audits import Audit

__all__ = ["audit"]

_SHOWN = 60  # characters of the evidence on a terminal


def audit(
    archive: Annotated[str, typer.Argument(help="A folder, or a table with a column path, and best subject.")],
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="Table of findings (.csv). What was measured is kept beside it (.seen.jsonl): run again, it goes on.",
        ),
    ],
    page: Annotated[str | None, typer.Option(help="Write the findings with pictures as a page (.html).")] = None,
    model: Annotated[str, typer.Option(help="A model folder, or the name of a model in the package.")] = "ecg",
    people: Annotated[
        str, typer.Option(help="Whose a file is: table (column subject), or folder (the folder that it lies in).")
    ] = "table",
    top: Annotated[int, typer.Option(help="Show so many of the surest findings.", min=0)] = 20,
    force: Force = False,
    json: Json = False,
) -> None:
    """Look for other people's files, copies, swapped or inverted leads, wrong scales and rates, and empty files."""
    from sigsimnet.audits import audit as look_through
    from sigsimnet.errors import WorkInterrupted

    keep = Path(output).with_suffix(".seen.jsonl")
    what, recordings = _recordings_of(archive, Path(output), keep)
    inputs = [archive, *recordings]
    table = "findings are a table"
    claim(output, force=force, command="audit", endings=(".csv",), what=table, inputs=inputs, ours=_is_ours)
    if page:
        check_apart(output, page)
        claim(page, force=force, command="audit", endings=PAGE, what="pictures need a page", inputs=inputs)
    try:
        found = look_through(what, model=model, people=people, keep=keep)
    except KeyboardInterrupt as stop:
        said = f"stopped; what was measured is kept in {keep}: the same command goes on from there"
        raise WorkInterrupted(said) from stop
    _write(output, found)
    if page:
        from sigsimnet.reports import audit_page

        audit_page(found, page)
    if json:
        print_json(found.to_dict())
        return
    counts = ", ".join(f"{kind} {n}" for kind, n in found.counts().items())
    typer.echo(f"{len(found.seen)} recordings, {len(found)} findings{': ' if counts else ''}{counts}")
    rows = [
        (f"{one.confidence:.2f}", one.kind, one.path, one.channel, one.other, _short(one.what))
        for one in found.findings[:top]
    ]
    if rows:
        print_table(("confidence", "kind", "recording", "channel", "goes with", "evidence"), rows)
    typer.echo(f"wrote {output}{f' and {page}' if page else ''}; measurements are kept in {keep}")
    print_notes(found.notes)


def _recordings_of(archive: str, output: Path, keep: Path) -> tuple[Any, list[str]]:
    """Return what to audit, and the files that it reads; what an earlier audit wrote into a folder is no recording."""
    from sigsimnet.datasets import load_manifest
    from sigsimnet.errors import ReadError
    from sigsimnet.io import find_recordings

    if not Path(archive).exists():
        raise ReadError(f"{archive}: no such folder or table")
    if not Path(archive).is_dir():
        rows = load_manifest(archive)
        return rows, [entry.path for entry in rows]
    written = {path.resolve() for path in (output, keep) if path.is_file() and (path == keep or _is_ours(path))}
    files = [str(path) for path in find_recordings(archive) if path.resolve() not in written]
    if not files:
        raise ReadError(f"{archive}: holds no recordings")
    return files, files


def _is_ours(path: Path) -> bool:
    from sigsimnet.audits import COLUMNS

    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return tuple(next(csv.reader(file), ())) == COLUMNS


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _write(output: str, found: Audit) -> None:
    from sigsimnet._utils.files import write_whole
    from sigsimnet.audits import COLUMNS

    with write_whole(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(one.to_dict() for one in found.findings)
