"""Trials: which recordings are compared with which, so that nothing leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation.sessions import session_keys

__all__ = ["Trials", "cross_record_trials"]


@dataclass(frozen=True, eq=False)
class Trials:
    """Pairs of recordings to score.

    Attributes
    ----------
    enrol, probe : ndarray of int, shape (n_trials,)
        Positions of the recordings; the enrolment is never later than its probe.
    genuine : ndarray of bool, shape (n_trials,)
    people : tuple of str
        Person of each recording (of every recording, not of every trial).
    protocol : dict
        What was tested, in words and numbers.

    Examples
    --------
    >>> from sigsimnet.datasets import Entry
    >>> entries = [Entry("a.csv", "anna", "1"), Entry("b.csv", "anna", "2"), Entry("c.csv", "bert", "1")]
    >>> cross_record_trials(entries, "subject").genuine.sum()
    np.int64(1)
    """

    enrol: NDArray[np.int64]
    probe: NDArray[np.int64]
    genuine: NDArray[np.bool_]
    people: tuple[str, ...]
    protocol: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.enrol)

    @property
    def people_a(self) -> NDArray[np.str_]:
        """Person of each enrolment, shape (n_trials,)."""
        return np.asarray(self.people)[self.enrol]

    @property
    def people_b(self) -> NDArray[np.str_]:
        """Person of each probe, shape (n_trials,)."""
        return np.asarray(self.people)[self.probe]


def cross_record_trials(entries: Sequence[Entry], same: str) -> Trials:
    """Pair every recording with every other.

    Parameters
    ----------
    entries : sequence of Entry
    same : {"subject", "label"}
        What makes a trial genuine. For ``"label"``, trials join different people where there are several, since a
        person resembles herself whatever she does.

    Raises
    ------
    ParameterError
        If ``same`` is neither.
    ManifestError
        If there is no genuine or no impostor trial, or sessions have no order (`session_keys`).

    Examples
    --------
    >>> from sigsimnet.datasets import Entry
    >>> entries = [Entry("b.csv", "anna", "2"), Entry("a.csv", "anna", "1"), Entry("c.csv", "bert", "1")]
    >>> trials = cross_record_trials(entries, "subject")
    >>> entries[trials.enrol[0]].path  # session 1 comes first
    'a.csv'
    """
    if same not in ("subject", "label"):
        raise ParameterError(f"cannot pair recordings by same={same!r} (known: subject, label)")
    keys = session_keys(entries)
    order = sorted(range(len(entries)), key=lambda i: (keys[i], i))
    left, right = np.triu_indices(len(order), k=1)
    enrol, probe = np.asarray(order, dtype=np.int64)[left], np.asarray(order, dtype=np.int64)[right]
    people = tuple(entry.person or entry.path for entry in entries)
    person = np.asarray(people)
    key = person if same == "subject" else np.asarray([entry.label for entry in entries])
    across = ""
    if same == "label" and len(set(people)) > 1:
        other = person[enrol] != person[probe]
        enrol, probe = enrol[other], probe[other]
        across = ", different people"
    genuine = key[enrol] == key[probe]
    for kind, found in (("genuine", genuine.any()), ("impostor", (~genuine).any())):
        if not found:
            need = f"two recordings of one {same}" if kind == "genuine" else f"recordings of two different {same}s"
            raise ManifestError(f"no {kind} pair among {len(entries)} recordings: bring {need}")
    number = {one: k for k, one in enumerate(sorted(set(keys)))}
    sessions = np.asarray([number[one] for one in keys])
    known = np.asarray([bool(entry.session) for entry in entries])[enrol[genuine]]
    same_session = sessions[enrol[genuine]] == sessions[probe[genuine]]
    return Trials(
        enrol=enrol,
        probe=probe,
        genuine=genuine,
        people=people,
        protocol={
            "trials": f"all pairs of different recordings{across}, the earlier session enrolled",
            "same": same,
            "n_recordings": len(entries),
            "n_people": len(set(people)),
            "genuine_across_sessions": int((known & ~same_session).sum()),
            "genuine_within_session_or_unknown": int((~known | same_session).sum()),
        },
    )
