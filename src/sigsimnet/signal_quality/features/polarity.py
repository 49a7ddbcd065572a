"""Inverted polarity, inferred from the median beat: QRS, T and P of most leads point up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.median_beat import QRS, P, T

__all__ = ["UPRIGHT", "uprightness"]

Floats = NDArray[np.float64]

UPRIGHT = {"I": 1, "II": 1, "V5": 1, "V6": 1, "AVR": -1}
"""Leads whose waves point the same way in nearly everybody (Macfarlane 2010, Comprehensive Electrocardiology)."""


def shape_of(beats: Floats) -> Floats:
    """Return the features of polarity of each beat (n, 70): peaks of QRS and T, means of P and QRS, over QRS height.

    Examples
    --------
    >>> beat = np.sin(np.arange(70))[None]
    >>> bool(np.allclose(shape_of(beat), -shape_of(-beat)))
    True
    """
    height = np.ptp(beats[:, QRS], axis=1)
    scaled = beats / np.where(height > 0, height, 1.0)[:, None]
    qrs, after = scaled[:, QRS], scaled[:, T]
    peak = after[np.arange(len(after)), np.abs(after).argmax(axis=1)]
    before = (scaled[:, P] - scaled[:, :3].mean(axis=1, keepdims=True)).mean(axis=1)
    return np.column_stack(
        [qrs.max(axis=1) + qrs.min(axis=1), np.clip(peak, -1, 1), np.clip(5 * before, -1, 1), qrs.mean(axis=1)]
    )


def uprightness(beats: Floats, weights: Floats) -> Floats:
    """Return the log odds that each beat is upright; those of −x are the negative of those of x.

    Examples
    --------
    >>> uprightness(np.hanning(70)[None], np.array([1.0, 0.0, 0.0, 0.0])) > 0
    array([ True])
    """
    return np.asarray(shape_of(beats) @ weights)
