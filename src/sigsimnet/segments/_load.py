"""Recordings of a table, read and cut one after another; what cannot be used is listed with the reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sigsimnet._utils.progress import track
from sigsimnet._utils.text import shorten_list
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, SigSimNetError
from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._empty import why_no_segments
from sigsimnet.segments._left_out import UNUSABLE, LeftOut, Row
from sigsimnet.segments._quality_filter import check_min_good_fraction, cut_by_quality
from sigsimnet.segments._segments import Segments

Cut = Callable[[Recording, float], tuple[Segments, Segments]]
ChannelsOf = Callable[[Recording, Entry, Sequence[Segments]], tuple[str, ...]]

__all__ = ["Cut", "LoadedSegments", "fingerprint_of", "load_segments"]


@dataclass(frozen=True, eq=False)
class LoadedSegments:
    """Segments of the recordings that could be used, and the reasons why others could not.

    Attributes
    ----------
    entries : tuple of Entry
        Rows that were used.
    sets : tuple of Segments
        Segments of each row.
    fingerprints : tuple of str
        Digest of the samples of each row's recording (`fingerprint_of`).
    file_fingerprints : tuple of str
        The same of the whole file, where a row is an interval of one.
    skipped : tuple of str
        A sentence for each row that could not be used.
    min_good_fraction : float
        Segments with a smaller fraction of good seconds were left out.
    n_low_quality : int
        Segments that were left out for that, in all rows.
    left_out : LeftOut
        Recordings and segments that were left out, with the reasons: `LeftOut.sentences` says it.

    Examples
    --------
    >>> LoadedSegments((), (), (), (), (), 0.5, 0).n_low_quality
    0
    """

    entries: tuple[Entry, ...]
    sets: tuple[Segments, ...]
    fingerprints: tuple[str, ...]
    file_fingerprints: tuple[str, ...]
    skipped: tuple[str, ...]
    min_good_fraction: float
    n_low_quality: int
    left_out: LeftOut = field(default_factory=LeftOut)

    def sentences(self) -> tuple[str, ...]:
        """Return what was left out, and which recordings lack channels, in sentences."""
        lacking = Counter(name for one in self.sets for name in one.missing_channels)
        if not lacking:
            return self.left_out.sentences()
        n = sum(bool(one.missing_channels) for one in self.sets)
        names = shorten_list([f"{name} in {count}" for name, count in lacking.most_common()], 6)
        return (*self.left_out.sentences(), f"{n} of {len(self.sets)} recordings lack channels: {names}")


def fingerprint_of(recording: Recording) -> str:
    """Return a digest of a recording's samples: equal for equal samples, whatever the name of the file.

    Examples
    --------
    >>> fingerprint_of(Recording([1.0, 2.0], 1)) == fingerprint_of(Recording([1.0, 2.0], 1, source="b.csv"))
    True
    """
    return hashlib.sha256(recording.data.tobytes()).hexdigest()[:16]


def load_segments(
    manifest: Manifest,
    cutter: Cutter,
    channels_of: ChannelsOf,
    *,
    cut: Cut | None = None,
    min_segments: int = 1,
    min_good_fraction: float = 0.0,
    check: Callable[[Entry, str], None] | None = None,
    progress: bool = False,
) -> LoadedSegments:
    """Read and cut every recording of a manifest, each once.

    Parameters
    ----------
    manifest : Manifest
    cutter : Cutter
    channels_of : callable
        Returns the channels to cut from, of a recording, its row, and the segments of the rows before.
    cut : callable, optional
        Returns all and the good segments of a recording of these channels and ``min_good_fraction``, instead of
        `cut_by_quality` with the cutter.
    min_segments : int, default 1
        A recording with fewer segments is skipped.
    min_good_fraction : float, default 0
        Share of a segment that must lie in seconds of good quality (`filter_by_quality`); 0 keeps all.
    check : callable, optional
        Called with each row and the fingerprint of its recording, and of the whole file where the row is an interval
        of one; a LeakageError that it raises ends the loading.
    progress : bool, default False
        Show a bar on a terminal.

    Raises
    ------
    ManifestError
        If a file is missing, or no recording could be used.
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.segments import BeatCutter
    >>> found = load_segments(Manifest.of(simulate(2, 1, duration=10)), BeatCutter(), lambda r, *_: r.channel_names[:1])
    >>> [len(segments) > 5 for segments in found.sets], found.skipped
    ([True, True], ())
    """
    check_min_good_fraction(min_good_fraction)
    manifest.check_files()
    sets: list[Segments] = []
    entries: list[Entry] = []
    fingerprints: list[str] = []
    of_file: dict[str, str] = {}
    file_fingerprints: list[str] = []
    skipped: list[str] = []
    rows: list[Row] = []
    n_low_quality, n_cut, kind = 0, 0, "segments"
    for entry in track(manifest, "reading", total=len(manifest), show=progress):
        try:
            recording = entry.read()
            fingerprint = fingerprint_of(recording)
            whole = fingerprint
            if entry.is_part:
                whole = of_file.setdefault(entry.path, "") or fingerprint_of(entry.read_whole())
                of_file[entry.path] = whole
            for digest in dict.fromkeys((fingerprint, whole)):
                if check is not None:
                    check(entry, digest)
            chosen = recording.pick(list(channels_of(recording, entry, sets)))
            if cut is None:
                _, segments = cut_by_quality(chosen, cutter, min_good_fraction=min_good_fraction)
            else:
                _, segments = cut(chosen, min_good_fraction)
        except LeakageError:
            raise
        except SigSimNetError as error:
            skipped.append(str(error))
            rows.append(Row(entry.name, (UNUSABLE,), 0, dropped=True))
            continue
        n_low_quality += segments.n_low_quality
        n_cut += len(segments) + segments.n_low_quality
        kind = segments.kind
        few = len(segments) < max(1, min_segments)
        if few or segments.n_low_quality:
            why = segments.reject_reasons or (
                f"fewer than {min_segments} {kind}" if min_segments > 1 else f"no {kind}",
            )
            rows.append(Row(entry.name, why, segments.n_low_quality, dropped=few))
        if few:
            skipped.append(_too_few(entry, segments, max(1, min_segments), why_no_segments(chosen, segments, cutter)))
            continue
        sets.append(segments)
        entries.append(entry)
        fingerprints.append(fingerprint)
        file_fingerprints.append(whole)
    if not entries:
        counts = "; ".join(LeftOut(len(manifest), n_cut, kind, tuple(rows)).sentences())
        raise ManifestError(
            f"{manifest.source or 'recordings'}: nothing could be used; the first says: {skipped[0]} ({counts})"
        )
    return LoadedSegments(
        tuple(entries),
        tuple(sets),
        tuple(fingerprints),
        tuple(file_fingerprints),
        tuple(skipped),
        min_good_fraction,
        n_low_quality,
        LeftOut(len(manifest), n_cut, kind, tuple(rows)),
    )


def _too_few(entry: Entry, segments: Segments, needed: int, why_none: str) -> str:
    """Return why a recording was skipped that has fewer segments than are needed."""
    if not len(segments) and not segments.n_low_quality:
        return f"{entry.name}: {why_none}"
    reasons = f" ({', '.join(segments.reject_reasons)})" if segments.reject_reasons else ""
    if not len(segments):
        return f"{entry.name}: all {segments.n_low_quality} {segments.kind} lie in seconds of low quality{reasons}"
    low = f"; {segments.n_low_quality} more lie in seconds of low quality{reasons}" if segments.n_low_quality else ""
    return f"{entry.name}: {len(segments)} {segments.kind}, at least {needed} are needed{low}"
