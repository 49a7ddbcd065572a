"""`Measurement`: one quantity of a recording, with what it spreads over beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["FEWEST", "Measurement", "summary_of"]

FEWEST = 3
"""Beats of which a spread means something."""


@dataclass(frozen=True)
class Measurement:
    """One quantity of a recording: the median over its beats.

    Attributes
    ----------
    name : str
        Such as ``"QT"`` or ``"T amplitude"``.
    channel : str
        ``""`` for what is of the whole recording.
    value : float
        Median over beats; NaN where fewer than three have it.
    unit : str
    low, high : float
        95 % interval of the median, from the order of the beats' values (Conover 1999, section 3.2); NaN below 6 beats.
    spread : float
        Standard deviation from beat to beat, robust (1.4826 times the median absolute deviation).
    n_beats : int
        That have it.

    Examples
    --------
    >>> Measurement("QT", "", 398.0, "ms", 395.0, 401.0, 3.0, 24).value
    398.0
    """

    name: str
    channel: str
    value: float
    unit: str
    low: float
    high: float
    spread: float
    n_beats: int


def summary_of(name: str, channel: str, values: Any, unit: str) -> Measurement:
    known = np.sort(np.asarray(values, dtype=np.float64)[np.isfinite(values)])
    n = len(known)
    if n < FEWEST:
        nan = float("nan")
        return Measurement(name, channel, nan, unit, nan, nan, nan, n)
    middle = float(np.median(known))
    low = high = float("nan")
    if n >= 6:
        reach = 1.96 * np.sqrt(n) / 2
        low = float(known[max(0, int(np.floor(n / 2 - reach)))])
        high = float(known[min(n - 1, int(np.ceil(n / 2 + reach)) - 1)])
    spread = 1.4826 * float(np.median(np.abs(known - middle)))
    return Measurement(name, channel, middle, unit, low, high, spread, n)
