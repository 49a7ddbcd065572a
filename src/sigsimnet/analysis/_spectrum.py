"""Spectra, band powers, correlation and coherence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet._utils.checks import check_number
from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.runs import runs_of
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import takes_recordings
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BANDS", "Spectrum", "autocorrelation", "band_powers", "coherence", "correlation", "spectrum"]

# In Hz. ECG: Clifford, Azuaje & McSharry 2006 (ISBN 978-1-58053-966-1, ch. 5) for where P and T, QRS and muscle lie.
# EEG: Niedermeyer's Electroencephalography, 7th ed. 2018. EMG: De Luca 2010 (doi:10.1016/j.jbiomech.2010.01.027).
# PPG, respiration and EDA: rates of heart, breath and sweat glands (Elgendi 2013, doi:10.1371/journal.pone.0076585;
# Posada-Quintero 2016, doi:10.1007/s10439-016-1606-6).
BANDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "ecg": {
        "baseline": (0.0, 0.5),
        "P and T": (0.5, 5.0),
        "QRS": (5.0, 20.0),
        "high": (20.0, 45.0),
        "muscle": (65.0, 150.0),
    },
    "eeg": {
        "delta": (0.5, 4.0),
        "theta": (4.0, 8.0),
        "alpha": (8.0, 13.0),
        "beta": (13.0, 30.0),
        "gamma": (30.0, 80.0),
    },
    "emg": {"movement": (0.0, 20.0), "low": (20.0, 80.0), "middle": (80.0, 250.0), "high": (250.0, 500.0)},
    "eog": {"drift": (0.0, 0.1), "eye": (0.1, 10.0), "high": (10.0, 30.0)},
    "ppg": {"drift": (0.0, 0.5), "pulse": (0.5, 4.0), "harmonics": (4.0, 8.0), "high": (8.0, 25.0)},
    "resp": {"drift": (0.0, 0.05), "breath": (0.05, 0.7), "high": (0.7, 3.0)},
    "eda": {"tonic": (0.0, 0.045), "sympathetic": (0.045, 0.25), "high": (0.25, 1.0)},
    "": {"0–1": (0.0, 1.0), "1–4": (1.0, 4.0), "4–15": (4.0, 15.0), "15–40": (15.0, 40.0), "40–100": (40.0, 100.0)},
}

CHUNK = 1 << 20  # samples in double precision at a time


# s: windows that resolve the bands of slow signals.
LONG_WINDOWS: Mapping[str, float] = {"eog": 40.0, "ppg": 20.0, "resp": 60.0, "eda": 120.0}


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Power spectral densities.

    Attributes
    ----------
    frequencies : ndarray, shape (n_frequencies,)
        In Hz.
    density : ndarray, shape (n_channels, n_frequencies)
        In the channel's unit squared per Hz; NaN for a channel without a gap-free span as long as one window.
    n_windows : tuple of int
        Windows averaged, of each channel.
    window : float
        In s.
    channel_names : tuple of str

    Examples
    --------
    >>> spectrum(Recording(np.ones((1, 400)), 100), window=2.0).frequencies[1]
    np.float64(0.5)
    """

    frequencies: NDArray[np.float64]
    density: NDArray[np.float64]
    n_windows: tuple[int, ...]
    window: float
    channel_names: tuple[str, ...] = ()

    def to_dataframe(self) -> pd.DataFrame:
        """Return one column a channel, indexed by frequency in Hz.

        Examples
        --------
        >>> spectrum(Recording(np.ones((1, 400)), 100), window=2.0).to_dataframe().index[1]
        np.float64(0.5)
        """
        import pandas as pd

        names = self.channel_names or tuple(f"ch{i + 1}" for i in range(len(self.density)))
        return pd.DataFrame(self.density.T, index=pd.Index(self.frequencies, name="frequency"), columns=list(names))

    def to_dict(self) -> dict[str, Any]:
        """Return everything in the types that JSON knows.

        Examples
        --------
        >>> spectrum(Recording(np.ones((1, 400)), 100), window=2.0).to_dict()["n_windows"]
        [3]
        """
        return {key: to_jsonable(value) for key, value in vars(self).items()}


