"""Protocols by the order of recordings: the record-order regimes of ECG-Biometrics-Bench.

Parvan 2026 (arXiv:2605.01548; https://github.com/MParvan/ecg-biometrics-bench, MIT) sorts the recordings of a person by
date and, within a day, by their order in the database, and enrols some of those that come before the probes. The five
regimes keep the names of that paper (its ``--data_split_mode``), with underscores for hyphens.

Here a day is a session of the table (of sessions that are dates with a time of day: the date), and within a day the
order of the table's rows holds. Departures: all enrolled recordings of a person are fused by the model (the paper's
template is the mean of some segments); each probe recording is a probe of its own; people are never those the model
learnt from (the paper's subject-disjoint tasks).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation.protocols import Gallery, Items, Protocol
from sigsimnet.evaluation.sessions import SessionKey, days_of, recording_order, session_keys
from sigsimnet.evaluation.trials import Trials
from sigsimnet.model import Embedded, fuse

__all__ = [
    "LeaveLastOutLongTerm",
    "LeaveLastOutShortTerm",
    "RecordOrder",
    "SingleCrossSession",
    "SingleShotLongTerm",
    "SingleShotShortTerm",
]

Days = list[list[int]]
Partition = tuple[list[int], list[int]]


class RecordOrder(Protocol):
    """Some recordings of each person are enrolled as one template, some later ones are probes.

    Impostor trials: a probe against the enrolments of all other people. People whose recordings do not have what a
    regime asks for are left out, and counted (``n_people_left_out`` of the result's protocol).
    """

    needs_sessions = True

    @abstractmethod
    def partition(self, days: Days) -> Partition:
        """Return the enrolled recordings and the probes of a person; two empty lists for one who is left out.

        Parameters
        ----------
        days : list of list of int
            Recordings of each day, from the first to the last.
        """

    def items(self, sets: Sequence[Embedded], entries: Sequence[Entry]) -> Items:
        """Return the fused enrolments of all people, then all probes."""
        enrolled: list[list[int]] = []
        probes: list[int] = []
        for days in _days_of_people(entries, need=self.needs_sessions).values():
            before, after = self.partition(days)
            if before and after:
                enrolled.append(before)
                probes += after
        if not enrolled:
            raise ManifestError(f"nobody has recordings for {self.words}")
        return Items(
            (*(fuse([sets[k] for k in mine]) for mine in enrolled), *(sets[k] for k in probes)),
            (*(tuple(entries[k] for k in mine) for mine in enrolled), *((entries[k],) for k in probes)),
            n_enrolments=len(enrolled),
        )

    def trials(self, items: Items, same: str) -> Trials:
        """Return every probe against every enrolment; *same* must be the subject."""
        if same != "subject":
            raise ParameterError(f"{self.name} enrols people: ask for same='subject', not {same!r}")
        n = items.n_enrolments
        people = tuple(row.person or row.path for row in items.entries)
        enrol, probe = (side.ravel() for side in np.meshgrid(np.arange(n), np.arange(n, len(people)), indexing="ij"))
        person = np.asarray(people)
        genuine = person[enrol] == person[probe]
        if n < 2:
            raise ManifestError(f"no impostor pair: only {people[0]!r} has recordings for {self.words}")
        keys = iter(session_keys([row for rows in items.rows for row in rows]))
        sessions = [{next(keys) for _ in rows} for rows in items.rows]
        known = [all(row.session for row in rows) for rows in items.rows]
        across = [
            known[i] and known[j] and not sessions[i] & sessions[j]
            for i, j in zip(enrol[genuine].tolist(), probe[genuine].tolist(), strict=True)
        ]
        return Trials(
            enrol.astype(np.int64),
            probe.astype(np.int64),
            genuine,
            people,
            {
                "trials": f"{self.words}, each person's enrolled recordings as one template",
                "same": same,
                "n_recordings": sum(len(rows) for rows in items.rows),
                "n_people": n,
                "n_enrolled_recordings": sum(len(rows) for rows in items.rows[:n]),
                "n_probes": len(people) - n,
                "genuine_across_sessions": sum(across),
                "genuine_within_session_or_unknown": len(across) - sum(across),
            },
        )

    def gallery(self, items: Items, same: str) -> Gallery | None:  # noqa: ARG002 - it is the subject
        """Return the enrolments and the probes."""
        return np.arange(items.n_enrolments), np.arange(items.n_enrolments, len(items.sets))


class SingleCrossSession(RecordOrder):
    """Record 1 against record 2, whatever their days (``single-cross-session``).

    Where no row has a session, the order of the table is the order of the recordings.
    """

    name = "single_cross_session"
    words = "a person's first recording against the second"
    needs_sessions = False

    def partition(self, days: Days) -> Partition:
        """Return the first and the second recording."""
        every = [k for day in days for k in day]
        return every[:1], every[1:2]


class SingleShotShortTerm(RecordOrder):
    """The first recording against the others of the first day (``single-shot-short-term``)."""

    name = "single_shot_short_term"
    words = "the first recording of a person's first day against the others of that day"

    def partition(self, days: Days) -> Partition:
        """Return the first recording, and the others of the first day."""
        return days[0][:1], days[0][1:]


class LeaveLastOutShortTerm(RecordOrder):
    """All but the last recording of the first day against the last one (``leave-last-out-short-term``)."""

    name = "leave_last_out_short_term"
    words = "all but the last recording of a person's first day against the last of that day"

    def partition(self, days: Days) -> Partition:
        """Return all but the last recording of the first day, and the last one."""
        return days[0][:-1], days[0][-1:]


class SingleShotLongTerm(RecordOrder):
    """All recordings of the first day against all of later days (``single-shot-long-term``)."""

    name = "single_shot_long_term"
    words = "all recordings of a person's first day against those of later days"

    def partition(self, days: Days) -> Partition:
        """Return the first day, and all later days."""
        return days[0], [k for day in days[1:] for k in day]


class LeaveLastOutLongTerm(RecordOrder):
    """All recordings before the last day against those of the last day (``leave-last-out-long-term``)."""

    name = "leave_last_out_long_term"
    words = "all recordings before a person's last day against those of the last day"

    def partition(self, days: Days) -> Partition:
        """Return all days before the last, and the last."""
        return [k for day in days[:-1] for k in day], days[-1]


def _days_of_people(entries: Sequence[Entry], *, need: bool) -> dict[str, Days]:
    """Return the recordings of each day of each person, in order.

    Raises
    ------
    ManifestError
        If a row has no session where one is needed, or where another of the person has one.
    """
    days = days_of(session_keys(entries))
    with_session = {entry.person or entry.path for entry in entries if entry.session}
    found: dict[str, dict[SessionKey, list[int]]] = {entry.person or entry.path: {} for entry in entries}
    for k in recording_order(entries):
        person = entries[k].person or entries[k].path
        if not entries[k].session and (need or person in with_session):
            raise ManifestError(f"{entries[k].path}: has no session: the order of recordings needs that column")
        found[person].setdefault(days[k], []).append(k)
    return {person: list(mine.values()) for person, mine in found.items()}
