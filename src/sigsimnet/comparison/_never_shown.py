"""What a recording says of itself that the bundled model was never shown: a child, a pacemaker, a block on one side.

Only what stands in the file counts: age or date of birth, and the types of beats that somebody annotated.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigsimnet.recording import Recording

__all__ = ["never_shown"]

_ADULT = 16  # years
_BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")  # PhysioNet's codes of beats
_PACED, _BLOCK = frozenset("/f"), frozenset("LRB")
_SHARE = 0.2  # of the annotated beats


def never_shown(a: Recording, b: Recording) -> tuple[str, ...]:
    """Return why the bundled model, of adults' own beats, can say nothing of two recordings; empty where it can.

    Parameters
    ----------
    a, b : Recording

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> first, second = simulate(1, 2, duration=10, seed=1)
    >>> never_shown(first, second.replace(metadata={"Age": "7"}))
    ('B is of a child (7 years): the model was shown adults only',)
    """
    doubts = []
    for side, one in (("A", a), ("B", b)):
        age = _age(one)
        if age is not None and age < _ADULT:
            years = f"{age:.0f} years" if age >= 2 else f"{age * 12:.0f} months"
            doubts.append(f"{side} is of a child ({years}): the model was shown adults only")
        if _share(one, _PACED) > _SHARE:
            doubts.append(f"the beats of {side} are paced: they are the pacemaker's, not the person's")
    blocked = [_share(one, _BLOCK) > _SHARE for one in (a, b)]
    known = [_share(one, _BEATS) > 0 for one in (a, b)]
    if blocked[0] != blocked[1] and all(known):
        side = "A" if blocked[0] else "B"
        doubts.append(f"{side} shows a bundle branch block and the other does not: it changes every beat")
    return tuple(doubts)


def _age(recording: Recording) -> float | None:
    """Return the age in years, by the metadata: a number, or the date of birth and the start."""
    for key, value in recording.metadata.items():
        name = re.sub(r"[^a-z]", "", str(key).casefold())
        if name in {"age", "patientage", "ageyears", "alter"}:
            found = re.match(r"\s*(\d{1,3}(?:\.\d+)?)\s*([a-z]*)", str(value).casefold())
            if found:
                unit = {"m": 1 / 12, "d": 1 / 365, "w": 1 / 52}.get(found[2][:1], 1.0)
                return float(found[1]) * unit
        if name in {"birthdate", "dateofbirth", "birthday"} and recording.start_time is not None:
            born = _date(str(value))
            if born is not None:
                return (recording.start_time.date() - born).days / 365.25
    return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _share(recording: Recording, kinds: frozenset[str]) -> float:
    """Return the share of annotated beats that are of some kinds."""
    counts = Counter(mark.label for mark in recording.annotations if mark.label in _BEATS)
    return sum(counts[kind] for kind in kinds) / counts.total() if counts else 0.0
