"""Swapped limb electrodes: the limb leads are compared with those that the chest leads predict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.median_beat import QRS, P, T

__all__ = ["SWAPS", "flat_lead", "limb_features", "swap_scores"]

Floats = NDArray[np.float64]

_RA_LA = np.array([[-1.0, 0.0], [-1.0, 1.0]])  # I → −I, II → III = II − I
_LA_LL = np.array([[0.0, 1.0], [1.0, 0.0]])  # I ↔ II
SWAPS = {  # what each swap makes of leads I and II; chest leads stay, since the mean of the three limbs does
    "none": np.eye(2),
    "right arm and left arm": _RA_LA,
    "right arm and left leg": np.array([[1.0, -1.0], [0.0, -1.0]]),  # I → −III, II → −II
    "left arm and left leg": _LA_LL,
    "all three (right arm, left arm, left leg, in turn)": _RA_LA @ _LA_LL,
    "all three (right arm, left leg, left arm, in turn)": _LA_LL @ _RA_LA,
}
NEARLY_FLAT = 0.03  # of the largest limb lead: both electrodes sit on the legs


def limb_features(one: Floats, two: Floats, chest: Floats, chest_to_limb: Floats) -> Floats:
    """Return how well the chest leads predict leads I and II, and the areas and heights of their waves.

    Parameters
    ----------
    one, two : ndarray, shape (n, 70)
        Median beats.
    chest : ndarray, shape (n, 6, 70)
    chest_to_limb : ndarray, shape (6, 2)
        Leads I and II as sums of V1 to V6.

    Returns
    -------
    ndarray, shape (n, 17)

    Examples
    --------
    >>> limb_features(np.ones((1, 70)), np.ones((1, 70)), np.ones((1, 6, 70)), np.ones((6, 2))).shape
    (1, 17)
    """
    expected = np.einsum("nct,ck->nkt", chest, chest_to_limb)
    three = two - one
    columns = [
        _correlation(one, expected[:, 0]),
        _correlation(two, expected[:, 1]),
        _correlation(three, expected[:, 1] - expected[:, 0]),
    ]
    height = np.abs(np.stack([one, two, three])).max(axis=(0, 2))
    scale = np.where(height > 0, height, 1.0)[:, None]
    for lead in (one / scale, two / scale, three / scale):
        columns += [
            np.clip((lead[:, P] - lead[:, :3].mean(axis=1, keepdims=True)).sum(axis=1), -3, 3),
            lead[:, QRS].sum(axis=1),
            lead[:, QRS].max(axis=1) + lead[:, QRS].min(axis=1),
            np.clip(lead[:, T].sum(axis=1) / 5, -3, 3),
        ]
    for lead, other in ((one, expected[:, 0]), (two, expected[:, 1])):
        error, power = ((lead - other) ** 2).sum(axis=1), (other**2).sum(axis=1)
        columns.append(-np.log(error / np.where(power > 0, power, 1.0) + 0.05))
    return np.stack(columns, axis=1)


def swap_scores(one: Floats, two: Floats, chest: Floats, chest_to_limb: Floats, weights: Floats) -> Floats:
    """Return the log odds of each of `SWAPS` given leads as they were named; only differences have a meaning.

    Each swap is undone, and the result is scored with the same weights: a conditional logit over six ways to name
    three electrodes. That the leads of the frontal plane are redundant with the chest leads was used by Kors & van
    Herpen 2001 (Am J Cardiol 88:396), redundancy and wave shapes together by Han, Gregg, Feild & Babaeizadeh 2014 (J
    Electrocardiol 47:781); what swaps do to each lead is in Krasteva, Jekova & Schmid 2019 (doi:10.3390/s19132920).
    Swaps of chest electrodes are not detected.

    Returns
    -------
    ndarray, shape (n, 6)

    Examples
    --------
    >>> beats = np.hanning(70)[None]
    >>> swap_scores(beats, beats, np.ones((1, 6, 70)), np.ones((6, 2)), np.ones(17)).shape
    (1, 6)
    """
    largest = np.abs(chest).max(axis=(1, 2))
    scale = np.where(largest > 0, largest, 1.0)[:, None]
    limbs = np.stack([one / scale, two / scale])
    scores = []
    for swap in SWAPS.values():
        undone = np.einsum("jk,knt->jnt", np.linalg.inv(swap), limbs)
        scores.append(limb_features(undone[0], undone[1], chest / scale[..., None], chest_to_limb) @ weights)
    return np.stack(scores, axis=1)


def flat_lead(one: Floats, two: Floats) -> str:
    """Return ``"II"`` or ``"III"`` when it is nearly flat compared with the others, else ``""``.

    The potentials of the two legs differ little: a nearly flat lead II is one between the legs, with the right arm's
    electrode on the right leg; a nearly flat III the same of the left arm (Batchvarov, Malik & Camm 2007,
    doi:10.1093/europace/eum198).

    Examples
    --------
    >>> flat_lead(np.hanning(70), 0.01 * np.hanning(70))
    'II'
    """
    heights = {name: float(np.ptp(lead[QRS])) for name, lead in (("I", one), ("II", two), ("III", two - one))}
    for name in ("II", "III"):
        if heights[name] < NEARLY_FLAT * max(heights.values()):
            return name
    return ""


def _correlation(a: Floats, b: Floats) -> Floats:
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.where(size > 0, size, 1.0))
