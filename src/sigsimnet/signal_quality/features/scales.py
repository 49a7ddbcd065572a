"""Leads that were scaled each on its own: the limb leads no longer add up, or all have one range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.text import shorten_list
from sigsimnet.recording import Recording

__all__ = ["own_scales", "scaled_separately"]

Floats = NDArray[np.float64]

# Each further limb lead as a I + b II (Einthoven 1913; Goldberger 1942).
OF_I_AND_II = {"III": (-1.0, 1.0), "AVR": (-0.5, -0.5), "AVL": (1.0, -0.5), "AVF": (-0.5, 1.0)}
# RMS of a lead less the sum of its parts, over its own. LUDB's leads, each scaled to one range, leave 0.000 where the
# factors are free and 0.1 to 1.8 where they are 1; PTB-XL's leave at most 0.02 either way, of rounding to 1 µV.
LEFT_OVER = 0.1  # at most, with free factors
BETTER = 3.0  # times smaller with free factors than without
ADDS_UP = 0.05  # at least, without: less is rounding, or filters
ONE_RANGE = 0.002  # by which ranges, or standard deviations, differ that were set to one value
LEAST = 3  # leads that must have that range


def own_scales(one: Floats, two: Floats, third: Floats, weights: tuple[float, float]) -> tuple[float, float] | None:
    """Return the factors of lead I and II with which they make up a third limb lead; None where theirs are right.

    The factors are relative to those of the same electrodes: 1 and 1 where all leads have one scale. Factors that are
    negative, or leave much over, mean that something else is wrong: None, too.

    Parameters
    ----------
    one, two, third : ndarray, shape (n_samples,)
        Simultaneous, nothing missing, in any units.
    weights : (float, float)
        The third lead as a sum of I and II.

    Examples
    --------
    >>> one, two = np.sin(np.arange(99) / 5), np.cos(np.arange(99) / 9)
    >>> own_scales(one, two, two - one, (-1, 1)) is None
    True
    >>> np.round(own_scales(one / 2, two, two - one, (-1, 1)), 3).tolist()
    [2.0, 1.0]
    """
    one, two, third = (x - x.mean() for x in (one, two, third))
    parts = np.stack([weights[0] * one, weights[1] * two], axis=1)
    size = float(np.sqrt(np.mean(third**2)))
    if size == 0 or np.linalg.matrix_rank(parts) < 2:
        return None
    plain = float(np.sqrt(np.mean((third - parts.sum(axis=1)) ** 2))) / size
    factors = np.linalg.lstsq(parts, third, rcond=None)[0]
    left = float(np.sqrt(np.mean((third - parts @ factors) ** 2))) / size
    if plain < ADDS_UP or left > LEFT_OVER or plain < BETTER * left or factors.min() <= 0:
        return None
    return float(factors[0]), float(factors[1])


def scaled_separately(recording: Recording, minute: Recording, rows: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """Return the channels whose scales are their own, and a sentence.

    Parameters
    ----------
    recording : Recording
        The whole: ranges that were set to one value are those of the whole.
    minute : Recording
        The best minute of it, on which the limb leads are added up.
    rows : mapping of str to int
        Row of each of the twelve leads that there are (`sigsimnet.channels.lead_of`).

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> twelve = simulate(1, 1, duration=10, seed=1)[0]
    >>> scaled_separately(twelve, twelve, {"I": 0})
    ([], [])
    """
    where = list(rows.values())
    names = shorten_list([recording.channel_names[row] for row in where], 4)
    meaning = "amplitudes and axis mean nothing between leads, and electrodes cannot be checked"
    if "I" in rows and "II" in rows:
        for lead, weights in OF_I_AND_II.items():
            if lead not in rows:
                continue
            three = minute.data[[rows["I"], rows["II"], rows[lead]]].astype(np.float64)
            one, two, third = three[:, ~np.isnan(three).any(axis=0)]
            factors = own_scales(one, two, third, weights) if len(one) else None
            if factors is not None:
                own = f"{lead} is made up of {factors[0]:.2g} × I and {factors[1]:.2g} × II instead of 1 × each"
                return where, [f"leads {names}: scaled separately ({own}): {meaning}"]
    if len(where) >= LEAST and _one_range(recording.data[where]):
        return where, [f"leads {names}: scaled separately (all have the same range): {meaning}"]
    return [], []


def _one_range(data: NDArray[np.float32]) -> bool:
    """Return whether leads that differ have one range, or one standard deviation."""
    if np.isnan(data).all(axis=1).any():
        return False
    for sizes in (np.nanmax(data, axis=1) - np.nanmin(data, axis=1), np.nanstd(data, axis=1, dtype=np.float64)):
        if sizes.min() > 0 and sizes.max() <= (1 + ONE_RANGE) * sizes.min():
            rows = np.nan_to_num(data[:, :: max(1, data.shape[1] // 10_000)].astype(np.float64))
            return bool(np.abs(np.corrcoef(rows)).min() < 0.99)  # one lead under several names has one range, too
    return False
