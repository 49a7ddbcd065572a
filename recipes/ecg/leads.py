"""Leads that were not recorded: those of a heart that lies a little otherwise, and those between chest electrodes.

A person's heart turns with breath, posture and where electrodes are stuck; that is what changes one lead between two
days. Twelve leads show the heart's electric vector from all sides, so that other views of it can be computed:
each lead is taken to be what the vector gives in the lead's direction, and a rest that stays as it is.

The directions are those of Dower, Machado & Osborne (1980) (Clin Cardiol 3:87); the vector is fitted to the
eight independent leads by least squares, which is how Edenbrandt & Pahlm (1988) (J Electrocardiol 21:361),
inverted them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sigsimnet import Recording

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
# The augmented limb leads and, as wearables have them, leads between two chest electrodes.
DERIVED = {
    "III": {"II": 1.0, "I": -1.0},
    "aVR": {"I": -0.5, "II": -0.5},
    "aVL": {"I": 1.0, "II": -0.5},
    "aVF": {"II": 1.0, "I": -0.5},
    **{f"{b}-{a}": {b: 1.0, a: -1.0} for a, b in pairwise(INDEPENDENT[2:])},
    "V5-V1": {"V5": 1.0, "V1": -1.0},
    "V4-V2": {"V4": 1.0, "V2": -1.0},
    "V6-V3": {"V6": 1.0, "V3": -1.0},
}


def all_leads(recording: Recording) -> Recording:
    """Return the twelve leads of a recording and leads between chest electrodes, from its independent leads."""
    independent = np.stack([recording.data[recording.channel_index(name)] for name in INDEPENDENT]).astype(np.float64)
    return _named(recording, independent)


def turned(recording: Recording, degrees: float, rng: np.random.Generator) -> Recording:
    """Return the same leads of a heart that is turned about a random axis, by up to ``degrees``, and scaled along it.

    Raises
    ------
    SigSimNetError
        If one of the eight independent leads is missing.
    """
    independent = np.stack([recording.data[recording.channel_index(name)] for name in INDEPENDENT]).astype(np.float64)
    axis = rng.normal(size=3)
    axis *= np.deg2rad(degrees) * rng.uniform(0.3, 1.0) / np.linalg.norm(axis)
    vector = np.linalg.pinv(DOWER) @ independent
    turn = np.diag(rng.uniform(0.9, 1.1, 3)) @ Rotation.from_rotvec(axis).as_matrix()
    return _named(recording, independent + DOWER @ (turn @ vector - vector))


def _named(recording: Recording, independent: NDArray[np.float64]) -> Recording:
    named = dict(zip(INDEPENDENT, independent, strict=True))
    for name, parts in DERIVED.items():
        named[name] = np.sum([weight * named[lead] for lead, weight in parts.items()], axis=0)
    return Recording(
        np.stack(list(named.values())).astype(np.float32),
        recording.sampling_rate,
        channel_names=list(named),
        units="mV",
        metadata=recording.metadata,
        source=recording.source,
    )
