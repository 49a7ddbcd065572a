"""The card of a model: what it learnt, from whom, and how its answers were calibrated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sigsimnet.errors import ModelError

__all__ = ["Card", "digests_of_person", "known_under", "salt_of"]


@dataclass(frozen=True)
class Card:
    """What a trained model carries besides its weights.

    Attributes
    ----------
    same : str
        The relation it learnt: ``"subject"``, ``"label"``, ``"recording"`` or ``"view"``; empty for an untrained model.
    trained_on : str
        In words: databases, people, leads.
    n_people, n_recordings, n_segments : int
        That it learnt from.
    n_held_out : int
        People held out for early stopping and calibration; not among ``n_people``.
    people : tuple of str
        Salted digests of the names of everybody above, held-out people too, to refuse a test on them. A digest does
        not hide a short name from whoever tries all short names.
    recordings : tuple of str
        Digests of their samples, for the same reason: a person may come back under another name.
    salt : str
        What the digests of names begin with: the same name gives another digest in another model.
    calibrated_on : str
        In words: trials and people that the calibration was fitted to; empty when there is none.
    n_calibrated : int
        People that the calibration was fitted to.
    same_above, different_below : float
        Probabilities at which the verdict becomes *same* or *different*; between them it is *cannot tell*.
    thresholds : dict of str to float
        Score to accept at, by the false accept rate that it kept among the impostor trials of the calibration.
    min_segments : int
        Fewer segments on a side do not carry an answer.
    training : dict
        Settings of the training.
    history : tuple of dict
        A row an epoch.
    extra : dict
        Whatever else the maker of the model wants to say.
    """

    same: str = ""
    trained_on: str = "nothing: random weights"
    n_people: int = 0
    n_recordings: int = 0
    n_segments: int = 0
    n_held_out: int = 0
    people: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    salt: str = ""
    calibrated_on: str = ""
    n_calibrated: int = 0
    same_above: float = 0.9
    different_below: float = 0.1
    thresholds: dict[str, float] = field(default_factory=dict)
    min_segments: int = 3
    training: dict[str, Any] = field(default_factory=dict)
    history: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON; digests in one line, since there may be thousands."""
        return asdict(self) | {"people": " ".join(self.people), "recordings": " ".join(self.recordings)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Card:
        """Return the card that `to_dict` described.

        Raises
        ------
        ModelError
            If an entry is unknown.
        """
        unknown = set(values) - {item.name for item in fields(cls)}
        if unknown:
            raise ModelError(f"model card has unknown entries {', '.join(sorted(unknown))}: made by a newer version?")
        plain = dict(values)
        for key in ("people", "recordings"):
            plain[key] = tuple(str(plain.get(key, "")).split())
        plain["history"] = tuple(plain.get("history", ()))
        return cls(**plain)


def digests_of_person(subject: str, database: str, salt: str) -> tuple[str, ...]:
    """Return the digests that a person is kept under: the name with its database, and that some database has it."""
    if not subject:
        return ()
    names = (f"{database}/{subject}", f"*/{subject}") if database else (subject,)
    return tuple(_digest(name, salt) for name in names)


def known_under(subject: str, database: str, salt: str) -> tuple[str, ...]:
    """Return the digests under which a person may be kept.

    Without a database a name may be that of a person of any; with one it may have been kept without.
    """
    if not subject:
        return ()
    names = (f"{database}/{subject}", subject) if database else (subject, f"*/{subject}")
    return tuple(_digest(name, salt) for name in names)


def _digest(name: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{name}".encode()).hexdigest()[:16]


def salt_of(fingerprints: Iterable[str]) -> str:
    """Return a salt that belongs to a set of recordings, so that the same training gives the same card."""
    return hashlib.sha256("".join(sorted(set(fingerprints))).encode()).hexdigest()[:16]
