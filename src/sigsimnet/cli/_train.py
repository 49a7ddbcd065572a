"""`sigsimnet train`: teach a twin your question."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes

__all__ = ["train"]


def train(
    manifest: Annotated[str, typer.Argument(help="Table with columns path, subject, session, label, split …")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Model folder to write.")],
    same: Annotated[
        str, typer.Option(help="What makes two segments the same: subject, label or recording.")
    ] = "subject",
    segments: Annotated[str, typer.Option(help="What the network sees: beats or windows.")] = "beats",
    encoder: Annotated[
        str, typer.Option(help="cnn, resnet, inception, transformer, recurrent, mlp; identity: raw samples.")
    ] = "cnn",
    head: Annotated[str, typer.Option(help="cosine, euclidean, or three_path (the article's).")] = "cosine",
    loss: Annotated[
        str, typer.Option(help="supcon, ntxent, triplet, arcface … (any other name lists them); mse: the article's.")
    ] = "supcon",
    epochs: Annotated[int, typer.Option(help="Most epochs.", min=1)] = 30,
    validation: Annotated[float, typer.Option(help="Share of people held out for early stop and calibration.")] = 0.25,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    json: Json = False,
) -> None:
    """Train a twin network on the recordings of a manifest (its rows with split train, where it has splits).

    Ctrl-C stops after the last whole epoch; the same command goes on from there.
    """
    from pathlib import Path

    from sigsimnet.manifest import load_manifest
    from sigsimnet.siamese import SigSimNet, check_target

    target = check_target(output)
    replaced = target.is_dir()
    rows = load_manifest(manifest).split("train")
    model = SigSimNet(encoder=encoder, head=head, segments=segments)
    checkpoint = target.parent / f".{target.name}.checkpoint"
    model.fit(
        rows,
        same=same,
        loss=loss,
        epochs=epochs,
        validation=validation,
        seed=seed,
        device=device,
        checkpoint=checkpoint,
        description=Path(manifest).name,
    )
    model.save(target)
    checkpoint.unlink(missing_ok=True)
    card = model.card
    last = card.history[-1] if card.history else {}
    if json:
        print_json(
            {
                "model": str(target),
                "same": card.same,
                "trained_on": card.trained_on,
                "calibrated_on": card.calibrated_on or None,
                "n_people": card.n_people,
                "n_held_out": card.n_held_out,
                "n_recordings": card.n_recordings,
                "n_segments": card.n_segments,
                "epochs": len(card.history),
                "last_epoch": last,
                "history": list(card.history),
                "skipped": card.extra.get("skipped", []),
            }
        )
        return
    done = "replaced" if replaced else "wrote"
    typer.echo(f"{done} {target}: trained on {card.trained_on}, {card.n_segments} {model.cutter.kind}")
    held = f", held-out people: EER {100 * last['eer']:.1f} % of single {segments}" if "eer" in last else ""
    typer.echo(f"{len(card.history)} epochs, last loss {last.get('loss', float('nan')):.3f}{held}")
    typer.echo(
        f"calibrated on {card.calibrated_on}" if card.calibrated_on else "not calibrated: too few people held out"
    )
    typer.echo(f"next: sigsimnet evaluate {target} OTHER-PEOPLE.csv")
    print_notes(card.extra.get("skipped", []))
