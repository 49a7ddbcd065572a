"""The reasons that are named for a second, and their thresholds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality._index import SHAPE_FAULTS
from sigsimnet.signal_quality.features.extract import Features
from sigsimnet.signal_quality.features.rolling import rolling_max

__all__ = ["FOR_ALL_OF_A_CHANNEL", "REASONS", "faults_of", "shape_faults_of"]

Floats = NDArray[np.float64]

REASONS = (
    "no signal",
    "flat",
    "clipped",
    "saturated",
    "wrapped",
    "mains",
    "baseline",
    "muscle",
    "motion",
    "spike",
    "step",
    "non-ECG shape",
    "polarity inverted",
    "leads likely swapped",
    "scaled separately",
)
FOR_ALL_OF_A_CHANNEL = ("polarity inverted", "leads likely swapped", "scaled separately")
"""Named for all seconds of a channel. They do not lower the index: only the sign, the name or the scale is wrong."""

FLAT_SHARE = 0.25  # of the second
MAINS = 0.05  # peak amplitude over the typical range
STEP = 0.5  # of the typical range
SURE = 0.9  # probability from which a fault is named for a good second


def faults_of(chunk: Features, *, steps: bool) -> dict[str, NDArray[np.bool_]]:
    """Return the faults that apply to any signal, by reason.

    Examples
    --------
    >>> from sigsimnet.signal_quality.features.extract import extract_features
    >>> chunk = next(extract_features(np.full(200, 3.0, dtype=np.float32), 100))
    >>> [reason for reason, there in faults_of(chunk, steps=True).items() if there.any()]
    ['flat']
    """
    faults = chunk.faults
    typical = np.where(chunk.typical_range > 0, chunk.typical_range, np.inf)
    beside = rolling_max(faults.wrapped.astype(np.float64), 1) > 0  # the jumps of counts that wrapped are no steps
    usable = ~chunk.unusable
    return {
        "no signal": faults.missing > 0.5,
        "flat": faults.flat >= FLAT_SHARE,
        "clipped": faults.clipped & usable,
        "saturated": faults.saturated > 0,
        "wrapped": faults.wrapped & usable,
        "mains": usable & (chunk.hum >= MAINS * typical),
        "motion": chunk.motion & usable & ~beside,
        "spike": chunk.spike & usable & ~beside,
        "step": usable & (faults.step >= STEP * typical) & ~beside & steps,
    }


def shape_faults_of(
    probabilities: Floats, bad: NDArray[np.bool_], moved: NDArray[np.bool_] | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Return the faults of the shape of an ECG, by reason.

    A fault is named from a probability of 0.5 on, in a good second from `SURE` on; a bad second without another reason
    gets the most probable one.

    Parameters
    ----------
    probabilities : ndarray, shape (n_seconds, 4)
        Of `SHAPE_FAULTS`.
    bad : ndarray of bool, shape (n_seconds,)
    moved : ndarray of bool, shape (n_seconds,), optional
        Seconds in which motion was found otherwise: they need no most probable one.

    Examples
    --------
    >>> found = shape_faults_of(np.array([[0.1, 0.2, 0.3, 0.0], [0.7, 0.0, 0.0, 0.0]]), np.array([True, False]))
    >>> [reason for reason, there in found.items() if there.any()]
    ['motion']
    """
    named = probabilities > np.where(bad, 0.5, SURE)[:, None]
    named[:, -1] &= bad  # a good second has the shape of an ECG
    if moved is not None:
        named[:, SHAPE_FAULTS.index("motion")] |= moved
    nothing = bad & ~named.any(axis=1)
    named[nothing, probabilities[nothing].argmax(axis=1)] = True
    return dict(zip(SHAPE_FAULTS, named.T, strict=True))
