"""`sigsimnet demo`: from simulated people to answers, in a minute."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsimnet._utils.producer import sealed_by
from sigsimnet.cli._output import Json, print_json, print_table
from sigsimnet.cli._targets import Force, claim, claim_folder

__all__ = ["demo"]

N_PEOPLE, N_TRAIN = 20, 16  # with 8 to learn from, six of the sixteen answers stayed open


def demo(
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Folder for report.html and the model.")] = "demo",
    force: Force = False,
    epochs: Annotated[int, typer.Option(help="Most epochs.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    json: Json = False,
) -> None:
    """Simulate twenty people in two sessions, train a twin on sixteen, compare the other four; all offline."""
    from itertools import product
    from pathlib import Path

    from sigsimnet.comparison import compare
    from sigsimnet.errors import WriteError
    from sigsimnet.evaluation import evaluate
    from sigsimnet.model import SigSimNet, check_target
    from sigsimnet.reports import demo_page
    from sigsimnet.simulation import simulate

    folder = Path(output)
    if folder.is_file():
        raise WriteError(f"{output}: is a file; name a folder")
    page = folder / "report.html"
    check_target(folder / "model")
    claim_folder(str(folder / "model"), force=force, command="demo", folder=output, ours=sealed_by(page) == "demo")
    if folder.is_dir():
        claim(str(page), force=force, command="demo")

    def say(text: str) -> None:
        if not json:
            typer.echo(text)

    say(f"simulating {N_PEOPLE} people in two sessions of 60 s")
    recordings = simulate(N_PEOPLE, 2, duration=60.0, seed=seed)
    people = sorted({str(r.metadata["subject"]) for r in recordings})
    known = [r for r in recordings if r.metadata["subject"] in people[:N_TRAIN]]
    unseen = [r for r in recordings if r.metadata["subject"] in people[N_TRAIN:]]
    say(f"training a twin on {N_TRAIN} of them, four of these held out for early stopping and calibration")
    model = SigSimNet().fit(
        known, same="subject", epochs=epochs, validation=0.25, seed=seed, description="simulated people"
    )
    evaluation = evaluate(model, unseen, seed=seed)
    first = [r for r in unseen if str(r.metadata["session"]) == "1"]
    second = [r for r in unseen if str(r.metadata["session"]) == "2"]
    comparisons = [(a, b, compare(a, b, model=model)) for a, b in product(first, second)]
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model")
    demo_page(page, model, unseen, comparisons, evaluation)
    rows = [
        (
            str(a.metadata["subject"]),
            str(b.metadata["subject"]),
            "same" if a.metadata["subject"] == b.metadata["subject"] else "different",
            f"{c.score:.3f}",
            "–" if c.probability is None else f"{c.probability:.3f}",
            c.verdict,
        )
        for a, b, c in comparisons
    ]
    if json:
        names = ("session_1", "session_2", "truth", "score", "probability", "verdict")
        pairs = [dict(zip(names, row, strict=True)) for row in rows]
        for pair, (_, _, c) in zip(pairs, comparisons, strict=True):
            pair["score"], pair["probability"] = c.score, c.probability  # type: ignore[assignment]
        print_json({"report": str(page), "model_folder": str(folder / "model"), "pairs": pairs} | evaluation.to_dict())
        return
    title = f"sessions of {len(first)} people the network has never seen"
    print_table(("session 1", "session 2", "truth", "score", "probability", "verdict"), rows, title=title)
    wrong = sum(row[5] not in (row[2], "cannot tell") for row in rows)
    open_ = sum(row[5] == "cannot tell" for row in rows)
    typer.echo(f"{len(rows)} pairs: {len(rows) - wrong - open_} right, {open_} left open, {wrong} wrong")
    typer.echo(
        f"EER {100 * evaluation.model.eer:.1f} % of the twin, "
        f"{100 * evaluation.baselines['pearson'].eer:.1f} % of the Pearson correlation of mean beats"
    )
    typer.echo(f"wrote {page} and {folder / 'model'}")
    typer.echo("on your own files: sigsimnet compare a.csv b.dat")
