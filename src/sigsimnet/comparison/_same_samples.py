"""Whether two recordings hold the same samples, whole or in part: one recording, not two of one person."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.resampling import resample_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["SameSamples", "same_samples"]

_PIECE = 4.0  # s
_PIECES = 8
_ALIKE = 0.9995  # correlation; beats of one person in two recordings stay below 0.995 over 4 s, for noise differs
_LOWEST_RATE = 100.0  # Hz: what both are brought to where their rates differ
_HIGHEST = 25.0  # Hz that are looked at then: filters against aliasing leave up to 40 % of the lower rate as it was
_FINE = 16  # parts of a sample: copies at another rate begin between two samples
_NEAR = 0.8  # correlation from which it is worth to look between samples
_SAME_LAG = 0.02  # s


@dataclass(frozen=True)
class SameSamples:
    """What two recordings have in common.

    Attributes
    ----------
    share : float
        Of the pieces of the shorter one that were looked for, the share found in the other.
    lag : float
        Where the second begins in the first, in s (negative: before it).
    scale : float
        What the second was multiplied by.
    resampled : bool
        Whether their sampling rates differ.

    Examples
    --------
    >>> SameSamples(1.0, 5.0, 1.0, resampled=False).lag
    5.0
    """

    share: float
    lag: float
    scale: float
    resampled: bool

    def in_words(self) -> str:
        """Return the finding as a sentence.

        Examples
        --------
        >>> SameSamples(1.0, 0.0, -1.0, False).in_words()
        'A and B hold the same samples, turned over: they are one recording, which is more than one person'
        """
        how = []
        if abs(self.scale + 1) < 0.01:
            how.append("turned over")
        elif abs(self.scale - 1) > 0.01:
            how.append(f"multiplied by {self.scale:.3g}")
        if self.resampled:
            how.append("at another sampling rate")
        if abs(self.lag) > _SAME_LAG:
            how.append(f"B begins {abs(self.lag):.2f} s {'after' if self.lag > 0 else 'before'} A")
        part = "" if self.share > 0.99 else f"in part ({self.share:.0%} of what was looked for), "
        return (
            f"A and B hold the same samples, {part}{'; '.join(how) or 'as they are'}: they are one recording, which is "
            "more than one person"
        )


def same_samples(a: Recording, b: Recording, names: tuple[str, str]) -> SameSamples | None:
    """Look for pieces of one channel of a recording in another's.

    Parameters
    ----------
    a, b : Recording
    names : (str, str)
        The channel of either.

    Returns
    -------
    SameSamples or None
        None where fewer than half of the pieces are found at one lag.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> first, second = simulate(1, 2, duration=20, seed=1)
    >>> found = same_samples(first, first.crop(5, 20), ("I", "I"))
    >>> found.lag, same_samples(first, second, ("I", "I")) is None
    (5.0, True)
    """
    rate = min(a.sampling_rate, b.sampling_rate)
    resampled = abs(a.sampling_rate / b.sampling_rate - 1) > 1e-9
    if resampled:
        rate = min(rate, _LOWEST_RATE)
    x, y = (_at(one, name, rate, lowered=resampled) for one, name in ((a, names[0]), (b, names[1])))
    swapped = len(y) > len(x)
    long, short = (y, x) if swapped else (x, y)
    size = round(min(_PIECE * rate, len(short)))
    if size < rate:  # a second shows nothing
        return None
    starts = np.unique(np.linspace(0, len(short) - size, _PIECES).astype(int))
    found = [
        place
        for start in starts.tolist()
        if (place := _find(long, short[start : start + size], start, between=resampled)) is not None
    ]
    # A flat or missing piece can be found nowhere, and is not looked for.
    looked = sum(np.std(short[start : start + size]) > 0 for start in starts.tolist())
    if not found or looked == 0:
        return None
    lags = np.array([lag for lag, _ in found])
    usual = float(np.median(lags))
    agreed = [scale for lag, scale in found if abs(lag - usual) <= _SAME_LAG * rate]
    if len(agreed) < max(1, looked / 2) or (len(agreed) == 1 and looked > 1):
        return None
    scale, lag = float(np.median(agreed)), usual / rate
    return SameSamples(len(agreed) / looked, -lag if swapped else lag, 1 / scale if swapped else scale, resampled)


def _at(recording: Recording, name: str, rate: float, *, lowered: bool) -> NDArray[np.float64]:
    x = np.asarray(recording.data[recording.channel_index(name)], dtype=np.float64)
    known = np.isfinite(x)
    if not known.any():
        return np.zeros(0)
    x = np.where(known, x, np.nanmedian(x))
    ratio = Fraction(rate / recording.sampling_rate).limit_denominator(1000)
    x = resample_ratio(x, ratio.numerator, ratio.denominator)
    return _low(x, rate) if lowered else x


def _low(x: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return what lies below `_HIGHEST`, by a smooth edge."""
    length = 1 << (len(x) + round(rate) - 1).bit_length()
    level = float(x.mean()) if len(x) else 0.0
    rows = np.fft.rfft(x - level, length)
    frequency = np.fft.rfftfreq(length, 1 / rate)
    rows *= 0.5 * (1 + np.cos(np.pi * np.clip((frequency - 0.6 * _HIGHEST) / (0.4 * _HIGHEST), 0, 1)))
    found: NDArray[np.float64] = np.fft.irfft(rows, length)[: len(x)] + level
    return found


