"""Mains hum: detected in the spectrum, and subtracted harmonic by harmonic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.runs import changed_runs, runs_of
from sigsimnet._utils.settings import Hertz, Seconds, checked
from sigsimnet.cleaning.butterworth import butterworth, filter_zero_phase
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = ["find_mains", "remove_mains"]

MAINS = (50.0, 60.0)
STANDS_OUT = 8.0  # times the spectrum beside it; of 10 s of white noise 1.6 in the middle, 5.2 once in a thousand


def find_mains(recording: Recording) -> float | None:
    """Return the mains frequency of the hum in a recording, 50 or 60 Hz, or None.

    The power within 0.5 Hz of the line is compared with the median of the spectrum 1.5 to 6 Hz beside it (Welch,
    4 s); the ratio of one channel at least must reach 8.

    Examples
    --------
    >>> t = np.arange(5000) / 500
    >>> find_mains(Recording(np.random.default_rng(0).normal(size=5000) + np.sin(2 * np.pi * 50 * t), 500))
    50.0
    """
    rate = recording.sampling_rate
    lines = [mains for mains in MAINS if mains + 6 < rate / 2]
    ratios = np.array([_ratios(channel, rate, lines) for channel in recording.data]).reshape(-1)
    if not np.isfinite(ratios).any():
        return None
    best = int(np.where(np.isfinite(ratios), ratios, -np.inf).argmax())
    return lines[best % len(lines)] if ratios[best] >= STANDS_OUT else None


def _ratios(x: NDArray[np.floating], rate: float, lines: list[float]) -> list[float]:
    """Return how far each line stands out of the spectrum of the longest gap-free span."""
    from scipy import signal

    runs = runs_of(~np.isnan(x))
    if not len(runs) or not lines:
        return [float("nan")] * len(lines)
    start, stop = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    samples = np.asarray(x[start : min(stop, start + int(600 * rate))], dtype=np.float64)
    if len(samples) < 2 * rate or not samples.std() > 0:
        return [float("nan")] * len(lines)
    frequency, power = signal.welch(samples, rate, nperseg=min(len(samples), int(4 * rate)))
    return [_ratio(frequency, power, mains) for mains in lines]


def _ratio(frequency: NDArray[np.float64], power: NDArray[np.float64], mains: float) -> float:
    line = power[np.abs(frequency - mains) <= 0.5].max()
    beside = (np.abs(frequency - mains) >= 1.5) & (np.abs(frequency - mains) <= 6)
    around = float(np.median(power[beside]))
    return float(line / around) if around > 0 else float("inf")


@checked
def remove_mains(
    x: NDArray[np.floating],
    sampling_rate: float,
    mains: Hertz,
    *,
    harmonics: int = 3,
    window: Seconds = 1.0,
) -> NDArray[np.float64]:
    """Subtract a hum whose amplitude and phase may change slowly, and its harmonics.

    In windows of ``window`` seconds, overlapping by half, sine and cosine of each harmonic are fitted by least squares
    to what is left of the signal above 15 Hz less than the mains frequency; the fits are joined by a raised cosine. A
    frequency that is off by up to 0.3 Hz appears as a phase that changes from window to window, and is tracked. Unlike
    a notch it does not ring after QRS complexes, which hardly affect the fit over many periods.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One span of a channel; NaN = missing.
    sampling_rate : float
        In Hz.
    mains : float
        In Hz.
    harmonics : int, default 3
        With the first; those above half the sampling rate are left out.
    window : float, default 1
        In s.

    Returns
    -------
    ndarray of float64, shape (n_samples,)

    Raises
    ------
    ParameterError
        If the mains frequency is not below half the sampling rate, or a number is not positive.

    Examples
    --------
    >>> t = np.arange(4000) / 500
    >>> hum = 0.2 * np.sin(2 * np.pi * 50.05 * t + 1)
    >>> bool(np.abs(remove_mains(hum, 500, 50)[500:-500]).max() < 0.01)
    True
    """
    if harmonics < 1 or not window > 0:
        raise ParameterError(f"harmonics is {harmonics} and window {window} s: both must be positive")
    if not 1 / window <= mains < sampling_rate / 2:
        raise ParameterError(
            f"mains is {mains} Hz: it must have a period in a window ({1 / window:g} Hz) and lie below half the "
            f"sampling rate ({sampling_rate / 2:g} Hz)"
        )
    from scipy.signal import sosfreqz

    lines = [k * mains for k in range(1, harmonics + 1) if k * mains < 0.49 * sampling_rate]
    # QRS complexes are strongest below 30 Hz: the fit uses higher frequencies only.
    low = max(mains - 15.0, 0.3 * mains)
    sections = butterworth(2, low, None, float(sampling_rate)) if low < sampling_rate / 2 else None
    # Gain of the filter, applied both ways, at each line.
    kept = np.ones(len(lines))
    if sections is not None:
        kept = np.abs(sosfreqz(sections, lines, fs=sampling_rate)[1]) ** 2

    def change(samples: NDArray[np.float64]) -> NDArray[np.float64]:
        padding = min(len(samples) - 1, int(sampling_rate))
        fast = filter_zero_phase(sections, samples, padding) if sections is not None else samples
        return samples - _hum(fast, sampling_rate, lines, window, kept)

    return changed_runs(x, max(12, int(0.25 * sampling_rate)), change)


def _hum(
    x: NDArray[np.float64], rate: float, lines: list[float], window: float, kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the fitted lines, window by window, as they were before the filter."""
    from scipy.signal import windows

    n = min(len(x), max(8, round(window * rate)))
    hop = max(1, n // 2)
    starts = list(range(0, max(1, len(x) - n + 1), hop))
    if starts[-1] + n < len(x):
        starts.append(len(x) - n)
    t = np.arange(len(x)) / rate
    total, weight = np.zeros(len(x)), np.zeros(len(x))
    taper = windows.hann(n + 2)[1:-1]
    for first in starts:
        within = slice(first, first + n)
        angle = 2 * np.pi * np.outer(t[within], lines)
        design = np.hstack([np.cos(angle), np.sin(angle)])
        # A robust second pass: samples with large residuals (QRS) are left out.
        factors = np.linalg.lstsq(design, x[within], rcond=None)[0]
        rest = np.abs(x[within] - design @ factors)
        good = rest <= 4 * max(float(np.median(rest)), 1e-12)
        if good.sum() > 4 * design.shape[1]:
            factors = np.linalg.lstsq(design[good], x[within][good], rcond=None)[0]
        total[within] += taper * (design @ (factors / np.tile(kept, 2)))
        weight[within] += taper
    return total / np.maximum(weight, 1e-12)
