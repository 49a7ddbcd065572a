"""`sigsimnet plot`: pictures of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigsimnet.channels import MODALITIES
from sigsimnet.cli._output import print_notes
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import PAGE, PICTURE, Force, claim

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigsimnet.recording import Recording

__all__ = ["plot"]

OF_ONE = ("rolling", "beats", "spectrogram", "distribution", "cleaning")  # by default of the first channel
KINDS = (
    "signal",
    "paper",
    "rolling",
    "peaks",
    "beats",
    "spectrum",
    "spectrogram",
    "distribution",
    "quality",
    "cleaning",
)


@with_reading()
def plot(
    file: Annotated[str, typer.Argument(help="Recording.")],
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Picture (.png, .svg, .pdf), or .html: the signals to move about in.")
    ],
    force: Force = False,
    kind: Annotated[str, typer.Option(help="What to draw: " + ", ".join(KINDS) + ".")] = "signal",
    start: Annotated[float | None, typer.Option(help="Where to begin, in s.", min=0)] = None,
    stop: Annotated[float | None, typer.Option(help="Where to end, in s.", min=0)] = None,
    window: Annotated[float, typer.Option(help="Of --kind rolling and spectrogram, in s.")] = 1.0,
    preset: Annotated[str | None, typer.Option(help="Cleaning that --kind cleaning shows. [by the name]")] = None,
    modality: Annotated[
        str | None, typer.Option(help=f"What all channels are: {', '.join(MODALITIES)}. [by their names]")
    ] = None,
    reading: Reading,
) -> None:
    """Draw a recording: raw, on ECG paper, rolling windows, R peaks, beats, spectrum, quality, or steps of cleaning."""
    from pathlib import Path

    from sigsimnet.analysis import crop_with_time
    from sigsimnet.errors import ParameterError
    from sigsimnet.plotting import save_figure
    from sigsimnet.reports import signals_page

    claim(output, force=force, command="plot", endings=(*PICTURE, *PAGE), what="a picture", inputs=[file])
    if kind not in KINDS:
        raise ParameterError(f"unknown kind of picture {kind!r} (known: {', '.join(KINDS)})")
    page = Path(output).suffix.lower() in (".html", ".htm")
    if page and kind != "signal":
        raise ParameterError(
            f"{output}: a page shows the signals themselves; --kind {kind} is a picture (.png, .svg, .pdf)"
        )
    recording = reading.read(file)
    if start is not None and stop is not None and stop <= start:
        raise ParameterError(f"--stop {stop:g} is not after --start {start:g}")
    if page:
        part, zero = crop_with_time(recording, start or 0.0, stop)
        notes = signals_page(part, output, modality=modality, zero=zero)
    else:
        if "channels" in reading.options and kind in OF_ONE and recording.n_channels > 1:
            raise ParameterError(f"--kind {kind} draws one channel: name one with --channels")
        save_figure(_figure(recording, kind, start or 0.0, stop, window, preset, modality), output)
        notes = recording.warnings
    typer.echo(f"wrote {output}")
    print_notes(notes)


def _figure(
    recording: Recording,
    kind: str,
    start: float,
    stop: float | None,
    window: float,
    preset: str | None,
    modality: str | None,
) -> Figure:
    from sigsimnet import plotting
    from sigsimnet.channels import by_modality
    from sigsimnet.cleaning import preset as chain_of_preset
    from sigsimnet.cleaning import preset_for
    from sigsimnet.peaks import detect_peaks
    from sigsimnet.segments import beats

    if preset is not None:
        chain_of_preset(preset)
    kinds = by_modality(recording, modality)
    if kind == "paper":
        return plotting.plot_ecg_paper(recording, start=start, stop=stop)
    if kind == "cleaning":
        return plotting.plot_cleaning(
            recording, preset or preset_for(recording.pick(0), modality), start=start, stop=stop
        )
    if kind == "peaks":
        method = "ppg" if set(kinds) == {"ppg"} else "sigsimnet"
        return plotting.plot_r_peaks(recording, detect_peaks(recording, method=method), start=start, stop=stop)
    if kind == "quality":
        names = list(recording.channel_names)
        judged = next((word for word, own in kinds.items() if own == names), None)
        return plotting.plot_quality(recording, modality=judged or None, start=start, stop=stop)
    part = recording.crop(start, stop) if start or stop is not None else recording
    if kind == "rolling":
        return plotting.plot_rolling(part, window=window)
    if kind == "beats":
        return plotting.plot_beats(beats(part, channel=0))
    if kind == "spectrum":
        return plotting.plot_spectrum(part)
    if kind == "spectrogram":
        return plotting.plot_spectrogram(part, window=window)
    if kind == "distribution":
        return plotting.plot_distribution(part)
    return plotting.plot_recording(part)
