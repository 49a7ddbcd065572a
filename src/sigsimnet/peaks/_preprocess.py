"""Preprocessing that all detectors share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigsimnet.cleaning.butterworth import butterworth
from sigsimnet.peaks._kernels import decimate, filter_both, limit, slope_rms
from sigsimnet.peaks._levels import by_window, levels_of, quantiles, running_median
from sigsimnet.peaks._tall_t import SHARP_BAND, drop_t_waves, sharp_level, tall_t_windows

__all__ = ["WINDOW", "Preprocessed", "preprocess", "settled", "window_samples", "working_factor"]

Floats = NDArray[np.float64]

WORKING_RATE = 100.0  # Hz at least, below 200: QRS complexes have nothing above 40 Hz that a detector needs
WINDOW = 2.0  # s; holds a beat down to 30 beats/min
BAND = (3.0, 30.0)  # Hz; P, QRS and T without baseline and most of the muscle; each detector narrows it
SETTLING = 1.0  # s: three periods of the lower corner
QRS_BAND = (5.0, 20.0)  # Hz
TAME = 4.0  # times the usual range, to which the signal is clipped: no heart beat is larger
HIGHEST = 3.0  # times the usual QRS; a ventricular beat may be twice as large
LEAST_CONTRAST = 3.2  # beats over the quiet between them; white noise stays below: 99 windows in 100 below 3.0


@dataclass(frozen=True, eq=False)
class Preprocessed:
    """One gap-free span of a channel, preprocessed, at a working rate of 100–200 Hz (80 Hz or more for slow records).

    Attributes
    ----------
    z : ndarray, shape (n,)
        3–30 Hz, divided by the usual QRS amplitude of the surroundings (18 s) and clipped at three times that: about
        −1 to 1 for any unit, electrode or artefact.
    qrs : ndarray, shape (n,)
        ``z`` in 5–20 Hz, where QRS complexes have most of their energy and P, T and muscle little (Thakor 1984,
        doi:10.1109/TBME.1984.325393).
    energy : ndarray, shape (n,)
        RMS of the slope of ``qrs`` over 0.12 s: one candidate a QRS complex.
    usual, rest : ndarray, shape (n_windows,)
        Usual height of ``energy`` at a beat and between beats, for windows of 2 s.
    quiet : ndarray, shape (n_windows,)
        A fifth of the values of ``energy`` are lower: the level between beats even at high heart rates.
    sharp : ndarray, shape (n,)
        Level of ``z`` at 12–30 Hz (`sharp_level`), before anything was done about T waves.
    tall_t : ndarray of bool, shape (n_windows,)
        Where T waves are tall (`tall_t_windows`); there ``z`` is 12–30 Hz.
    rate : float
        Working rate, in Hz.
    factor : int
        Samples of the recording in one working sample.
    """

    z: Floats
    qrs: Floats
    energy: Floats
    usual: Floats
    rest: Floats
    quiet: Floats
    sharp: Floats
    tall_t: NDArray[np.bool_]
    rate: float
    factor: int
    _bands: dict[tuple[float, float], Floats] = field(default_factory=dict, repr=False)

    def samples(self, seconds: float) -> int:
        """Return a time as a number of working samples, at least 1."""
        return max(1, round(seconds * self.rate))

    def band(self, low: float, high: float) -> Floats:
        """Return ``z`` in a band (Hz), zero phase."""
        if (low, high) not in self._bands:
            self._bands[low, high] = filter_both(_butterworth(low, high, self.rate), self.z)
        return self._bands[low, high]

    def at(self, of_windows: Floats, positions: NDArray[np.int64]) -> Floats:
        """Return a quantity kept for windows at working samples."""
        size = self.samples(WINDOW)
        return np.asarray(np.interp(positions, (np.arange(len(of_windows)) + 0.5) * size, of_windows))

    def has_beats(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return where beats are clearly higher than the level between them; elsewhere there is nothing to detect.

        Behind complexes with tall T waves there may be no quiet; that they stand out was seen at 12–30 Hz.
        """
        clear = self.at(self.usual, positions) > LEAST_CONTRAST * self.at(self.quiet, positions)
        size = self.samples(WINDOW)
        return np.asarray(clear | self.tall_t[np.minimum(positions // size, len(self.tall_t) - 1)])

    def without_t_waves(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return marks without those on tall T waves."""
        return drop_t_waves(positions, self.sharp, self.tall_t, self.samples(WINDOW), self.rate)

    def has_beats_mask(self) -> NDArray[np.bool_]:
        """Return `has_beats` for every working sample, window by window."""
        windows = (self.usual > LEAST_CONTRAST * self.quiet) | self.tall_t
        mask = np.repeat(windows, self.samples(WINDOW))[: len(self.z)]
        return np.concatenate([mask, np.full(len(self.z) - len(mask), windows[-1])])

    def share_of_beat(self, positions: NDArray[np.int64], feature: Floats | None = None) -> Floats:
        """Return the height of a feature on a scale from the level between beats (0) to the usual beat here (1).

        The feature is ``energy`` unless another is given.
        """
        if feature is None:
            feature, usual, rest = self.energy, self.usual, self.rest
        else:
            usual, rest = levels_of(feature, self.samples(WINDOW))
        low = self.at(rest, positions)
        span = np.maximum(self.at(usual, positions) - low, 1e-12)
        return np.asarray(np.maximum((feature[positions] - low) / span, 0.0))


def working_factor(sampling_rate: float) -> int:
    """Return how many samples make one working sample."""
    return max(1, int(sampling_rate // WORKING_RATE))


def window_samples(sampling_rate: float) -> int:
    """Return the samples of the recording in one window of about 2 s: a whole number of working samples."""
    factor = working_factor(sampling_rate)
    return max(1, round(WINDOW * sampling_rate / factor)) * factor


def _butterworth(low: float, high: float, rate: float) -> Floats:
    return butterworth(2, low, min(high, 0.45 * rate), rate)


def settled(sos: Floats, x: Floats, n: int) -> Floats:
    """Filter with ``n`` samples more at either end, an odd extension that continues a slope."""
    n = min(n, len(x) - 1)
    longer = np.concatenate([2 * x[0] - x[n:0:-1], x, 2 * x[-1] - x[-2 : -n - 2 : -1]])
    return np.asarray(filter_both(sos, longer)[n : n + len(x)])


def _scaled(slow: Floats, band: tuple[float, float], rate: float, size: int) -> Floats:
    """Return a band of the decimated signal in usual QRS amplitudes of the surroundings, at most `HIGHEST` of them."""
    z = settled(_butterworth(*band, rate), slow, max(1, round(SETTLING * rate)))
    amplitude = running_median(np.maximum(by_window(z, size, np.max), -by_window(z, size, np.min)))
    if amplitude.max() < 1e-6 * float(np.abs(slow).max()):
        z[:] = 0.0  # a straight line leaves rounding errors only
    amplitude = np.maximum(amplitude, 1e-6 * max(float(amplitude.max()), 1e-30))
    limit(z, np.zeros_like(amplitude), HIGHEST * amplitude, size, True)  # noqa: FBT003 - a kernel has no names
    z *= HIGHEST
    return z


def preprocess(x: NDArray[np.floating], sampling_rate: float) -> Preprocessed:
    """Filter and scale samples without NaN.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    sampling_rate : float
        In Hz.
    """
    factor = working_factor(sampling_rate)
    rate = sampling_rate / factor
    slow = decimate(x, factor)
    size = max(1, round(WINDOW * rate))
    # One spike of a thousand times the signal would ring in every filter: it is clipped before.
    low, high = by_window(slow, size, np.min), by_window(slow, size, np.max)
    limit(slow, running_median((low + high) / 2), TAME * running_median(high - low), size, False)  # noqa: FBT003 - a kernel has no names
    z = _scaled(slow, BAND, rate, size)
    qrs = filter_both(_butterworth(*QRS_BAND, rate), z)
    energy = slope_rms(qrs, max(1, round(0.12 * rate)))
    level = sharp_level(filter_both(_butterworth(*SHARP_BAND, rate), z), rate)
    tall_t = tall_t_windows(level, energy, rate, size)
    if tall_t.any():
        share = np.interp(np.arange(len(z)), (np.arange(len(tall_t)) + 0.5) * size, tall_t.astype(np.float64))
        z += share * (_scaled(slow, SHARP_BAND, rate, size) - z)
        qrs = filter_both(_butterworth(*QRS_BAND, rate), z)
        energy = slope_rms(qrs, max(1, round(0.12 * rate)))
    rest, quiet = quantiles(energy, size, 0.5, 0.2)
    return Preprocessed(
        z=z,
        qrs=qrs,
        energy=energy,
        usual=running_median(by_window(energy, size, np.max)),
        rest=running_median(rest),
        quiet=running_median(quiet),
        sharp=level,
        tall_t=tall_t,
        rate=rate,
        factor=factor,
    )
