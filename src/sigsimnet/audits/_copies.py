"""The same samples in two files: whole, cut, rescaled, resampled, upside down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.audits._finding import Finding
from sigsimnet.comparison import same_samples
from sigsimnet.errors import SigSimNetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.audits._seen import Seen
    from sigsimnet.recording import Recording

__all__ = ["findings_of_copies"]

NEIGHBOURS = 6  # of each recording and lead that are looked at more closely
ALIKE = 0.85  # score below which nobody's copy lies
_MATCH, _SHARE = 0.02, 0.6  # s and share of the beats that lie at one lag
_ALL_PAIRS = 60  # recordings without beats, of which all pairs are tried
_CHUNK = 1024

Reader = Callable[["Seen"], "Recording | None"]


def findings_of_copies(seen: Sequence[Seen], read: Reader) -> tuple[list[Finding], list[str]]:
    """Return pairs that hold the same samples, and what could not be looked for.

    Files with equal samples are found whatever they are. Parts and copies at another scale, rate or sign are looked
    for among the nearest neighbours by embedding whose beats come at the same intervals; of recordings without beats
    among all, where they are few. Each is then checked sample by sample (`sigsimnet.comparison.same_samples`).
    """
    found: list[Finding] = []
    copied: set[int] = set()
    by_digest: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(seen):
        if one.digest:
            by_digest[one.digest].append(place)
    for places in by_digest.values():
        first = places[0]
        for other in places[1:]:
            copied.add(other)
            found.append(_finding(seen[first], seen[other], "same file", "the samples are the same", 1.0))
    for first, other in sorted(_neighbours(seen)):
        if first in copied or other in copied or not _beats_agree(seen[first], seen[other]):
            continue
        if finding := _checked(seen[first], seen[other], read):
            found.append(finding)
    bare = [place for place, one in enumerate(seen) if one.template is None and one.digest and place not in copied]
    notes = []
    if len(bare) <= _ALL_PAIRS:
        for k, first in enumerate(bare):
            for other in bare[k + 1 :]:
                found += [finding for finding in [_checked(seen[first], seen[other], read)] if finding]
    else:
        notes.append(
            f"{len(bare)} recordings have no heart beats: copies of them are found only where all samples are the same"
        )
    return found, notes


def _finding(a: Seen, b: Seen, kind: str, what: str, confidence: float) -> Finding:
    if a.person and b.person and a.person != b.person:
        what = f"{what}; they are filed under {a.person} and {b.person}"
    return Finding(kind, b.name, confidence, what, b.person, other=a.name)


def _checked(a: Seen, b: Seen, read: Reader) -> Finding | None:
    one, other = read(a), read(b)
    if one is None or other is None:
        return None
    for names in _pairs_of_channels(a, b):
        try:
            alike = same_samples(one, other, names)
        except SigSimNetError:
            alike = None
        if alike is not None:
            what = (
                alike.in_words().replace("A and B hold", f"{a.name} (A) and this file (B) hold").partition(": they")[0]
            )
            return _finding(a, b, "same samples", f"channel {names[1]}: {what}", float(alike.share))
        if a.template is not None:
            return None  # one channel tells
    return None


def _pairs_of_channels(a: Seen, b: Seen) -> list[tuple[str, str]]:
    common = [name for name in a.channels if name in b.channels]
    if common:
        return [(name, name) for name in common[:2]]
    return [(a.channels[0], b.channels[0])] if a.channels and b.channels else []


def _neighbours(seen: Sequence[Seen]) -> set[tuple[int, int]]:
    """Return pairs of places whose templates of some lead are near, also with one of them turned over."""
    rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, one in enumerate(seen):
        if one.template is not None:
            for k, lead in enumerate(one.template.leads[:2]):
                rows[lead].append((place, k))
    pairs: set[tuple[int, int]] = set()
    for own in rows.values():
        if len(own) < 2:
            continue
        places = np.array([place for place, _ in own])
        upright = np.stack([seen[place].template.vectors[k] for place, k in own])  # type: ignore[union-attr]
        turned = np.stack([_turned(seen[place], k) for place, k in own])
        for begin in range(0, len(own), _CHUNK):
            for other in (upright, turned):
                pairs |= _nearest(upright[begin : begin + _CHUNK] @ other.T, begin, places)
    return pairs


def _turned(one: Seen, k: int) -> NDArray[np.float32]:
    template, turned = one.template, one.turned
    if template is None or turned is None or template.leads[k] not in turned.leads:
        return np.zeros(0 if template is None else template.vectors.shape[1], dtype=np.float32)
    found: NDArray[np.float32] = turned.vectors[turned.leads.index(template.leads[k])]
    return found


def _nearest(scores: NDArray[np.float32], begin: int, places: NDArray[np.int64]) -> set[tuple[int, int]]:
    rows = np.arange(len(scores))
    scores[rows, begin + rows] = -1.0
    most = min(NEIGHBOURS, scores.shape[1] - 1)
    best = np.argpartition(-scores, most - 1, axis=1)[:, :most]
    found = set()
    for row in rows.tolist():
        for column in best[row].tolist():
            if scores[row, column] >= ALIKE and places[begin + row] != places[column]:
                one, other = sorted((int(places[begin + row]), int(places[column])))
                found.add((one, other))
    return found


def _beats_agree(a: Seen, b: Seen) -> bool:
    """Return whether most beats of the shorter recording come, at one lag, when beats of the other do."""
    short, long = sorted((a.beats, b.beats), key=len)
    if len(short) < 3:
        return True
    few = short[:: max(1, len(short) // 40)]
    order = np.sort((long[:, None] - few[None, :]).ravel())
    within = np.searchsorted(order, order + 2 * _MATCH, side="right") - np.arange(len(order))
    return int(within.max()) >= _SHARE * len(few)
