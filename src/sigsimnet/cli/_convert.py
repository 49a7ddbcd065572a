"""`sigsimnet convert`: from one format to another, one file or a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import Force, claim

__all__ = ["convert"]


@with_reading()
def convert(
    source: Annotated[str, typer.Argument(help="Recording, or folder of recordings.")],
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", help="File to write; its ending names the format. Of a folder: a folder.")
    ],
    to: Annotated[str | None, typer.Option(help="Of a folder: ending of the files to write, such as edf.")] = None,
    force: Force = False,
    reading: Reading,
    json: Json = False,
) -> None:
    """Write a recording in another format, with names, units, start, pauses and annotations.

    What the other format cannot hold is said, or refused. Of a folder every recording below it is converted; those that
    are there already are left (so that a run that was stopped goes on), and those that cannot be read are listed; the
    exit code is then 2, after all others were written.
    """
    from sigsimnet.errors import ParameterError
    from sigsimnet.io._formats import WRITABLE

    if Path(source).is_dir():
        if to is None:
            raise ParameterError("--to names the ending of the files to write, such as --to edf")
        _folder(Path(source), Path(output), f".{to.lstrip('.').lower()}", reading, force=force, json=json)
        return
    if to is not None:
        raise ParameterError(f"--to is for folders: {source} is a file, and {output} says its format by itself")
    claim(output, force=force, command="convert", endings=WRITABLE, what="signals", inputs=[source])
    lost = _one(source, output, reading)
    if json:
        print_json({"file": output, "warnings": lost})
        return
    typer.echo(f"wrote {output}")
    print_notes(lost)


def _one(source: str, output: str, reading: Reading) -> list[str]:
    """Convert one recording; return what is to be said."""
    from sigsimnet.io._write import store

    recording = reading.read(source)
    return [*recording.warnings, *store(recording, output)]


def _folder(source: Path, output: Path, ending: str, reading: Reading, *, force: bool, json: bool) -> None:
    from sigsimnet._utils.progress import track
    from sigsimnet.errors import ParameterError, SigSimNetError, WriteError
    from sigsimnet.io import find_recordings
    from sigsimnet.io._formats import WRITABLE

    if ending not in WRITABLE:
        raise WriteError(f"--to {ending}: unknown ending (known: {', '.join(WRITABLE)})")
    if output.is_file():
        raise WriteError(f"{output}: is a file; name a folder")
    if output.resolve() == source.resolve():
        raise WriteError(f"{output}: is the folder that is read; name another for what is written")
    inside = source.resolve() in output.resolve().parents
    # What an earlier run wrote into a folder inside is no input.
    found = [p for p in find_recordings(source) if not inside or output.resolve() not in p.resolve().parents]
    if not found:
        raise ParameterError(f"{source}: no recordings in it")
    targets = _targets(found, source, output, ending)
    over = [target for target in targets if not inside and source.resolve() in target.resolve().parents]
    if over:
        raise WriteError(f"{output}: {over[0]} would lie in the folder that is read; name another folder")
    rows: list[dict[str, str]] = []
    for path, target in track(list(zip(found, targets, strict=True)), "converting", len(found)):
        row = {"source": str(path), "file": str(target), "outcome": "written", "notes": ""}
        rows.append(row)
        if target.exists() and not force:
            row["outcome"] = "there already"
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            claim(str(target), force=force, command="convert", endings=WRITABLE, what="signals", inputs=[path])
            row["notes"] = "; ".join(_one(str(path), str(target), reading))
        except SigSimNetError as error:
            row |= {"outcome": "refused", "notes": str(error)}
        except OSError as error:
            raise WriteError(f"{target.parent}: cannot be written ({error.strerror})") from error
    counts = {kind: sum(row["outcome"] == kind for row in rows) for kind in ("written", "there already", "refused")}
    if json:
        print_json({"files": rows, **counts})
    else:
        refused = [(row["source"], row["notes"]) for row in rows if row["outcome"] == "refused"]
        if refused:
            print_table(("refused", "why"), refused)
        typer.echo(", ".join(f"{n} {kind}" for kind, n in counts.items()))
    if counts["refused"]:
        which = "none could be" if counts["refused"] == len(rows) else f"{counts['refused']} could not be"
        raise ParameterError(f"{source}: of {len(rows)} recordings {which} converted: the table says why of each")


def _targets(found: Sequence[Path], source: Path, output: Path, ending: str) -> list[Path]:
    """Return where each goes; names that only their endings tell apart keep them: ``x.edf.parquet``."""
    short = [output / path.relative_to(source).with_suffix(ending) for path in found]
    often = Counter(short)
    return [
        output / path.relative_to(source).with_name(path.name + ending) if often[target] > 1 else target
        for path, target in zip(found, short, strict=True)
    ]
