"""Denoisers of one span of a channel; all skip missing samples, and none adds a delay unless it is causal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.runs import changed_runs
from sigsimnet._utils.settings import Hertz, Order, Positive, Seconds, checked
from sigsimnet.cleaning.filters import LOWEST_CORNER
from sigsimnet.errors import ParameterError

__all__ = ["median_baseline", "moving_average", "notch", "savitzky_golay", "wavelet_denoise"]

Floats = NDArray[np.float64]


@checked
def notch(
    x: NDArray[np.floating], sampling_rate: float, frequency: Hertz, *, quality: Positive = 30.0, causal: bool = False
) -> Floats:
    """Remove one frequency by a second-order notch of a bandwidth of ``frequency / quality``.

    Raises
    ------
    ParameterError
        If the frequency is not between 0 and half the sampling rate, or ``quality`` is not positive.

    Examples
    --------
    >>> t = np.arange(2000) / 500
    >>> bool(np.abs(notch(np.sin(2 * np.pi * 50 * t), 500, 50)[500:1500]).max() < 0.01)
    True
    """
    if not LOWEST_CORNER * sampling_rate <= frequency < sampling_rate / 2 or not quality > 0:
        raise ParameterError(
            f"notch at {frequency:g} Hz (quality {quality:g}): it must lie above "
            f"{LOWEST_CORNER * sampling_rate:g} Hz and below half the sampling rate, {sampling_rate / 2:g} Hz"
        )
    from scipy import signal

    b, a = signal.iirnotch(frequency, quality, fs=sampling_rate)
    if causal:
        start = signal.lfilter_zi(b, a)
        return changed_runs(x, 1, lambda samples: np.asarray(signal.lfilter(b, a, samples, zi=start * samples[0])[0]))
    # It rings for about quality / frequency seconds.
    padding = int(3 * quality / frequency * sampling_rate)
    return changed_runs(
        x, 12, lambda samples: np.asarray(signal.filtfilt(b, a, samples, padlen=min(padding, len(samples) - 1)))
    )


@checked
def median_baseline(
    x: NDArray[np.floating], sampling_rate: float, *, first: Seconds = 0.2, second: Seconds = 0.6
) -> Floats:
    """Subtract a baseline estimated by two running medians: the first removes QRS and P, the second T.

    De Chazal, O'Dwyer & Reilly 2004 (doi:10.1109/TBME.2004.827359): 200 ms, then 600 ms.

    Raises
    ------
    ParameterError
        If a window is shorter than three samples.

    Examples
    --------
    >>> t = np.arange(2500) / 250
    >>> bool(np.abs(median_baseline(0.5 * np.sin(2 * np.pi * 0.1 * t), 250)).max() < 0.1)
    True
    """
    sizes = [round(width * sampling_rate) | 1 for width in (first, second)]
    if min(sizes) < 3:
        raise ParameterError(
            f"windows of {first} and {second} s at {sampling_rate:g} Hz: at least 3 samples are needed"
        )

    def change(samples: Floats) -> Floats:
        base = samples
        for size in sizes:
            base = ndimage.median_filter(base, min(size, 2 * len(samples) - 1), mode="reflect")
        return samples - base

    return changed_runs(x, 3, change)


@checked
def moving_average(x: NDArray[np.floating], sampling_rate: float, *, window: Seconds = 0.02) -> Floats:
    """Average over a centred window in s; the ends are mirrored.

    Raises
    ------
    ParameterError
        If the window is not positive.

    Examples
    --------
    >>> moving_average(np.array([0.0, 3.0, 0.0, 3.0, 0.0]), 1.0, window=3).round(2).tolist()
    [1.0, 1.0, 2.0, 1.0, 1.0]
    """
    if not 0 < window < np.inf:
        raise ParameterError(f"window is {window} s: it must be positive")
    size = max(1, round(window * sampling_rate) | 1)
    return changed_runs(x, 1, lambda samples: np.asarray(ndimage.uniform_filter1d(samples, size, mode="reflect")))


@checked
def savitzky_golay(
    x: NDArray[np.floating], sampling_rate: float, *, window: Seconds = 0.04, order: Order = 3
) -> Floats:
    """Smooth by a polynomial fitted to a moving window (Savitzky & Golay 1964, doi:10.1021/ac60214a047).

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    sampling_rate : float
        In Hz.
    window : float, default 0.04
        In s: less than half of a QRS complex.
    order : int, default 3
        Of the polynomial.

    Raises
    ------
    ParameterError
        If the window holds no more samples than the polynomial has coefficients.

    Examples
    --------
    >>> t = np.arange(50) / 50
    >>> bool(np.allclose(savitzky_golay(t**3, 50, window=0.2), t**3))
    True
    """
    from scipy.signal import savgol_filter

    size = round(window * sampling_rate) | 1
    if order < 0 or size <= order:
        raise ParameterError(
            f"a window of {window} s at {sampling_rate:g} Hz has {size} samples: order {order} needs over {order + 1}"
        )
    return changed_runs(x, size, lambda samples: np.asarray(savgol_filter(samples, size, order, mode="interp")))


@checked
def wavelet_denoise(
    x: NDArray[np.floating],
    sampling_rate: float,
    *,
    wavelet: str = "sym4",
    rule: str = "universal",
    lowest: Hertz = 8.0,
) -> Floats:
    """Shrink small coefficients in the wavelet domain.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One span of a channel; NaN = missing.
    sampling_rate : float
        In Hz.
    wavelet : str, default "sym4"
        A wavelet of PyWavelets; sym4 resembles a QRS complex.
    rule : {"universal", "sure"}, default "universal"
        Threshold of a level: σ √(2 ln n) (Donoho & Johnstone 1994, doi:10.1093/biomet/81.3.425), with the non-negative
        garrote (Gao 1998, doi:10.1080/10618600.1998.10474789) instead of their soft one, which lowers R waves by a
        fifth; or the soft threshold of least unbiased risk, if the level is not too sparse for it (SureShrink, 1995,
        doi:10.2307/2291512).
        σ is the median absolute value of the level / 0.6745: it follows noise that is not white.
    lowest : float, default 8
        In Hz: levels whose band ends below it, that of P and T waves, are not changed.

    Notes
    -----
    The stationary transform is averaged over all shifts, so that edges do not ring (Coifman & Donoho 1995).

    Raises
    ------
    ParameterError
        If the wavelet or the rule is unknown.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> clean = np.zeros(1000); clean[500:510] = 1.0
    >>> noisy = clean + 0.1 * rng.normal(size=1000)
    >>> quiet = wavelet_denoise(noisy, 250)
    >>> bool(np.std(quiet - clean) < 0.6 * np.std(noisy - clean))
    True
    """
    import pywt

    if rule not in ("universal", "sure"):
        raise ParameterError(f"unknown threshold {rule!r} (known: universal, sure)")
    if wavelet not in pywt.wavelist(kind="discrete"):
        raise ParameterError(f"unknown wavelet {wavelet!r} (PyWavelets: db4, sym4, coif3, bior3.3 …)")
    # Level k holds from rate / 2^(k + 1) to rate / 2^k.
    levels = max(1, int(np.floor(np.log2(max(2.0, sampling_rate / lowest)))))

    def change(samples: Floats) -> Floats:
        unit = 2**levels
        n = -(-(len(samples) + unit) // unit) * unit
        before = (n - len(samples)) // 2
        padded = np.pad(samples, (before, n - len(samples) - before), mode="symmetric")
        bands = pywt.swt(padded, wavelet, level=levels, trim_approx=True, norm=True)
        shrunk = [bands[0], *(_shrunk(band, rule) for band in bands[1:])]
        return np.asarray(pywt.iswt(shrunk, wavelet, norm=True)[before : before + len(samples)])

    return changed_runs(x, 2 ** (levels + 1), change)


def _shrunk(level: Floats, rule: str) -> Floats:
    sigma = float(np.median(np.abs(level))) / 0.6745
    if sigma <= 0:
        return level
    n = len(level)
    threshold = np.sqrt(2 * np.log(n))
    if rule == "sure":
        squares = np.sort((level / sigma) ** 2)
        risk = n - 2 * np.arange(1, n + 1) + np.cumsum(squares) + np.arange(n - 1, -1, -1) * squares
        sparse = (squares.sum() - n) / n <= np.log2(n) ** 1.5 / np.sqrt(n)
        if not sparse:
            threshold = min(threshold, float(np.sqrt(squares[np.argmin(risk)])))
    limit = sigma * threshold
    if rule == "sure":  # its risk is that of soft thresholds
        return np.asarray(np.sign(level) * np.maximum(np.abs(level) - limit, 0.0))
    # x − t²/x is close to x where x is large, so that R waves keep their height.
    large = np.abs(level) > limit
    return np.where(large, level - limit**2 / np.where(large, level, 1.0), 0.0)
