"""Options of `train` and `tune` that say how windows are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.channels import MODALITIES
from sigsimnet.cli._output import print_notes

if TYPE_CHECKING:
    from sigsimnet.datasets import Manifest
    from sigsimnet.recording import Recording
    from sigsimnet.segments import WindowCutter

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


def windows_of(manifest: Manifest, segments: str, values: dict[str, Any]) -> WindowCutter | str:
    """Return how windows are cut from the recordings of a manifest, and say it; other segments by their name.

    Parameters
    ----------
    manifest : Manifest
    segments : str
        ``"beats"`` or ``"windows"``.
    values : dict
        Of which `WINDOW_OPTIONS` are looked at.

    Raises
    ------
    ParameterError
        If options of windows are given for other segments, or a value is invalid.
    """
    from sigsimnet.errors import ParameterError
    from sigsimnet.segments import WindowCutter, choose_windows

    given = {name: values[name] for name in WINDOW_OPTIONS if values.get(name) is not None}
    if segments != "windows":
        if given:
            named = ", ".join(f"--{name}" for name in given)
            sets = "sets" if len(given) == 1 else "set"
            raise ParameterError(f"{named} {sets} how windows are cut, not {segments}: add --segments windows")
        return segments
    modality = given.get("modality")
    names = {"window": "length", "step": "step", "rate": "sampling_rate"}
    settings: dict[str, Any] = {names[name]: value for name, value in given.items() if name in names}
    if "band" in given:
        low, high = (float(corner) for corner in given["band"])
        settings["band"] = (low or None, high)
    first = _first_of(manifest)
    if first is None:  # none can be read: reading them all says why
        return WindowCutter.for_modality(modality, **settings) if modality else WindowCutter(**settings)
    cutter, notes = choose_windows(first, modality, **settings)
    print_notes(notes)
    return cutter


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