def _find(
    long: NDArray[np.float64], piece: NDArray[np.float64], start: int, *, between: bool = False
) -> tuple[float, float] | None:
    """Return at which lag a piece lies in a longer signal, and the factor that makes it of that; None if nowhere.

    With ``between`` the lag may lie between two samples.
    """
    size = len(piece)
    shape = piece - piece.mean()
    norm = np.linalg.norm(shape)
    if norm == 0 or len(long) < size:
        return None
    length = 1 << (len(long) + size - 1).bit_length()  # a power of two: fast
    products = np.fft.irfft(np.fft.rfft(long, length) * np.conj(np.fft.rfft(shape, length)), length)[
        : len(long) - size + 1
    ]
    sums = np.cumsum(np.r_[0.0, long])
    squares = np.cumsum(np.r_[0.0, (long - long.mean()) ** 2])
    means = (sums[size:] - sums[:-size]) / size - long.mean()
    spreads = np.sqrt(np.maximum(squares[size:] - squares[:-size] - size * means**2, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.nan_to_num(products / (norm * spreads))
    alike[spreads < 1e-6 * norm] = 0
    best = int(np.abs(alike).argmax())
    near, lag, spread = float(alike[best]), float(best), float(spreads[best])
    if between and abs(near) >= _NEAR:
        near, lag, spread = _between(long, shape, best)
    if abs(near) < _ALIKE:
        return None
    return lag - start, float(np.sign(near) * norm / spread)


def _between(long: NDArray[np.float64], shape: NDArray[np.float64], best: int) -> tuple[float, float, float]:
    """Return correlation, lag and spread at the best place within a sample of ``best``."""
    margin, size = 8, len(shape)
    first, last = max(best - margin, 0), min(best + size + margin, len(long))
    fine = resample_ratio(long[first:last] - long[first], _FINE, 1)
    found = []
    for step in range(-_FINE, _FINE + 1):
        begin = (best - first) * _FINE + step
        view = fine[begin : begin + (size - 1) * _FINE + 1 : _FINE] if begin >= 0 else fine[:0]
        if len(view) == size:
            around = view - view.mean()
            spread = float(np.linalg.norm(around))
            if spread > 0:
                found.append(
                    (float(around @ shape) / (spread * float(np.linalg.norm(shape))), best + step / _FINE, spread)
                )
    return max(found, key=lambda one: abs(one[0]), default=(0.0, float(best), 1.0))
