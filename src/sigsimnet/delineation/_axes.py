"""Axes of QRS and T, and the angle between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import lead_of
from sigsimnet.delineation._measurement import FEWEST, Measurement, summary_of
from sigsimnet.delineation._median import MISSING, samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.delineation._result import Delineation
    from sigsimnet.recording import Recording

__all__ = ["axes_of"]

_KORS = {
    "I": (0.38, -0.07, 0.11), "II": (-0.07, 0.93, -0.23), "V1": (-0.13, 0.06, -0.43), "V2": (0.05, -0.02, -0.06),
    "V3": (-0.01, -0.05, -0.14), "V4": (0.14, 0.06, -0.20), "V5": (0.06, -0.17, -0.11), "V6": (0.54, 0.13, 0.31),
}  # fmt: skip
"""X, Y, Z of eight leads: the regression of Kors et al. 1990, doi:10.1093/oxfordjournals.eurheartj.a059647."""


def _areas(x: NDArray[np.float64], rate: float, found: Delineation, name: str, usual: Any) -> Any:
    """Return the net area of QRS and T of each beat (mV s), shape (n_beats, 2)."""
    areas = np.full((len(found), 2), np.nan)
    marks = samples_of(found, name)
    # Where a lead shows no complex of its own (its axis stands square to it) those of the others say where it is.
    of_all = np.full(marks.shape, MISSING)
    known = np.isfinite(found.marks).any(axis=0)
    of_all[known] = np.rint(np.nanmedian(found.marks[:, known], axis=0)).astype(np.int64)
    marks = np.where(marks == MISSING, of_all, marks)
    for beat in np.flatnonzero(usual).tolist():
        _, (onset, _, offset), (t_on, _, t_off) = marks[beat].tolist()
        if onset == MISSING:
            continue
        areas[beat, 0] = x[onset : offset + 1].sum() / rate
        if t_on != MISSING:
            areas[beat, 1] = x[t_on : t_off + 1].sum() / rate
    return areas


def axes_of(
    recording: Recording, found: Delineation, usual: Any, levels: Mapping[str, NDArray[np.float64]]
) -> list[Measurement]:
    """Return the frontal axes of QRS and T, and the angle between both vectors, of channels without their baseline."""
    standard = {lead_of(name): name for name in found.channel_names if lead_of(name)}
    areas = {lead: _areas(levels[name], recording.sampling_rate, found, name, usual) for lead, name in standard.items()}
    if "AVF" not in areas and {"I", "II"} <= areas.keys():
        areas["AVF"] = areas["II"] - areas["I"] / 2
    if not {"I", "AVF"} <= areas.keys():
        return []
    # aVF is augmented: 2/√3 brings it to the length of I (Novosel et al. 1999).
    x, y = areas["I"], areas["AVF"] * 2 / np.sqrt(3)
    angles = np.degrees(np.arctan2(y, x))
    items = [_circular("QRS axis", angles[:, 0]), _circular("T axis", angles[:, 1])]
    if _KORS.keys() <= areas.keys():
        vectors = sum(areas[lead][:, :, None] * np.array(weights) for lead, weights in _KORS.items())
    else:
        vectors = np.stack([x, y], axis=-1)
    dots = (vectors[:, 0] * vectors[:, 1]).sum(axis=-1)
    lengths = np.linalg.norm(vectors, axis=-1).prod(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.degrees(np.arccos(np.clip(dots / lengths, -1, 1)))
    return [*items, summary_of("QRS-T angle", "", between, "°")]


def _circular(name: str, degrees: Any) -> Measurement:
    """Return the summary of angles around their mean direction, so that 179° and −179° are near."""
    known = degrees[np.isfinite(degrees)]
    if len(known) < FEWEST:
        return summary_of(name, "", known, "°")
    mean = np.degrees(np.angle(np.exp(1j * np.radians(known)).mean()))
    around = (known - mean + 180) % 360 - 180
    found = summary_of(name, "", around, "°")
    value = (found.value + mean + 180) % 360 - 180
    shift = value - found.value
    return Measurement(name, "", value, "°", found.low + shift, found.high + shift, found.spread, found.n_beats)
