"""From recordings to what the loop trains on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.progress import track
from sigsimnet.channels import ecg_channels
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import ManifestError, ParameterError, SignalError, SigSimNetError
from sigsimnet.model._card import fingerprint_of
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, Segments, check_min_good_fraction, filter_by_quality
from sigsimnet.training import TrainingData

__all__ = ["RELATIONS", "Prepared", "channels_for", "prepare"]

RELATIONS = ("subject", "label", "recording", "view")


@dataclass(frozen=True, eq=False)
class Prepared:
    """Segments of a manifest, ready for training."""

    data: TrainingData
    quality: NDArray[np.float64]
    channels: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    fingerprints: tuple[str, ...]
    skipped: tuple[str, ...]
    leads: tuple[str, ...] = ()
    n_low_quality: int = 0

    @property
    def lead_of_segment(self) -> NDArray[np.int64]:
        """Return the number of the lead that each segment was cut from: alike for recordings of equal channel names."""
        return _numbers(list(self.leads))[self.data.recordings]


def channels_for(recording: Recording, kind: str, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the channels that segments are cut from.

    Beats come from one ECG channel, the first by name; windows from all channels; unless some were asked for.
    """
    if wanted:
        for name in wanted:
            recording.channel_index(name)
        return wanted
    return ecg_channels(recording)[:1] if kind == "beats" else recording.channel_names


def prepare(
    manifest: Manifest,
    cutter: Cutter,
    *,
    same: str,
    channels: tuple[str, ...] | None,
    min_good_fraction: float = 0.0,
    progress: bool = False,
) -> Prepared:
    """Cut every recording of a manifest, leave out what lies in poor seconds, and number what is the same.

    Raises
    ------
    ParameterError
        If ``same`` is not a known relation.
    ManifestError
        If a row does not say what ``same`` needs, or no recording could be used.
    SignalError
        If recordings have unlike numbers of channels.
    """
    if same not in RELATIONS:
        raise ParameterError(f"unknown relation same={same!r} (known: {', '.join(RELATIONS)})")
    check_min_good_fraction(min_good_fraction)
    if same in ("subject", "label"):
        manifest.need(same)
    manifest.check_files()
    pieces: list[Segments] = []
    agreed: tuple[str, ...] = ()
    used: list[Entry] = []
    prints: list[str] = []
    skipped: list[str] = []
    n_low_quality = 0
    for entry in track(manifest, "reading", total=len(manifest), show=progress):
        try:
            recording = entry.read()
            names = channels_for(recording, cutter.kind, (entry.channel,) if entry.channel else channels or agreed)
            chosen = recording.pick(list(names))
            segments = cutter.cut(chosen)
            whole = len(segments)
            segments = filter_by_quality(segments, chosen, cutter, min_good_fraction=min_good_fraction)
            n_low_quality += segments.n_low_quality
        except SigSimNetError as error:
            skipped.append(_without_folder(str(error), entry.path))
            continue
        if not len(segments):
            why = f" ({', '.join(segments.reject_reasons)})" if segments.reject_reasons else ""
            none = f"all {whole} {cutter.kind} lie in poor seconds{why}" if whole else f"no {cutter.kind} found"
            skipped.append(f"{Path(entry.path).name}: {none}")
            continue
        if len(names) > 1:
            agreed = names  # the first recording sets which channels, and in which order
        pieces.append(segments)
        used.append(entry)
        prints.append(fingerprint_of(recording))
    if not pieces:
        raise ManifestError(f"{manifest.source or 'recordings'}: nothing could be used; the first says: {skipped[0]}")
    counts = {len(p.channel_names) for p in pieces}
    if len(counts) > 1:
        raise SignalError(f"recordings have {min(counts)} to {max(counts)} channels: name those to use with channels=…")
    lengths = [len(p) for p in pieces]
    # Views of a segment are made while training; validation and calibration ask for the recording.
    what = {"subject": [e.person for e in used], "label": [e.label for e in used]}
    label = _numbers(what.get(same, [e.path for e in used]))
    # Without a subject a recording is its own group: nothing else can be told apart.
    group = _numbers([e.person or f"recording:{e.path}" for e in used])
    data = TrainingData(
        np.concatenate([p.data for p in pieces]),
        np.repeat(label, lengths),
        np.repeat(group, lengths),
        np.repeat(np.arange(len(used)), lengths),
    )
    return Prepared(
        data=data,
        quality=np.concatenate([p.quality for p in pieces]),
        channels=pieces[0].channel_names,
        people=tuple((e.subject, e.database) for e in used),
        fingerprints=tuple(prints),
        skipped=tuple(skipped),
        leads=tuple("+".join(p.channel_names) for p in pieces),
        n_low_quality=n_low_quality,
    )


def _without_folder(message: str, path: str) -> str:
    """Return a message with the bare name of a file: where it lay is nobody's business who gets the model."""
    return message.replace(path, Path(path).name)


def _numbers(names: list[str]) -> NDArray[np.int64]:
    _, numbers = np.unique(np.asarray(names), return_inverse=True)
    return numbers.astype(np.int64)
