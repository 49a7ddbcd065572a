"""Compiled loops of the peaks room. Each is one pass over a signal; all release the GIL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled

__all__ = [
    "blended_energy",
    "candidates",
    "decimate",
    "filter_both",
    "find_runs",
    "limit",
    "moving_average",
    "slope_rms",
]

Floats = NDArray[np.float64]


@compiled
def find_runs(  # noqa: C901 - one pass
    x: NDArray[np.floating],
    place: NDArray[np.int64],
    until: int,
    longest_gap: int,
    longest_flat: int,
    longest_stuck: int,
    low: float,
    high: float,
    resting: float,
    longest_rest: int,
) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """Return start and stop of what has no gap, no flat line and no saturation.

    Gap: more than ``longest_gap`` NaN in a row. Flat: ``longest_flat`` or more equal samples. Stuck: ``longest_stuck``
    or more at ``low``, or at ``high``, the ends of the scale; at ``resting``, the level between the beats of a
    simulated signal, ``longest_rest`` or more. ``place`` holds the sample to start from and the first good sample
    before it; it is moved to where the next call continues, at or after ``until``.
    """
    n = len(x)
    bounds = np.empty((1024, 2), np.int64)
    count = 0
    i, good = place
    step = max(longest_stuck // 2, 1)
    while i < until:
        # A run that is long enough covers the sample at the end of a step: most steps need one comparison.
        end = min(i + step, n)
        total = x[i]
        for k in range(i + 1, end):
            total += x[k]
        first = i
        if not np.isnan(total):
            y = x[end - 1]
            repeated = end < 2 or y == x[end - 2]
            if not repeated and low < y < high:
                i = end
                continue
            first = stop = end - 1
            while first > good and x[first - 1] == y:
                first -= 1
            while stop < n and x[stop] == y:
                stop += 1
            at_end = y <= low or y >= high
            if stop - first < (longest_stuck if at_end else longest_rest if y == resting else longest_flat):
                i = max(end, stop)
                continue
        else:
            while not np.isnan(x[first]):
                first += 1
            stop = first
            while stop < n and np.isnan(x[stop]):
                stop += 1
            if stop - first <= longest_gap and first > good and stop < n:
                i = stop
                continue
        if first > good:
            if count == len(bounds):
                larger = np.empty((2 * count, 2), np.int64)
                larger[:count] = bounds
                bounds = larger
            bounds[count, 0] = good
            bounds[count, 1] = first
            count += 1
        good = i = stop
    place[0], place[1] = i, good
    if i >= n > good:
        if count == len(bounds):
            larger = np.empty((2 * count, 2), np.int64)
            larger[:count] = bounds
            bounds = larger
        bounds[count, 0] = good
        bounds[count, 1] = n
        count += 1
    return bounds[:count].copy()


@compiled
def decimate(x: NDArray[np.floating], factor: int) -> Floats:  # pragma: no cover - compiled
    """Keep every ``factor``-th sample of a triangular average over 2 × factor − 1 samples (two running means)."""
    n = len(x)
    out = np.empty(n // factor)
    norm = 1.0 / (factor * factor)
    for i in range(len(out)):
        centre = i * factor + factor // 2
        inside = centre - factor + 1 >= 0 and centre + factor - 1 < n
        total = 0.0
        if inside:
            for k in range(1 - factor, factor):
                total += (factor - abs(k)) * x[centre + k]
        else:
            for k in range(1 - factor, factor):
                total += (factor - abs(k)) * x[min(max(centre + k, 0), n - 1)]
        out[i] = total * norm
    return out


@compiled
def filter_both(sos: Floats, x: Floats) -> Floats:  # pragma: no cover - compiled
    """Run two second-order sections forwards and backwards: zero phase.

    Each pass starts in the steady state of its end.

    Both sections run in one loop: their recursions do not depend on each other, which halves the time.
    """
    n = len(x)
    b0, b1, b2, a1, a2 = sos[0, 0], sos[0, 1], sos[0, 2], sos[0, 4], sos[0, 5]
    d0, d1, d2, c1, c2 = sos[1, 0], sos[1, 1], sos[1, 2], sos[1, 4], sos[1, 5]
    gain = (b0 + b1 + b2) / (1.0 + a1 + a2)
    gain2 = (d0 + d1 + d2) / (1.0 + c1 + c2)
    y = np.empty(n)
    for direction in range(2):
        edge = x[0] if direction == 0 else y[n - 1]
        z2 = (b2 - a2 * gain) * edge
        z1 = (b1 - a1 * gain) * edge + z2
        edge *= gain
        w2 = (d2 - c2 * gain2) * edge
        w1 = (d1 - c1 * gain2) * edge + w2
        if direction == 0:
            for i in range(n):
                v = x[i]
                o = b0 * v + z1
                z1 = b1 * v - a1 * o + z2
                z2 = b2 * v - a2 * o
                u = d0 * o + w1
                w1 = d1 * o - c1 * u + w2
                w2 = d2 * o - c2 * u
                y[i] = u
        else:
            for i in range(n - 1, -1, -1):
                v = y[i]
                o = b0 * v + z1
                z1 = b1 * v - a1 * o + z2
                z2 = b2 * v - a2 * o
                u = d0 * o + w1
                w1 = d1 * o - c1 * u + w2
                w2 = d2 * o - c2 * u
                y[i] = u
    return y


@compiled
def moving_average(x: Floats, width: int) -> Floats:  # pragma: no cover - compiled
    """Return the centred running mean over ``width`` samples; the ends repeat."""
    n = len(x)
    out = np.empty(n)
    half = width // 2
    total = 0.0
    for j in range(-half, width - half):
        total += x[min(max(j, 0), n - 1)]
    for i in range(n):
        out[i] = total / width
        total += x[min(max(i - half + width, 0), n - 1)] - x[min(max(i - half, 0), n - 1)]
    return out


@compiled
def slope_rms(x: Floats, width: int) -> Floats:  # pragma: no cover - compiled
    """Return the running root mean square of the slope (difference of neighbours over two samples)."""
    n = len(x)
    square = np.empty(n)
    square[0] = square[n - 1] = 0.0
    for i in range(1, n - 1):
        d = 0.5 * (x[i + 1] - x[i - 1])
        square[i] = d * d
    out = np.empty(n)
    half = width // 2
    total = 0.0
    for j in range(-half, width - half):
        total += square[min(max(j, 0), n - 1)]
    for i in range(n):
        out[i] = np.sqrt(max(total, 0.0) / width)
        total += square[min(max(i - half + width, 0), n - 1)] - square[min(max(i - half, 0), n - 1)]
    return out


@compiled
def blended_energy(narrow: Floats, wide: Floats, width: int) -> Floats:  # pragma: no cover - compiled
    """Return RMS(narrow)^¾ × RMS(slope of wide)^¼, both running over ``width`` samples."""
    n = len(narrow)
    out = np.empty(n)
    half = width // 2
    a = s = 0.0
    for j in range(-half, width - half):
        k = min(max(j, 1), n - 2)
        a += narrow[k] * narrow[k]
        s += (wide[k + 1] - wide[k - 1]) ** 2
    for i in range(n):
        power = max(a, 0.0) / width
        out[i] = np.sqrt(np.sqrt(np.sqrt(power * power * power * max(s, 0.0) / (4.0 * width))))
        k = min(max(i - half + width, 1), n - 2)
        a += narrow[k] * narrow[k]
        s += (wide[k + 1] - wide[k - 1]) ** 2
        k = min(max(i - half, 1), n - 2)
        a -= narrow[k] * narrow[k]
        s -= (wide[k + 1] - wide[k - 1]) ** 2
    return out


@compiled
def limit(x: Floats, middle: Floats, reach: Floats, size: int, scale: bool) -> None:  # pragma: no cover - compiled
    """Clip ``x`` in place to middle ± reach, both given for windows of ``size`` samples and joined by straight lines.

    With ``scale`` the signal is also divided by ``reach`` (``middle`` is then 0): the limits become −1 and 1.
    """
    n = len(x)
    n_windows = len(reach)
    half = size / 2.0
    for k in range(-1, n_windows):  # from the middle of window k to that of the next
        here, following = max(k, 0), min(k + 1, n_windows - 1)
        first = 0 if k < 0 else int(np.ceil(k * size + half - 0.5))
        last = n if k == n_windows - 1 else min(n, int(np.ceil((k + 1) * size + half - 0.5)))
        r_step, m_step = (reach[following] - reach[here]) / size, (middle[following] - middle[here]) / size
        place = first + 0.5 - k * size - half
        r, m = reach[here] + place * r_step, middle[here] + place * m_step
        for i in range(first, last):
            v = min(max(x[i], m - r), m + r)
            x[i] = v / r if scale and r > 0 else v
            r += r_step
            m += m_step


@compiled
def candidates(y: Floats, apart: int) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """Return local maxima at least ``apart`` samples from each other; of two that are closer the higher stays."""
    n = len(y)
    out = np.empty(n // max(apart, 1) + 2, np.int64)
    count = 0
    for i in range(1, n - 1):
        if y[i] > y[i - 1] and y[i] >= y[i + 1]:
            if count > 0 and i - out[count - 1] < apart:
                if y[i] > y[out[count - 1]]:
                    out[count - 1] = i
            else:
                out[count] = i
                count += 1
    return out[:count].copy()
