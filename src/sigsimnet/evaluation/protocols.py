"""Protocols: what is compared with what, as objects that cannot leak."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.registry import Registry
from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError, UnknownNameError
from sigsimnet.evaluation.sessions import recording_order, session_keys
from sigsimnet.evaluation.trials import Trials, cross_record_trials
from sigsimnet.model import Embedded
from sigsimnet.segments import Segments, fuse_segments

__all__ = [
    "PROTOCOLS",
    "BeatAgainstBeat",
    "CrossRecord",
    "CrossSession",
    "CrossState",
    "Items",
    "Protocol",
    "SameRecord",
    "protocol_named",
]

Gallery = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Items:
    """What a protocol compares: recordings, several recordings of a person as one enrolment, or some segments of one.

    Attributes
    ----------
    sets : tuple of Embedded
        Segments of each item, with their embeddings.
    rows : tuple of tuple of Entry
        Rows of the table that each item comes from: several for a fused enrolment.
    whole : bool
        Whether items hold all segments of their recordings.
    n_enrolments : int
        The first so many items are enrolments and the others probes; 0 where any item can be either.
    """

    sets: tuple[Embedded, ...]
    rows: tuple[tuple[Entry, ...], ...]
    whole: bool = True
    n_enrolments: int = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The (first) row of each item."""
        return tuple(rows[0] for rows in self.rows)

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of each item; those of a fused enrolment with `` + `` between."""
        return tuple(" + ".join(row.path for row in rows) for rows in self.rows)

    @property
    def segments(self) -> tuple[Segments, ...]:
        """The segments of each item."""
        return tuple(one.segments for one in self.sets)

    def of_recordings(self, cut: Mapping[int, Segments]) -> tuple[Segments, ...]:
        """Return the segments of each item where recordings were cut otherwise: ``cut`` by the ``id`` of their rows."""
        return tuple(fuse_segments([cut[id(row)] for row in rows]) for rows in self.rows)


class Protocol(ABC):
    """Make trials of recordings. Nobody's enrolment is later than her probe; nothing is compared with itself.

    Attributes
    ----------
    name : str
    words : str
        What is compared, in a sentence.

    Examples
    --------
    >>> sorted(PROTOCOLS)[:5]
    ['beats', 'cross_record', 'cross_session', 'cross_state', 'leave_last_out_long_term']
    """

    name: ClassVar[str]
    words: ClassVar[str]

    def items(self, sets: Sequence[Embedded], entries: Sequence[Entry]) -> Items:
        """Return what is compared: whole recordings, unless a protocol says otherwise."""
        return Items(tuple(sets), tuple((entry,) for entry in entries))

    @abstractmethod
    def trials(self, items: Items, same: str) -> Trials:
        """Return the pairs.

        Raises
        ------
        ManifestError
            If there is no genuine or no impostor pair.
        """

    def gallery(self, items: Items, same: str) -> Gallery | None:  # noqa: ARG002 - others look at them
        """Return the positions of gallery and probes for identification; None where a protocol has no ranks."""
        return None


class CrossRecord(Protocol):
    """Every recording against every other; the earlier session is enrolled."""

    name = "cross_record"
    words = "all pairs of different recordings"

    def trials(self, items: Items, same: str) -> Trials:
        """Return all pairs of different recordings."""
        return cross_record_trials(items.entries, same)

    def gallery(self, items: Items, same: str) -> Gallery | None:
        """Return everybody's first recording, and all later ones as probes."""
        if same != "subject":
            return None
        first: dict[str, int] = {}
        for k in recording_order(items.entries):
            first.setdefault(items.entries[k].person or items.entries[k].path, k)
        gallery = np.array(sorted(first.values()), dtype=np.int64)
        return gallery, np.setdiff1d(np.arange(len(items.sets), dtype=np.int64), gallery)


class CrossSession(Protocol):
    """Everybody's first session against everybody's last: one enrolment and one probe a person.

    People with one session are enrolled only; they make impostor trials.
    """

    name = "cross_session"
    words = "first recording of the first session against the last recording of the last, one pair a person"

    def items(self, sets: Sequence[Embedded], entries: Sequence[Entry]) -> Items:
        """Return the first and, of those who came again, the last recording of each person."""
        of_person: dict[str, list[int]] = {}
        for entry in entries:
            if not entry.session:
                raise ManifestError(f"{entry.path}: has no session: comparing across sessions needs that column")
            of_person.setdefault(entry.person or entry.path, [])
        for k in recording_order(entries):
            of_person[entries[k].person or entries[k].path].append(k)
        chosen: list[int] = []
        keys = session_keys(entries)
        for mine in of_person.values():
            chosen.append(mine[0])
            if keys[mine[0]] != keys[mine[-1]]:
                chosen.append(mine[-1])
        return Items(tuple(sets[k] for k in chosen), tuple((entries[k],) for k in chosen))

    def trials(self, items: Items, same: str) -> Trials:
        """Return all pairs of these; genuine ones join two sessions."""
        return cross_record_trials(items.entries, same)


class CrossState(Protocol):
    """Recordings of unlike labels against each other: is it the same person at rest and under strain?"""

    name = "cross_state"
    words = "pairs of recordings with different labels"

    def trials(self, items: Items, same: str) -> Trials:
        """Return the pairs whose labels differ; *same* must be the subject."""
        if same != "subject":
            raise ParameterError(f"recordings of different labels are never the same {same}: ask for same='subject'")
        label = np.asarray([entry.label for entry in items.entries])
        if len(set(label.tolist())) < 2:
            raise ManifestError("all recordings have one label: comparing across states needs at least two")
        trials = cross_record_trials(items.entries, same)
        return _only(trials, label[trials.enrol] != label[trials.probe], self.words)


