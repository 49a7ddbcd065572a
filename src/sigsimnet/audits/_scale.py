"""Amplitudes and rates that are not those of the others, nor of anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.audits._finding import Finding
from sigsimnet.audits._leads import usual
from sigsimnet.io.units import IN_VOLTS, canonical_unit

if TYPE_CHECKING:
    from sigsimnet.audits._seen import Seen
    from sigsimnet.audits._shape import Shape

__all__ = ["FACTORS", "findings_of_rate", "findings_of_scale", "rate_chances"]

OWN = np.log10(2.8)  # against the person's other recordings; of 227 pairs of ECG-ID and PTB-XL the most is 1.7
ARCHIVE = np.log10(4.0)  # against the same lead of other recordings, at least
SPREADS = 4.5  # of their robust standard deviations
LEAST = 12  # recordings with the lead
FACTORS = (0.25, 0.5, 0.72, 0.8, 1.25, 1 / 0.72, 2.0, 4.0)
"""True rates as a multiple of stated ones: 250 for 500 Hz, 360 for 500, 200 for 250, and so on."""
WRONG = 0.01  # of an archive's files have a wrong rate, before anything was seen


def findings_of_scale(seen: Sequence[Seen]) -> list[Finding]:
    """Return recordings whose beats are much higher or lower than the person's others, or than those of the archive."""
    heights = [_heights(one) for one in seen]
    by_lead: dict[tuple[str, str], list[float]] = defaultdict(list)
    by_person: dict[str, list[int]] = defaultdict(list)
    for place, (one, own) in enumerate(zip(seen, heights, strict=True)):
        for key, value in own.items():
            by_lead[key].append(value)
        if one.person:
            by_person[one.person].append(place)
    found = []
    for place, (one, own) in enumerate(zip(seen, heights, strict=True)):
        if one.scale_doubts:
            found.append(Finding("wrong scale", one.name, 0.95, "; ".join(one.scale_doubts), one.person))
            continue
        others = [heights[k] for k in by_person.get(one.person, []) if k != place]
        steps = [step for other in others if np.isfinite(step := _step(own, other))]
        step = min(steps, key=abs, default=0.0)  # of three recordings one may be wrong and not this one
        if abs(step) > OWN:
            # Of two each is as far from the other: the one farther from the archive is named.
            if len(others) == 1 and _strange(others[0], by_lead) > _strange(own, by_lead):
                continue
            what = f"QRS is {10**step:.3g} times as high as in the person's other recordings"
            found.append(Finding("wrong scale", one.name, min(1.0, abs(step) / (2 * OWN)), what, one.person))
            continue
        far = [
            (value - float(np.median(all_of)), _threshold(all_of))
            for key, value in own.items()
            if len(all_of := by_lead[key]) >= LEAST
        ]
        if far and np.median([abs(step) / limit for step, limit in far]) > 1:
            step = float(np.median([step for step, _ in far]))
            ratio = float(np.median([abs(step) / limit for step, limit in far]))
            what = f"QRS is {10**step:.3g} times as high as usual in these leads of this archive"
            found.append(Finding("wrong scale", one.name, min(1.0, ratio / 2), what, one.person))
    return found


def _heights(one: Seen) -> dict[tuple[str, str], float]:
    """Return the logarithm of the height of QRS by lead and unit; voltages in mV."""
    if one.shape is None:
        return {}
    units = dict(zip(one.channels, one.units, strict=True))
    found = {}
    for lead, height in one.shape.heights().items():
        unit = one.unit_of.get(lead, units.get(lead, ""))
        known, factor = canonical_unit(unit) if unit else ("", 1.0)
        if known in IN_VOLTS:
            factor, known = factor * IN_VOLTS[known] * 1e3, "mV"
        if height > 0:
            found[lead, known] = float(np.log10(height * factor))
    return found


def _step(own: dict[tuple[str, str], float], other: dict[tuple[str, str], float]) -> float:
    steps = [value - other[key] for key, value in own.items() if key in other]
    return float(np.median(steps)) if steps else float("nan")


def _threshold(values: Sequence[float]) -> float:
    middle = float(np.median(values))
    return max(float(ARCHIVE), SPREADS * 1.4826 * float(np.median(np.abs(np.array(values) - middle))))


def _strange(own: dict[tuple[str, str], float], by_lead: dict[tuple[str, str], list[float]]) -> float:
    return float(np.median([abs(value - float(np.median(by_lead[key]))) for key, value in own.items()] or [0.0]))


def findings_of_rate(one: Seen) -> list[Finding]:
    """Return a recording whose heart rate, QRS and T are together those of nobody, and of people at another rate."""
    if one.shape is None:
        return []
    chances = rate_chances(one.shape)
    best = max(chances, key=lambda factor: chances[factor])
    if best == 1.0 or chances[best] < 0.5:
        return []
    now, rate = one.shape, one.sampling_rate * best
    what = (
        f"{60 / now.rr:.0f} beats/min with a QRS complex of {1000 * now.qrs:.0f} ms are nobody's; at {rate:.4g} Hz "
        f"instead of {one.sampling_rate:.4g} Hz they would be {60 * best / now.rr:.0f} and {1000 * now.qrs / best:.0f}"
    )
    return [Finding("wrong rate", one.name, chances[best], what, one.person)]


def rate_chances(shape: Shape) -> dict[float, float]:
    """Return how probable each true rate is, as a multiple of the stated one; of 1 before all 99 %.

    By a normal distribution of the logarithms of interval, width of QRS and time to T over people at rest.
    """
    table = usual()["rate"]
    values = np.log([shape.rr, shape.qrs, shape.t])
    known = np.isfinite(values)
    mean, cov = np.array(table["mean"])[known], np.array(table["cov"])[np.ix_(known, known)]
    inverse = np.linalg.inv(cov)
    logs = {}
    for factor in (1.0, *FACTORS):
        # At a true rate that is higher all takes less time.
        off = values[known] - np.log(factor) - mean
        prior = 1 - WRONG if factor == 1.0 else WRONG / len(FACTORS)
        # Tails are heavier than normal: nobody is more than 30 nats away.
        logs[factor] = float(np.log(prior) - min(0.5 * float(off @ inverse @ off), 30.0))
    most = max(logs.values())
    weights = {factor: float(np.exp(value - most)) for factor, value in logs.items()}
    return {factor: weight / sum(weights.values()) for factor, weight in weights.items()}
