"""What can be wrong with a second, and the limits from which it is called so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality._index import SHAPE_FAULTS
from sigsimnet.signal_quality.features.extract import Features

__all__ = ["FOR_ALL_OF_A_CHANNEL", "REASONS", "faults_of", "shape_faults_of"]

Floats = NDArray[np.float64]

REASONS = (
    "no signal",
    "flat",
    "clipped",
    "saturated",
    "mains",
    "baseline",
    "muscle",
    "motion",
    "step",
    "non-ECG shape",
    "polarity inverted",
    "leads likely swapped",
)
FOR_ALL_OF_A_CHANNEL = ("polarity inverted", "leads likely swapped")
"""Named at all seconds of a channel; they leave the index alone: the samples are sound, their sign or name is not."""

FLAT_SHARE = 0.25  # of the second
MAINS = 0.05  # peak amplitude over the usual range
STEP = 0.5  # of the usual range
SURE = 0.9  # chance from which a second that is good all the same has a fault


def faults_of(part: Features, *, steps: bool) -> dict[str, NDArray[np.bool_]]:
    """Return the faults that any signal can have, by reason.

    Examples
    --------
    >>> from sigsimnet.signal_quality.features.extract import extract_features
    >>> part = next(extract_features(np.full(200, 3.0, dtype=np.float32), 100))
    >>> [reason for reason, there in faults_of(part, steps=True).items() if there.any()]
    ['flat']
    """
    faults = part.faults
    usual = np.where(part.usual_range > 0, part.usual_range, np.inf)
    return {
        "no signal": faults.missing > 0.5,
        "flat": faults.flat >= FLAT_SHARE,
        "clipped": faults.clipped & ~part.dead,
        "saturated": faults.saturated > 0,
        "mains": ~part.dead & (part.line >= MAINS * usual),
        "step": ~part.dead & (faults.step >= STEP * usual) & steps,
    }


def shape_faults_of(chances: Floats, bad: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Return the faults that show in the shape of an ECG, by reason.

    A fault is named from an even chance on, where in a good second it must be `SURE`; a bad second for which nothing
    else speaks gets the likeliest.

    Parameters
    ----------
    chances : ndarray, shape (n_seconds, 4)
        Of `SHAPE_FAULTS`.
    bad : ndarray of bool, shape (n_seconds,)

    Examples
    --------
    >>> found = shape_faults_of(np.array([[0.1, 0.2, 0.3, 0.0], [0.7, 0.0, 0.0, 0.0]]), np.array([True, False]))
    >>> [reason for reason, there in found.items() if there.any()]
    ['motion']
    """
    named = chances > np.where(bad, 0.5, SURE)[:, None]
    named[:, -1] &= bad  # what passes as an ECG has the shape of one
    nothing = bad & ~named.any(axis=1)
    named[nothing, chances[nothing].argmax(axis=1)] = True
    return dict(zip(SHAPE_FAULTS, named.T, strict=True))
