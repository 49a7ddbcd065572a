"""`sigsimnet compare-many`: a table of pairs or all pairs of a folder, one row each."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._targets import Force, claim

if TYPE_CHECKING:
    from sigsimnet.model import SigSimNet

__all__ = ["compare_many"]

_OFTEN = 200  # pairs after which the table is written
COLUMNS = ("a", "b", "model", "verdict", "score", "probability", "n_a", "n_b", "leads", "same_samples", "reason")


def compare_many(
    pairs: Annotated[str, typer.Argument(help="A folder (all pairs below it), or a CSV with columns a and b.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="CSV to write; run again, it goes on.")],
    model: Annotated[str, typer.Option(help="A model folder, or the name of a model in the package.")] = "ecg",
    against: Annotated[
        str | None, typer.Option(help="Recording that all of the folder are compared with, instead of all pairs.")
    ] = None,
    top: Annotated[int, typer.Option(help="Show so many of the most alike.", min=0)] = 10,
    force: Force = False,
) -> None:
    """Compare many pairs of recordings: a row each with verdict, score, probability and reason."""
    from sigsimnet._utils.progress import track
    from sigsimnet.cli._output import print_table
    from sigsimnet.errors import WorkInterrupted, WriteError
    from sigsimnet.model import load_model

    listed = _pairs(pairs, against, output)
    resumed = Path(output).is_file() and not force
    before = _rows_of(output) if resumed else {}
    if not resumed:
        read = [pairs, *dict.fromkeys(one for pair in listed for one in pair)]
        what = "answers are a table"
        claim(output, force=force, command="compare-many", endings=(".csv",), what=what, inputs=read)
    unknown = [pair for pair in before if pair not in set(listed)]
    if unknown:
        raise WriteError(f"{output}: holds other pairs ({unknown[0][0]}, …); name another file, or --force")
    network = load_model(model)
    if others := {row["model"] for row in before.values()} - {network.name}:
        raise WriteError(f"{output}: holds answers of the model {others.pop()!r}; name another file, or --force")
    rows = dict(before)
    left = [pair for pair in listed if pair not in rows]
    held: dict[str, Any] = {}
    try:
        for number, pair in enumerate(track(left, "comparing"), start=1):
            rows[pair] = _answer(network, pair, held)
            if number % _OFTEN == 0:
                _write(output, [rows[one] for one in listed if one in rows])
    except KeyboardInterrupt as stop:
        said = f"stopped; {len(rows)} of {len(listed)} pairs are in {output}: the same command goes on from there"
        raise WorkInterrupted(said) from stop
    finally:  # also where Ctrl-C stops it: what is there is kept
        _write(output, [rows[pair] for pair in listed if pair in rows])
    best = sorted((row for row in rows.values() if row["score"]), key=lambda row: -float(row["score"]))[:top]
    shown = [(row["a"], row["b"], row["verdict"], row["score"], row["probability"]) for row in best]
    if shown:
        print_table(("A", "B", "verdict", "score", "probability"), shown, title=f"the {len(shown)} most alike")
    kinds = [row["verdict"] for row in rows.values()]
    said = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("same", "different", "cannot tell"))
    typer.echo(f"{len(rows)} pairs: {said}; {len(before)} were there already; wrote {output}")


def _pairs(where: str, against: str | None, output: str) -> list[tuple[str, str]]:
    from sigsimnet.errors import ReadError
    from sigsimnet.io import find_recordings

    path = Path(where)
    if path.is_dir():
        # What this command wrote into the folder is no recording.
        written = {Path(output).resolve()} if Path(output).is_file() and _is_ours(output) else set()
        files = [str(file) for file in find_recordings(path) if file.resolve() not in written]
        found = [(against, file) for file in files] if against else list(combinations(files, 2))
        if not found:
            plural = "" if len(files) == 1 else "s"
            raise ReadError(f"{where}: holds {len(files)} recording{plural}: no pair to compare")
        return found
    if not path.is_file():
        raise ReadError(f"{where}: no such folder or table")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not {"a", "b"} <= set(reader.fieldnames or ()):
            known = ", ".join(reader.fieldnames or ())
            raise ReadError(f"{where}: a table of pairs has columns a and b (there are: {known})")
        rows = [(row["a"], row["b"]) for row in reader]
    # Paths are relative to the table, as in manifests.
    return [(str(path.parent / one), str(path.parent / other)) for one, other in rows]


def _is_ours(output: str) -> bool:
    with Path(output).open(newline="", encoding="utf-8", errors="replace") as file:
        return tuple(next(csv.reader(file), ())) == COLUMNS


def _rows_of(output: str) -> dict[tuple[str, str], dict[str, str]]:
    from sigsimnet.errors import WriteError

    if not _is_ours(output):
        raise WriteError(f"{output}: is there and is not of compare-many; name another file, or --force")
    with Path(output).open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return {(row["a"], row["b"]): row for row in reader}


def _answer(network: SigSimNet, pair: tuple[str, str], held: dict[str, Any]) -> dict[str, str]:
    from sigsimnet.comparison import compare
    from sigsimnet.errors import SigSimNetError
    from sigsimnet.io import read

    row = dict.fromkeys(COLUMNS, "") | {"a": pair[0], "b": pair[1], "model": network.name}
    try:
        recordings = [_held(path, held, read) for path in pair]
        found = compare(*recordings, model=network)
    except SigSimNetError as error:
        return row | {"verdict": "cannot tell", "reason": str(error)}
    return row | {
        "verdict": found.verdict,
        "score": f"{found.score:.4f}" if found.has_score else "",
        "probability": "" if found.probability is None else f"{found.probability:.4f}",
        "n_a": str(found.n_segments_a),
        "n_b": str(found.n_segments_b),
        "leads": " ".join(found.leads),
        "same_samples": "" if found.same_samples is None else f"{found.same_samples.share:.2f}",
        "reason": found.reasons[0] if found.reasons else "",
    }


def _held(path: str, held: dict[str, Any], read: Any) -> Any:
    """Read a file, and keep the last few: pairs of a folder come back to the same one."""
    if path not in held:
        if len(held) > 8:
            held.pop(next(iter(held)))
        held[path] = read(path)
    return held[path]


def _write(output: str, rows: list[dict[str, str]]) -> None:
    from sigsimnet._utils.files import write_whole

    with write_whole(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
