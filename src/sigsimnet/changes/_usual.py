"""How much a measurement differs between two records of one person who has not changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from sigsimnet.channels import CHEST_LEADS, lead_of

__all__ = ["Usual", "alike_share", "group_of", "overall_limit", "table", "usual_difference"]

_OWN = 3  # baselines from which a person's own spread counts
_PRIOR = 4.0  # records that the table counts for beside a person's own
_NORMAL_95 = 1.96


def group_of(name: str, channel: str, *, aligned: bool = False) -> str:
    """Return under which name a measurement stands in the table: amplitudes of limb and of chest leads are pooled.

    Differences of PR and QT that were found by laying typical beats over one another stand apart: they are finer.

    Examples
    --------
    >>> group_of("QT", ""), group_of("T amplitude", "V2"), group_of("T amplitude", "ECG I")
    ('QT', 'T amplitude, chest', 'T amplitude, limb')
    """
    if not channel:
        return f"{name}, aligned" if aligned else name
    return f"{name}, {'chest' if lead_of(channel) in CHEST_LEADS else 'limb'}"


@dataclass(frozen=True)
class Usual:
    """What difference is usual between a record and its baselines.

    Attributes
    ----------
    difference : float
        95 of 100 unchanged records differ by no more; NaN where nothing is known.
    rare : float
        99 of 100 do.
    source : str
        ``"own"``: from the person's own baselines and the table; ``"table"``: from other people's repeated records.

    Examples
    --------
    >>> Usual(30.0, 45.0, "table").rare
    45.0
    """

    difference: float
    rare: float
    source: str


@cache
def table() -> dict[str, Any]:
    """Return the table of usual differences (``recipes/change/usual.py``)."""
    text = (resources.files("sigsimnet.changes") / "usual.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def usual_difference(
    name: str,
    channel: str,
    baselines: list[float],
    *,
    spread: float = 0.0,
    same_day: bool = False,
    aligned: bool = False,
) -> Usual:
    """Return the usual difference of a measurement.

    Parameters
    ----------
    name, channel : str
    baselines : list of float
        Its values in the person's baselines. Where there are three or more, their own spread counts beside the table's.
    spread : float, default 0
        From beat to beat, root of the sum of squares of both sides: what is unsteady differs by more.
    same_day : bool
        Whether all records are known to be of one day.
    aligned : bool
        Whether the difference is a lag between typical beats (PR, QT).

    Examples
    --------
    >>> steady, unsteady = (usual_difference("QT", "", [400.0], spread=spread) for spread in (2.0, 40.0))
    >>> steady.source, 0 < steady.difference < unsteady.difference
    ('table', True)
    """
    group = group_of(name, channel, aligned=aligned)
    entry = table()["scopes"]["same day" if same_day else "other days"].get(group)
    entry = entry or table()["scopes"]["other days"].get(group)
    if entry is None:
        return Usual(float("nan"), float("nan"), "table")
    often, rare = (ratio * float(np.hypot(entry["floor"], spread)) for ratio in entry["values"][2:])
    known = np.asarray([value for value in baselines if np.isfinite(value)])
    # Of two records; a mean of several baselines is nearer.
    factor = np.sqrt((1 + 1 / max(len(known), 1)) / 2)
    if len(known) < _OWN:
        return Usual(float(often * factor), float(rare * factor), "table")
    variance = (often / _NORMAL_95) ** 2 / 2
    own = (_PRIOR * variance + (len(known) - 1) * np.var(known, ddof=1)) / (_PRIOR + len(known) - 1)
    scale = float(np.sqrt(own / variance)) if variance > 0 else 1.0
    return Usual(float(often * factor * scale), float(rare * factor * scale), "own")


def alike_share(score: float, n_leads: int, *, same_day: bool) -> float:
    """Return the share of pairs of records of one person that are less alike than a score, NaN where unknown.

    Examples
    --------
    >>> alike_share(-1.0, 1, same_day=False), alike_share(1.0, 1, same_day=False)
    (0.0, 1.0)
    """
    group = f"score, {'several leads' if n_leads > 1 else 'one lead'}"
    scopes = table()["scopes"]
    entry = scopes["same day" if same_day else "other days"].get(group) or scopes["other days"].get(group)
    if entry is None:
        return float("nan")
    shares = [0.0, *(level / 100 for level in entry["levels"]), 1.0]
    return float(np.interp(score, [-1.0, *entry["values"], 1.0], shares))


def overall_limit() -> float:
    """Return what the strangest shape measurement of 95 of 100 unchanged records does not exceed, in usual differences.

    Examples
    --------
    >>> overall_limit() >= 1
    True
    """
    return float(table()["overall"]["values"][2])
