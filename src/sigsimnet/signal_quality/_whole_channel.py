"""Faults of whole channels: inverted polarity, swapped leads, and leads that were scaled each on its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS, lead_of
from sigsimnet.peaks import Peaks
from sigsimnet.recording import Recording
from sigsimnet.signal_quality._reasons import REASONS
from sigsimnet.signal_quality._result import Quality
from sigsimnet.signal_quality.features.leads import SWAPS, flat_lead, swap_scores
from sigsimnet.signal_quality.features.median_beat import best_minute, median_beats
from sigsimnet.signal_quality.features.polarity import UPRIGHT, uprightness
from sigsimnet.signal_quality.features.scales import scaled_separately

__all__ = ["whole_channel_faults"]

Floats = NDArray[np.float64]

# Thresholds of the log odds. benchmarks/quality/results.csv: the share of PTB-XL's patients outside the training set
# that is flagged, and the share of leads swapped or inverted by computation that is found.
SWAPPED = 3.0
INVERTED = {"I": 1.5, "II": 3.0, "V5": 2.0, "V6": 1.5, "AVR": 2.0, "": 3.0}
LEGIBLE = 0.1  # index from which a lead can be compared with the others: its median beat is less noisy than its beats
ADDS_UP = 0.3  # RMS of II − I − III over the largest RMS of the three: rounding and filters leave less


def whole_channel_faults(recording: Recording, found: Quality, peaks: Mapping[str, Peaks] | None = None) -> Quality:
    """Return ``found`` with the faults of whole channels added to its reasons and warnings.

    Parameters
    ----------
    recording : Recording
    found : Quality
        What `quality` found in each second.
    peaks : mapping of str to Peaks, optional
        R peaks by channel, where they were found before.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.signal_quality import quality
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> quality(recording.replace(data=-recording.data)).warnings
    ('channel I: polarity likely inverted: its waves point down',)
    """
    if found.modality != "ecg" or not found.good.any():
        return found
    limits = best_minute(recording, found)
    if limits is None:
        return found
    first, last = limits
    minute = Recording(recording.data[:, first:last], recording.sampling_rate, channel_names=recording.channel_names)
    r_peaks = {
        name: own.samples[(own.samples >= first) & (own.samples < last)] - first for name, own in (peaks or {}).items()
    }
    seconds = slice(*np.searchsorted(found.starts, limits))
    sound = found.good[:, seconds].mean(axis=1) >= 0.5
    legible = (found.index[:, seconds] >= LEGIBLE).mean(axis=1) >= 0.5
    rows = {lead_of(name): row for row, name in enumerate(recording.channel_names)}
    swapped: list[int] = []
    scaled, warnings = scaled_separately(recording, minute, {lead: row for lead, row in rows.items() if lead})
    if not scaled and all(lead in rows and legible[rows[lead]] for lead in ("I", "II", *CHEST_LEADS)):
        swapped, warnings = _swaps(minute, rows, next(iter(r_peaks.values()), None))
    names = recording.channel_names
    inverted = [
        row
        for row in range(len(sound))
        if sound[row] and row not in swapped and _inverted(minute, row, r_peaks.get(names[row]))
    ]
    warnings += [f"channel {names[row]}: polarity likely inverted: {_direction(names[row])}" for row in inverted]
    reasons = found.reasons.copy()
    there = found.index > 0
    faults = ((inverted, "polarity inverted"), (swapped, "leads likely swapped"), (scaled, "scaled separately"))
    for which, reason in faults:
        reasons[which, :, REASONS.index(reason)] = there[which]
    return replace(found, reasons=reasons, warnings=(*found.warnings, *warnings))


def _direction(name: str) -> str:
    return "its waves point up" if UPRIGHT.get(lead_of(name)) == -1 else "its waves point down"


def _inverted(minute: Recording, row: int, r_peaks: NDArray[np.int64] | None) -> bool:
    lead = lead_of(minute.channel_names[row])
    if lead and lead not in UPRIGHT:
        return False  # both polarities are normal
    beats = median_beats(minute.pick(row), 0, r_peaks=r_peaks)
    if beats is None:
        return False
    odds = float(uprightness(beats, _weights()["upright"])[0]) * UPRIGHT.get(lead, 1)
    return odds < -INVERTED[lead]


def _swaps(minute: Recording, rows: dict[str, int], r_peaks: NDArray[np.int64] | None) -> tuple[list[int], list[str]]:
    limb = [rows[lead] for lead in LIMB_LEADS if lead in rows]
    names = ", ".join(minute.channel_names[row] for row in limb)
    if "III" in rows:
        one, two, three = (minute.data[rows[lead]].astype(np.float64) for lead in ("I", "II", "III"))
        known = ~np.isnan(one + two + three)
        if not known.any():
            return [], []
        centred = [x[known] - x[known].mean() for x in (two - one - three, one, two, three)]
        off, *sizes = (float(np.sqrt(np.mean(x**2))) for x in centred)
        if off > ADDS_UP * max(sizes):
            why = "channels are misnamed, inverted or not simultaneous"
            return limb, [f"leads I, II and III do not add up (II = I + III, Einthoven): {why}"]
    beats = median_beats(minute, r_peaks=r_peaks)
    if beats is None:
        return [], []
    one, two = beats[rows["I"]], beats[rows["II"]]
    flat = flat_lead(one, two)
    if flat:
        arm = "right" if flat == "II" else "left"
        return limb, [f"leads {names}: {arm} arm and right leg likely swapped: lead {flat} is nearly flat"]
    chest = beats[[rows[lead] for lead in CHEST_LEADS]]
    weights = _weights()
    scores = swap_scores(one[None], two[None], chest[None], weights["chest_to_limb"], weights["limbs"])[0]
    best = int(scores.argmax())
    if best == 0 or scores[best] - scores[0] <= SWAPPED:
        return [], []
    return limb, [f"leads {names}: limb electrodes likely swapped: {list(SWAPS)[best]}"]


@cache
def _weights() -> dict[str, Floats]:
    text = json.loads(files("sigsimnet.signal_quality").joinpath("leads.json").read_text(encoding="utf-8"))
    return {name: np.array(values) for name, values in text.items()}
