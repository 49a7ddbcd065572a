"""Missing samples: short gaps are interpolated, long ones stay missing, and a mask marks the invented samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.runs import runs_of
from sigsimnet._utils.settings import LongestGap, checked
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = ["FILLS", "Filled", "Gap", "fill_gaps", "fill_missing", "fill_short_gaps", "find_gaps"]

FILLS = ("linear", "pchip", "cubic", "mean", "median", "zero", "forward")
AROUND = 64  # known samples on each side of a gap that a curve is fitted to


@dataclass(frozen=True)
class Gap:
    """A gap, consecutive missing samples of a channel; or a pause between two spans of a recording.

    Attributes
    ----------
    channel : str
        Empty for a pause, which is one of all channels.
    time : float
        Of the first missing sample, in s since the start of the recording.
    duration : float
        In s.
    n_samples : int
        Missing samples; 0 for a pause, for which no samples were stored.

    Examples
    --------
    >>> Gap("II", 1.0, 0.5, 125).duration
    0.5
    """

    channel: str
    time: float
    duration: float
    n_samples: int


class Filled(NamedTuple):
    """A recording with some of its gaps filled, and a mask of the invented samples (shape of its data).

    Examples
    --------
    >>> recording, invented = fill_missing(Recording([1, float("nan"), 3], 10))
    >>> invented.tolist()
    [[False, True, False]]
    """

    recording: Recording
    invented: NDArray[np.bool_]


def find_gaps(recording: Recording) -> tuple[Gap, ...]:
    """Return every gap of every channel, and every pause, in the order of time.

    Examples
    --------
    >>> nan = float("nan")
    >>> find_gaps(Recording([1, nan, nan, 4], 2))
    (Gap(channel='ch1', time=0.5, duration=1.0, n_samples=2),)
    """
    rate, found = recording.sampling_rate, []
    end = None
    for span, samples in recording.iter_spans():
        if end is not None and span.time - end > 0:
            found.append(Gap("", end, span.time - end, 0))
        end = span.time + samples.shape[1] / rate
        for name, channel in zip(recording.channel_names, samples, strict=True):
            found += [
                Gap(name, span.time + int(a) / rate, (int(b) - int(a)) / rate, int(b) - int(a))
                for a, b in runs_of(np.isnan(channel))
            ]
    return tuple(sorted(found, key=lambda gap: (gap.time, gap.channel)))


@checked
def fill_missing(recording: Recording, *, method: str = "linear", max_gap: LongestGap = 0.1) -> Filled:
    """Fill gaps of up to ``max_gap`` seconds; longer ones, those at the ends, and pauses stay.

    Parameters
    ----------
    recording : Recording
    method : {"linear", "pchip", "cubic", "mean", "median", "zero", "forward"}, default "linear"
        A straight line; a curve that does not overshoot (Fritsch & Carlson 1980, doi:10.1137/0717021) or a cubic
        spline, through 64 known samples on each side; the mean or median of the channel's span; zero; or the last known
        sample. The last four distort spectra and distributions.
    max_gap : float, default 0.1
        In s; ``inf`` fills every gap between known samples.

    Returns
    -------
    Filled
        The recording, and a mask of the invented samples.

    Raises
    ------
    ParameterError
        If the method is unknown or ``max_gap`` is negative.

    Examples
    --------
    >>> nan = float("nan")
    >>> filled = fill_missing(Recording([1, nan, 3, nan, nan, nan, 7], 10), max_gap=0.1)
    >>> filled.recording.data.tolist(), int(filled.invented.sum())
    ([[1.0, 2.0, 3.0, nan, nan, nan, 7.0]], 1)
    """
    if method not in FILLS:
        raise ParameterError(f"unknown way to fill gaps {method!r} (known: {', '.join(FILLS)})")
    longest = int(min(max_gap * recording.sampling_rate + 1e-9, recording.n_samples))
    data = recording.data.copy()
    for span, samples in recording.iter_spans():
        for row, channel in enumerate(samples):
            data[row, span.start : span.stop] = fill_gaps(channel, longest, method)
    invented = np.isnan(recording.data) & ~np.isnan(data)
    return Filled(recording.replace(data=data), invented)


def fill_gaps(x: NDArray[np.floating], max_gap: int, method: str = "linear") -> NDArray[np.floating]:
    """Fill gaps of at most ``max_gap`` samples of one span of a channel, as `fill_missing` does.

    Examples
    --------
    >>> fill_gaps(np.array([1.0, np.nan, 3.0, 4.0]), 1, "forward").tolist()
    [1.0, 1.0, 3.0, 4.0]
    """
    if method == "linear":
        return fill_short_gaps(x, max_gap)
    if max_gap < 1 or not np.isnan(x.sum()):
        return x
    missing = np.isnan(x)
    filled = x.copy()
    known = np.flatnonzero(~missing)
    middle = (np.median if method == "median" else np.mean)(x[known]) if len(known) else np.nan
    for start, stop in runs_of(missing):
        if stop - start > max_gap or start == 0 or stop == len(x):
            continue
        if method in ("pchip", "cubic"):
            at = int(np.searchsorted(known, start))
            near = known[max(0, at - AROUND) : at + AROUND]
            filled[start:stop] = _curve(near, x[near].astype(np.float64), np.arange(start, stop), method)
        elif method == "forward":
            filled[start:stop] = x[start - 1]
        elif method == "zero":
            filled[start:stop] = 0.0
        else:
            filled[start:stop] = middle
    return filled


def _curve(
    at: NDArray[np.int64], values: NDArray[np.float64], wanted: NDArray[np.int64], method: str
) -> NDArray[np.float64]:
    from scipy import interpolate

    if len(at) < 4:
        return np.interp(wanted, at, values)
    if method == "pchip":
        return np.asarray(interpolate.PchipInterpolator(at, values)(wanted))
    return np.asarray(interpolate.CubicSpline(at, values)(wanted))


def fill_short_gaps(x: NDArray[np.floating], max_gap: int) -> NDArray[np.floating]:
    """Bridge gaps of at most ``max_gap`` samples with a straight line.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One span of a channel; NaN = missing.
    max_gap : int
        Longest gap that is bridged, in samples. Gaps at either end cannot be interpolated and stay.

    Returns
    -------
    ndarray, shape (n_samples,)
        A copy when anything was filled, else ``x`` itself.

    Examples
    --------
    >>> import numpy as np
    >>> fill_short_gaps(np.array([0.0, np.nan, 2.0, np.nan, np.nan, 5.0]), 1).tolist()
    [0.0, 1.0, 2.0, nan, nan, 5.0]
    """
    # A sum is NaN when a sample is; unlike a mask of a week of samples it takes no memory.
    if max_gap < 1 or not np.isnan(x.sum()):
        return x
    missing = np.isnan(x)
    gaps = runs_of(missing)
    short = gaps[(gaps[:, 1] - gaps[:, 0] <= max_gap) & (gaps[:, 0] > 0) & (gaps[:, 1] < len(x))]
    if not len(short):
        return x
    filled = x.copy()
    lengths = short[:, 1] - short[:, 0]
    where = np.repeat(short[:, 0] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
    known = np.flatnonzero(~missing)
    filled[where] = np.interp(where, known, x[known])
    return filled
