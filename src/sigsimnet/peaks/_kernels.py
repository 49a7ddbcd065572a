"""Compiled loops of the peaks room. Each is one pass over a signal; all release the GIL."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["blended_energy", "decimate", "filter_both", "find_runs", "humps", "limit", "moving_average", "slope_rms"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]  # Numba has no types
def find_runs(x: NDArray[np.floating], longest_flat: int) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """Return the stretches (start, stop) without NaN and without ``longest_flat`` or more equal samples in a row."""
    n = len(x)
    bounds = np.empty((1024, 2), np.int64)
    count = 0
    start = -1  # of the good stretch we are in
    same = 0  # equal samples that end here
    for i in range(n + 1):
        missing = i == n or np.isnan(x[i])
        if not missing:
            same = same + 1 if i > 0 and x[i] == x[i - 1] else 1
            if start < 0 and same < longest_flat:
                start = i
            if same < longest_flat:
                continue
            if same > longest_flat:
                start = -1
                continue
        stop = i if missing else i - same + 1
        if start >= 0 and stop > start:
            if count == len(bounds):
                larger = np.empty((2 * count, 2), np.int64)
                larger[:count] = bounds
                bounds = larger
            bounds[count, 0] = start
            bounds[count, 1] = stop
            count += 1
        start = -1
        if missing:
            same = 0
    return bounds[:count].copy()


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def decimate(x: NDArray[np.floating], factor: int) -> Floats:  # pragma: no cover - compiled
    """Keep every ``factor``-th sample of a triangular average over 2 × factor − 1 samples (two running means)."""
    n = len(x)
    out = np.empty(n // factor)
    norm = 1.0 / (factor * factor)
    for i in range(len(out)):
        centre = i * factor + factor // 2
        total = 0.0
        for k in range(1 - factor, factor):
            j = min(max(centre + k, 0), n - 1)
            total += (factor - abs(k)) * x[j]
        out[i] = total * norm
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def filter_both(sos: Floats, x: Floats) -> Floats:  # pragma: no cover - compiled
    """Run second-order sections forwards and backwards: zero phase. Each run starts in the steady state of its end."""
    n = len(x)
    y = x.copy()
    for s in range(sos.shape[0]):
        b0, b1, b2 = sos[s, 0], sos[s, 1], sos[s, 2]
        a1, a2 = sos[s, 4], sos[s, 5]
        gain = (b0 + b1 + b2) / (1.0 + a1 + a2)
        for direction in range(2):
            edge = y[0] if direction == 0 else y[n - 1]
            z2 = (b2 - a2 * gain) * edge
            z1 = (b1 - a1 * gain) * edge + z2
            if direction == 0:
                for i in range(n):
                    v = y[i]
                    o = b0 * v + z1
                    z1 = b1 * v - a1 * o + z2
                    z2 = b2 * v - a2 * o
                    y[i] = o
            else:
                for i in range(n - 1, -1, -1):
                    v = y[i]
                    o = b0 * v + z1
                    z1 = b1 * v - a1 * o + z2
                    z2 = b2 * v - a2 * o
                    y[i] = o
    return y


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def limit(x: Floats, middle: Floats, reach: Floats, size: int, scale: bool) -> None:  # pragma: no cover - compiled
    """Clip ``x`` in place to middle ± reach, both given for blocks of ``size`` samples and joined by straight lines.

    With ``scale`` the signal is also divided by ``reach`` (``middle`` is then 0): the limits become −1 and 1.
    """
    n = len(x)
    n_blocks = len(reach)
    for i in range(n):
        place = (i + 0.5) / size - 0.5
        k = min(max(int(np.floor(place)), 0), n_blocks - 1)
        following = min(k + 1, n_blocks - 1)
        part = min(max(place - k, 0.0), 1.0)
        r = reach[k] + part * (reach[following] - reach[k])
        m = middle[k] + part * (middle[following] - middle[k])
        v = min(max(x[i], m - r), m + r)
        x[i] = v / r if scale and r > 0 else v


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def humps(y: Floats, apart: int) -> NDArray[np.int64]:  # pragma: no cover - compiled
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
