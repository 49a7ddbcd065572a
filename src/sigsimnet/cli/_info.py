"""`sigsimnet info`: what is in a file."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table

__all__ = ["info"]


def info(
    file: Annotated[str, typer.Argument(help="CSV, TSV, text, WFDB, EDF, BDF, MAT, Parquet, NPY or NPZ.")],
    *,
    sampling_rate: Annotated[float | None, typer.Option(help="In Hz, for files that do not say.")] = None,
    units: Annotated[str | None, typer.Option(help="Unit of the samples, for files that do not say.")] = None,
    json: Json = False,
) -> None:
    """Say what is in a recording: channels, units, sampling rate, gaps, heart rate, and what had to be guessed."""
    import numpy as np

    from sigsimnet.channels import is_ecg_name
    from sigsimnet.errors import SigSimNetError
    from sigsimnet.io import read
    from sigsimnet.peaks import detect_peaks
    from sigsimnet.signal_quality import amplitude_warnings

    recording = read(file, sampling_rate=sampling_rate, units=units)
    missing = np.isnan(recording.data).mean(axis=1)
    channels: list[dict[str, Any]] = [
        {
            "name": name,
            "unit": unit,
            "missing": float(share),
            "lowest": float(np.nanmin(x)) if share < 1 else None,
            "highest": float(np.nanmax(x)) if share < 1 else None,
        }
        for name, unit, share, x in zip(recording.channel_names, recording.units, missing, recording.data, strict=True)
    ]
    values: dict[str, Any] = {
        "source": recording.source,
        "sampling_rate": recording.sampling_rate,
        "n_samples": recording.n_samples,
        "duration": recording.duration,
        "start_time": recording.start_time.isoformat() if recording.start_time else None,
        "spans": [{"start": s.time, "duration": (s.stop - s.start) / recording.sampling_rate} for s in recording.spans],
        "channels": channels,
        "n_annotations": len(recording.annotations),
        "metadata": dict(recording.metadata),
        "warnings": list(recording.warnings),
    }
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
    rows = [
        (c["name"], c["unit"] or "?", f"{100 * c['missing']:.1f} %", _number(c["lowest"]), _number(c["highest"]))
        for c in channels
    ]
    print_table(("channel", "unit", "missing", "lowest", "highest"), rows)
    if recording.start_time:
        typer.echo(f"started {recording.start_time:%Y-%m-%d %H:%M:%S}")
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
    print_notes(values["warnings"])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
