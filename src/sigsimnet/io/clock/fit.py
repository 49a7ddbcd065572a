"""From time stamps to a sampling rate, uninterrupted spans and a plain account of what is wrong with the stamps.

Stamps written by a host computer are not the sensor's clock: they come in packets, jitter, repeat and run backwards,
and a spreadsheet rounds them to a tenth of a second. The rate is therefore the Theil-Sen slope (Theil 1950; Sen 1968,
doi:10.1080/01621459.1968.10480934) through medians of groups of samples, which up to 29 % of outlying groups cannot
move. What comes after it distinguishes a pause from a late packet: after a late packet the stamps return to the old
line, after a pause they stay off it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.errors import ParameterError
from sigsimnet.io.clock._resets import undo_resets
from sigsimnet.io.clock.messages import describe_pauses, describe_rate, describe_stamps
from sigsimnet.recording import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Clock", "find_packets", "fit_clock"]

_FloatArray = NDArray[np.float64]
_N_BLOCKS = 200  # knots of the line; 20,000 pairs take a few ms
_SLOWEST = 0.01  # Hz; a vital sign every minute is still a signal, a table of patients is none
_MIN_BORDERS = 5  # fewer irregular steps at even distances may be pauses by chance
_JITTERS = 8.0  # a pause must shift the stamps by this many standard deviations of their jitter


@dataclass(frozen=True)
class Clock:
    """What the stamps say.

    Attributes
    ----------
    sampling_rate : float
        In Hz.
    spans : tuple of Span
        Uninterrupted spans, with times in s since the first sample.
    nominal_rate : float
        What the distance of neighbouring stamps says, in Hz; NaN when they are too coarse to say.
    packet : int
        Samples in each packet, 0 when the stamps do not come in packets.
    borders : tuple of int
        First samples of the packets (but the first).
    warnings : tuple of str
        Sentences about what was found.
    """

    sampling_rate: float
    spans: tuple[Span, ...]
    nominal_rate: float
    packet: int
    borders: tuple[int, ...]
    warnings: tuple[str, ...]


def fit_clock(stamps: ArrayLike, *, sampling_rate: float | None = None, quantum: float = 0.0) -> Clock:
    """Fit a clock to time stamps.

    Parameters
    ----------
    stamps : array_like, shape (n_samples,)
        In s, one a sample, in the order of the file; NaN where there is none.
    sampling_rate : float, optional
        In Hz, where the user or the file states it: it is kept, and the stamps only show the pauses.
    quantum : float, optional
        The smallest difference that the stamps can show, in s; inferred from the stamps when 0.

    Raises
    ------
    ParameterError
        If fewer than two stamps are known or they do not advance.

    Examples
    --------
    >>> import numpy as np
    >>> clock = fit_clock(np.r_[np.arange(500), np.arange(1500, 2000)] / 250)
    >>> clock.sampling_rate, [span.time for span in clock.spans]
    (250.0, [0.0, 6.0])
    """
    times, notes = _known(np.asarray(stamps, dtype=np.float64))
    n = len(times)
    steps = np.diff(times)
    quantum = quantum or _quantum(times)
    local = float(np.median(steps))
    if local < max(quantum, 1e-9) * 0.5 or float(np.mean(steps <= 0)) > 0.2:
        local = 0.0  # too coarse: most neighbours carry the same stamp
    elif quantum >= 0.9 * local and not np.any(steps <= 0):
        quantum = 0.0  # an exact clock: its grid is the sampling itself
    packet, borders = find_packets(times, local or _lagged(times, quantum, 0), quantum)
    stated = times
    if local and not packet:
        times, resets = undo_resets(times, local, quantum or _quantum(times[:1000]))
        notes += resets
    step = 1 / sampling_rate if sampling_rate else _lagged(times, quantum, packet)
    if not np.isfinite(step) or step <= 0:
        raise ParameterError("the time stamps do not advance")
    if 1 / step < _SLOWEST:
        raise ParameterError(f"its rows lie {step:.3g} s apart, so it is a table, not a signal")
    if (
        not packet
        and local
        and not sampling_rate
        and abs(step / local - 1) < 0.02
        and float(np.mean(steps == local)) > 0.9
    ):
        step = local
    width = 5 * packet if packet else 50
    pauses, jitter = _find_pauses(times, step, min(width, max(2, n // 4)), quantum)
    edges = [0, *pauses, n]
    fitted = sampling_rate or _fit_rate(times, edges, step, packet, max(quantum, jitter))
    spans = _spans(times, edges, fitted, jitter, max(quantum, 1e-9))
    noise = max(quantum, jitter)
    found = _fit_rate(times, edges, step, packet, 0.0) if sampling_rate and n > 10 else fitted
    notes += describe_stamps(stated, quantum, local, packet, borders, jitter, step)
    counted = _counted(steps, local, quantum)
    notes += describe_rate(found, sampling_rate, counted, 2 * noise / float(times[-1]) if times[-1] > 0 else 0.0)
    notes += describe_pauses(spans, fitted)
    return Clock(fitted, tuple(spans), 1 / counted if counted else float("nan"), packet, borders, tuple(notes))


def find_packets(times: _FloatArray, step: float, quantum: float = 0.0) -> tuple[int, tuple[int, ...]]:
    """Find the packets in which samples arrived: irregular steps that all lie on one grid of samples.

    Parameters
    ----------
    times : ndarray, shape (n_samples,)
        In s.
    step : float
        Usual distance of neighbours, in s.
    quantum : float
        The smallest difference that the stamps can show, in s.

    Returns
    -------
    int, tuple of int
        Samples in a packet and first samples of packets (but the first); 0 and nothing when there are none.

    Examples
    --------
    >>> import numpy as np
    >>> times = np.arange(1000) * 0.002 + np.repeat([0.0, 0.02, -0.01, 0.03, -0.02, 0.01, 0.0, 0.02, 0.01, 0.0], 100)
    >>> find_packets(times, 0.002)[0]
    100
    """
    deviation = np.abs(np.diff(times) - step)
    irregular = np.flatnonzero(deviation > max(1.5 * quantum, 1.75 * step)) + 1
    if len(irregular) < _MIN_BORDERS:
        return 0, ()
    distances, counts = np.unique(np.diff(irregular), return_counts=True)
    common = distances[np.argsort(-counts, kind="stable")][:20].tolist()
    candidates = sorted({*common, int(np.gcd.reduce(distances))}, reverse=True)
    for size in candidates:
        if size < 8 or len(times) / size < 3:
            continue
        phases, hits = np.unique(irregular % size, return_counts=True)
        on_grid = int(hits.max())
        # Nine of ten on the grid, and half of the grid's places irregular: no accident.
        if on_grid >= 0.9 * len(irregular) and on_grid >= 0.5 * len(times) / size:
            first = int(phases[np.argmax(hits)]) or size
            return size, tuple(range(first, len(times), size))
    return 0, ()


def _known(times: _FloatArray) -> tuple[_FloatArray, list[str]]:
    known = np.isfinite(times)
    if np.count_nonzero(known) < 2:
        raise ParameterError("fewer than two time stamps can be read")
    if known.all():
        return times - times[0], []
    where = np.flatnonzero(known)
    step = float(np.median(np.diff(times[where]) / np.diff(where)))
    filled = np.interp(np.arange(len(times)), where, times[where])
    head, tail = np.arange(where[0]), np.arange(where[-1] + 1, len(times))
    filled[head] = times[where[0]] - step * (where[0] - head)
    filled[tail] = times[where[-1]] + step * (tail - where[-1])
    missing = len(times) - len(where)
    return filled - filled[0], [
        f"{missing:,} time stamps are missing or cannot be read; filled in from their neighbours"
    ]


def _counted(steps: _FloatArray, local: float, quantum: float) -> float:
    """Return the distance of neighbours without the rounding of stamps: 256 Hz in ms is 4, 4, 4, 3, …."""
    if not local or not quantum:
        return local
    near = steps[np.abs(steps - local) <= 1.01 * quantum]
    return float(near.mean()) if len(near) > 0.5 * len(steps) else local


def _quantum(times: _FloatArray) -> float:
    different = np.diff(np.unique(np.round(times, 9)))
    return float(different.min()) if len(different) else 0.0


def _lagged(times: _FloatArray, quantum: float, packet: int) -> float:
    """Time per sample from the median difference over a lag: long for jitter, short for pauses."""
    n = len(times)
    if packet:
        knots = times[::packet]
        lag = int(np.clip(len(knots) // 20, 1, 10))
        return float(np.median(knots[lag:] - knots[:-lag])) / (lag * packet)
    overall = (times[-1] - times[0]) / (n - 1)
    lag = int(np.clip(n // 100, 1, 1000))
    if quantum and overall > 0:
        lag = max(lag, int(20 * quantum / overall))
    lag = int(np.clip(lag, 1, max(1, n // 3)))
    return float(np.median(times[lag:] - times[:-lag])) / lag


def _find_pauses(times: _FloatArray, step: float, width: int, quantum: float) -> tuple[list[int], float]:
    """Return the first samples after pauses, and the jitter (standard deviation, s)."""
    n = len(times)
    residual = times - step * np.arange(n)
    blocks = residual[: n // width * width].reshape(-1, width)
    spread = np.median(np.abs(blocks - np.median(blocks, axis=1, keepdims=True)), axis=1)
    jitter = 1.4826 * float(np.median(spread))
    jitter = 0.0 if jitter < 1e-4 * step else jitter
    limit = max(0.75 * step, 1.5 * quantum, _JITTERS * jitter)
    jumps = np.flatnonzero(np.diff(residual) > 0.5 * limit) + 1
    if len(jumps) > max(20, n // 50):  # pauses everywhere are an irregular clock
        return [], jitter
    pauses: list[int] = []
    for position, jump in enumerate(jumps.tolist()):
        low = max(pauses[-1] if pauses else 0, jump - width)
        big_after = [
            int(j) for j in jumps[position + 1 :][:50] if j < jump + width and residual[j] - residual[j - 1] > limit
        ]
        high = min(n, jump + width, *big_after) if big_after else min(n, jump + width)
        shift = float(np.median(residual[jump:high]) - np.median(residual[low:jump]))
        if shift > limit and residual[jump] - residual[jump - 1] > 0.5 * shift:
            pauses.append(jump)
    return (pauses if len(pauses) * 50 <= n or len(pauses) <= 5 else []), jitter


def _fit_rate(times: _FloatArray, edges: Sequence[int], step: float, packet: int, noise: float) -> float:
    slopes: list[_FloatArray] = []
    weights: list[_FloatArray] = []
    longest = sorted(pairwise(edges), key=lambda edge: edge[0] - edge[1])[:20]
    for start, stop in longest:
        knots = _knots(times, start, stop, step, packet)
        if len(knots) < 2:
            continue
        first, second = np.triu_indices(len(knots), 1)
        lag = knots[second, 0] - knots[first, 0]
        slopes.append((knots[second, 1] - knots[first, 1]) / lag)
        weights.append(lag)
    if not slopes:
        return 1 / step
    # Pairs far apart know the slope best: the median is weighted by their distance.
    slope, weight = np.concatenate(slopes), np.concatenate(weights)
    order = np.argsort(slope)
    half = np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum())
    fitted = float(slope[order][min(int(half), len(order) - 1)])
    return _round_rate(1 / fitted, noise, float(times[-1] - times[0])) if fitted > 0 else 1 / step


def _knots(times: _FloatArray, start: int, stop: int, step: float, packet: int) -> _FloatArray:
    """Centre and median time of each group of samples, shape (n_groups, 2): of each packet, where there are packets."""
    length = stop - start
    size = packet if packet and length >= 3 * packet else max(1, length // _N_BLOCKS)
    if packet and size == packet:
        size *= max(1, length // packet // (2 * _N_BLOCKS))
        phase = -start % packet
        start, length = start + phase, length - phase
    n_blocks = length // size
    if n_blocks < 1:
        return np.empty((0, 2))
    index = np.arange(start, start + n_blocks * size).reshape(n_blocks, size)
    centre = index.mean(axis=1)
    return np.column_stack([centre, np.median(times[index] - step * (index - centre[:, None]), axis=1)])


def _round_rate(rate: float, noise: float, duration: float) -> float:
    """Round to as few decimals as the stamps resolve, so that 249.9999998 Hz is 250 Hz."""
    tolerance = rate * min(max(2 * noise / duration if duration else 0.0, 1e-7), 2e-4)
    for decimals in range(5):
        rounded = round(rate, decimals)
        if rounded > 0 and abs(rounded - rate) <= tolerance:
            return rounded
    return rate


def _spans(times: _FloatArray, edges: Sequence[int], rate: float, jitter: float, quantum: float) -> list[Span]:
    spans: list[Span] = []
    zero = 0.0
    for start, stop in pairwise(edges):
        offset = float(np.median(times[start:stop] - np.arange(stop - start) / rate))
        if (
            abs(offset - times[start]) <= 2 * max(quantum if quantum < 1 / rate else 0.0, jitter, 1e-6)
            and jitter < 0.1 / rate
        ):
            offset = float(times[start])  # a good clock: keep the stamp as it is written
        if not spans:
            zero = offset
        if spans and offset - zero - spans[-1].time - (spans[-1].stop - spans[-1].start) / rate < 0.5 / rate:
            spans[-1] = Span(spans[-1].start, stop, spans[-1].time)  # at the fitted rate nothing is missing here
            continue
        earliest = spans[-1].time + (spans[-1].stop - spans[-1].start) / rate if spans else 0.0
        spans.append(Span(start, stop, max(round(offset - zero, 9), earliest)))
    return spans
