"""Outliers: samples that no body made. They are marked, or replaced; never deleted, so that time stays regular."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet.clean.missing import fill_gaps
from sigsimnet.clean.runs import runs_of
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = [
    "OUTLIERS",
    "Repaired",
    "find_clipped",
    "find_flat",
    "find_outliers",
    "outliers_of",
    "repair_steps",
    "replace_outliers",
]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
TO_SIGMA = 1.4826  # of a normal distribution, over its median absolute deviation


def find_outliers(
    recording: Recording, *, method: str = "beat", threshold: float | None = None, window: float = 10.0
) -> Mask:
    """Mark samples that stand out.

    Parameters
    ----------
    recording : Recording
    method : {"beat", "hampel", "rolling", "global", "iqr"}, default "beat"
        How far a sample may be from the middle, and what the middle and the scale are:

        - ``"beat"``: the median and the usual *swing* of the surrounding window: the median over its 1.5 s stretches
          of the largest deviation in each. R waves make the swing, so that they are no outliers, whatever their
          height; threshold 3.
        - ``"hampel"``: median and median absolute deviation of the window (Hampel 1974, doi:10.2307/2285666);
          threshold 3. Takes R waves for outliers in windows longer than a QRS complex: for slow signals.
        - ``"rolling"``: the same, with the deviation of the whole window scaled at quartiles, threshold 5.
        - ``"global"``: median and median absolute deviation of the channel; threshold 8.
        - ``"iqr"``: outside the quartiles by so many interquartile ranges (Tukey 1977); threshold 3.
    threshold : float, optional
        In units of the method's scale.
    window : float, default 10
        In s, of the methods that look around.

    Returns
    -------
    ndarray of bool, shape (n_channels, n_samples)
        Missing samples are no outliers.

    Raises
    ------
    ParameterError
        If the method is unknown or a number is not positive.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> data = recording.data.copy()
    >>> data[0, 1000] = 50.0  # mV
    >>> np.argwhere(find_outliers(recording.replace(data=data))).tolist()
    [[0, 1000]]
    """
    found = np.zeros(recording.data.shape, dtype=bool)
    for span, samples in recording.spans():
        for row, channel in enumerate(samples):
            found[row, span.start : span.stop] = outliers_of(
                channel, recording.sampling_rate, method=method, threshold=threshold, window=window
            )
    return found


def outliers_of(
    x: NDArray[np.floating],
    sampling_rate: float,
    *,
    method: str = "beat",
    threshold: float | None = None,
    window: float = 10.0,
) -> Mask:
    """Mark the outliers of one uninterrupted channel, as `find_outliers` does.

    Examples
    --------
    >>> outliers_of(np.array([0.0, 1.0, 0.0, 1.0, 90.0, 0.0]), 1.0, method="iqr").tolist()
    [False, False, False, False, True, False]
    """
    if method not in OUTLIERS:
        raise ParameterError(f"unknown kind of outliers {method!r} (known: {', '.join(OUTLIERS)})")
    rule, usual = OUTLIERS[method]
    limit = usual if threshold is None else threshold
    if not (0 < limit < np.inf and 0 < window < np.inf):
        raise ParameterError(f"threshold is {limit} and window {window} s: both must be positive")
    known = ~np.isnan(x)
    if known.sum() < 3:
        return np.zeros(len(x), dtype=bool)
    values = np.asarray(x[known], dtype=np.float64)
    middle, scale = rule(values, max(3, round(window * sampling_rate)), sampling_rate)
    found = np.zeros(len(x), dtype=bool)
    with np.errstate(invalid="ignore"):
        found[known] = np.abs(values - middle) > limit * scale
    return found


def _beat(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:
    stretch = max(3, round(1.5 * rate))
    n = max(1, len(x) // stretch)
    edges = np.linspace(0, len(x), n + 1).astype(int)
    pieces = [x[a:b] for a, b in pairwise(edges.tolist())]
    middle = np.array([np.median(piece) for piece in pieces])
    swing = np.array([np.abs(piece - m).max() for piece, m in zip(pieces, middle, strict=True)])
    around = max(3, round(window / stretch) | 1)
    swing = ndimage.median_filter(swing, min(around, 2 * n - 1), mode="nearest")
    centre = 0.5 * (edges[:-1] + edges[1:])
    # What never moves has no swing: any departure from it stands out.
    floor = 1e-12 * max(1.0, float(np.abs(x).max()))
    return np.interp(np.arange(len(x)), centre, middle), np.maximum(np.interp(np.arange(len(x)), centre, swing), floor)


def _hampel(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001 - one signature for all
    size = min(window | 1, 2 * len(x) - 1)
    middle = ndimage.median_filter(x, size, mode="reflect")
    spread = ndimage.median_filter(np.abs(x - middle), size, mode="reflect")
    return middle, np.maximum(TO_SIGMA * spread, 1e-12 * max(1.0, float(np.abs(x).max())))


def _rolling(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    size = min(window | 1, 2 * len(x) - 1)
    low, middle, high = (ndimage.percentile_filter(x, q, size, mode="reflect") for q in (25, 50, 75))
    return middle, np.maximum((high - low) / 1.349, 1e-12 * max(1.0, float(np.abs(x).max())))


def _global(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    middle = np.median(x)
    spread = max(TO_SIGMA * float(np.median(np.abs(x - middle))), 1e-12 * max(1.0, float(np.abs(x).max())))
    return np.full(len(x), middle), np.full(len(x), spread)


def _iqr(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    low, high = np.percentile(x, [25, 75])
    width = max(high - low, 1e-12 * max(1.0, float(np.abs(x).max())))
    # Beyond the nearer quartile by so many ranges is beyond the middle by half a range more.
    inside = np.clip(x, low, high)
    return inside, np.full(len(x), width)


Rule = Callable[[Floats, int, float], tuple[Floats, Floats]]
OUTLIERS: dict[str, tuple[Rule, float]] = {
    "beat": (_beat, 3.0),
    "hampel": (_hampel, 3.0),
    "rolling": (_rolling, 5.0),
    "global": (_global, 8.0),
    "iqr": (_iqr, 3.0),
}


def replace_outliers(
    recording: Recording, outliers: Mask, *, method: str = "linear", max_gap: float = 0.1
) -> tuple[Recording, Mask]:
    """Take outliers for missing, and bridge those runs that are short; longer ones become NaN.

    Parameters
    ----------
    recording : Recording
    outliers : ndarray of bool, shape (n_channels, n_samples)
        Such as of `find_outliers`.
    method, max_gap
        As in `fill_missing`; gaps that were there before stay.

    Returns
    -------
    Recording
    invented : ndarray of bool, shape (n_channels, n_samples)
        Samples that were bridged.

    Raises
    ------
    ParameterError
        If the mask has another shape than the data.

    Examples
    --------
    >>> recording = Recording([1, 90, 3], 10)
    >>> mended, invented = replace_outliers(recording, recording.data > 50)
    >>> mended.data.tolist()
    [[1.0, 2.0, 3.0]]
    """
    if outliers.shape != recording.data.shape:
        raise ParameterError(f"a mask of shape {outliers.shape} for data of shape {recording.data.shape}")
    longest = int(max_gap * recording.sampling_rate + 1e-9)
    data = np.where(outliers, np.nan, recording.data)
    for span, samples in recording.spans():
        for row in range(len(samples)):
            part = slice(span.start, span.stop)
            filled = fill_gaps(data[row, part], longest, method)
            data[row, part] = np.where(outliers[row, part], filled, data[row, part])
    return recording.replace(data=data.astype(np.float32)), outliers & ~np.isnan(data)


def find_flat(recording: Recording, *, min_duration: float = 0.5) -> Mask:
    """Mark stretches of one unchanging value, of at least ``min_duration`` seconds: a lead that hangs loose.

    Examples
    --------
    >>> find_flat(Recording([1, 2, 2, 2, 3], 2), min_duration=1.0).tolist()
    [[False, True, True, True, False]]
    """
    least = max(2, int(np.ceil(min_duration * recording.sampling_rate)))
    return _where_equal(recording, lambda x: np.ones(len(x), dtype=bool), least)


def find_clipped(recording: Recording, *, min_samples: int = 3) -> Mask:
    """Mark runs of at least ``min_samples`` equal samples at the channel's highest or lowest value: a full amplifier.

    Examples
    --------
    >>> find_clipped(Recording([0, 1, 5, 5, 5, 1, 0, -2, 0], 2)).tolist()
    [[False, False, True, True, True, False, False, False, False]]
    """

    def extreme(x: NDArray[np.floating]) -> Mask:
        return np.asarray((x == np.nanmax(x)) | (x == np.nanmin(x)))

    # A whole channel of one value is flat, not clipped.
    return _where_equal(recording, extreme, min_samples) & ~find_flat(recording, min_duration=recording.duration)


def _where_equal(recording: Recording, wanted: Callable[[NDArray[np.floating]], Mask], least: int) -> Mask:
    found = np.zeros(recording.data.shape, dtype=bool)
    for span, samples in recording.spans():
        for row, channel in enumerate(samples):
            if np.isnan(channel).all():
                continue
            mask = wanted(channel)
            same = np.concatenate([[False], channel[1:] == channel[:-1]])
            for start, stop in runs_of(same):
                if stop - start + 1 >= least and mask[start - 1 : stop].all():
                    found[row, span.start + start - 1 : span.start + stop] = True
    return found


class Repaired(NamedTuple):
    """A recording whose steps were taken out, and where they were (sample, into its data, by channel).

    Examples
    --------
    >>> repair_steps(Recording([0.0] * 20, 10)).steps
    ()
    """

    recording: Recording
    steps: tuple[tuple[str, int, float], ...]


def repair_steps(
    recording: Recording, *, every: int | None = None, threshold: float = 8.0, packets_only: bool = False
) -> Repaired:
    """Re-join blocks that are offset against each other.

    Wearables send packets whose offsets differ: a step at the border of each. The step is the jump at a border less
    the slope around it; what follows is moved by it, so that both sides meet. Where the reader found packets
    (``samples_per_packet`` in the metadata: from the time stamps, or from steps on a grid), all their borders are
    re-joined, large step or small, and other jumps, which are movement, stay.

    Parameters
    ----------
    recording : Recording
    every : int, optional
        Samples of a packet, the first of which begins with the segment. By default, where no packets are known,
        borders are found: jumps ``threshold`` times as large as the usual step
        between samples (median absolute difference, of 2 s and the 2 s on either side) that neither side takes back
        within 40 ms, as a QRS complex would.
    threshold : float, default 8
        For borders that are found.
    packets_only : bool, default False
        Re-join packets that the reader found, and nothing else.

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
    for span, _ in recording.spans():
        part, rate = data[:, span.start : span.stop], recording.sampling_rate
        borders = np.arange(every, part.shape[1], every) if every is not None else None
        if every is None and packet is not None:
            borders = _borders(part, int(packet))
        if borders is not None:
            steps = [_steps_at(x, borders) for x in part]
        elif packets_only:
            steps = [[] for _ in part]
        else:
            steps = [_steps_of(x, rate, threshold) for x in part]
        for row, (name, own) in enumerate(zip(recording.channel_names, steps, strict=True)):
            shift = np.zeros(part.shape[1])
            for at, size in own:
                shift[at] += size
                found.append((name, span.start + at, size))
            part[row] -= np.cumsum(shift)
    return Repaired(recording.replace(data=data.astype(np.float32)), tuple(found))


