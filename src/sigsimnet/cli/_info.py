"""`sigsimnet info`: what is in a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading

if TYPE_CHECKING:
    from sigsimnet.recording import Recording

__all__ = ["info"]


@with_reading()
def info(
    file: Annotated[str, typer.Argument(help="Recording of any kind that `read` knows (sigsimnet formats).")],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the lines of the file that names, units, rate and start come from.")
    ] = False,
    reading: Reading,
    json: Json = False,
) -> None:
    """Say what is in a recording: channels, units, sampling rates, gaps, heart rate, and what had to be guessed."""
    from sigsimnet.channels import is_ecg_name
    from sigsimnet.errors import SigSimNetError
    from sigsimnet.io import explain as explain_file
    from sigsimnet.peaks import detect_peaks
    from sigsimnet.signal_quality import amplitude_warnings

    recordings, told = reading.read_told(file)
    recording = recordings[0]
    lines = [*explain_file(file), *told]
    channels = [row for one in recordings for row in _rows(one)]
    values: dict[str, Any] = {
        "source": recording.source,
        "format": dict(lines).get("format"),
        "sampling_rate": recording.sampling_rate,
        "clock": dict(told).get("clock", f"{recording.sampling_rate:g} Hz, as the file says"),
        "n_samples": recording.n_samples,
        "duration": recording.duration,
        "start_time": recording.start_time.isoformat() if recording.start_time else None,
        "spans": [{"start": s.time, "duration": (s.stop - s.start) / recording.sampling_rate} for s in recording.spans],
        "channels": channels,
        "n_annotations": len(recording.annotations),
        "metadata": dict(recording.metadata),
        "warnings": list(dict.fromkeys(note for one in recordings for note in one.warnings)),
    }
    if explain:
        values["explained"] = [{"what": what, "line": line} for what, line in lines]
    leads = [name for name in recording.channel_names if is_ecg_name(name)]
    if leads:
        values["warnings"] += amplitude_warnings(recording.pick(leads), "ecg")
        try:
            peaks = detect_peaks(recording.pick(leads))
            values |= {"n_r_peaks": len(peaks), "heart_rate": peaks.heart_rate, "peaks_channel": peaks.channel}
            values["warnings"] += peaks.warnings
        except SigSimNetError as error:
            values["warnings"].append(str(error))
    if json:
        print_json(values)
        return
    typer.echo(repr(recording))
    if values["format"]:
        typer.echo(f"format: {values['format']}")
    typer.echo(f"clock: {values['clock']}")
    several = len(recordings) > 1
    rows = [
        (
            c["name"],
            *([f"{c['sampling_rate']:g} Hz"] if several else []),
            c["unit"] or "?",
            f"{100 * c['missing']:.1f} %",
            _number(c["lowest"]),
            _number(c["highest"]),
        )
        for c in channels
    ]
    print_table(("channel", *(["rate"] if several else []), "unit", "missing", "lowest", "highest"), rows)
    if recording.start_time:
        typer.echo(f"started {recording.start_time.isoformat(' ', 'seconds')}")
    if len(recording.spans) > 1:
        typer.echo(f"{len(recording.spans)} spans with pauses between them")
    if recording.annotations:
        typer.echo(f"{len(recording.annotations)} annotations")
    for key, value in recording.metadata.items():
        typer.echo(f"{key}: {value}")
    if values.get("n_r_peaks"):
        n, rate = values["n_r_peaks"], values["heart_rate"]
        often = f", {rate:.0f} per minute" if math.isfinite(rate) else ""
        typer.echo(f"{n} R peak{'s' if n > 1 else ''} in {values['peaks_channel']}{often}")
    if explain:
        print_table(("what", "line"), lines)
    print_notes(values["warnings"])


def _rows(recording: Recording) -> list[dict[str, Any]]:
    """Return what is to be said of each channel."""
    import numpy as np

    missing = np.isnan(recording.data).mean(axis=1)
    return [
        {
            "name": name,
            "sampling_rate": recording.sampling_rate,
            "unit": unit,
            "missing": float(share),
            "lowest": float(np.nanmin(x)) if share < 1 else None,
            "highest": float(np.nanmax(x)) if share < 1 else None,
        }
        for name, unit, share, x in zip(recording.channel_names, recording.units, missing, recording.data, strict=True)
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