@takes_recordings
def spectrum(recording: Recording, *, window: float = 4.0) -> Spectrum:
    """Return the power spectral density of each channel (Welch 1967, doi:10.1109/TAU.1967.1161901).

    Hann windows that overlap by half, without their mean, by SciPy. No window contains a gap or a pause; all windows
    have the same weight.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.
    window : float, default 4
        In s: the resolution is its inverse, in Hz. Shorter recordings are one window.

    Raises
    ------
    ParameterError
        If the window is shorter than eight samples.

    Examples
    --------
    >>> t = np.arange(2000) / 100
    >>> found = spectrum(Recording(np.sin(2 * np.pi * 10 * t), 100))
    >>> found.frequencies[found.density[0].argmax()]
    np.float64(10.0)
    """
    size = _size(recording, window)
    frequencies = np.asarray(np.fft.rfftfreq(size, 1.0 / recording.sampling_rate), dtype=np.float64)
    density = np.full((recording.n_channels, len(frequencies)), np.nan)
    counts = [0] * recording.n_channels
    for row in range(recording.n_channels):
        total = np.zeros(len(frequencies))
        x = recording.data[row]
        for first, last, n in _gap_free_chunks(recording, ~np.isnan(x), size):
            samples = x[first:last].astype(np.float64)
            total += n * signal.welch(samples, recording.sampling_rate, nperseg=size, noverlap=size // 2)[1]
            counts[row] += n
        if counts[row]:
            density[row] = total / counts[row]
    return Spectrum(frequencies, density, tuple(counts), size / recording.sampling_rate, recording.channel_names)


def band_powers(found: Spectrum, bands: Mapping[str, tuple[float, float]] | str = "") -> dict[str, NDArray[np.float64]]:
    """Return the power of each channel in each band, shape (n_channels,), in the unit squared.

    The mean is not in it. A band between two lines of the spectrum is NaN: it takes a longer window.

    Parameters
    ----------
    found : Spectrum
    bands : mapping of str to (float, float), or str
        Edges in Hz, the upper one not included; or a modality of `BANDS`. Bands above half the sampling rate are left
        out.

    Raises
    ------
    ParameterError
        If the modality is unknown or a band is empty.

    Examples
    --------
    >>> t = np.arange(2000) / 100
    >>> found = spectrum(Recording(np.sqrt(2) * np.sin(2 * np.pi * 10 * t), 100))
    >>> {name: round(float(power[0]), 2) for name, power in band_powers(found, "eeg").items() if power[0] > 0.01}
    {'alpha': 1.0}
    """
    if isinstance(bands, str):
        if bands not in BANDS:
            raise ParameterError(f"no bands of {bands!r} (known: {', '.join(name for name in BANDS if name)})")
        bands = BANDS[bands]
    step, highest = found.frequencies[1], found.frequencies[-1]
    powers = {}
    for name, (low, high) in bands.items():
        if not 0 <= low < high:
            raise ParameterError(f"band {name!r} from {low} to {high} Hz is empty")
        if low < highest:
            inside = (found.frequencies >= low) & (found.frequencies < high)
            inside[0] = False  # the mean of each window was subtracted
            lines = found.density[:, inside]
            powers[name] = lines.sum(axis=1) * step if lines.shape[1] else np.full(len(lines), np.nan)
    return powers


def autocorrelation(recording: Recording, *, longest: float = 2.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lags in s and the autocorrelation of each channel, from 1 at lag 0, shape (n_channels, n_lags).

    The mean is subtracted; missing samples are left out of every sum, and no product crosses a pause.

    Parameters
    ----------
    recording : Recording
    longest : float, default 2
        In s.

    Raises
    ------
    ParameterError
        If the longest lag is not positive.

    Examples
    --------
    >>> lags, values = autocorrelation(Recording(np.sin(2 * np.pi * np.arange(1000) / 100), 100))
    >>> lags[values[0, 30:].argmax() + 30]
    np.float64(1.0)
    """
    rate = recording.sampling_rate
    if not 0 < longest < np.inf:
        raise ParameterError(f"the longest lag is {longest} s: it must be positive")
    n_lags = min(int(longest * rate), recording.n_samples - 1) + 1
    values = np.full((recording.n_channels, max(n_lags, 0)), np.nan)
    for row in range(recording.n_channels):
        mean = float(np.nanmean(recording.data[row])) if not np.isnan(recording.data[row]).all() else 0.0
        products, pairs = np.zeros(n_lags), np.zeros(n_lags)
        for span in recording.spans:
            x = recording.data[row, span.start : span.stop].astype(np.float64) - mean
            there = (~np.isnan(x)).astype(np.float64)
            length = min(n_lags, len(x))
            if length:
                products[:length] += _lagged(np.nan_to_num(x), length)
                pairs[:length] += _lagged(there, length)
        if products.size and products[0] > 0:
            with np.errstate(invalid="ignore", divide="ignore"):
                mean_product = np.where(pairs > 0.5, products / np.maximum(pairs, 1.0), np.nan)
            values[row] = mean_product / mean_product[0]
    return np.arange(n_lags) / rate, values


def correlation(recording: Recording) -> NDArray[np.float64]:
    """Return Pearson's correlation of every channel with every other, over samples that both have.

    Returns
    -------
    ndarray, shape (n_channels, n_channels)
        NaN where a channel is constant or two channels share fewer than three samples.

    Examples
    --------
    >>> correlation(Recording([[1, 2, 3, 4], [2, 4, 6, 8]], 2)).round(2).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    data, n = recording.data, recording.n_channels
    found = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(i, n):
            value = _pearson(data[i], data[j])
            found[i, j] = found[j, i] = value
    return found


def _pearson(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the correlation of two channels, in chunks: a day of samples in double precision would fill the memory."""
    sums = np.zeros(6)
    known = np.flatnonzero(~np.isnan(a) & ~np.isnan(b))
    if len(known) < 3:
        return float("nan")
    # Subtracted first, an offset costs no digits.
    start_a, start_b = float(a[known[0]]), float(b[known[0]])
    for k in range(0, len(a), CHUNK):
        x, y = a[k : k + CHUNK].astype(np.float64) - start_a, b[k : k + CHUNK].astype(np.float64) - start_b
        both = ~np.isnan(x) & ~np.isnan(y)
        x, y = x[both], y[both]
        sums += np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])
    n, sum_x, sum_y, xx, yy, xy = sums
    spread_x, spread_y = xx - sum_x**2 / n, yy - sum_y**2 / n
    if min(spread_x, spread_y) <= 0:
        return float("nan")
    return float(np.clip((xy - sum_x * sum_y / n) / np.sqrt(spread_x * spread_y), -1, 1))


def coherence(
    recording: Recording, a: str | int, b: str | int, *, window: float = 4.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies in Hz and the magnitude-squared coherence of two channels, 0–1.

    From Welch windows in which neither channel has a gap; a single window has a coherence of 1 everywhere, so that at
    least four are needed.

    Raises
    ------
    ParameterError
        If the window is shorter than eight samples.
    SignalError
        If there are fewer than four windows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2, 8000)) + 3 * np.sin(2 * np.pi * 10 * np.arange(8000) / 100)
    >>> frequencies, values = coherence(Recording(x, 100), 0, 1)
    >>> frequencies[values.argmax()]
    np.float64(10.0)
    """
    size, first, second = _size(recording, window), recording.channel_index(a), recording.channel_index(b)
    rate = recording.sampling_rate
    frequencies = np.asarray(np.fft.rfftfreq(size, 1.0 / rate), dtype=np.float64)
    cross, power_a, power_b, n = (
        np.zeros(len(frequencies), complex),
        np.zeros(len(frequencies)),
        np.zeros(len(frequencies)),
        0,
    )
    x, y = recording.data[first], recording.data[second]
    for begin, end, count in _gap_free_chunks(recording, ~np.isnan(x) & ~np.isnan(y), size):
        u, v = x[begin:end].astype(np.float64), y[begin:end].astype(np.float64)
        cross += count * signal.csd(u, v, rate, nperseg=size, noverlap=size // 2)[1]
        power_a += count * signal.welch(u, rate, nperseg=size, noverlap=size // 2)[1]
        power_b += count * signal.welch(v, rate, nperseg=size, noverlap=size // 2)[1]
        n += count
    if n < 4:
        raise SignalError(f"{n} windows of {window:g} s that both channels have: coherence needs at least 4")
    with np.errstate(invalid="ignore", divide="ignore"):
        return frequencies, np.clip(np.abs(cross) ** 2 / (power_a * power_b), 0.0, 1.0)


def _size(recording: Recording, window: float) -> int:
    check_number(window, "window", "s", above=0)
    longest = max((span.stop - span.start for span in recording.spans), default=0)
    size = min(round(min(window, recording.duration + 1.0) * recording.sampling_rate), longest)
    if size < 8:
        raise ParameterError(
            f"a window of {window:g} s at {recording.sampling_rate:g} Hz of {longest} samples without a pause holds "
            f"{max(size, 0)} samples: at least 8 are needed"
        )
    return size


def _gap_free_chunks(recording: Recording, known: NDArray[np.bool_], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield first sample, one past the last, and number of windows of gap-free chunks that consist of whole windows.

    Windows of ``size`` overlap by half; chunks of a gap-free span overlap so that no window is lost between them.
    """
    hop = size - size // 2
    most = max(1, CHUNK // hop)
    for span in recording.spans:
        for start, stop in (runs_of(known[span.start : span.stop]) + span.start).tolist():
            n = (stop - start - size) // hop + 1
            for window in range(0, n, most):
                count = min(most, n - window)
                first = start + window * hop
                yield first, first + (count - 1) * hop + size, count


def _lagged(x: NDArray[np.float64], n_lags: int) -> NDArray[np.float64]:
    """Return Σ x[t] x[t + lag] for lags from 0 on; in chunks, so that a day takes little memory."""
    chunk = max(1 << 16, 4 * n_lags)
    total = np.zeros(n_lags)
    for start in range(0, len(x), chunk):
        here, further = x[start : start + chunk], x[start : start + chunk + n_lags - 1]
        size = 1 << int(np.ceil(np.log2(len(here) + len(further))))
        product = np.fft.irfft(np.conj(np.fft.rfft(here, size)) * np.fft.rfft(further, size), size)
        total += product[:n_lags]
    return total
