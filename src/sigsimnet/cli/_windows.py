"""Options of `train` and `tune` that say how windows and cycles are cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.channels import MODALITIES
from sigsimnet.cli._output import print_notes

if TYPE_CHECKING:
    from sigsimnet.datasets import Entry, Manifest
    from sigsimnet.recording import Recording
    from sigsimnet.segments import Cutter

__all__ = ["WINDOW_OPTIONS", "Band", "Modality", "Rate", "Step", "Window", "segments_of"]

# What a configuration file may say of them, by example; the types are checked against it.
WINDOW_OPTIONS: dict[str, Any] = {
    "window": 0.5,
    "step": 0.25,
    "rate": 1000.0,
    "band": [20.0, 450.0],
    "modality": "emg",
}

LOOKED_AT = 12  # recordings, to choose segments by
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


def segments_of(manifest: Manifest, segments: str, values: dict[str, Any]) -> Cutter | str:
    """Return how segments are cut from the recordings of a manifest, and say it; beats by their name.

    Parameters
    ----------
    manifest : Manifest
    segments : str
        ``"beats"``, ``"windows"``, ``"cycles"``; or ``""``: what suits the recordings.
    values : dict
        Of which `WINDOW_OPTIONS` are looked at.

    Raises
    ------
    ParameterError
        If options are given that such segments do not have, or a value is invalid.
    """
    from sigsimnet.errors import ParameterError
    from sigsimnet.segments import (
        BeatCutter,
        CycleCutter,
        WindowCutter,
        choose_segments,
        choose_windows,
        longest_stretch,
    )

    given = {name: values[name] for name in WINDOW_OPTIONS if values.get(name) is not None}
    allowed = {"": tuple(WINDOW_OPTIONS), "windows": tuple(WINDOW_OPTIONS), "cycles": ("rate", "band", "modality")}
    if others := [name for name in given if name not in allowed.get(segments, ())]:
        named = ", ".join(f"--{name}" for name in others)
        sets = "sets" if len(others) == 1 else "set"
        raise ParameterError(f"{named} {sets} how windows are cut, not {segments}: add --segments windows")
    if segments not in allowed:
        return segments
    modality = given.get("modality")
    names = {"window": "length", "step": "step", "rate": "sampling_rate"}
    settings: dict[str, Any] = {names[name]: value for name, value in given.items() if name in names}
    if "band" in given:
        low, high = (float(corner) for corner in given["band"])
        settings["band"] = (low or None, high)
    some = _some_of(manifest, LOOKED_AT if not segments else 1)
    if segments == "cycles":
        cycles = CycleCutter.for_modality(modality or _cyclic(some[0] if some else None), **settings)
        print_notes([cycles.describe()])
        return cycles
    if not some and not segments and not settings and modality is None:
        return "beats"
    if not some:  # none can be read: reading them all says why
        return WindowCutter.for_modality(modality, **settings) if modality else WindowCutter(**settings)
    cutter: Cutter
    if segments:
        cutter, notes = choose_windows(some[0], modality, **settings)
    else:
        cutter, notes = choose_segments(
            some, modality, every_length=lambda: map(longest_stretch, _readable(manifest)), **settings
        )
    if isinstance(cutter, BeatCutter):  # what is trained on says so
        return "beats"
    print_notes(notes)
    return cutter


def _cyclic(recording: Recording | None) -> str:
    """Return which cycles a recording has by its channels: breaths where all are respiration, else pulse waves."""
    from sigsimnet.channels import modality_of

    names = recording.channel_names if recording else ()
    return "resp" if names and all(modality_of(name) == "resp" for name in names) else "ppg"


def _some_of(manifest: Manifest, most: int) -> list[Recording]:
    """Return recordings that can be read, with the channel that their row names: the first, or evenly spread ones."""
    from sigsimnet._utils.sampling import evenly_spaced

    entries = list(manifest)
    if most > 1:
        entries = [entries[k] for k in evenly_spaced(len(entries), most)]
    return list(islice(_readable(entries), most))


def _readable(entries: Iterable[Entry]) -> Iterator[Recording]:
    """Yield the recordings that can be read, with the channel that their row names."""
    from sigsimnet.errors import SigSimNetError

    for entry in entries:
        try:
            recording = entry.read()
            yield recording.pick(entry.channel) if entry.channel else recording
        except SigSimNetError:
            continue
