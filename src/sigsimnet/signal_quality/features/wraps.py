"""Counts that ran over the end of their width: the signal leaves at one end of the scale and enters at the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.signal_quality.features.rolling import rolling_sum

__all__ = ["wrapped_seconds"]

Floats = NDArray[np.float64]

REACH = 30  # s to either side, in which the ends of the scale are looked for
JUMP = 0.8  # of the range within REACH, from one sample to the next: nothing physiological does that twice
GENTLE = 0.4  # of that range: the steps before and after the jump are smaller
SMOOTH = 0.03  # of that range: the median step of the second; a strong EMG in 8 bits jumps from end to end, too
LEAST = 2  # jumps within REACH: out and back
AGREE = (0.6, 0.5, 1.0)  # of n jumps go on the way the signal was going: 0.6, and 0.5 + 1/√n, two standard errors
FILLED = 0.8  # of the jumps happen in such a range
FULL = 0.95  # of a power of two, in quanta: the range of counts that fill their width
BITS = (7, 17)  # widths that can be told so: float32 does not hold the quanta of wider ones
ROUNDING = 1e-6  # of the highest value
SLOWEST = 20.0  # Hz: below, one sample to the next may be a whole wave


def wrapped_seconds(
    x: NDArray[np.float32], edges: NDArray[np.int64], rate: float, ends: tuple[Floats, Floats]
) -> NDArray[np.bool_]:
    """Return the seconds in which counts ran over the end of their width (8, 12, 16, 24 bits, signed or not).

    Integers that overflow come out at the other end of the scale: 32767 is followed by −32768. Whatever the width and
    the gain, such a jump takes one sample and nearly all of the range. Two signs distinguish it from steps and loose
    contacts, of which most of the jumps around must have one: the signal goes on in the direction in which it left, or
    the range is a power of two in quanta.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        NaN = missing.
    edges : ndarray of int, shape (n_seconds + 1,)
        From `second_edges`.
    rate : float
        In Hz.
    ends : (ndarray, ndarray), shape (n_seconds,)
        Highest and lowest value within 30 s of each second.

    Examples
    --------
    >>> wave = 40000 * np.sin(2 * np.pi * np.arange(1000) / 250)
    >>> counts = np.int64(wave).astype(np.int16).astype(np.float32)  # 40000 does not fit
    >>> wrapped_seconds(counts, np.arange(0, 1001, 250), 250.0, (np.full(4, 32767.0), np.full(4, -32767.0))).tolist()
    [True, True, True, True]
    """
    n = len(edges) - 1
    none = np.zeros(n, dtype=bool)
    if rate < SLOWEST or len(x) < 4:
        return none
    step = np.diff(x.astype(np.float64))
    second = np.searchsorted(edges, np.arange(len(step)), side="right") - 1
    span = np.where(ends[0] > ends[1], ends[0] - ends[1], np.inf)
    far = np.abs(step) >= JUMP * span[second]
    at = np.flatnonzero(far)
    if len(at) < LEAST:
        return none
    own = span[second[at]]
    before = _joined(step, far, np.maximum(at - 1, 0), own)
    after = _joined(step, far, np.minimum(at + 1, len(step) - 1), own)
    gentle = (np.abs(before) <= GENTLE * own) & (np.abs(after) <= GENTLE * own)
    gentle &= (_typical_steps(step, second, second[at], n) <= SMOOTH * span)[second[at]]
    onwards = gentle & ((before + after) * step[at] < 0)
    counts = np.round(own / _quantum(step, ROUNDING * float(np.nanmax(np.abs(x))))) + 1
    width = np.ceil(np.log2(np.maximum(counts, 2)) - 0.015)  # a hundredth for rounding
    full = gentle & (width >= BITS[0]) & (width <= BITS[1]) & (counts >= FULL * 2**width)
    n_jumps, n_onwards, n_full = (
        rolling_sum(np.bincount(second[at], weights=weights, minlength=n), REACH) for weights in (None, onwards, full)
    )
    # Between levels that a contact or a switch jumps to there is nothing; of a wave that runs over the end there is.
    inside = np.abs(x - np.repeat(0.5 * (ends[0] + ends[1]), np.diff(edges))) <= 0.25 * np.repeat(span, np.diff(edges))
    between = rolling_sum(np.add.reduceat(inside, edges[:-1], dtype=np.int64), REACH) >= n_jumps
    most = np.clip(AGREE[1] + AGREE[2] / np.sqrt(np.maximum(n_jumps, 1)), AGREE[0], 1.0)
    wrapped = (n_jumps >= LEAST) & ((between & (n_onwards >= most * n_jumps - 1e-9)) | (n_full >= FILLED * n_jumps))
    found = none.copy()
    hit = at[gentle & wrapped[second[at]]]
    found[second[hit]] = True
    found[second[np.minimum(hit + 1, len(second) - 1)]] = True
    return found


def _quantum(step: Floats, rounding: float) -> float:
    """Return the step of which all others are multiples; infinite where there is none.

    A gain leaves rounding errors between equal values: they are no quanta.
    """
    moves = np.abs(step[np.isfinite(step)])
    moves = moves[moves > rounding]
    quantum = float(moves.min())
    multiples = moves[moves < 20.5 * quantum] / quantum
    whole = np.abs(multiples - np.rint(multiples)) <= 0.1
    return quantum if whole.mean() >= 0.95 else np.inf


def _typical_steps(step: Floats, second: NDArray[np.int64], wanted: NDArray[np.int64], n: int) -> Floats:
    """Return the median step of each wanted second, without steps of 0 (held samples); infinite of the others."""
    found = np.full(n, np.inf)
    for one in np.unique(wanted).tolist():
        own = np.abs(step[np.searchsorted(second, one) : np.searchsorted(second, one, side="right")])
        moves = own[own > 0]  # NaN is not
        found[one] = np.median(moves) if len(moves) else np.inf
    return found


def _joined(step: Floats, far: NDArray[np.bool_], at: NDArray[np.int64], span: Floats) -> Floats:
    """Return steps from sample to sample, where the ends of the scale are one: a jump is what it lacks of the range."""
    value = np.nan_to_num(step[at])
    return np.where(far[at], value - np.sign(value) * span, value)
