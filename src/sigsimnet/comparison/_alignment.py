"""`align`: how two recordings of the same time lie to one another: lag, drift of the clocks, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sigsimnet._utils.resampling import resample_ratio
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import as_recording
from sigsimnet.io._names import find_channels, has_channel
from sigsimnet.peaks import detect_peaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["Alignment", "align"]

_PIECE = 8.0  # s: of a signal that is looked for in the other
_REACH = 2.0  # s: how far a piece may lie from where the others say
_ALIKE = 0.5  # correlation of a piece that counts
_HIGHEST_RATE = 250.0  # Hz
_BAND = (0.5, 40.0)  # Hz
_FEWEST = 5  # pieces or beats of which a line is fitted
_BEAT_RATE, _BEAT_WIDTH, _NEAR_BEAT = 100.0, 0.03, 0.15  # Hz, s, s
_MOST_PIECES = 400


@dataclass(frozen=True)
class Alignment:
    """How the second recording lies to the first.

    Attributes
    ----------
    lag : float
        What is at time t of B is at t + lag of A, at the start of B, in s.
    lag_interval : (float, float)
        95 % interval.
    drift : float
        By how much B's clock runs slow against A's, in ppm: a second of B takes (1 + drift / 10⁶) s of A.
    drift_interval : (float, float)
        95 % interval.
    residual : float
        Robust standard deviation of the matches around the line, in s.
    n_matched, n_looked : int
        Pieces or beats that were found, of those that were looked for.
    polarity : int
        −1 where one signal is the other turned over.
    method : str
        ``"signal"`` or ``"beats"``.
    channels : (str, str)
    """

    lag: float
    lag_interval: tuple[float, float]
    drift: float
    drift_interval: tuple[float, float]
    residual: float
    n_matched: int
    n_looked: int
    polarity: int
    method: str
    channels: tuple[str, str]

    def in_words(self) -> str:
        """Return the alignment as a sentence.

        Examples
        --------
        >>> Alignment(2.5, (2.499, 2.501), 12.0, (10.0, 14.0), 0.001, 30, 31, 1, "signal", ("I", "I")).in_words()
        'B begins 2.500 s after A (± 1 ms); its clock is slow by 12.0 ppm (10.0 to 14.0); residual 1.0 ms of 30 matches'
        """
        half = (self.lag_interval[1] - self.lag_interval[0]) / 2 * 1000
        where = "after" if self.lag >= 0 else "before"
        low, high = sorted(abs(edge) for edge in self.drift_interval)
        kind = "slow" if self.drift > 0 else "fast"
        drift = f"its clock is {kind} by {abs(self.drift):.1f} ppm ({low:.1f} to {high:.1f})"
        if self.drift_interval[0] <= 0 <= self.drift_interval[1]:
            drift = f"no drift of the clocks is seen ({self.drift_interval[0]:.1f} to {self.drift_interval[1]:.1f} ppm)"
        return (
            f"B begins {abs(self.lag):.3f} s {where} A (± {half:.0f} ms); {drift}; "
            f"residual {self.residual * 1000:.1f} ms of {self.n_matched} matches"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**vars(self), "words": self.in_words()}


def align(
    a: Any,
    b: Any,
    *,
    method: Literal["signal", "beats"] = "signal",
    channel_a: str | None = None,
    channel_b: str | None = None,
    longest_lag: float | None = None,
) -> Alignment:
    """Find how two simultaneous recordings lie to one another.

    Parameters
    ----------
    a, b : Recording, path, (array, sampling_rate), …
        Of the same time and person, by two devices or leads. Any sampling rates and starts.
    method : {"signal", "beats"}
        ``"signal"`` lays the signals over one another: the finest, for signals of one kind. ``"beats"`` lays R peaks
        (or pulse beats) over one another: for an ECG and a pulse wave, whose delay is then part of the lag.
    channel_a, channel_b : str, optional
        The first common one without them.
    longest_lag : float, optional
        In s; any without it.

    Returns
    -------
    Alignment

    Raises
    ------
    SignalError
        If too little is found in both, or there is no common channel.
    ParameterError
        If the method is unknown.

    Notes
    -----
    Pieces of 8 s of B are looked for in A by normalised cross-correlation, to parts of a sample by a parabola; a line
    is fitted through their lags by least squares after those far from it are taken out (Theil–Sen first). Intervals
    are those of the line with Student's t. Pauses in a recording count as time.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=60, seed=1)[0]
    >>> found = align(recording, recording.crop(2.5, 60))
    >>> round(found.lag, 3)
    2.5
    """
    if method not in ("signal", "beats"):
        raise ParameterError(f"unknown method {method!r} (known: signal, beats)")
    one, other = as_recording(a), as_recording(b)
    names = _names(one, other, channel_a, channel_b, same=method == "signal")
    if method == "signal":
        times, lags, looked, polarity = _by_signal(one, other, names, longest_lag)
    else:
        times, lags, looked, polarity = _by_beats(one, other, names, longest_lag)
    if len(times) < _FEWEST:
        raise SignalError(
            f"{_name(one)} and {_name(other)}: {len(times)} of {looked} pieces of one were found in the other; at "
            f"least {_FEWEST} say how they lie"
        )
    return _line(times, lags, looked, polarity, method, names)


def _names(a: Recording, b: Recording, channel_a: str | None, channel_b: str | None, *, same: bool) -> tuple[str, str]:
    found = []
    for side, channel in ((a, channel_a), (b, channel_b)):
        if channel is None:
            found.append("")
        elif has_channel(channel, side.channel_names):
            found.append(side.channel_names[find_channels([channel], side.channel_names, _name(side))[0]])
        else:
            found.append(side.channel_names[side.channel_index(channel)])
    common = [name for name in a.channel_names if name in b.channel_names]
    if not all(found) and not common and (same and (a.n_channels > 1 or b.n_channels > 1)):
        raise SignalError(
            f"{_name(a)} and {_name(b)} have no common channel ({', '.join(a.channel_names)} against "
            f"{', '.join(b.channel_names)}); name one of each"
        )
    return (
        found[0] or (common[0] if common else a.channel_names[0]),
        found[1] or (common[0] if common else b.channel_names[0]),
    )


def _name(recording: Recording) -> str:
    return recording.source or "a recording"


def _on_a_grid(recording: Recording, name: str, rate: float) -> NDArray[np.float64]:
    """Return a channel over all its time, pauses and missing samples as zeros, at another rate and within the band."""
    from scipy.signal import butter, sosfiltfilt

    own = recording.sampling_rate
    times = recording.time_of(np.arange(recording.n_samples))
    x = np.zeros(round(float(times[-1]) * own) + 1)
    values = np.asarray(recording.data[recording.channel_index(name)], dtype=np.float64)
    known = np.isfinite(values)
    middle = float(np.median(values[known])) if known.any() else 0.0
    x[np.rint(times * own).astype(int)] = np.where(known, values - middle, 0.0)
    ratio = Fraction(rate / own).limit_denominator(1000)
    if ratio != 1:
        x = resample_ratio(x, ratio.numerator, ratio.denominator)
    high = min(_BAND[1], 0.45 * rate)
    return np.asarray(sosfiltfilt(butter(2, (_BAND[0], high), "bandpass", fs=rate, output="sos"), x))


def _by_signal(
    a: Recording, b: Recording, names: tuple[str, str], longest: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], int, int]:
    rate = min(a.sampling_rate, b.sampling_rate, _HIGHEST_RATE)
    x, y = (_on_a_grid(side, name, rate) for side, name in zip((a, b), names, strict=True))
    size = round(min(_PIECE, len(y) / rate / 6) * rate)
    if size < rate:
        raise SignalError(f"{_name(b)}: lasts {len(y) / rate:.0f} s; at least 6 s say how two recordings lie")
    starts = np.unique(np.linspace(0, len(y) - size, min(_MOST_PIECES, len(y) // size)).astype(int))
    # The whole first: drift blurs it by no more than a few samples in the first minutes.
    guess, polarity = _coarse(x, y, rate, longest)
    times, lags = [], []
    reach = round(_REACH * rate)
    expected = float(guess)
    for start in starts.tolist():
        piece = y[start : start + size]
        begin = start + round(expected) - reach
        first, last = max(begin, 0), min(begin + size + 2 * reach, len(x))
        if last - first < size or np.std(piece) == 0:
            continue
        place, alike = _best(x[first:last], piece, polarity)
        if alike >= _ALIKE:
            lag = first + place - start
            times.append((start + size / 2) / rate)
            lags.append(lag / rate)
            expected = 0.7 * expected + 0.3 * lag  # follows the drift
    return np.array(times), np.array(lags), len(starts), polarity


def _coarse(x: NDArray[np.float64], y: NDArray[np.float64], rate: float, longest: float | None) -> tuple[int, int]:
    """Return the lag in samples at which the first minutes fit best, and the sign."""
    from scipy.signal import correlate, correlation_lags

    part = y[: round(180 * rate)]
    products = correlate(x, part, mode="full", method="fft")
    lags = correlation_lags(len(x), len(part), mode="full")
    # What overlaps in little would win by chance if it were divided by its own size.
    if longest is not None:
        products = np.where(np.abs(lags) <= longest * rate, products, 0.0)
    best = int(np.abs(products).argmax())
    return int(lags[best]), 1 if products[best] >= 0 else -1


def _best(x: NDArray[np.float64], piece: NDArray[np.float64], polarity: int) -> tuple[float, float]:
    """Return where a piece fits best, to parts of a sample, and its correlation there."""
    from scipy.signal import correlate

    size = len(piece)
    shape = piece - piece.mean()
    products = polarity * correlate(x, shape, mode="valid", method="fft")
    sums, squares = np.cumsum(np.r_[0.0, x]), np.cumsum(np.r_[0.0, x**2])
    spread = np.sqrt(np.maximum(squares[size:] - squares[:-size] - (sums[size:] - sums[:-size]) ** 2 / size, 1e-30))
    alike = products / (np.linalg.norm(shape) * spread)
    best = int(alike.argmax())
    if not 0 < best < len(alike) - 1:
        return float(best), -1.0  # at the edge it would go on
    left, middle, right = alike[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return best + (0.5 * (left - right) / bend if bend < 0 else 0.0), float(middle)


def _by_beats(
    a: Recording, b: Recording, names: tuple[str, str], longest: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], int, int]:
    from scipy.ndimage import gaussian_filter1d

    first, second = (_beats(side, name) for side, name in zip((a, b), names, strict=True))
    end = max(first.max(initial=1.0), second.max(initial=1.0)) + 1
    trains = []
    for beats in (first, second):
        train = np.zeros(round(end * _BEAT_RATE))
        np.add.at(train, np.rint(beats * _BEAT_RATE).astype(int), 1.0)
        smooth = gaussian_filter1d(train, _BEAT_WIDTH * _BEAT_RATE)
        trains.append(smooth - smooth.mean())
    guess, _ = _coarse(trains[0], trains[1], _BEAT_RATE, longest)
    lag = guess / _BEAT_RATE
    times, lags = [], []
    for beat in second.tolist():
        near = int(np.abs(first - beat - lag).argmin()) if len(first) else 0
        step = first[near] - beat if len(first) else np.inf
        if abs(step - lag) <= _NEAR_BEAT:
            times.append(beat)
            lags.append(float(step))
            lag = 0.95 * lag + 0.05 * float(step)
    return np.array(times), np.array(lags), len(second), 1


def _beats(recording: Recording, name: str) -> NDArray[np.float64]:
    from sigsimnet.channels import modality_of

    pulse = modality_of(name) == "ppg"
    return detect_peaks(recording.pick([name]), method="ppg" if pulse else "sigsimnet").times


def _line(
    times: NDArray[np.float64],
    lags: NDArray[np.float64],
    looked: int,
    polarity: int,
    method: str,
    names: tuple[str, str],
) -> Alignment:
    """Fit a line through lags, without those far from it."""
    from scipy import stats

    few = np.unique(np.linspace(0, len(times) - 1, 300).astype(int))  # of all pairs there would be too many
    slope, start, *_ = stats.theilslopes(lags[few], times[few])
    for _ in range(3):
        away = lags - start - slope * times
        spread = max(1.4826 * float(np.median(np.abs(away - np.median(away)))), 1e-5)
        keep = np.abs(away - np.median(away)) <= 4 * spread
        if keep.sum() < _FEWEST:
            break
        fitted = stats.linregress(times[keep], lags[keep])
        slope, start = float(fitted.slope), float(fitted.intercept)
    away = lags[keep] - start - slope * times[keep]
    n = len(away)
    t = float(stats.t.ppf(0.975, max(n - 2, 1)))
    sigma = float(np.sqrt((away**2).sum() / max(n - 2, 1)))
    around = times[keep] - times[keep].mean()
    total = float((around**2).sum())
    error_slope = sigma / np.sqrt(total) if total > 0 else np.inf
    error_start = sigma * np.sqrt(1 / n + times[keep].mean() ** 2 / total) if total > 0 else np.inf
    drift, reach = slope * 1e6, t * error_slope * 1e6
    robust = 1.4826 * float(np.median(np.abs(away - np.median(away))))
    return Alignment(
        float(start),
        (float(start - t * error_start), float(start + t * error_start)),
        float(drift),
        (float(drift - reach), float(drift + reach)),
        robust,
        n,
        looked,
        polarity,
        method,
        names,
    )
