"""`sigsimnet train`: teach a twin your question."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes
from sigsimnet.cli._targets import Force, claim_folder
from sigsimnet.cli._windows import WINDOW_OPTIONS, Band, Modality, Rate, Step, Window, segments_of

if TYPE_CHECKING:
    from sigsimnet.segments import Cutter
    from sigsimnet.training import Augment

__all__ = ["train"]


DEFAULTS: dict[str, Any] = {
    "same": "subject",
    "segments": "",
    "encoder": "",
    "head": "cosine",
    "loss": "supcon",
    "fusion": "quality",
    "normalisation": "none",
    "calibration": "logistic",
    "noise": [],
    "rhythm": False,
    "start": "",
    "freeze": False,
    "min_good_fraction": 0.5,
    "epochs": 30,
    "validation": 0.25,
    "seed": 0,
    "device": "auto",
}
PASSED = ("same", "loss", "calibration", "freeze", "min_good_fraction", "epochs", "validation", "seed", "device")
FEW = 10  # held-out people; an EER of fewer says that something was learnt, and not how much
REAL_NOISE = 0.25  # standard deviation of recorded noise in the bundled model's recipe
MOST_NOTES = 10  # recordings that were skipped, by reason
# What a configuration file may hold, by example.
KNOWN = DEFAULTS | WINDOW_OPTIONS
# Tables of the configuration file that have no option of their own.
TABLES = ("encoder_options", "settings", "augment")


def train(
    manifest: Annotated[str, typer.Argument(help="Table with columns path, subject, session, label, split …")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Model folder to write.")],
    force: Force = False,
    config: Annotated[
        str | None, typer.Option(help="TOML file with these options and more; the command line overrules it.")
    ] = None,
    same: Annotated[
        str | None, typer.Option(help="What makes two segments the same: subject, label, recording or view. [subject]")
    ] = None,
    segments: Annotated[
        str | None,
        typer.Option(help="What the network sees: beats, windows, or cycles (pulse waves, breaths). [what suits]"),
    ] = None,
    window: Window = None,
    step: Step = None,
    rate: Rate = None,
    band: Band = None,
    modality: Modality = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="auto (tries rocket and cnn on people held out), rocket, cnn, resnet, inception, transformer, "
            "recurrent, mlp; identity: raw samples. [beats: cnn; windows, cycles: auto]"
        ),
    ] = None,
    head: Annotated[str | None, typer.Option(help="cosine, euclidean, or three_path (the article's). [cosine]")] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            help="supcon, ntxent, triplet, arcface … (any other name lists them); mse: the article's. [supcon]"
        ),
    ] = None,
    fusion: Annotated[
        str | None, typer.Option(help="Segments to one template: quality, mean or attention (learnt). [quality]")
    ] = None,
    normalisation: Annotated[
        str | None, typer.Option(help="Of scores, by a cohort of training people: none, z, t, s or as. [none]")
    ] = None,
    calibration: Annotated[str | None, typer.Option(help="logistic or isotonic. [logistic]")] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(help="Recording of noise alone (nstdb's ma …), added while training; may be given several times."),
    ] = None,
    rhythm: Annotated[
        bool | None,
        typer.Option("--rhythm/--no-rhythm", help="Beats also bring the RR intervals around them: for beat types."),
    ] = None,
    start: Annotated[str | None, typer.Option(help="Model to start from, such as ecg.")] = None,
    freeze: Annotated[
        bool | None, typer.Option("--freeze", help="Keep the encoder of --start; train the head alone.")
    ] = None,
    min_good_fraction: Annotated[
        float | None,
        typer.Option(help="Share of a segment that must lie in seconds of good quality; 0 keeps all. [0.5]"),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Most epochs. [30]", min=1)] = None,
    validation: Annotated[
        float | None, typer.Option(help="Share of people held out for early stop and calibration. [0.25]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random. [0]")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda. [auto]")] = None,
    json: Json = False,
) -> None:
    """Train a twin network on the recordings of a manifest (its rows with split train, where it has splits).

    Ctrl-C stops after the last whole epoch; the same command goes on from there. A configuration file holds any of the
    options by name, and tables [settings] (learning_rate, steps, patience, temperature …), [encoder_options] and
    [augment].
    """
    from pathlib import Path

    from sigsimnet.datasets import load_manifest
    from sigsimnet.errors import ParameterError
    from sigsimnet.model import SigSimNet, check_target
    from sigsimnet.segments import BeatCutter
    from sigsimnet.training import Augment

    given = {
        "same": same,
        "segments": segments,
        "window": window,
        "step": step,
        "rate": rate,
        "band": band,
        "modality": modality,
        "encoder": encoder,
        "head": head,
        "loss": loss,
        "fusion": fusion,
        "normalisation": normalisation,
        "calibration": calibration,
        "noise": noise or None,
        "rhythm": rhythm,
        "start": start,
        "freeze": freeze,
        "min_good_fraction": min_good_fraction,
        "epochs": epochs,
        "validation": validation,
        "seed": seed,
        "device": device,
    }
    configured = _read_config(config)
    values = DEFAULTS | configured | {name: value for name, value in given.items() if value is not None}
    target = check_target(output)
    replaced = target.is_dir()
    checkpoint = target.parent / f".{target.name}.checkpoint"
    started = [str(values["start"])] if values["start"] else []
    claim_folder(output, force=force, command="train", inputs=started, ours=checkpoint.is_file())
    rows = load_manifest(manifest).split("train")
    begin = SigSimNet.load(values["start"]) if values["start"] else None
    own = (
        encoder,
        segments,
        rhythm,
        *(configured.get(name) for name in ("encoder", "segments", "rhythm", "encoder_options")),
        *(values.get(name) is not None for name in WINDOW_OPTIONS),
    )
    if begin and any(own):
        raise ParameterError(f"--start {values['start']} brings its own encoder and segments: leave theirs out")
    if values["rhythm"] and not values["segments"]:
        values["segments"] = "beats"
    cut: Any = begin.cutter if begin else segments_of(rows, values["segments"], values)
    if values["rhythm"]:
        if values["segments"] not in ("", "beats"):
            raise ParameterError(f"--rhythm is of heart beats: {values['segments']} have none")
        cut = BeatCutter(rhythm=True)
    model = SigSimNet(
        encoder=begin.encoder if begin else values["encoder"] or None,
        head=values["head"],
        segments=cut,
        encoder_options=begin.network.options if begin and begin.network else values.get("encoder_options"),
        channels=begin.channels if begin else None,
        fusion=values["fusion"],
        normalisation=values["normalisation"],
    )
    _check_settings(values.get("settings", {}), config)
    augment = _with_noise(_augment(Augment, values.get("augment"), config), values["noise"], model.cutter)
    model.fit(
        rows,
        checkpoint=checkpoint,
        description=Path(manifest).name,
        augment=augment,
        start=begin,
        **{name: values[name] for name in PASSED},
        **values.get("settings", {}),
    )
    if int(os.environ.get("RANK", "0")) > 0:  # torchrun: the first process writes
        return
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
                "segments": model.cutter.to_dict(),
                "n_segments": card.n_segments,
                "n_low_quality": card.extra.get("n_low_quality", 0),
                "epochs": len(card.history),
                "last_epoch": last,
                "history": list(card.history),
                "skipped": card.extra.get("skipped", []),
                "left_out": card.extra.get("left_out", []),
            }
        )
        return
    done = "replaced" if replaced else "wrote"
    n_low = card.extra.get("n_low_quality", 0)
    left = f"; {n_low} left out, in seconds of low quality (--min-good-fraction 0 keeps them)" if n_low else ""
    typer.echo(f"{done} {target}: trained on {card.trained_on}, {card.n_segments} {model.cutter.kind}{left}")
    held = ""
    if "eer" in last:
        few = ", too few to go by" if card.n_held_out < FEW else ""
        held = (
            f", EER {100 * last['eer']:.1f} % of single {model.cutter.kind} of {card.n_held_out} held-out people{few}"
        )
    tried = card.extra.get("encoders_tried", {})
    why = ", ".join(f"{name} {value:.3f}" for name, value in tried.items() if value is not None)
    chosen = f"encoder {model.encoder}" + (f", by {card.extra['encoder_chosen_by']} ({why})" if why else "")
    if card.history:
        typer.echo(f"{chosen}: {len(card.history)} epochs, last loss {last.get('loss', float('nan')):.3f}{held}")
    else:
        typer.echo(f"{chosen}: learnt in closed form, without epochs")
    typer.echo(
        f"calibrated on {card.calibrated_on}" if card.calibrated_on else "not calibrated: too few people held out"
    )
    typer.echo(f"next: sigsimnet evaluate {target} OTHER-PEOPLE.csv")
    skipped = card.extra.get("skipped", [])
    print_notes(skipped[:MOST_NOTES])
    if len(skipped) > MOST_NOTES:
        print_notes([f"{len(skipped) - MOST_NOTES} more recordings were skipped: the model's card says why"])


def _read_config(path: str | None) -> dict[str, Any]:
    """Return what a TOML file says, with the types that the options have.

    Raises
    ------
    ReadError, ParameterError
        If it cannot be read, or names what there is not.
    """
    import tomllib
    from pathlib import Path

    from sigsimnet._utils.text import reason_of
    from sigsimnet.errors import ParameterError, ReadError

    if path is None:
        return {}
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError(f"{path}: not a TOML file that can be read ({reason_of(error)})") from error
    for name, value in values.items():
        if name in TABLES:
            fits = isinstance(value, dict)
        elif name == "band":
            fits = isinstance(value, list) and len(value) == 2 and all(_is_like(item, 1.0) for item in value)
        elif name == "noise":
            fits = isinstance(value, list) and all(_is_like(item, "") for item in value)
        elif name in KNOWN:
            fits = _is_like(value, KNOWN[name])
        else:
            raise ParameterError(f"{path}: no option {name!r} (known: {', '.join((*KNOWN, *TABLES))})")
        if not fits:
            wanted = "a table" if name in TABLES else f"like {KNOWN[name]!r}"
            raise ParameterError(f"{path}: {name} is {value!r}: it must be {wanted}")
    return values


def _is_like(value: object, example: object) -> bool:
    """Return whether a value has the type of an example; whole numbers stand for any, truth values for none."""
    if isinstance(example, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(example, bool)
    return isinstance(value, (int, float) if isinstance(example, float) else type(example))


def _check_settings(settings: dict[str, Any], path: str | None) -> None:
    """Refuse settings that training has not, or that have an option of their own."""
    from dataclasses import fields

    from sigsimnet.errors import ParameterError
    from sigsimnet.training import TrainingConfig

    known = {item.name for item in fields(TrainingConfig)}
    for name in settings:
        if name in KNOWN:
            raise ParameterError(f"{path}: {name} has its own option: write it above the tables, not in [settings]")
        if name not in known:
            raise ParameterError(
                f"{path}: [settings] has no {name!r} (known: {', '.join(sorted(known - set(DEFAULTS)))})"
            )


def _augment(kind: type[Augment], values: dict[str, Any] | None, path: str | None) -> bool | Augment:
    from sigsimnet.errors import ParameterError

    if values is None:
        return True
    if values.get("none") is True and len(values) == 1:
        return False
    try:
        if "modality" in values:
            return kind.for_modality(**values)
        return kind(**values)
    except (TypeError, ParameterError) as error:
        raise ParameterError(f"{path}: [augment] {error}") from error


def _with_noise(augment: bool | Augment, noise: list[str], cutter: Cutter) -> bool | Augment:
    """Return an augmentation that adds recorded noise too.

    Raises
    ------
    ReadError, ParameterError
        If a recording of noise cannot be read, or nothing is to be augmented.
    """
    if not noise:
        return augment
    from dataclasses import replace

    from sigsimnet.errors import ParameterError
    from sigsimnet.io import read
    from sigsimnet.training import Augment, noise_bank

    if augment is False:
        raise ParameterError("--noise adds noise while training, but [augment] says none")
    bank = noise_bank((read(path) for path in noise), cutter.sampling_rate, band=cutter.band)
    z_scored = getattr(cutter, "normalise", "") == "zscore"
    base = augment if isinstance(augment, Augment) else Augment(renormalise=z_scored)
    return replace(base, bank=bank, real=base.real or REAL_NOISE)
