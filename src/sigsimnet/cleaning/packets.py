"""Steps at the borders of packets, as wearables make them: removed, so that packets join."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.settings import Positive, checked
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = ["Repaired", "repair_steps"]

Floats = NDArray[np.float64]


class Repaired(NamedTuple):
    """A recording whose steps were removed, and where they were (sample, into its data, by channel).

    Examples
    --------
    >>> repair_steps(Recording([0.0] * 20, 10)).steps
    ()
    """

    recording: Recording
    steps: tuple[tuple[str, int, float], ...]


@checked
def repair_steps(
    recording: Recording, *, every: int | None = None, threshold: Positive = 8.0, packets_only: bool = False
) -> Repaired:
    """Join packets that are offset against each other.

    Wearables send packets whose offsets differ: a step at the border of each. The step is the jump at a border less
    the slope around it; it is subtracted from all later samples of the span. Where the reader found packets
    (``samples_per_packet`` in the metadata: from the time stamps, or from steps on a grid) and more than half of their
    borders carry a jump, the steps at all borders are removed, large or small; other jumps are movement and stay.

    Parameters
    ----------
    recording : Recording
    every : int, optional
        Samples of a packet, the first of which begins with the span. By default, where no packets are known,
        borders are detected: jumps ``threshold`` times as large as the usual step
        between samples (median absolute difference, of 2 s and the 2 s on either side) that are not reversed within
        40 ms, as in a QRS complex.
    threshold : float, default 8
        For borders that are found.
    packets_only : bool, default False
        Only join packets that the reader found.

    Returns
    -------
    Repaired
        With (channel, sample, size of the step) of each.

    Raises
    ------
    ParameterError
        If ``every`` or ``threshold`` is not positive.

    Examples
    --------
    >>> t = np.arange(400) / 100
    >>> broken = np.sin(t) + 5.0 * (t >= 2)
    >>> mended = repair_steps(Recording(broken, 100))
    >>> [(name, sample, round(size)) for name, sample, size in mended.steps]
    [('ch1', 200, 5)]
    """
    if (every is not None and every < 2) or not threshold > 0:
        raise ParameterError(f"every is {every} and threshold {threshold}: a packet has at least 2 samples")
    data = recording.data.astype(np.float64)
    packet = recording.metadata.get("samples_per_packet")
    found: list[tuple[str, int, float]] = []
    for span, _ in recording.iter_spans():
        own, rate = data[:, span.start : span.stop], recording.sampling_rate
        borders = np.arange(every, own.shape[1], every) if every is not None else None
        if every is None and packet is not None:
            borders = _borders(own, int(packet))
        if borders is not None:
            steps = [_steps_at(x, borders) for x in own]
        elif packets_only:
            steps = [[] for _ in own]
        else:
            steps = [_steps_of(x, rate, threshold) for x in own]
        for row, (name, found_steps) in enumerate(zip(recording.channel_names, steps, strict=True)):
            shift = np.zeros(own.shape[1])
            for at, size in found_steps:
                shift[at] += size
                found.append((name, span.start + at, size))
            own[row] -= np.cumsum(shift)
    return Repaired(recording.replace(data=data.astype(np.float32)), tuple(found))


def _steps_of(x: Floats, rate: float, threshold: float) -> list[tuple[int, float]]:
    """Return the first sample and the size of steps that exceed the usual difference and are not reversed."""
    if len(x) < 8:
        return []
    jump = np.diff(x)
    known = np.where(np.isnan(jump), 0.0, np.abs(jump))
    usual = _usual(known, max(3, round(2.0 * rate)))
    usual = np.maximum(usual, 1e-9 * max(1.0, float(np.nanmax(np.abs(x))) if np.isfinite(x).any() else 1.0))
    wide = max(2, round(0.04 * rate))
    # The signal after a step is calm at once, unlike the slopes of a QRS complex.
    ahead = np.append(known[1:], np.zeros(wide - 1))
    following = np.lib.stride_tricks.sliding_window_view(ahead, wide - 1).max(axis=1)
    outstanding = np.flatnonzero((known > threshold * usual) & (following < 0.5 * known))
    staying = [int(k) + 1 for k in outstanding if _stays(x, int(k), wide, jump[k])]
    steps = _steps_at(x, np.asarray(staying, dtype=np.int64))
    return [(at, size) for at, size in steps if abs(size) > threshold * usual[at - 1]]


def _usual(known: Floats, window: int) -> Floats:
    """Return the median of each window, and of the three such medians around it the median, for every value."""
    n = max(1, len(known) // window)
    edges = np.linspace(0, len(known), n + 1).astype(int)
    medians = np.array([np.median(known[a:b]) for a, b in pairwise(edges.tolist())])
    smooth = ndimage.median_filter(medians, 3, mode="nearest") if n > 2 else medians
    return np.asarray(np.repeat(smooth, np.diff(edges)), dtype=np.float64)


def _steps_at(x: Floats, borders: NDArray[np.int64]) -> list[tuple[int, float]]:
    """Return the size of the step at each border (first sample after it): the jump less the slope around it."""
    jump = np.diff(x)
    steps = []
    for at in borders.tolist():
        k = at - 1
        near = jump[max(0, k - 2) : k].tolist() + jump[k + 1 : k + 3].tolist()
        slope = float(np.nanmedian(near)) if np.isfinite(near).any() else 0.0
        size = float(jump[k] - slope)
        if np.isfinite(size) and jump[k] != 0:
            steps.append((at, size))
    return steps


def _borders(samples: Floats, size: int) -> NDArray[np.int64] | None:
    """Return the borders of packets of a known size: the phase at which most of the jumps lie, if one stands out.

    It does when, in some channel, more than half of its places carry a jump larger than 95 % of all and three times the
    median.
    """
    best, best_share = -1, 0.5
    for x in samples:
        jump = np.abs(np.diff(x))
        known = jump[np.isfinite(jump)]
        n = len(jump) // size
        if len(known) < 100 or n < 4:
            continue
        least = max(float(np.percentile(known, 95)), 3 * float(np.median(known)))
        large = (jump[: n * size] > least).reshape(n, size).mean(axis=0)
        if large.max() > best_share:
            best, best_share = int(large.argmax()), float(large.max())
    return np.arange(best + 1, samples.shape[1], size, dtype=np.int64) if best >= 0 else None


def _stays(x: Floats, k: int, wide: int, jump: float) -> bool:
    """Return whether the level after a jump keeps most of it: the medians of both sides differ by at least half."""
    before, after = x[max(0, k - wide + 1) : k + 1], x[k + 1 : k + 1 + wide]
    if len(before) < 2 or len(after) < 2 or np.isnan(before).all() or np.isnan(after).all():
        return False
    moved = float(np.nanmedian(after) - np.nanmedian(before))
    calm = float(np.nanmax(np.abs(np.diff(after)), initial=0.0)) < 0.5 * abs(jump)
    return calm and moved * jump > 0 and abs(moved) > 0.5 * abs(jump)
