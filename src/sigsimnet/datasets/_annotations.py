"""Annotations of a recording as rows of a manifest: labelled intervals of a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from sigsimnet._utils.checks import check_number, items_of
from sigsimnet._utils.text import shorten_list
from sigsimnet.datasets._entry import Entry
from sigsimnet.datasets._manifest import Manifest
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.io import RecordingLike, as_recording
from sigsimnet.recording import Annotation, Recording

__all__ = ["rows_from_annotations"]


def rows_from_annotations(
    recording: RecordingLike,
    *,
    duration: float | None = None,
    until_next: bool = False,
    labels: Sequence[str] | Mapping[str, str | None] | None = None,
    subject: str = "",
    session: str = "",
    split: str = "",
    channel: str = "",
    database: str = "",
    sampling_rate: float | None = None,
) -> Manifest:
    """Return a manifest with a row for each annotation: an interval of the recording, labelled as the annotation says.

    An annotation with a duration becomes the interval from its start to its end. One without, a point, becomes one as
    ``duration`` or ``until_next`` says. Parts end with the recording, and may hold pauses.

    Parameters
    ----------
    recording : path, Recording, or what `sigsimnet.as_recording` makes one of
        Rows of a path name the file, and can be written with `Manifest.to_csv`; others hold the recording.
    duration : float, optional
        In s: length of the interval that begins at a point.
    until_next : bool, default False
        A point states a condition that lasts until the next annotation that counts, or the end of the recording.
    labels : sequence of str, or mapping of str to str or None, optional
        Annotations that count, all by default. A mapping renames them; None ends a condition without beginning a row.
    subject, session, split, channel, database : str
        Of every row. Annotations of one channel keep theirs; ``subject`` and ``session`` are taken from the metadata
        when left out.
    sampling_rate : float, optional
        In Hz, for files that do not say.

    Raises
    ------
    ManifestError
        If no annotation counts, or some are points and nothing says how long they last.
    ParameterError
        If the duration is not positive, both ways to end a point are given, or what was passed makes no recording.
    ReadError
        If the file cannot be read.

    Examples
    --------
    >>> marks = [Annotation(0, "rest", 2.0), Annotation(100, "walk", 1.0)]
    >>> recording = Recording(range(200), 50, annotations=marks, source="a.csv")
    >>> [(row.label, row.start, row.stop) for row in rows_from_annotations(recording)]
    [('rest', 0.0, 2.0), ('walk', 2.0, 3.0)]
    >>> points = [Annotation(0, "(AFIB"), Annotation(100, "(N"), Annotation(150, "(AFIB")]
    >>> rhythm = recording.replace(annotations=points)
    >>> found = rows_from_annotations(rhythm, until_next=True, labels={"(AFIB": "afib", "(N": None})
    >>> [(row.label, row.start, row.stop) for row in found]
    [('afib', 0.0, 2.0), ('afib', 3.0, 4.0)]
    """
    if duration is not None and until_next:
        raise ParameterError("duration= and until_next=True both say where a point ends: give one of them")
    if duration is not None:
        check_number(duration, "duration", "s", above=0)
    names = _names(labels)
    whole = as_recording(recording, sampling_rate=sampling_rate)
    marks = [mark for mark in whole.annotations if names is None or mark.label in names]
    marks.sort(key=lambda mark: mark.sample)
    _check(whole, marks, given=names, points_last=until_next or duration is not None)
    path = os.fspath(recording) if isinstance(recording, str | os.PathLike) else ""
    begins = whole.time_of([mark.sample for mark in marks])
    last = whole.spans[-1]
    end = last.time + (last.stop - last.start) / whole.sampling_rate
    following = np.append(begins, end)[np.searchsorted(begins, begins, side="right")]
    entries = []
    for mark, begin, after in zip(marks, begins.tolist(), following.tolist(), strict=True):
        label = mark.label if names is None else names[mark.label]
        stop = after if duration is None else begin + duration
        stop = min(begin + mark.duration if mark.duration > 0 else stop, end)
        if label is None or stop <= begin:
            continue
        entries.append(
            Entry(
                path=path or whole.source or "recording",
                subject=subject or str(whole.metadata.get("subject", "")),
                session=session or str(whole.metadata.get("session", "")),
                label=label,
                split=split,
                channel=mark.channel or channel,
                sampling_rate=sampling_rate,
                database=database,
                start=begin,
                stop=stop,
                recording=None if path else whole,
            )
        )
    if not entries:
        raise ManifestError(f"{_where(whole)}: its annotations have no length")
    return Manifest(tuple(entries), path)


def _names(labels: Sequence[str] | Mapping[str, str | None] | None) -> Mapping[str, str | None] | None:
    if labels is None or isinstance(labels, Mapping):
        return labels
    return {name: name for name in ([labels] if isinstance(labels, str) else items_of(labels, str, "labels"))}


def _where(recording: Recording) -> str:
    return recording.source or "recording"


def _check(
    recording: Recording, marks: Sequence[Annotation], *, given: Mapping[str, str | None] | None, points_last: bool
) -> None:
    if not marks:
        counts = Counter(mark.label for mark in recording.annotations)
        there = shorten_list(counts, 12) or "none"
        wanted = f" called {shorten_list(given)}" if given is not None else ""
        raise ManifestError(f"{_where(recording)}: no annotation{wanted} (there are: {there})")
    points = [mark for mark in marks if not mark.duration > 0]
    if points and not points_last:
        raise ManifestError(
            f"{_where(recording)}: {len(points):,} of {len(marks):,} annotations are points without a duration "
            f"({shorten_list(dict.fromkeys(mark.label for mark in points))}): pass duration= in s, until_next=True, or "
            "labels= of those wanted"
        )
