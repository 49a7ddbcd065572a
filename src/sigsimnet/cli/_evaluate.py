"""`sigsimnet evaluate`: how good is a model on people it has never seen?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, fail_soon, print_json, print_notes, print_table

if TYPE_CHECKING:
    from sigsimnet.datasets import Manifest
    from sigsimnet.evaluation import Evaluation
    from sigsimnet.metrics import VerificationResult
    from sigsimnet.model import SigSimNet

__all__ = ["evaluate"]


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
            help="cross_record, cross_session, cross_state, beats, same_record; identity: all that the table allows."
        ),
    ] = "cross_record",
    min_good_fraction: Annotated[
        float,
        typer.Option(
            help="Share of a segment that must lie in seconds of good quality; 0 gates nothing away.", min=0, max=1
        ),
    ] = 0.0,
    n_resamples: Annotated[int, typer.Option(help="Bootstrap resamples of people; 0: no intervals.", min=0)] = 1000,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    scores: Annotated[str | None, typer.Option(help="Write every trial with its score to this CSV.")] = None,
    plot: Annotated[
        str | None, typer.Option(help="Draw error trade-off, scores, calibration, EER by beats (.png, .svg, .pdf).")
    ] = None,
    map_: Annotated[
        str | None, typer.Option("--map", help="Draw a map of the recordings' embeddings (.png, .svg, .pdf).")
    ] = None,
    onnx: Annotated[
        str | None,
        typer.Option(help="Encode by ONNX Runtime with this file of sigsimnet export."),
    ] = None,
    json: Json = False,
) -> None:
    """Score all pairs of recordings and print error rates with intervals over people, baselines beside them.

    Where the manifest has splits, its rows with split test are used; baselines that learn do so on those with split
    train. People whom the model was trained or calibrated on are refused.
    """
    from sigsimnet.datasets import Manifest, load_manifest
    from sigsimnet.errors import ParameterError
    from sigsimnet.evaluation import evaluate_identity, evaluate_model
    from sigsimnet.model import load_model

    for target in (scores, plot, map_):
        if target:
            fail_soon(target, manifest)
    network = load_model(model)
    if onnx:
        network.accelerate(onnx)
    table = load_manifest(manifest)
    rows = table.split("test")
    learn = Manifest(tuple(entry for entry in table if entry.split == "train"), table.source)
    named = [name.strip() for name in baselines.split(",") if name.strip() and name.strip() != "none"]
    relation = same or (network.card.same if network.card.same == "label" else "subject")
    options: dict[str, Any] = {
        "baselines": "all" if named == ["all"] else named,
        "train": learn if len(learn) else None,
        "min_segments": network.card.min_segments,
        "min_good_fraction": min_good_fraction,
        "n_resamples": n_resamples,
        "seed": seed,
    }
    about = {
        "model_name": network.name,
        "trained_on": network.card.trained_on,
        "calibrated_on": network.card.calibrated_on or None,
    }
    if protocol == "identity":
        if scores or plot:
            raise ParameterError("--scores and --plot show the trials of one protocol: name it instead of 'identity'")
        if same not in (None, "subject"):
            raise ParameterError(f"--protocol identity asks for the same subject, not the same {same}")
        everything = evaluate_identity(network, rows, **options)
        _draw_map(network, rows, relation, map_)
        if json:
            print_json(about | {name: found.to_dict() for name, found in everything.items()})
            return
        typer.echo(f"{model}: trained on {about['trained_on']}")
        for name, found in everything.items():
            _show(found, name)
        last = next(reversed(everything.values()))
        print_notes([*last.failed, *(f"baseline {name} left out: {why}" for name, why in last.left_out.items())])
        return
    found = evaluate_model(network, rows, same=relation, protocol=protocol, **options)
    _draw_map(network, rows, relation, map_)
    if scores:
        _write_scores(found, scores)
    if plot:
        _draw(found, plot)
    if json:
        print_json(about | found.to_dict())
        return
    typer.echo(f"{model}: trained on {about['trained_on']}")
    _show(found, protocol)
    result = found.model
    if not math.isnan(result.mse):
        typer.echo(
            f"the article's figures of the probabilities: MSE {result.mse:.3f}, MAE {result.mae:.3f}, cosine "
            f"{result.cosine:.3f}, MAPE {result.mape:.1f} % (of genuine trials only: it divides by the label)"
        )
    print_notes([*found.failed, *(f"baseline {name} left out: {why}" for name, why in found.left_out.items())])


def _show(found: Evaluation, name: str) -> None:
    """Print what was tested and the table of the model and the baselines."""
    protocol = found.model.protocol
    typer.echo(
        f"{found.model.n_genuine} genuine and {found.model.n_impostor} impostor trials of {found.model.n_people} "
        f"people: {protocol['trials']}; {protocol['genuine_across_sessions']} genuine trials across sessions"
    )
    if protocol["min_good_fraction"]:
        typer.echo(f"{protocol['n_segments_gated_away']} {protocol['segments']} in poor seconds were left out")
    methods = {"this model": found.model, **found.baselines}
    lines = [
        (
            method,
            _with_interval(result, "eer", 100),
            _with_interval(result, "auc", 1),
            _with_interval(result, "tar_at_far_1pct", 100),
            _with_interval(result, "cllr", 1),
            _with_interval(result, "min_cllr", 1),
            _difference(found.paired.get(method)),
        )
        for method, result in methods.items()
    ]
    columns = ("", "EER %", "ROC-AUC", "TAR % at FAR 1 %", "Cllr", "min Cllr", "EER less the model's")
    print_table(columns, lines, title=f"{name}: figure [95 % interval over people]")
    for method, figures in found.identification.items():
        if figures.get("rank_1_people") is not None:
            who = "this model" if method == "model" else method
            share, people = 100 * float(figures["rank_1_people"] or 0), figures["n_probe_people"]
            typer.echo(f"{who}: Rank-1 {share:.1f} % of {people} people among {figures['n_gallery']}")


def _with_interval(result: VerificationResult, name: str, times: float) -> str:
    value: float = getattr(result, name)
    if math.isnan(value):
        return "–"
    interval = result.intervals.get(name)
    digits = 1 if times == 100 else 3
    if interval is None:
        return f"{times * value:.{digits}f}"
    return f"{times * value:.{digits}f} [{times * interval.low:.{digits}f}, {times * interval.high:.{digits}f}]"


def _difference(paired: dict[str, float] | None) -> str:
    if paired is None:
        return ""
    if math.isnan(paired["low"]):
        return f"{100 * paired['difference']:+.1f}"
    return f"{100 * paired['difference']:+.1f} [{100 * paired['low']:+.1f}, {100 * paired['high']:+.1f}]"


def _write_scores(found: Evaluation, path: str) -> None:
    import pandas as pd

    from sigsimnet._utils.files import write_whole

    table = pd.DataFrame(
        {
            "enrolled": found.trials.people_a,
            "probe": found.trials.people_b,
            "enrolled_recording": [found.recordings[i] for i in found.trials.enrol],
            "probe_recording": [found.recordings[i] for i in found.trials.probe],
            "genuine": found.trials.genuine.astype(int),
            "score": found.scores,
        }
    )
    with write_whole(path) as temporary:
        table.to_csv(temporary, index=False)


def _draw_map(network: SigSimNet, rows: Manifest, relation: str, path: str | None) -> None:
    if path is None:
        return
    from sigsimnet._utils.progress import track
    from sigsimnet.errors import SigSimNetError
    from sigsimnet.plotting import plot_embedding_map, save_figure

    templates, names = [], []
    for entry in track(rows, "drawing", total=len(rows), show=True):
        try:
            segments = network.cut(entry.read(), entry.channel or None)
        except SigSimNetError:
            continue  # the evaluation names it
        if len(segments):
            templates.append(network.template(segments))
            names.append(entry.person if relation == "subject" else entry.label)
    save_figure(plot_embedding_map(templates, names), path)


def _draw(found: Evaluation, path: str) -> None:
    from sigsimnet.metrics import det_curve
    from sigsimnet.plotting import (
        new_figure,
        plot_calibration,
        plot_det,
        plot_error_by_count,
        plot_score_histogram,
        save_figure,
    )

    figure = new_figure(11.0, 8.5)
    axes = figure.subplots(2, 2)
    every = {"this model": found.scores, **found.beside}
    curves = {name: det_curve(values, found.genuine) for name, values in every.items()}
    plot_det({name: (curve.far, curve.frr) for name, curve in curves.items()}, ax=axes[0, 0])
    plot_score_histogram(found.scores, found.genuine, ax=axes[0, 1])
    if found.probabilities is not None:
        plot_calibration(found.probabilities, found.genuine, ax=axes[1, 0])
    else:
        axes[1, 0].set_axis_off()
        axes[1, 0].set_title("not calibrated", fontsize=9)
    if found.by_count:
        counts = list(found.by_count["model"])
        named = {"this model" if name == "model" else name: rates for name, rates in found.by_count.items()}
        plot_error_by_count(counts, {name: list(rates.values()) for name, rates in named.items()}, ax=axes[1, 1])
    else:
        axes[1, 1].set_axis_off()
    about = found.model.protocol
    figure.suptitle(
        f"{about['trials']}: {found.model.n_genuine} genuine, {found.model.n_impostor} impostor trials", fontsize=9
    )
    save_figure(figure, path)
