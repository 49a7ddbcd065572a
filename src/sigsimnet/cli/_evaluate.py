"""`sigsimnet evaluate`: how good is a model on people it has never seen?"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._targets import PICTURE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.evaluation import Evaluation, IdentityEvaluation
    from sigsimnet.metrics import ClassificationResult

__all__ = ["evaluate"]

MOST_NOTES = 12
MOST_LABELS = 12  # a wider table does not fit a terminal


def evaluate(
    model: Annotated[str, typer.Argument(help="A model folder, or the name of a model in the package.")],
    manifest: Annotated[str, typer.Argument(help="Table of recordings of people the model was not trained on.")],
    *,
    same: Annotated[str | None, typer.Option(help="subject or label; by default what the model learnt.")] = None,
    baselines: Annotated[
        str, typer.Option(help="On the same trials: names with commas between, all, or none.")
    ] = "pearson",
    protocol: Annotated[
        str,
        typer.Option(
            help="cross_record, cross_session, cross_state, beats, same_record; by the order of recordings "
            "single_cross_session, single_shot_short_term, leave_last_out_short_term, single_shot_long_term, "
            "leave_last_out_long_term; identity: all that the table allows."
        ),
    ] = "cross_record",
    min_good_fraction: Annotated[
        float,
        typer.Option(help="Share of a segment that must lie in seconds of good quality; 0 keeps all.", min=0, max=1),
    ] = 0.0,
    n_resamples: Annotated[int, typer.Option(help="Bootstrap resamples of people; 0: no intervals.", min=0)] = 1000,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    scores: Annotated[str | None, typer.Option(help="Write every trial with its scores to this CSV.")] = None,
    plot: Annotated[
        str | None,
        typer.Option(help="Draw error trade-off, scores, calibration, EER by number of segments (.png, .svg, .pdf)."),
    ] = None,
    map_: Annotated[
        str | None, typer.Option("--map", help="Draw a map of the recordings' embeddings (.png, .svg, .pdf).")
    ] = None,
    force: Force = False,
    onnx: Annotated[
        str | None,
        typer.Option(help="Encode by ONNX Runtime with this file of sigsimnet export."),
    ] = None,
    json: Json = False,
) -> None:
    """Score pairs of recordings and print error rates with intervals over people, baselines beside them.

    Where the table has splits, its rows with split test are used; baselines that learn do so on those with split
    train. People whom the model was trained or calibrated on are refused.
    """
    from sigsimnet import evaluation
    from sigsimnet.errors import ParameterError
    from sigsimnet.model import load_model

    _check_targets(manifest, onnx, scores=scores, plot=plot, map_=map_, force=force)
    network = load_model(model)
    if onnx:
        network.accelerate(onnx)
    named = [name.strip() for name in baselines.split(",") if name.strip() and name.strip() != "none"]
    options: dict[str, Any] = {
        "baselines": "all" if named == ["all"] else named,
        "min_good_fraction": min_good_fraction,
        "n_resamples": n_resamples,
        "seed": seed,
    }
    found: Evaluation | IdentityEvaluation
    if protocol == "identity":
        if same not in (None, "subject"):
            raise ParameterError(f"--protocol identity asks for the same subject, not the same {same}")
        found = evaluation.evaluate_identity(network, manifest, **options)
    else:
        found = evaluation.evaluate(network, manifest, same=same, protocol=protocol, **options)
    written = _write(found, scores=scores, plot=plot, map_=map_)
    if json:
        about = {
            "model_name": network.name,
            "trained_on": network.card.trained_on,
            "calibrated_on": network.card.calibrated_on or None,
        }
        print_json(about | found.to_dict() | ({"written": list(written)} if written else {}))
        return
    typer.echo(f"{model}: trained on {network.card.trained_on}")
    if isinstance(found, evaluation.Evaluation):
        _show(found)
        _show_article(found)
    else:
        for one in found.values():
            _show(one)
    for path, what in written.items():
        typer.echo(f"wrote {path}: {what}")
    print_notes(found.notes[:MOST_NOTES])
    if len(found.notes) > MOST_NOTES:
        print_notes([f"{len(found.notes) - MOST_NOTES} more notes: --json has all"])


def _check_targets(
    manifest: str, onnx: str | None, *, scores: str | None, plot: str | None, map_: str | None, force: bool
) -> None:
    """Refuse what could not or should not be written, before the work."""
    from pathlib import Path

    from sigsimnet.errors import SigSimNetError

    inputs: list[str | Path] = [manifest, *([onnx] if onnx else [])]
    targets = [target for target in (scores, plot, map_) if target]
    if any(Path(target).exists() for target in targets):
        from sigsimnet.datasets import load_manifest

        with suppress(SigSimNetError):  # what is wrong with the table is said when it is used
            inputs += [entry.path for entry in load_manifest(manifest).entries]
    if scores:
        claim(
            scores,
            force=force,
            command="evaluate",
            endings=(".csv",),
            what="trials are a table",
            inputs=inputs,
        )
    for target in (plot, map_):
        if target:
            claim(target, force=force, command="evaluate", endings=PICTURE, what="a picture", inputs=inputs)
    check_apart(scores, plot, map_)


def _show(found: Evaluation) -> None:
    """Print what was tested and the table of the model and the baselines."""
    from sigsimnet.evaluation import COLUMNS

    about = found.model.protocol
    typer.echo(
        f"{found.model.n_genuine} genuine and {found.model.n_impostor} impostor trials of {found.model.n_people} "
        f"people: {about['trials']}; {about['genuine_across_sessions']} genuine trials across sessions"
    )
    if about["n_people_left_out"]:
        typer.echo(f"{about['n_people_left_out']} people have no such recordings and were left out")
    if about["min_good_fraction"]:
        typer.echo(f"{about['n_low_quality']} {about['segments']} in seconds of low quality were left out")
    rows = found.rows()
    intervals = " [95 % interval over people]" if any("[" in cell for row in rows for cell in row) else ""
    print_table(COLUMNS, rows, title=f"{found.protocol}: figures{intervals}")
    for name, rates in found.people.items():
        who = "this model" if name == "model" else name
        typer.echo(
            f"{who}: EER {100 * rates['macro_eer']:.1f} % where people weigh alike, {100 * rates['one_pair_eer']:.1f} "
            f"% of one pair a person ({rates['n_genuine_people']} people with genuine trials)"
        )
    if len(found.strata) > 1:
        methods = list(found.people)
        titles = ("genuine trials apart by", "", "trials", "people", *(f"EER % {name}" for name in methods))
        strata = [
            (
                str(row["by"]),
                str(row["band"]),
                str(row["genuine"]),
                str(row["people"]),
                *(f"{100 * float(row[name]):.1f}" for name in methods),
            )
            for row in found.strata
        ]
        print_table(titles, strata, title=f"{found.protocol}: by heart rate and days (people weigh alike)")
    _show_labels(found)
    for method, figures in found.identification.items():
        if figures.get("rank_1_people") is not None:
            who = "this model" if method == "model" else method
            share, people = 100 * float(figures["rank_1_people"] or 0), figures["n_probe_people"]
            typer.echo(f"{who}: Rank-1 {share:.1f} % of {people} people among {figures['n_gallery']}")


def _show_labels(found: Evaluation) -> None:
    """Print which labels recordings get from their nearest, where *same* is the label."""
    answers = found.labels
    if answers is None or not answers.methods:
        return
    titles = ("", "accuracy %", "balanced accuracy %", "macro-F1 %")
    rows = [
        (
            "this model" if name == "model" else name,
            *(_percent(one, figure) for figure in ("accuracy", "balanced_accuracy", "macro_f1")),
        )
        for name, one in answers.methods.items()
    ]
    own = answers.methods["model"]
    about = f"{own.n_items} recordings of {own.n_people} people, each by the nearest of other people"
    print_table(titles, rows, title=f"{found.protocol}: labels of {about}")
    short = [label if len(label) < 13 else label[:12] + "…" for label in own.labels]
    if len(short) <= MOST_LABELS:
        confusion = [(name, *map(str, row)) for name, row in zip(short, own.confusion.tolist(), strict=True)]
        print_table(("true \\ given", *short), confusion, title="this model: confusion")
    if answers.refused is not None:
        said = f"at even odds the model says “nothing is known” of {100 * answers.refused:.0f} % of these recordings"
        if answers.refused_unseen is not None:
            said += f"; of {100 * answers.refused_unseen:.0f} % of those whose label nobody else has"
        typer.echo(said)


def _percent(one: ClassificationResult, figure: str) -> str:
    value = f"{100 * getattr(one, figure):.1f}"
    interval = one.intervals.get(figure)
    return f"{value} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]" if interval else value


def _show_article(found: Evaluation) -> None:
    """Print the article's figures of the probabilities, of a calibrated model."""
    result = found.model
    if not math.isnan(result.mse):
        typer.echo(
            f"the article's figures of the probabilities: MSE {result.mse:.3f}, MAE {result.mae:.3f}, cosine "
            f"{result.cosine:.3f}, MAPE {result.mape:.1f} % (of genuine trials only: it divides by the label)"
        )


def _write(
    found: Evaluation | IdentityEvaluation, *, scores: str | None, plot: str | None, map_: str | None
) -> dict[str, str]:
    """Write what was asked for, and return what each file holds."""
    from sigsimnet._utils.files import write_whole
    from sigsimnet.evaluation import Evaluation

    written: dict[str, str] = {}
    of_protocols = "" if isinstance(found, Evaluation) else f" of {len(found)} protocols"
    if scores:
        table = found.to_dataframe()
        with write_whole(scores) as temporary:
            table.to_csv(temporary, index=False)
        written[scores] = f"{len(table)} trials{of_protocols} with their scores"
    if plot or map_:
        from sigsimnet.plotting import save_figure

        if plot:
            save_figure(found.plot(), plot)
            written[plot] = f"figures{of_protocols}"
        if map_:
            save_figure(found.plot_map(), map_)
            written[map_] = "map of the recordings' embeddings"
    return written
