"""Leads that do not fit one another within one recording: limb leads by Einthoven, chest leads by other people's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.audits._finding import Finding
from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS, lead_of
from sigsimnet.segments import EINTHOVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.audits._seen import Seen
    from sigsimnet.audits._shape import Shape

__all__ = ["chest_misfits", "findings_of_leads", "usual"]

FULL = ("I", "II", *CHEST_LEADS)
_FEWEST = 4  # limb leads: of three one could be another
_NO_SUM = "do not add up"  # of `quality`
_OFF, _MENDED, _CLEAR = 0.15, 0.3, 1.5  # share of the limb leads that does not add up; what is left of it; of the next


@cache
def usual() -> dict[str, Any]:
    """Return what `recipes/audit/usual.py` learnt of other people."""
    found: dict[str, Any] = json.loads(resources.files("sigsimnet.audits").joinpath("usual.json").read_text("utf-8"))
    return found


def findings_of_leads(one: Seen) -> list[Finding]:
    """Return leads of a recording that are upside down or exchanged, by what the recording itself shows."""
    found: list[Finding] = []
    shape = one.shape
    if shape is not None:
        for said in (_limb(shape), _chest(shape)):
            if said is not None:
                kind, channel, what, sure = said
                found.append(Finding(kind, one.name, sure, what, one.person, channel))
    if found:
        return found
    # Where limb leads add up, none of them is upside down by itself; where chest leads fit one another, neither.
    sound = (
        set() if shape is None else {*(LIMB_LEADS if _adds_up(shape) else ()), *(CHEST_LEADS if _full(shape) else ())}
    )
    inverted = tuple(name for name in one.inverted if lead_of(name) not in sound)
    # Noise of each lead by itself can make raw limb leads that do not add up of usual beats that do.
    refuted = any(_NO_SUM in said for said in one.warnings) and shape is not None and _adds_up(shape)
    swapped = () if refuted else one.swapped
    for kind, channels, sure in (("leads swapped", swapped, 0.8), ("polarity inverted", inverted, 0.7)):
        if channels:
            what = "; ".join(one.warnings)
            found.append(Finding(kind, one.name, sure, what, one.person, ", ".join(channels)))
    return found


def _adds_up(shape: Shape) -> bool:
    return sum(lead in shape.leads for lead in LIMB_LEADS) >= _FEWEST


def _full(shape: Shape) -> bool:
    return all(lead in shape.leads for lead in FULL)


def _hypotheses(
    leads: tuple[str, ...], *, flips: bool = True
) -> Iterator[tuple[str, tuple[str, ...], NDArray[np.float64]]]:
    """Yield kind, leads and the matrix that undoes it: of two leads exchanged, of one turned over."""
    identity = np.eye(len(leads))
    for i, j in combinations(range(len(leads)), 2):
        rows = identity.copy()
        rows[[i, j]] = rows[[j, i]]
        yield "leads swapped", (leads[i], leads[j]), rows
    for i in range(len(leads)) if flips else ():
        rows = identity.copy()
        rows[i, i] = -1.0
        yield "polarity inverted", (leads[i],), rows


def _limb(shape: Shape) -> tuple[str, str, str, float] | None:
    """Return which limb leads break the sums that hold for any heart (Einthoven 1912; Goldberger 1942)."""
    leads = tuple(lead for lead in LIMB_LEADS if lead in shape.leads)
    if not _adds_up(shape):
        return None
    beats = shape.beats[[shape.leads.index(lead) for lead in leads]]
    sums = np.array([EINTHOVEN[lead] for lead in leads])
    left = np.eye(len(leads)) - sums @ np.linalg.pinv(sums)

    def off(rows: NDArray[np.float64]) -> float:
        return float(np.linalg.norm(left @ rows) / max(float(np.linalg.norm(rows)), 1e-12))

    now = off(beats)
    if now < _OFF:
        return None
    tried = sorted(((off(undo @ beats), kind, names) for kind, names, undo in _hypotheses(leads)), key=lambda t: t[0])
    best, second = tried[0], tried[1]
    if best[0] > _MENDED * now or second[0] < _CLEAR * best[0]:
        return None
    names = " and ".join(best[2])
    how = "exchanged" if best[1] == "leads swapped" else "turned over"
    what = f"limb leads do not add up ({now:.0%} of their size is left over); with {names} {how} {best[0]:.0%} is"
    return best[1], ", ".join(best[2]), what, min(1.0, 1.0 - best[0] / now)


def chest_misfits(shape: Shape) -> tuple[float, list[tuple[float, str, tuple[str, ...]]]]:
    """Return how badly chest leads fit what other leads say of them, as they are and under each exchange or turn."""
    beats = shape.beats[[shape.leads.index(lead) for lead in FULL]]
    beats = beats / max(float(np.sqrt((beats**2).mean())), 1e-12)
    weights = np.array(usual()["chest"])  # of each chest lead as a sum of the other seven
    rows = np.arange(2, len(FULL))

    def misfit(now: NDArray[np.float64]) -> float:
        left = now[rows] - weights @ now
        energy = (now[rows] ** 2).mean(axis=1) + 0.05
        return float(np.minimum((left**2).mean(axis=1) / energy, 4.0).sum())

    tried = []
    for kind, names, undo in _hypotheses(CHEST_LEADS):
        whole = np.eye(len(FULL))
        whole[2:, 2:] = undo
        tried.append((misfit(whole @ beats), kind, names))
    return misfit(beats), sorted(tried, key=lambda one: one[0])


def _chest(shape: Shape) -> tuple[str, str, str, float] | None:
    if not _full(shape):
        return None
    now, tried = chest_misfits(shape)
    best, kind, names = tried[0]
    gain, threshold = np.log(max(now, 1e-9) / max(best, 1e-9)), float(usual()["chest_gain"][kind])
    if gain < threshold:
        return None
    how = "exchanged" if kind == "leads swapped" else "turned over"
    what = f"chest leads fit one another {np.exp(gain):.1f} times better with {' and '.join(names)} {how}"
    return kind, ", ".join(names), what, float(min(1.0, 0.5 * gain / threshold))
