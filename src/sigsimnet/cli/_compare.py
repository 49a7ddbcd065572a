"""`sigsimnet compare`: two files, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PAGE, Force, claim

if TYPE_CHECKING:
    from sigsimnet.comparison import Stretch

__all__ = ["compare"]


@with_reading("a", "b", leave_out=("channels",))
def compare(
    a: Annotated[str, typer.Argument(help="First recording.")],
    b: Annotated[str, typer.Argument(help="Second recording.")],
    *,
    model: Annotated[str, typer.Option(help="A model folder, or the name of a model in the package.")] = "ecg",
    channel_a: Annotated[str | None, typer.Option(help="Channel of the first recording.")] = None,
    channel_b: Annotated[str | None, typer.Option(help="Channel of the second recording.")] = None,
    min_good_fraction: Annotated[
        float, typer.Option(help="Share of a beat that must lie in seconds of good quality; 0 keeps all.")
    ] = 0.5,
    enrol: Annotated[
        list[str] | None,
        typer.Option(help="Another recording of the person of A, such as of another day; several times for several."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--why", help="Say which waves make them alike or different, and what the score would be.")
    ] = False,
    top: Annotated[
        int, typer.Option(help="Show so many of the most alike stretches, and of those that nothing is like.", min=0)
    ] = 0,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the answer as an HTML page (.html).")
    ] = None,
    force: Force = False,
    reading_a: Reading,
    reading_b: Reading,
    json: Json = False,
) -> None:
    """Say how alike two recordings are: a score, a probability, and same, different or cannot tell, with reasons."""
    from sigsimnet.comparison import compare as compare_recordings

    if output:
        claim(
            output,
            force=force,
            command="compare",
            endings=PAGE,
            what="the answer is an HTML page",
            inputs=(a, b, *(enrol or ())),
        )
    recordings = [reading_a.read(one, channel_a) for one in (a, *(enrol or ()))]
    probe = reading_b.read(b, channel_b)
    found = compare_recordings(
        recordings,
        probe,
        model=model,
        channel_a=channel_a,
        channel_b=channel_b,
        min_good_fraction=min_good_fraction,
    )
    grounds = None
    if explain and found.has_score:
        from sigsimnet.comparison import why

        grounds = why(recordings[0], probe, model=model, channel_a=channel_a, channel_b=channel_b)
    if output:
        from sigsimnet.reports import comparison_page

        comparison_page(found, output, why=grounds, recordings=(recordings[0], probe))
    if json:
        print_json(found.to_dict() | ({"why": grounds.to_dict()} if grounds is not None else {}))
        return
    probability = "not calibrated" if found.probability is None else f"{found.probability:.3f}"
    scored = f"score {found.score:.3f}, probability {probability}" if found.has_score else "nothing to compare"
    typer.echo(f"{found.verdict}  ({scored})")
    for reason in found.reasons:
        typer.echo(f"  {reason}")
    if grounds is not None:
        of = f"; of {len(recordings)} enrolled recordings the first" if len(recordings) > 1 else ""
        typer.echo(f"why ({grounds.channels[0]}, score {grounds.score:.3f}{of}):")
        for said in grounds.in_words():
            typer.echo(f"  {said}")
        parts = [(one.name, f"{one.without:.3f}", f"{one.swapped:.3f}") for one in grounds.parts]
        print_table(("part", "score without it", "score with A's in B"), parts)
    if top and found.stretches is None:
        typer.echo("both recordings are too short for stretches")
    elif top and found.stretches is not None:
        for title, pairs in (("most alike", found.stretches.best(top)), ("least alike", found.stretches.worst(top))):
            shown = [(_interval(one.a), _interval(one.b), f"{one.score:.3f}") for one in pairs]
            print_table(("A (s)", "B (s)", "score"), shown, title=f"{title} stretches")
    rows = [
        (
            name,
            cut.source,
            ", ".join(cut.channel_names),
            str(len(cut)),
            str(cut.n_rejected),
            str(cut.n_low_quality),
            f"{cut.heart_rate:.0f}" if cut.n_r_peaks > 1 else "–",
        )
        for name, cut in (("A", found.a), ("B", found.b))
    ]
    print_table(("", "recording", "channel", found.a.kind, "rejected", "low quality", "heart rate"), rows)
    about = found.protocol
    typer.echo(f"question: same {about['same']}? model {about['model']}, trained on {about['trained_on']}")
    if about["calibrated_on"]:
        typer.echo(f"calibrated on {about['calibrated_on']}")
    if output:
        typer.echo(f"wrote {output}")
    print_notes(found.warnings)


def _interval(stretch: Stretch) -> str:
    return f"{stretch.start:g}–{stretch.stop:g}"
