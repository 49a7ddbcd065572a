"""Pulse waves of one gap-free span: their rises, the usual interval between them, and the sequence of beats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, ndimage

from sigsimnet.cleaning.butterworth import butterworth
from sigsimnet.peaks._kernels import candidates, decimate, moving_average
from sigsimnet.peaks._levels import by_window, running_median
from sigsimnet.peaks._path import Costs, best_sequence
from sigsimnet.peaks._preprocess import settled

__all__ = ["LEAST_CORRELATION", "Pulse", "pulse_of", "skew_of_slope"]

Floats = NDArray[np.float64]

WORKING_RATE = 100.0  # Hz at least: a rise lasts 0.1–0.2 s
BAND = (0.5, 8.0)  # Hz (Elgendi 2013)
SETTLING = 2.0  # s: a period of the lower corner
RISE = 0.17  # s over which rises are summed (Zong 2003: 128 ms for arterial pressure, which rises faster)
WINDOW = 2.0  # s; holds a pulse down to 30/min
APART = 0.15  # s
TAME = 3.0  # times the usual rise: a movement does not outweigh the beats around it
SPAN_OF_RATE = 8.0  # s over which the usual interval is measured
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.27, 2.0  # s: 30–220/min
FUNDAMENTAL = 0.8  # of the highest correlation: the shortest lag that reaches it is the interval, not its double
# Rises below the first share of the recording's usual rise are no pulse; those below the second (noise) or above the
# third (movement) are one only where they repeat themselves.
LEAST_RISE, SMALL_RISE, LARGE_RISE = 0.05, 0.25, 2.0
LEAST_CORRELATION = 0.5  # over 8 s; 99 of 100 windows of white noise have less than 0.36
QUIETEST = 0.3  # of the usual rise, at which a pulse and a dicrotic wave or noise are equally likely
LOWEST = 0.015  # of the usual rise: what is lower is not looked at
HIGHEST = 1.2  # the most that height gains, and what intervals cost: about as in `detect_sigsimnet`
COSTS = Costs(
    short=1.0,
    long=1.25,
    by_short=4.0,
    by_missed=0.9,
    most_short=math.inf,
    most_long=2.0,
    least=0.0,
    near=0.0,
    unlike=0.0,
)
LAGS_RATE = 25.0  # Hz
FOOT = 0.35  # s before the steepest place in which the foot lies


@dataclass(frozen=True, eq=False)
class Pulse:
    """A gap-free span at a working rate of 100 Hz or more.

    Attributes
    ----------
    wave : ndarray, shape (n,)
        0.5–8 Hz.
    rises : ndarray, shape (n,)
        How far the wave rises within 0.17 s.
    usual, interval : ndarray, shape (n_windows,)
        Rise of a pulse, and interval between pulses (s), for windows of 2 s, by the 18 s around.
    highest, of_window : ndarray, shape (n_windows,)
        Highest rise of a window and its neighbours, and of the window alone.
    correlation : ndarray, shape (n_windows,)
        Of the rises with those one interval later, by the 8 s around.
    rate : float
        Working rate, in Hz.
    scale, shift : float
        Sample of the recording = working sample × scale + shift.
    """

    wave: Floats
    rises: Floats
    usual: Floats
    interval: Floats
    highest: Floats
    of_window: Floats
    correlation: Floats
    rate: float
    scale: float
    shift: float

    def has_pulse(self, usual_rise: float) -> NDArray[np.bool_]:
        """Return for windows of 2 s whether there are pulse waves, beside the usual rise of the recording."""
        repeated = self.correlation > LEAST_CORRELATION
        high, wild = self.highest > SMALL_RISE * usual_rise, self.of_window > LARGE_RISE * usual_rise
        return (high & ~wild) | (repeated & (self.highest > LEAST_RISE * usual_rise))

    def onsets(self, with_pulse: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Return the onsets of the pulses in samples of the recording, and their confidence."""
        size = round(WINDOW * self.rate)
        where = np.asarray(candidates(self.rises, round(APART * self.rate)))
        window = np.minimum(where // size, len(self.usual) - 1)
        height = self.rises[where] / np.maximum(self._at(self.usual, where), 1e-30)
        possible = with_pulse[window] & (height > LOWEST)
        where, height = where[possible], height[possible]
        gain = np.minimum(np.log(height / QUIETEST), HIGHEST)
        kept = best_sequence(where, gain, height, self._at(self.interval, where), self.rate, COSTS)
        return self._feet(where[kept]) * self.scale + self.shift, np.minimum(height[kept], 1.0)

    def _at(self, of_windows: Floats, where: NDArray[np.int64]) -> Floats:
        return np.asarray(np.interp(where / self.rate, (np.arange(len(of_windows)) + 0.5) * WINDOW, of_windows))

    def _feet(self, where: NDArray[np.int64]) -> Floats:
        """Return where the tangent at the steepest place of each rise meets the level of the foot before it."""
        slope = np.gradient(self.wave)
        around, back = round(RISE * self.rate), round(FOOT * self.rate)
        feet = np.empty(len(where))
        before = 0
        for k, middle in enumerate(where.tolist()):
            first = max(middle - around, before)
            steep = first + int(slope[first : middle + around + 1].argmax())
            first = max(steep - back, before)
            before = steep + 1
            foot = first + int(self.wave[first : steep + 1].argmin())
            feet[k] = steep - (self.wave[steep] - self.wave[foot]) / max(float(slope[steep]), 1e-30)
        return np.clip(feet, 0, len(self.wave) - 1)


def _correlation(a: Floats, b: Floats) -> float:
    return float(a @ b) / max(float(np.sqrt((a @ a) * (b @ b))), 1e-30)


def _intervals(rises: Floats, rate: float, size: int) -> tuple[Floats, Floats]:
    """Return, by windows, the shortest lag at which the rises of 8 s repeat, and how well they do."""
    step = max(1, round(rate / LAGS_RATE))
    some = rises[::step]
    rate = rate / step
    n_windows = max(1, len(rises) // size)
    length = min(round(SPAN_OF_RATE * rate), len(some))
    shortest, longest = int(SHORTEST_INTERVAL * rate), min(round(LONGEST_INTERVAL * rate), length // 2)
    interval, correlation = np.full(n_windows, np.nan), np.zeros(n_windows)
    for k in range(n_windows):
        first = min(max(round((k + 0.5) * WINDOW * rate) - length // 2, 0), len(some) - length)
        x = some[first : first + length] - some[first : first + length].mean()
        values = np.array([_correlation(x[lag:], x[: len(x) - lag]) for lag in range(shortest - 1, longest + 2)])
        tops = 1 + np.flatnonzero((values[1:-1] >= values[:-2]) & (values[1:-1] > values[2:]))
        if len(tops) and values[tops].max() > 0:
            chosen = tops[values[tops] >= FUNDAMENTAL * values[tops].max()][0]
            interval[k], correlation[k] = (shortest - 1 + chosen) / rate, values[chosen]
    return interval, correlation


def pulse_of(x: Floats, sampling_rate: float) -> Pulse:
    """Return the pulse waves of samples without a gap."""
    factor = max(1, int(sampling_rate // WORKING_RATE))
    rate = sampling_rate / factor
    slow = np.asarray(decimate(x - np.median(x), factor))
    wave = settled(butterworth(2, BAND[0], min(BAND[1], 0.45 * rate), rate), slow, round(SETTLING * rate))
    finer = max(1, int(np.ceil(WORKING_RATE / rate)))
    if finer > 1:  # a wave of 8 Hz has no more between its samples than a spline finds
        fine = np.arange((len(wave) - 1) * finer + 1) / finer
        wave = np.asarray(interpolate.CubicSpline(np.arange(len(wave)), wave)(fine))
    rate *= finer
    width = max(2, round(RISE * rate))
    rises = width * np.asarray(moving_average(np.maximum(np.gradient(wave), 0.0), width))
    size = round(WINDOW * rate)
    highest = by_window(rises, size, np.max)
    usual = running_median(highest)
    tame = np.minimum(rises, TAME * np.median(usual))
    interval, correlation = _intervals(tame, rate, size)
    known = np.isfinite(interval)
    if known.any():
        interval = np.interp(np.arange(len(interval)), np.flatnonzero(known), interval[known])
    else:
        interval[:] = 0.8
    return Pulse(
        wave=wave,
        rises=rises,
        usual=usual,
        interval=running_median(interval),
        of_window=highest,
        highest=np.asarray(ndimage.maximum_filter1d(highest, 3)),
        correlation=np.asarray(ndimage.median_filter(correlation, 3)),
        rate=rate,
        scale=factor / finer,
        shift=factor // 2,
    )


def skew_of_slope(pulse: Pulse) -> float:
    """Return the skewness of the slope: above 0 where rises are steeper than falls, as those of pulse waves are."""
    slope = np.gradient(pulse.wave)
    low, high = np.percentile(slope, (1, 99))
    slope = np.clip(slope, low, high)  # a step is no pulse
    slope -= np.mean(slope)
    third, second = float(np.mean(slope**3)), float(np.mean(slope**2))
    return third / max(math.sqrt(second) ** 3, 1e-30)
