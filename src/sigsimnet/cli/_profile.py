"""`sigsimnet profile`: one page about one recording."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sigsimnet.channels import MODALITIES
from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PAGE, Force, claim

__all__ = ["profile"]


@with_reading()
def profile(
    file: Annotated[str, typer.Argument(help="Recording of any kind that `read` knows.")],
    *,
    output: Annotated[str | None, typer.Option("--output", "-o", help="HTML page to write.")] = None,
    force: Force = False,
    modality: Annotated[
        str | None, typer.Option(help=f"What all channels are: {', '.join(MODALITIES)}. [by their names]")
    ] = None,
    reading: Reading,
    json: Json = False,
) -> None:
    """Say all about a recording: gaps, quality by second, statistics, spectrum, beats, and what cleaning would do."""
    import shlex

    from sigsimnet.analysis import profile as profile_of
    from sigsimnet.plotting import interactive_script
    from sigsimnet.reports import profile_page

    if output is not None:
        claim(output, force=force, command="profile", endings=PAGE, what="a profile is an HTML page", inputs=[file])
        interactive_script()  # what is not installed is said before the work
    recording = reading.read(file)
    found = profile_of(recording, modality=modality, progress=True)
    if output is not None:
        given = {"--modality": modality, **reading.words()}
        options = " ".join(f"{name} {shlex.quote(value)}" for name, value in given.items() if value is not None)
        profile_page(found, output, options=options)
    if json:
        print_json(found.to_dict() | {"page": output})
        return
    typer.echo(repr(found).strip("<>"))
    good = {n: s for q in found.quality.values() for n, s in zip(q.channel_names, q.share_good, strict=True)}
    of = {name: kind for kind, names in found.modalities.items() for name in names}
    rows = []
    for name in recording.channel_names:
        line: Any = found.statistics.loc[name]
        share = 100 * float(line["missing"]) / recording.n_samples
        numbers = (f"{float(line[key]):.4g}" if line["n"] else "–" for key in ("min", "median", "max"))
        rows.append((name, of[name] or "unknown", str(line["unit"]) or "?", f"{share:.1f} %",
                     f"{100 * good[name]:.1f} %" if name in good else "–", *numbers))  # fmt: skip
    print_table(
        (
            "channel",
            "kind",
            "unit",
            "missing",
            "good" if all(of.values()) else "no fault",
            "lowest",
            "median",
            "highest",
        ),
        rows,
    )
    if found.hrv is not None:
        typer.echo(
            f"heart rate {found.hrv.heart_rate:.0f}/min on average, SDNN {found.hrv.sdnn:.0f} ms, RMSSD "
            f"{found.hrv.rmssd:.0f} ms of {found.hrv.n_normal:,} normal intervals"
        )
    hum = "no hum of the mains stands out" if found.mains is None else f"hum of the mains at {found.mains:g} Hz"
    pauses = sum(not gap.channel for gap in found.gaps)
    typer.echo(f"gaps: {len(found.gaps) - pauses:,}, pauses: {pauses:,}; {hum}")
    if output is not None:
        typer.echo(f"wrote {output}")
    else:
        typer.echo("-o profile.html writes the page with everything")
    print_notes(found.warnings)
