"""The shared back of the detectors: which way the R wave points, and where its tip is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["polarity_of", "snap"]


def _around(
    x: NDArray[np.float64], centres: NDArray[np.int64], half: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    where = centres[:, None] + np.arange(-half, half + 1)[None, :]
    values = x[np.clip(where, 0, len(x) - 1)]
    values = np.where((where < 0) | (where >= len(x)), 0.0, values)
    return np.nan_to_num(values), where


def polarity_of(x: NDArray[np.float64], centres: NDArray[np.int64], half: int) -> int:
    """Return +1 when the largest deflection of most beats points up, −1 when it points down.

    The vote is taken over the whole record, so that ``x`` and ``−x`` always get opposite answers and hence the same
    peaks.
    """
    if not len(centres):
        return 1
    values, _ = _around(x, centres, half)
    up, down = values.max(axis=1), -values.min(axis=1)
    balance = float(np.median((up - down) / np.maximum(up + down, 1e-12)))
    return 1 if balance >= 0 else -1


def snap(
    x: NDArray[np.float64],
    centres: NDArray[np.int64],
    half: int,
    polarity: int,
) -> NDArray[np.float64]:
    """Return the tip of the R wave near each centre, at sub-sample precision, in samples.

    A beat whose deflection against the record's polarity is more than twice as large (a ventricular beat, say) is
    marked at that deflection instead. A parabola through the tip and its two neighbours gives the fraction.
    """
    if not len(centres):
        return np.empty(0)
    values, where = _around(polarity * x, centres, half)
    against = -values.min(axis=1) > 2.0 * np.maximum(values.max(axis=1), 0.0)
    upright = np.where(against[:, None], -values, values)
    tip = upright.argmax(axis=1)
    inner = np.clip(tip, 1, upright.shape[1] - 2)
    row = np.arange(len(centres))
    left, top, right = upright[row, inner - 1], upright[row, inner], upright[row, inner + 1]
    bend = left - 2 * top + right
    shift = np.where((bend < 0) & (inner == tip), 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    return np.asarray(where[row, tip] + np.clip(shift, -0.5, 0.5), dtype=np.float64)