def _steps_of(x: Floats, rate: float, threshold: float) -> list[tuple[int, float]]:
    """Return the first sample and the size of steps that stand out of the usual step and are not taken back."""
    if len(x) < 8:
        return []
    jump = np.diff(x)
    known = np.where(np.isnan(jump), 0.0, np.abs(jump))
    usual = _usual(known, max(3, round(2.0 * rate)))
    usual = np.maximum(usual, 1e-9 * max(1.0, float(np.nanmax(np.abs(x))) if np.isfinite(x).any() else 1.0))
    wide = max(2, round(0.04 * rate))
    # What follows a step is calm, at once: slopes of a QRS complex, the most of what stands out, are gone with that.
    ahead = np.append(known[1:], np.zeros(wide - 1))
    following = np.lib.stride_tricks.sliding_window_view(ahead, wide - 1).max(axis=1)
    outstanding = np.flatnonzero((known > threshold * usual) & (following < 0.5 * known))
    staying = [int(k) + 1 for k in outstanding if _stays(x, int(k), wide, jump[k])]
    steps = _steps_at(x, np.asarray(staying, dtype=np.int64))
    return [(at, size) for at, size in steps if abs(size) > threshold * usual[at - 1]]


def _usual(known: Floats, block: int) -> Floats:
    """Return the median of the block that each value lies in and the blocks beside it, middle of the three."""
    n = max(1, len(known) // block)
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


def _borders(part: Floats, size: int) -> NDArray[np.int64] | None:
    """Return the borders of packets of a known size: the phase at which most of the jumps lie, if one stands out.

    It does when, in some channel, more than half of its places carry a jump larger than 95 % of all and three times the
    median.
    """
    best, best_share = -1, 0.5
    for x in part:
        jump = np.abs(np.diff(x))
        known = jump[np.isfinite(jump)]
        n = len(jump) // size
        if len(known) < 100 or n < 4:
            continue
        least = max(float(np.percentile(known, 95)), 3 * float(np.median(known)))
        large = (jump[: n * size] > least).reshape(n, size).mean(axis=0)
        if large.max() > best_share:
            best, best_share = int(large.argmax()), float(large.max())
    return np.arange(best + 1, part.shape[1], size, dtype=np.int64) if best >= 0 else None


def _stays(x: Floats, k: int, wide: int, jump: float) -> bool:
    """Whether the level after a jump keeps most of it: the medians of both sides differ by at least half."""
    before, after = x[max(0, k - wide + 1) : k + 1], x[k + 1 : k + 1 + wide]
    if len(before) < 2 or len(after) < 2 or np.isnan(before).all() or np.isnan(after).all():
        return False
    moved = float(np.nanmedian(after) - np.nanmedian(before))
    calm = float(np.nanmax(np.abs(np.diff(after)), initial=0.0)) < 0.5 * abs(jump)
    return calm and moved * jump > 0 and abs(moved) > 0.5 * abs(jump)
