"""Options of `train` and `tune` that say how windows and cycles are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.channels import MODALITIES
from sigsimnet.cli._output import print_notes

if TYPE_CHECKING:
    from sigsimnet.datasets import Manifest
    from sigsimnet.recording import Recording
    from sigsimnet.segments import Cutter

__all__ = ["WINDOW_OPTIONS", "Band", "Modality", "Rate", "Step", "Window", "windows_of"]

# What a configuration file may say of them, by example; the types are checked against it.
WINDOW_OPTIONS: dict[str, Any] = {
    "window": 0.5,
    "step": 0.25,
    "rate": 1000.0,
    "band": [20.0, 450.0],
    "modality": "emg",
}

Window = Annotated[float | None, typer.Option(help="Length of the windows in s. [as suits the modality]")]
Step = Annotated[float | None, typer.Option(help="From one window to the next, in s. [the length: no overlap]")]
Rate = Annotated[float | None, typer.Option(help="Sampling rate of the windows in Hz. [as suits the modality]")]
Band = Annotated[
    tuple[float, float] | None,
    typer.Option(
        help="Band-pass of the windows: low and high corner in Hz; 0 leaves the low side open. [as suits the modality]",
        metavar="LOW HIGH",
    ),
]
Modality = Annotated[
    str | None,
    typer.Option(help=f"What windows are of: {', '.join(MODALITIES)}. [by the channel names of the first recording]"),
]


def windows_of(manifest: Manifest, segments: str, values: dict[str, Any]) -> Cutter | str:
    """Return how windows or cycles are cut from the recordings of a manifest, and say it; beats by their name.

    Parameters
    ----------
    manifest : Manifest
    segments : str
        ``"beats"``, ``"windows"`` or ``"cycles"``.
    values : dict
        Of which `WINDOW_OPTIONS` are looked at.

    Raises
    ------
    ParameterError
        If options are given that such segments do not have, or a value is invalid.
    """
    from sigsimnet.errors import ParameterError
    from sigsimnet.segments import CycleCutter, WindowCutter, choose_windows

    given = {name: values[name] for name in WINDOW_OPTIONS if values.get(name) is not None}
    allowed = {"windows": tuple(WINDOW_OPTIONS), "cycles": ("rate", "band", "modality")}.get(segments, ())
    if others := [name for name in given if name not in allowed]:
        named = ", ".join(f"--{name}" for name in others)
        sets = "sets" if len(others) == 1 else "set"
        raise ParameterError(f"{named} {sets} how windows are cut, not {segments}: add --segments windows")
    if segments not in ("windows", "cycles"):
        return segments
    modality = given.get("modality")
    names = {"window": "length", "step": "step", "rate": "sampling_rate"}
    settings: dict[str, Any] = {names[name]: value for name, value in given.items() if name in names}
    if "band" in given:
        low, high = (float(corner) for corner in given["band"])
        settings["band"] = (low or None, high)
    first = _first_of(manifest)
    if segments == "cycles":
        cycles = CycleCutter.for_modality(modality or _cyclic(first), **settings)
        print_notes([cycles.describe()])
        return cycles
    if first is None:  # none can be read: reading them all says why
        return WindowCutter.for_modality(modality, **settings) if modality else WindowCutter(**settings)
    cutter, notes = choose_windows(first, modality, **settings)
    print_notes(notes)
    return cutter


def _cyclic(recording: Recording | None) -> str:
    """Return which cycles a recording has by its channels: breaths where all are respiration, else pulse waves."""
    from sigsimnet.channels import modality_of

    names = recording.channel_names if recording else ()
    return "resp" if names and all(modality_of(name) == "resp" for name in names) else "ppg"


def _first_of(manifest: Manifest) -> Recording | None:
    """Return the first recording of a manifest that can be read, with the channel that its row names."""
    from sigsimnet.errors import SigSimNetError

    for entry in manifest:
        try:
            recording = entry.read()
            return recording.pick(entry.channel) if entry.channel else recording
        except SigSimNetError:
            continue
    return None
