"""`sigsimnet peaks`: where are the heart beats?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PICTURE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.peaks import Peaks
    from sigsimnet.recording import Recording

__all__ = ["peaks"]

COLUMNS = ("detector", "channel", "sample", "time", "confidence", "rr", "interval")
LEAST_COVERED = 0.5  # of the recording, by beats at the usual interval


@with_reading()
def peaks(
    file: Annotated[str, typer.Argument(help="Recording.")],
    *,
    detector: Annotated[str, typer.Option(help="Name of a detector, 'all' to compare them, or 'ppg'.")] = "sigsimnet",
    channel: Annotated[
        str | None, typer.Option(help="Channel, by name or number from 0; by default the clearest.")
    ] = None,
    species: Annotated[
        str, typer.Option(help="Whose heart it is: human, or the name of a small animal (any other name lists them).")
    ] = "human",
    fuse: Annotated[bool, typer.Option("--fuse", help="Let all channels vote on every beat.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Write peaks.csv, or NAME.atr (WFDB).")] = None,
    force: Force = False,
    plot: Annotated[str | None, typer.Option(help="Write a picture (.png, .svg, .pdf).")] = None,
    start: Annotated[float, typer.Option(help="Of the picture, in s.")] = 0.0,
    stop: Annotated[float | None, typer.Option(help="Of the picture, in s; 10 s by default.")] = None,
    reading: Reading,
    json: Json = False,
) -> None:
    """Find the R peaks, with heart rate and the kinds of RR intervals; write them as CSV or WFDB annotation."""
    from sigsimnet.errors import ParameterError
    from sigsimnet.peaks import DETECTORS, detect_peaks

    if fuse and (channel is not None or detector == "ppg"):
        raise ParameterError("--fuse lets several ECG channels vote: leave --channel out, and name an ECG detector")
    _check_targets(file, detector, output, plot, force=force)
    recording = reading.read(file, channel)
    if channel is not None and channel not in recording.channel_names and channel.isdigit():
        channel = recording.channel_names[recording.channel_index(int(channel))]
    length = float(recording.time_of([recording.n_samples - 1])[0]) if recording.n_samples else 0.0
    end = min(length, start + 10.0) if stop is None else min(length, stop)
    if not 0 <= start < end:
        raise ParameterError(f"--start {start:g} and --stop {end:g} show nothing of a recording of {length:.1f} s")
    names = list(DETECTORS) if detector == "all" else [detector]
    if detector == "all" and channel is None and not fuse:
        channel = detect_peaks(recording, species=species).channel  # all look at the same one
    found = {
        name: detect_peaks(recording, method=name, channel=channel, fuse_channels=fuse, species=species)
        for name in names
    }
    warnings = [*recording.warnings, *(note for item in found.values() for note in item.warnings)]
    if output:
        _write(recording, found, output)
    if plot:
        from sigsimnet.plotting import plot_detectors, save_figure

        save_figure(plot_detectors(recording, found, start=start, stop=end), plot)
    rows = [_figures(name, item, found) for name, item in found.items()]
    if json:
        first = next(iter(found.values()))
        values: dict[str, Any] = {
            "source": recording.source,
            "detectors": rows,
            "warnings": list(dict.fromkeys(warnings)),
        }
        if len(found) == 1:
            values |= {
                "samples": first.samples.tolist(),
                "times": first.times.round(5).tolist(),
                "confidence": first.confidence.round(3).tolist(),
            }
        print_json(values)
        return
    columns = ("detector", "channel", "beats", "heart rate", "lag taken off", "intervals not normal", "agreement")
    shown = [
        (
            str(row["detector"]),
            str(row["channel"]),
            str(row["n_beats"]),
            "–" if row["heart_rate"] is None else f"{row['heart_rate']:.0f}/min",
            f"{row['lag_ms']:+.0f} ms",
            ", ".join(f"{n} {kind}" for kind, n in row["intervals"].items()) or "none",
            "–" if row["agreement"] is None else f"{100 * row['agreement']:.1f} %",
        )
        for row in rows
    ]
    print_table(columns, shown)
    for target in (output, plot):
        if target:
            typer.echo(f"wrote {target}")
    none = [f"{item.channel}: no beats found by {name}" for name, item in found.items() if not len(item)]
    few = [_where_beats_are(name, item, recording.duration) for name, item in found.items() if len(item)]
    print_notes([*none, *(note for note in few if note), *warnings])


def _where_beats_are(name: str, found: Peaks, duration: float) -> str:
    """Return a warning when marks cover little of a recording: what shows a heart now and then is hardly an ECG."""
    import numpy as np

    usual = 60.0 / found.heart_rate if np.isfinite(found.heart_rate) else 1.0
    covered = min(1.0, len(found) * usual / duration)
    if covered >= LEAST_COVERED:
        return ""
    return (
        f"{found.channel}: beats by {name} cover {100 * covered:.0f} % of {duration:.0f} s; is it an ECG, and is it "
        "there all the time?"
    )


def _check_targets(file: str, detector: str, output: str | None, plot: str | None, *, force: bool) -> None:
    """Refuse what could not or should not be written, before anything is."""
    from sigsimnet.errors import ParameterError

    if output:
        claim(
            output,
            force=force,
            command="peaks",
            endings=(".csv", ".atr"),
            what="peaks are a table or a WFDB annotation file",
            inputs=[file],
        )
    if plot:
        claim(plot, force=force, command="peaks", endings=PICTURE, what="a picture", inputs=[file])
    check_apart(output, plot)
    if detector == "all" and output and output.endswith(".atr"):
        raise ParameterError(f"{output}: annotations hold one detector; name it, or write a .csv")


def _figures(name: str, found: Peaks, everybody: dict[str, Peaks]) -> dict[str, Any]:
    from collections import Counter

    import numpy as np

    from sigsimnet.metrics import match_beats
    from sigsimnet.peaks import clean_rr

    kinds = Counter(kind for kind in clean_rr(found).kind.tolist() if kind != "normal")
    others = [other for key, other in everybody.items() if key != name]
    shares = [match_beats(other.times, found.times, 0.05).f1 for other in others]
    rate = found.heart_rate
    return {
        "detector": name,
        "channel": found.channel,
        "n_beats": len(found),
        "heart_rate": rate if np.isfinite(rate) else None,
        "polarity": found.polarity,
        "lag_ms": 1000 * found.lag,
        "intervals": dict(kinds),
        # Two that find nothing agree on nothing that could be counted.
        "agreement": float(np.nanmean(shares)) if np.isfinite(shares).any() else None,
    }


def _write(recording: Recording, found: dict[str, Peaks], output: str) -> None:
    import pandas as pd

    from sigsimnet._utils.files import write_whole
    from sigsimnet.peaks import clean_rr

    if output.endswith(".atr"):
        from sigsimnet.io import write_annotations

        write_annotations(next(iter(found.values())).samples, recording.sampling_rate, output)
        return
    tables = []
    for name, item in found.items():
        table = item.to_dataframe()[["sample", "time", "confidence", "rr"]]
        table.insert(0, "detector", name)
        table.insert(1, "channel", item.channel)
        tables.append(table.assign(interval=["", *clean_rr(item).kind][: len(item)])[list(COLUMNS)])
    with write_whole(output) as temporary:
        pd.concat(tables).to_csv(temporary, index=False, float_format="%.5f")