@dataclass(frozen=True)
class BeatAgainstBeat(Protocol):
    """One segment against one segment of another recording.

    Parameters
    ----------
    per_recording : int, default 2
        Segments taken of each recording, evenly spread over it, whatever their quality.
    """

    per_recording: int = 2
    name: ClassVar[str] = "beats"
    words: ClassVar[str] = "single segments of different recordings"

    def items(self, sets: Sequence[Embedded], entries: Sequence[Entry]) -> Items:
        """Return single segments."""
        chosen = [
            (evenly_spaced(len(one), self.per_recording), one, row) for one, row in zip(sets, entries, strict=True)
        ]
        return Items(
            tuple(one.take([k]) for places, one, _ in chosen for k in places.tolist()),
            tuple((row,) for places, _, row in chosen for _ in places),
            whole=False,
        )

    def trials(self, items: Items, same: str) -> Trials:
        """Return all pairs of segments from different recordings."""
        trials = cross_record_trials(items.entries, same)
        row = _row_numbers(items.entries)
        return _only(trials, row[trials.enrol] != row[trials.probe], self.words)


class SameRecord(Protocol):
    """The first third of a recording against its last third, and against everybody else's. The easy case.

    A gap of a third lies between the two, so that no window overlaps both.
    """

    name = "same_record"
    words = "first third of a recording against last thirds, its own among them"

    def items(self, sets: Sequence[Embedded], entries: Sequence[Entry]) -> Items:
        """Return the two thirds of each recording, the first one before the last."""
        thirds: list[Embedded] = []
        rows: list[tuple[Entry, ...]] = []
        for one, entry in zip(sets, entries, strict=True):
            third = len(one) // 3
            if third:
                thirds += [one.take(slice(third)), one.take(slice(len(one) - third, len(one)))]
                rows += [(entry,), (entry,)]
        return Items(tuple(thirds), tuple(rows), whole=False)

    def trials(self, items: Items, same: str) -> Trials:
        """Return first thirds against last thirds: of the same recording, or of different people."""
        del same
        row = _row_numbers(items.entries)
        people = tuple(entry.person or entry.path for entry in items.entries)
        person = np.asarray(people)
        enrol, probe = (side.ravel() for side in np.meshgrid(np.arange(0, len(row), 2), np.arange(1, len(row), 2)))
        genuine = row[enrol] == row[probe]
        kept = genuine | (person[enrol] != person[probe])
        if not genuine.any() or not (kept & ~genuine).any():
            raise ManifestError("comparing within recordings needs recordings of three segments, of two people")
        protocol = {
            "trials": self.words,
            "same": "recording",
            "n_recordings": len(set(row.tolist())),
            "n_people": len(set(people)),
            "genuine_across_sessions": 0,
            "genuine_within_session_or_unknown": int(genuine.sum()),
        }
        return Trials(enrol[kept], probe[kept], genuine[kept], people, protocol)


_HERE = "sigsimnet.evaluation.protocols"
_RECORD_ORDER = "sigsimnet.evaluation.record_order"
PROTOCOLS: Registry[type[Protocol]] = Registry(
    "protocol",
    {
        "beats": f"{_HERE}:BeatAgainstBeat",
        "cross_record": f"{_HERE}:CrossRecord",
        "cross_session": f"{_HERE}:CrossSession",
        "cross_state": f"{_HERE}:CrossState",
        "leave_last_out_long_term": f"{_RECORD_ORDER}:LeaveLastOutLongTerm",
        "leave_last_out_short_term": f"{_RECORD_ORDER}:LeaveLastOutShortTerm",
        "same_record": f"{_HERE}:SameRecord",
        "single_cross_session": f"{_RECORD_ORDER}:SingleCrossSession",
        "single_shot_long_term": f"{_RECORD_ORDER}:SingleShotLongTerm",
        "single_shot_short_term": f"{_RECORD_ORDER}:SingleShotShortTerm",
    },
)


def protocol_named(name: str) -> Protocol:
    """Return a protocol by its name; hyphens, as ECG-Biometrics-Bench writes them, stand for underscores.

    Raises
    ------
    UnknownNameError
        Listing the known ones.

    Examples
    --------
    >>> protocol_named("single-shot-long-term").name
    'single_shot_long_term'
    """
    if not isinstance(name, str):
        raise UnknownNameError(f"a protocol is named by a string, not by {name!r} (known: {', '.join(PROTOCOLS)})")
    return PROTOCOLS.get(name.replace("-", "_"))()


def _row_numbers(entries: Sequence[Entry]) -> NDArray[np.int64]:
    """Return the number of the table's row that each item comes from."""
    numbers = {id(entry): k for k, entry in reversed(list(enumerate(entries)))}
    return np.array([numbers[id(entry)] for entry in entries], dtype=np.int64)


def _only(trials: Trials, kept: NDArray[np.bool_], words: str) -> Trials:
    genuine = trials.genuine[kept]
    for kind, there in (("genuine", genuine.any()), ("impostor", (~genuine).any())):
        if not there:
            raise ManifestError(f"no {kind} pair among {words}")
    return replace(
        trials,
        enrol=trials.enrol[kept],
        probe=trials.probe[kept],
        genuine=genuine,
        protocol=trials.protocol
        | {"trials": f"{words}, the earlier session enrolled", "n_recordings": len(trials.people)},
    )
