"""Mains hum, second by second."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sigsimnet._utils.dense import small_product
from sigsimnet.signal_quality.features.rolling import rolling_mean

__all__ = ["hum_amplitude"]

LINES = (50.0, 60.0)  # Hz
BESIDE = (-6.0, -5.0, -4.0, -3.0, 3.0, 4.0, 5.0, 6.0)  # Hz off the line: what it must stand out from
NEAR = (-0.5, 0.0, 0.5)  # Hz: nominal frequency is kept to ±0.2 Hz (EN 50160), and a window of 2 s resolves 0.5 Hz
STANDS_OUT = 8.0  # times the power beside it; as in `sigsimnet.cleaning.find_mains`


def hum_amplitude(x: NDArray[np.float64], edges: NDArray[np.int64], sampling_rate: float) -> NDArray[np.float64]:
    """Return the amplitude of the hum at 50 or 60 Hz in every second; 0 where none stands out.

    Of each second the Hann window of 2 s around its middle is used; powers are averaged over three seconds. Sampling
    rates below 115 Hz do not contain either line.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One span of a channel without missing samples.
    edges : ndarray of int, shape (n_seconds + 1,)
    sampling_rate : float
        In Hz.

    Returns
    -------
    ndarray, shape (n_seconds,)
        Peak amplitude, in the unit of ``x``.

    Examples
    --------
    >>> t = np.arange(2500) / 250
    >>> hum = 0.2 * np.sin(2 * np.pi * 50 * t) + np.random.default_rng(0).normal(0, 0.1, 2500)
    >>> float(hum_amplitude(hum, np.arange(0, 2501, 250), 250).round(1).max())
    0.2
    """
    found = np.zeros(len(edges) - 1)
    n = round(2 * sampling_rate)
    if len(x) < n:
        return found
    starts = np.clip(np.rint(0.5 * (edges[:-1] + edges[1:])).astype(np.int64) - n // 2, 0, len(x) - n)
    windows = sliding_window_view(x.astype(np.float32), n)[starts]
    taper = np.hanning(n + 2)[1:-1]
    for line in LINES:
        if line + 6.5 >= sampling_rate / 2:
            continue
        frequencies = line + np.array(NEAR + BESIDE)
        angle = 2 * np.pi * np.outer(np.arange(n) / sampling_rate, frequencies)
        waves = np.hstack([np.cos(angle), np.sin(angle)]) * taper[:, None] * (2 / taper.sum())
        parts = small_product(windows, np.ascontiguousarray(waves.T, dtype=np.float32)).astype(np.float64) ** 2
        power = parts[:, : len(frequencies)] + parts[:, len(frequencies) :]
        here = rolling_mean(power[:, : len(NEAR)].max(axis=1), 1)
        beside = np.median(rolling_mean(power[:, len(NEAR) :], 1), axis=1)
        amplitude = np.sqrt(np.maximum(here - beside, 0.0))
        found = np.maximum(found, np.where(here >= STANDS_OUT * beside, amplitude, 0.0))
    return found
