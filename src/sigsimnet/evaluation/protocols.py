"""Protocols: what is compared with what, as objects that cannot leak."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.registry import Registry
from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation.trials import Trials, cross_record_trials, session_key
from sigsimnet.segments import Segments

__all__ = [
    "PROTOCOLS",
    "BeatAgainstBeat",
    "CrossRecord",
    "CrossSession",
    "CrossState",
    "Items",
    "Protocol",
    "SameRecord",
]


@dataclass(frozen=True, eq=False)
class Items:
    """What a protocol compares: recordings or pieces of them, each with the row of the manifest that it comes from."""

    sets: tuple[Segments, ...]
    entries: tuple[Entry, ...]
    whole: bool = True


class Protocol(ABC):
    """Make trials of recordings. An enrolment is never later than its probe; nothing is compared with itself.

    Attributes
    ----------
    name : str
    words : str
        What is compared, in a sentence.

    Examples
    --------
    >>> sorted(PROTOCOLS)
    ['beats', 'cross_record', 'cross_session', 'cross_state', 'same_record']
    """

    name: ClassVar[str]
    words: ClassVar[str]

    def items(self, sets: Sequence[Segments], entries: Sequence[Entry]) -> Items:
        """Return what is compared: whole recordings, unless a protocol takes pieces of them."""
        return Items(tuple(sets), tuple(entries))

    @abstractmethod
    def trials(self, items: Items, same: str) -> Trials:
        """Return the pairs.

        Raises
        ------
        ManifestError
            If there is no genuine or no impostor pair.
        """


class CrossRecord(Protocol):
    """Every recording against every other; the earlier session is enrolled."""

    name = "cross_record"
    words = "all pairs of different recordings"

    def trials(self, items: Items, same: str) -> Trials:
        """Return all pairs of different recordings."""
        return cross_record_trials(items.entries, same)


class CrossSession(Protocol):
    """Everybody's first session against everybody's last: one enrolment and one probe a person.

    People with one session are enrolled only; they make impostor trials.
    """

    name = "cross_session"
    words = "first recording of the first session against the last recording of the last, one pair a person"

    def items(self, sets: Sequence[Segments], entries: Sequence[Entry]) -> Items:
        """Return the first and, of those who came again, the last recording of each person."""
        of_person: dict[str, list[int]] = {}
        for k, entry in enumerate(entries):
            if not entry.session:
                raise ManifestError(f"{entry.path}: has no session: comparing across sessions needs that column")
            of_person.setdefault(entry.person or entry.path, []).append(k)
        chosen: list[int] = []
        for mine in of_person.values():
            mine.sort(key=lambda k: (session_key(entries[k].session), k))
            chosen.append(mine[0])
            if entries[mine[0]].session != entries[mine[-1]].session:
                chosen.append(mine[-1])
        return Items(tuple(sets[k] for k in chosen), tuple(entries[k] for k in chosen))

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

    def items(self, sets: Sequence[Segments], entries: Sequence[Entry]) -> Items:
        """Return single segments."""
        pieces: list[Segments] = []
        owners: list[Entry] = []
        for segments, entry in zip(sets, entries, strict=True):
            places = (np.arange(self.per_recording) + 0.5) / self.per_recording * len(segments)
            for k in np.unique(places.astype(int)):
                pieces.append(segments.take(np.array([k])))
                owners.append(entry)
        return Items(tuple(pieces), tuple(owners), whole=False)

    def trials(self, items: Items, same: str) -> Trials:
        """Return all pairs of segments from different recordings."""
        trials = cross_record_trials(items.entries, same)
        owner = _owners(items.entries)
        return _only(trials, owner[trials.enrol] != owner[trials.probe], self.words)


class SameRecord(Protocol):
    """The first third of a recording against its last third, and against everybody else's. The easy case.

    A gap of a third lies between the two, so that no window overlaps both.
    """

    name = "same_record"
    words = "first third of a recording against last thirds, its own among them"

    def items(self, sets: Sequence[Segments], entries: Sequence[Entry]) -> Items:
        """Return the two thirds of each recording, the first one before the last."""
        pieces: list[Segments] = []
        owners: list[Entry] = []
        for segments, entry in zip(sets, entries, strict=True):
            third = len(segments) // 3
            if third:
                pieces += [
                    segments.take(np.arange(third)),
                    segments.take(np.arange(len(segments) - third, len(segments))),
                ]
                owners += [entry, entry]
        return Items(tuple(pieces), tuple(owners), whole=False)

    def trials(self, items: Items, same: str) -> Trials:
        """Return first thirds against last thirds: of the same recording, or of different people."""
        del same
        owner = _owners(items.entries)
        people = tuple(entry.person or entry.path for entry in items.entries)
        person = np.asarray(people)
        enrol, probe = (side.ravel() for side in np.meshgrid(np.arange(0, len(owner), 2), np.arange(1, len(owner), 2)))
        genuine = owner[enrol] == owner[probe]
        kept = genuine | (person[enrol] != person[probe])
        if not genuine.any() or not (kept & ~genuine).any():
            raise ManifestError("comparing within recordings needs recordings of three segments, of two people")
        protocol = {
            "trials": self.words,
            "same": "recording",
            "n_recordings": len(set(owner.tolist())),
            "n_people": len(set(people)),
            "genuine_across_sessions": 0,
            "genuine_within_session_or_unknown": int(genuine.sum()),
        }
        return Trials(enrol[kept], probe[kept], genuine[kept], people, protocol)


PROTOCOLS: Registry[type[Protocol]] = Registry(
    "protocol",
    {
        "beats": "sigsimnet.evaluation.protocols:BeatAgainstBeat",
        "cross_record": "sigsimnet.evaluation.protocols:CrossRecord",
        "cross_session": "sigsimnet.evaluation.protocols:CrossSession",
        "cross_state": "sigsimnet.evaluation.protocols:CrossState",
        "same_record": "sigsimnet.evaluation.protocols:SameRecord",
    },
)


def _owners(entries: Sequence[Entry]) -> NDArray[np.int64]:
    """Return the number of the manifest's row that each item comes from."""
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
