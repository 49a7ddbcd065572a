"""Near-duplicates of an index: recordings that hold the same beats at the same times of each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.progress import track
from sigsimnet.archive._search import about_recordings, matrix_of, templates_of
from sigsimnet.archive._store import SCALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sigsimnet.archive._store import Store

__all__ = ["DUPLICATE_ROW", "NearDuplicate", "near_duplicates"]

DUPLICATE_ROW = ("a", "b", "b begins in a at", "same beats", "likeness", "person")
"""Columns of `NearDuplicate.row`."""
LEAST = 10  # beats in common
ALIKE = 0.7  # cosine of two recordings' templates, from which their beats are looked at
SAME = 0.9  # mean cosine of the beats in common
SHARE = 0.8  # of the beats in the time that two recordings share
NEAR = 0.015  # s between two beats that are the same one: detectors move by a sample or two of a copy
RUN = 6  # intervals from beat to beat by which a place is found again
BLOCK = 1000  # recordings that are compared at a time


@dataclass(frozen=True)
class NearDuplicate:
    """Two recordings of an index that hold the same signal, in whole or in part.

    Attributes
    ----------
    path_a, path_b : str
    subject_a, subject_b : str
    offset : float
        Where the first sample of b lies in a, in s; negative where b begins before a.
    n_beats : int
        Beats that both have at the same time.
    share : float
        Of the beats in the time that both cover, 0–1.
    likeness : float
        Mean cosine of the beats that both have.

    Examples
    --------
    >>> NearDuplicate("a.csv", "b.csv", "anna", "bo", 12.0, 40, 1.0, 0.999).row()[2:4]
    ('12.00 s', '40 (100 %)')
    """

    path_a: str
    path_b: str
    subject_a: str
    subject_b: str
    offset: float
    n_beats: int
    share: float
    likeness: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {name: to_jsonable(value) for name, value in asdict(self).items()}

    def row(self) -> tuple[str, ...]:
        """Return a line of text (`DUPLICATE_ROW`)."""
        same = self.subject_a == self.subject_b
        return (
            self.path_a,
            self.path_b,
            f"{self.offset:.2f} s",
            f"{self.n_beats} ({100 * self.share:.0f} %)",
            f"{self.likeness:.3f}",
            self.subject_a if same else f"{self.subject_a} and {self.subject_b}",
        )


def near_duplicates(store: Store, wanted: Sequence[int], *, progress: bool) -> list[NearDuplicate]:
    """Return pairs of recordings of which a stretch of ten beats at least is the same.

    Recordings whose templates are alike are laid over each other where a run of intervals from beat to beat is the
    same; they are near-duplicates where 80 % of the beats in the time that both cover coincide within 15 ms, and these
    look alike. So a copy is found whatever it is called, whosever it is said to be, at another sampling rate or gain,
    cut shorter, or with noise; another recording of the same person is not, as no two stretches have the same rhythm. A
    pacemaker's steady rhythm is the exception.
    """
    pairs = _alike(store, wanted)
    about = about_recordings(store, sorted({n for pair in pairs for n in pair}))
    found = []
    beats_of = lru_cache(BLOCK)(partial(_beats_of, store))
    for a, b in track(pairs, "comparing", total=len(pairs), show=progress):
        of_a, of_b = beats_of(a), beats_of(b)
        lead = max(of_a.keys() & of_b.keys(), key=lambda lead: (min(len(of_a[lead][0]), len(of_b[lead][0])), lead))
        same = _in_common(*of_a[lead], *of_b[lead])
        if same is not None:
            offset, n, share, likeness = same
            one, other = about[a], about[b]
            found.append(
                NearDuplicate(one["path"], other["path"], one["person"], other["person"], offset, n, share, likeness)
            )
    return sorted(found, key=lambda pair: (-pair.n_beats * pair.share, pair.path_a, pair.path_b))


def _alike(store: Store, wanted: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of recordings whose templates are alike in a lead that both have."""
    templates = templates_of(store, wanted)
    leads: dict[str, list[tuple[int, NDArray[np.float32]]]] = {}
    for number, template in templates.items():
        for lead, vector in zip(template.leads, template.vectors, strict=True):
            leads.setdefault(lead, []).append((number, vector))
    found: set[tuple[int, int]] = set()
    for items in leads.values():
        numbers = np.array([number for number, _ in items])
        vectors = np.stack([vector for _, vector in items])
        for first in range(0, len(numbers), BLOCK):
            cosines = vectors[first : first + BLOCK] @ vectors[first:].T
            rows, columns = np.nonzero(np.triu(cosines > ALIKE, 1))
            found.update((int(numbers[first + i]), int(numbers[first + j])) for i, j in zip(rows, columns, strict=True))
    return sorted(found)


def _beats_of(store: Store, number: int) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float32]]]:
    """Return times and vectors of a recording's beats, by lead."""
    rows = store.table("beat", "recording = ?", [number])
    leads, times, vectors = np.array(rows["lead"].to_pylist()), np.asarray(rows["time"]), matrix_of(rows["vector"])
    order = np.argsort(times, kind="stable")
    by_lead = {str(lead): order[leads[order] == lead] for lead in np.unique(leads)}
    return {lead: (times[mine], vectors[mine] / np.float32(SCALE)) for lead, mine in by_lead.items()}


def _in_common(
    a: NDArray[np.float64], x: NDArray[np.float32], b: NDArray[np.float64], y: NDArray[np.float32]
) -> tuple[float, int, float, float] | None:
    """Return where b lies in a, how many beats they have in common, their share and likeness; None if they do not."""
    if min(len(a), len(b)) < LEAST:
        return None
    runs_a, runs_b = (np.lib.stride_tricks.sliding_window_view(np.diff(one), RUN) for one in (a, b))
    _, nearest = cKDTree(runs_a).query(runs_b, k=min(5, len(runs_a)), p=np.inf, distance_upper_bound=NEAR)
    of_b, rank = np.nonzero(nearest.reshape(len(runs_b), -1) < len(runs_a))
    if not len(of_b):
        return None
    offsets = a[nearest.reshape(len(runs_b), -1)[of_b, rank]] - b[of_b]
    bins, votes = np.unique(np.round(offsets / NEAR).astype(np.int64), return_counts=True)
    best: tuple[float, int, float, float] | None = None
    for one in bins[np.argsort(-votes, kind="stable")[:5]]:
        offset = float(np.median(offsets[np.abs(offsets / NEAR - one) <= 1.0]))
        moved = b + offset
        place = np.clip(np.searchsorted(a, moved), 1, len(a) - 1)
        place -= moved - a[place - 1] < a[place] - moved
        same = np.abs(a[place] - moved) <= NEAR
        begin, end = max(a[0], moved[0]) - NEAR, min(a[-1], moved[-1]) + NEAR
        covered = max(int(((a >= begin) & (a <= end)).sum()), int(((moved >= begin) & (moved <= end)).sum()), 1)
        n = int(same.sum())
        if n < LEAST or n / covered < SHARE:
            continue
        likeness = float(np.mean(np.sum(x[place[same]] * y[same], axis=1)))
        if likeness >= SAME and (best is None or n > best[1]):
            best = (offset, n, min(n / covered, 1.0), likeness)
    return best
