"""Noise of a lead, and noise of a given spectrum."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfftfreq

from sigsimnet.simulation._person import Activity, Floats

__all__ = ["band", "lead_noise"]


def lead_noise(rng: np.random.Generator, doing: Activity, breathing: Floats, sampling_rate: float) -> Floats:
    """Return noise of one lead, in mV: the kinds of the MIT-BIH noise stress test (Moody 1984), hum and sensor."""
    n = len(breathing)
    times = np.arange(n) / sampling_rate
    level = np.exp(rng.normal(0.0, 0.25, 4))
    wander = 0.06 * level[0] * _coloured(rng, n, sampling_rate, 0.03, 0.6, -1.0) + rng.normal(0.0, 0.02) * breathing
    muscle = doing.muscle * level[1] * _coloured(rng, n, sampling_rate, 15.0, 150.0, 0.0)
    muscle *= _envelope(rng, n, sampling_rate, 0.4)
    # Electrode motion comes in bursts and reaches into the band of P and T.
    motion = doing.motion * level[2] * _coloured(rng, n, sampling_rate, 0.7, 9.0, -1.0)
    motion *= _envelope(rng, n, sampling_rate, 0.9)
    total = wander + muscle + motion + 0.004 * rng.standard_normal(n)
    if doing.cadence:
        steps = doing.cadence * times + 0.03 * np.cumsum(rng.standard_normal(n)) / np.sqrt(sampling_rate)
        steps += rng.uniform()
        for harmonic, share in ((1, 1.0), (2, 0.6), (3, 0.3)):
            total += doing.motion * share * np.sin(2 * np.pi * (harmonic * steps + rng.uniform()))
    if sampling_rate > 110:  # below, any recorder's anti-aliasing filter takes the hum away
        hum = np.sin(2 * np.pi * (50.0 * times + rng.uniform())) + 0.2 * np.sin(2 * np.pi * 50.0 * times)
        total += 0.015 * level[3] * hum
    return np.asarray(total)


def _envelope(rng: np.random.Generator, n: int, sampling_rate: float, spread: float) -> Floats:
    """Return a slow positive factor, mean square 1: bursts and pauses."""
    slow = np.exp(spread * _coloured(rng, n, sampling_rate, 0.05, 0.5, 0.0))
    return np.asarray(slow / np.sqrt(np.mean(slow**2)))


def _coloured(rng: np.random.Generator, n: int, sampling_rate: float, low: float, high: float, slope: float) -> Floats:
    """Return Gaussian noise, RMS 1 on average, between two frequencies (Hz); its amplitude goes with f**slope."""
    # At least 64 s are made and cropped, or short records would have no slow noise.
    size = int(next_fast_len(max(n, round(64 * sampling_rate)), real=True))
    frequency = rfftfreq(size, 1 / sampling_rate)
    shape = np.zeros_like(frequency)
    inside = (frequency >= low) & (frequency <= min(high, 0.48 * sampling_rate))
    shape[inside] = frequency[inside] ** slope
    return _from_spectrum(rng, shape, size)[:n]


def band(rng: np.random.Generator, n: int, sampling_rate: float, centre: float, width: float) -> Floats:
    """Return a narrow Gaussian band around ``centre`` (Hz), SD 1 on average."""
    size = int(next_fast_len(max(n, round(256 * sampling_rate)), real=True))
    frequency = rfftfreq(size, 1 / sampling_rate)
    return _from_spectrum(rng, np.exp(-0.25 * ((frequency - centre) / width) ** 2), size)[:n]


def _from_spectrum(rng: np.random.Generator, amplitude: Floats, size: int) -> Floats:
    phases = np.exp(2j * np.pi * rng.uniform(size=len(amplitude)))
    scale = size / np.sqrt(2 * np.sum(amplitude[1:] ** 2))
    amplitude = amplitude.copy()
    amplitude[0] = 0.0
    return np.asarray(irfft(scale * amplitude * phases, size))
