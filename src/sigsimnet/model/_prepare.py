"""From recordings to labelled segments: what training and calibration learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.model._channels import channels_for, with_channels
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, LabelledSegments, Segments, cut_by_quality, load_segments

__all__ = ["RELATIONS", "Prepared", "prepare"]

RELATIONS = ("subject", "label", "recording", "view")


@dataclass(frozen=True, eq=False)
class Prepared:
    """Segments of a manifest, ready for training."""

    data: LabelledSegments
    quality: NDArray[np.float64]
    channels: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    fingerprints: tuple[str, ...]
    file_fingerprints: tuple[str, ...]
    skipped: tuple[str, ...]
    leads: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    n_low_quality: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def digests(self) -> set[str]:
        """Digests of the recordings, and of the files that they are intervals of."""
        return {*self.fingerprints, *self.file_fingerprints}

    @property
    def lead_of_segment(self) -> NDArray[np.int64]:
        """Return the number of the lead that each segment was cut from: alike for recordings of equal channel names."""
        return _numbers(list(self.leads))[self.data.recordings]


def prepare(
    manifest: Manifest,
    cutter: Cutter,
    *,
    same: str,
    channels: Sequence[str] | None,
    min_good_fraction: float = 0.0,
    check: Callable[[Entry, str], None] | None = None,
    progress: bool = False,
) -> Prepared:
    """Cut every recording of a manifest, leave out segments of low quality, and number what is the same.

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
    if same in ("subject", "label"):
        manifest.need(same)

    def channels_of(recording: Recording, entry: Entry, used: Sequence[Segments]) -> tuple[str, ...]:
        # The first recording sets which channels, and in which order.
        agreed = next((names for one in used if len(names := one.channels_cut(cutter)) > 1), ())
        return channels_for(recording, cutter, (entry.channel,) if entry.channel else channels or agreed)

    first: list[tuple[str, ...]] = [tuple(channels)] if channels else []

    def cut(recording: Recording, least: float) -> tuple[Segments, Segments]:
        every, good = cut_by_quality(recording, cutter, min_good_fraction=least)
        if not first and len(good):
            first.append(good.channels_cut(cutter))
        wanted = first[0] if first and recording.n_channels > 1 else None
        return with_channels(every, wanted), with_channels(good, wanted)

    loaded = load_segments(
        manifest, cutter, channels_of, cut=cut, min_good_fraction=min_good_fraction, check=check, progress=progress
    )
    counts = {len(one.channel_names) for one in loaded.sets}
    if len(counts) > 1:
        raise SignalError(f"recordings have {min(counts)} to {max(counts)} channels: name those to use with channels=…")
    lengths = [len(one) for one in loaded.sets]
    rows = loaded.entries
    # Views of a segment are made while training; validation and calibration ask for the recording.
    what = {"subject": [e.person for e in rows], "label": [e.label for e in rows]}
    label = _numbers(what.get(same, [e.path for e in rows]))
    # Without a subject a recording is its own group: nothing else can be distinguished.
    group = _numbers([e.person or f"recording:{e.path}" for e in rows])
    data = LabelledSegments(
        np.concatenate([one.data for one in loaded.sets]),
        np.repeat(label, lengths),
        np.repeat(group, lengths),
        np.repeat(np.arange(len(rows)), lengths),
    )
    paths = [entry.path for entry in manifest]
    return Prepared(
        data=data,
        quality=np.concatenate([one.quality for one in loaded.sets]),
        channels=loaded.sets[0].channel_names,
        people=tuple((e.subject, e.database) for e in rows),
        fingerprints=loaded.fingerprints,
        file_fingerprints=loaded.file_fingerprints,
        skipped=tuple(_without_folder(message, paths) for message in loaded.skipped),
        labels=tuple(entry.label for entry in rows),
        leads=tuple("+".join(one.channel_names) for one in loaded.sets),
        n_low_quality=loaded.n_low_quality,
        left_out=loaded.sentences(),
    )


def _without_folder(message: str, paths: Sequence[str]) -> str:
    """Return a message with the bare name of its file: where it lay is nobody's business who gets the model."""
    path = max((path for path in paths if message.startswith(path)), key=len, default="")
    return Path(path).name + message.removeprefix(path) if path else message


def _numbers(names: list[str]) -> NDArray[np.int64]:
    _, numbers = np.unique(np.asarray(names), return_inverse=True)
    return numbers.astype(np.int64)
