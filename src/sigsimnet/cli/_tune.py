"""`sigsimnet tune`: search the settings of a training."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes
from sigsimnet.cli._targets import Force, claim
from sigsimnet.cli._windows import Band, Modality, Rate, Step, Window, segments_of

__all__ = ["tune"]


def tune(
    manifest: Annotated[str, typer.Argument(help="Table with columns path, subject, session, label, split …")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="TOML file to write, for train --config.")],
    force: Force = False,
    same: Annotated[
        str, typer.Option(help="What makes two segments the same: subject, label or recording.")
    ] = "subject",
    segments: Annotated[
        str, typer.Option(help="What the network sees: beats, windows, or cycles (pulse waves, breaths). [what suits]")
    ] = "",
    window: Window = None,
    step: Step = None,
    rate: Rate = None,
    band: Band = None,
    modality: Modality = None,
    trials: Annotated[int, typer.Option(help="Trainings in all.", min=1)] = 20,
    epochs: Annotated[int, typer.Option(help="Most epochs of each.", min=1)] = 15,
    validation: Annotated[float, typer.Option(help="Share of people held out to choose by.")] = 0.25,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    json: Json = False,
) -> None:
    """Search encoder, loss, learning rate and augmentation with Optuna, by ROC-AUC on held-out people.

    Ctrl-C stops after the last whole trial; the same command goes on from there. The held-out people have chosen: test
    the model on others.
    """
    from pathlib import Path

    from sigsimnet._utils.files import write_whole
    from sigsimnet._utils.producer import made_by_words, seal
    from sigsimnet.datasets import load_manifest
    from sigsimnet.model import toml_of
    from sigsimnet.model import tune as search_settings

    claim(output, force=force, command="tune", endings=(".toml",), what="settings are a TOML file", inputs=[manifest])
    target = Path(output)
    journal = target.parent / f".{target.name}.journal"

    def report(number: int, value: float, best: float) -> None:
        typer.echo(f"trial {number} of {trials}: ROC-AUC {value:.4f}, best {best:.4f}", err=True)

    rows = load_manifest(manifest).split("train")
    windows = {"window": window, "step": step, "rate": rate, "band": band, "modality": modality}
    found = search_settings(
        rows,
        same=same,
        segments=segments_of(rows, segments, windows),
        trials=trials,
        epochs=epochs,
        validation=validation,
        seed=seed,
        journal=journal,
        report=report,
        note=lambda text: print_notes([text]),
    )
    with write_whole(target) as temporary:
        temporary.write_bytes(seal(f"# {made_by_words()}\n{toml_of(found)}".encode()))
    journal.unlink(missing_ok=True)
    Path(f"{journal}.lock").unlink(missing_ok=True)
    if json:
        print_json(found)
        return
    typer.echo(f"wrote {target}: {found['encoder']} by {found['loss']}")
    typer.echo(f"next: sigsimnet train {manifest} --config {target} -o MODEL")
