"""The card of a model: what it learnt, from whom, and how its answers were calibrated."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sigsimnet.errors import ModelError
from sigsimnet.recording import Recording

__all__ = ["Card", "fingerprint_of", "hash_of_person"]


@dataclass(frozen=True)
class Card:
    """What a trained model carries besides its weights.

    Attributes
    ----------
    same : str
        The relation it learnt: ``"subject"``, ``"label"`` or ``"recording"``; empty for an untrained model.
    trained_on : str
        In words: databases, people, leads.
    n_people, n_recordings, n_segments : int
        That it learnt from.
    n_held_out : int
        People held out for early stopping and calibration; not among ``n_people``.
    people : tuple of str
        Digests of the names of everybody above, held-out people too: enough to refuse a test on them, no more.
    recordings : tuple of str
        Digests of their samples, for the same reason: a person may come back under another name.
    calibrated_on : str
        In words: trials and people that the calibration was fitted to; empty when there is none.
    same_above, different_below : float
        Probabilities at which the verdict becomes *same* or *different*; between them it is *cannot tell*.
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
    calibrated_on: str = ""
    same_above: float = 0.9
    different_below: float = 0.1
    min_segments: int = 3
    training: dict[str, Any] = field(default_factory=dict)
    history: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return asdict(self)

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
        lists = ("people", "recordings", "history")
        plain: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in values.items()}
        return cls(**plain)


def hash_of_person(name: str) -> str:
    """Return a digest of a person's name; the name itself does not leave the training machine."""
    return hashlib.sha256(f"person:{name}".encode()).hexdigest()[:16]


def fingerprint_of(recording: Recording) -> str:
    """Return a digest of a recording's samples."""
    return hashlib.sha256(recording.data.tobytes()).hexdigest()[:16]
