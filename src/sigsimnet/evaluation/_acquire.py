"""Recordings of a manifest, read and cut for a model that must not know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol as TypingProtocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.progress import track
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, SigSimNetError
from sigsimnet.evaluation._beside import digest_of
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, Segments, filter_by_quality

__all__ = ["Acquired", "Scorer", "load_segments"]


class Scorer(TypingProtocol):
    """What can be evaluated: a `SigSimNet`, or anything that cuts, scores, and check_leakage whom it learnt from."""

    @property
    def cutter(self) -> Cutter:
        """How segments are made."""

    def cut(self, recording: Recording, channels: Sequence[str] | str | None = None) -> Segments:
        """Return the segments of a recording."""

    def score_pairs(self, sets: Sequence[Segments], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each pair (positions in ``sets``, shape (n_pairs, 2)); higher is more alike."""

    def probability(self, score: float, prior: float = 0.5, n_segments: int | None = None) -> float | None:
        """Return the calibrated probability of *same* for sides of at least so many segments, or None."""

    def check_leakage(self, entry: Entry, recording: Recording) -> str:
        """Return how a person or a recording was part of the training; empty when it was not."""


@dataclass(frozen=True, eq=False)
class Acquired:
    """Recordings that were read and cut, and those that could not be."""

    entries: tuple[Entry, ...]
    sets: tuple[Segments, ...]
    failed: tuple[str, ...]
    digests: dict[bytes, str]
    min_good_fraction: float = 0.0
    n_low_quality: int = 0


def load_segments(
    model: Scorer, manifest: Manifest, *, min_segments: int, progress: bool, min_good_fraction: float = 0.0
) -> Acquired:
    """Read and cut every recording; refuse people and recordings that the model check_leakage.

    With a min_good_fraction, segments in poor seconds are left out; a recording that keeps too few is a failure to load_segments.

    Raises
    ------
    LeakageError
        If a person or a recording was part of the training, or two rows hold the same samples.
    ManifestError
        If nothing could be used.
    """
    manifest.check_files()
    pieces: list[Segments] = []
    used: list[Entry] = []
    failed: list[str] = []
    seen: dict[bytes, str] = {}
    n_low_quality = 0
    for entry in track(manifest, "reading", total=len(manifest), show=progress):
        try:
            recording = entry.read()
            leak = model.check_leakage(entry, recording)
            if leak:
                raise LeakageError(f"{manifest.source or 'recordings'}: {leak}; test on other people")
            segments = model.cut(recording, entry.channel or None)
            if min_good_fraction:
                segments = filter_by_quality(segments, recording, model.cutter, min_good_fraction=min_good_fraction)
        except LeakageError:
            raise
        except SigSimNetError as error:
            failed.append(str(error))
            continue
        n_low_quality += segments.n_low_quality
        if len(segments) < max(1, min_segments):
            poor = (
                f" ({segments.n_low_quality} more in poor seconds: {', '.join(segments.reject_reasons)})"
                if segments.n_low_quality
                else ""
            )
            needed = f"at least {max(1, min_segments)} are needed"
            failed.append(f"{entry.path}: {len(segments)} {segments.kind}{poor}, {needed}")
            continue
        digest = digest_of(recording)
        if digest in seen:
            raise LeakageError(
                f"{manifest.source or 'recordings'}: {entry.path} holds the same samples as {seen[digest]}; a "
                "recording compared with itself is no trial"
            )
        seen[digest] = entry.path
        pieces.append(segments)
        used.append(entry)
    if not used:
        raise ManifestError(f"{manifest.source or 'recordings'}: nothing could be used; the first says: {failed[0]}")
    return Acquired(tuple(used), tuple(pieces), tuple(failed), seen, min_good_fraction, n_low_quality)
