"""Outliers: samples that are no physiological signal. They are marked or replaced, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.runs import runs_of
from sigsimnet._utils.settings import LongestGap, Positive, Seconds, checked
from sigsimnet.cleaning.missing import fill_gaps
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording

__all__ = [
    "OUTLIERS",
    "find_clipped",
    "find_flat",
    "find_outliers",
    "outliers_of",
    "replace_outliers",
]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
TO_SIGMA = 1.4826  # of a normal distribution, over its median absolute deviation


@checked
def find_outliers(
    recording: Recording, *, method: str = "beat", threshold: Positive | None = None, window: Seconds = 10.0
) -> Mask:
    """Mark samples that stand out.

    Parameters
    ----------
    recording : Recording
    method : {"beat", "hampel", "rolling", "global", "iqr"}, default "beat"
        Centre and scale that the deviation of a sample is measured by:

        - ``"beat"``: the median, and the median over intervals of 1.5 s of the largest deviation in each, in the
          surrounding window. R waves define that scale, so that they are no outliers at any height; threshold 3.
        - ``"hampel"``: median and median absolute deviation of the window (Hampel 1974, doi:10.2307/2285666);
          threshold 3. Marks R waves as outliers in windows longer than a QRS complex: for slow signals.
        - ``"rolling"``: median of the window and its interquartile range over 1.349, which is the standard deviation of
          a normal distribution; threshold 5.
        - ``"global"``: median and median absolute deviation of the channel; threshold 8.
        - ``"iqr"``: outside the quartiles by so many interquartile ranges (Tukey 1977); threshold 3.
    threshold : float, optional
        In units of the method's scale.
    window : float, default 10
        In s, of the methods with a window.

    Returns
    -------
    ndarray of bool, shape (n_channels, n_samples)
        Missing samples are no outliers.

    Raises
    ------
    ParameterError
        If the method is unknown or a number is not positive.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> data = recording.data.copy()
    >>> data[0, 1000] = 50.0  # mV
    >>> np.argwhere(find_outliers(recording.replace(data=data))).tolist()
    [[0, 1000]]
    """
    found = np.zeros(recording.data.shape, dtype=bool)
    for span, samples in recording.iter_spans():
        for row, channel in enumerate(samples):
            found[row, span.start : span.stop] = outliers_of(
                channel, recording.sampling_rate, method=method, threshold=threshold, window=window
            )
    return found


def outliers_of(
    x: NDArray[np.floating],
    sampling_rate: float,
    *,
    method: str = "beat",
    threshold: float | None = None,
    window: float = 10.0,
) -> Mask:
    """Mark the outliers of one span of a channel, as `find_outliers` does.

    Examples
    --------
    >>> outliers_of(np.array([0.0, 1.0, 0.0, 1.0, 90.0, 0.0]), 1.0, method="iqr").tolist()
    [False, False, False, False, True, False]
    """
    if method not in OUTLIERS:
        raise ParameterError(f"unknown kind of outliers {method!r} (known: {', '.join(OUTLIERS)})")
    rule, usual = OUTLIERS[method]
    limit = usual if threshold is None else threshold
    if not (0 < limit < np.inf and 0 < window < np.inf):
        raise ParameterError(f"threshold is {limit} and window {window} s: both must be positive")
    known = ~np.isnan(x)
    if known.sum() < 3:
        return np.zeros(len(x), dtype=bool)
    values = np.asarray(x[known], dtype=np.float64)
    middle, scale = rule(values, max(3, round(window * sampling_rate)), sampling_rate)
    found = np.zeros(len(x), dtype=bool)
    with np.errstate(invalid="ignore"):
        found[known] = np.abs(values - middle) > limit * scale
    return found


def _beat(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:
    size = max(3, round(1.5 * rate))
    n = max(1, len(x) // size)
    edges = np.linspace(0, len(x), n + 1).astype(int)
    intervals = [x[a:b] for a, b in pairwise(edges.tolist())]
    middle = np.array([np.median(interval) for interval in intervals])
    largest = np.array([np.abs(interval - m).max() for interval, m in zip(intervals, middle, strict=True)])
    around = max(3, round(window / size) | 1)
    scale = ndimage.median_filter(largest, min(around, 2 * n - 1), mode="nearest")
    centre = 0.5 * (edges[:-1] + edges[1:])
    # Of a constant signal any deviation is an outlier.
    floor = 1e-12 * max(1.0, float(np.abs(x).max()))
    return np.interp(np.arange(len(x)), centre, middle), np.maximum(np.interp(np.arange(len(x)), centre, scale), floor)


def _hampel(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001 - one signature for all
    size = min(window | 1, 2 * len(x) - 1)
    middle = ndimage.median_filter(x, size, mode="reflect")
    spread = ndimage.median_filter(np.abs(x - middle), size, mode="reflect")
    return middle, np.maximum(TO_SIGMA * spread, 1e-12 * max(1.0, float(np.abs(x).max())))


def _rolling(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    size = min(window | 1, 2 * len(x) - 1)
    low, middle, high = (ndimage.percentile_filter(x, q, size, mode="reflect") for q in (25, 50, 75))
    return middle, np.maximum((high - low) / 1.349, 1e-12 * max(1.0, float(np.abs(x).max())))


def _global(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    middle = np.median(x)
    spread = max(TO_SIGMA * float(np.median(np.abs(x - middle))), 1e-12 * max(1.0, float(np.abs(x).max())))
    return np.full(len(x), middle), np.full(len(x), spread)


def _iqr(x: Floats, window: int, rate: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    low, high = np.percentile(x, [25, 75])
    width = max(high - low, 1e-12 * max(1.0, float(np.abs(x).max())))
    # The deviation is measured from the nearer quartile.
    inside = np.clip(x, low, high)
    return inside, np.full(len(x), width)


Rule = Callable[[Floats, int, float], tuple[Floats, Floats]]
OUTLIERS: dict[str, tuple[Rule, float]] = {
    "beat": (_beat, 3.0),
    "hampel": (_hampel, 3.0),
    "rolling": (_rolling, 5.0),
    "global": (_global, 8.0),
    "iqr": (_iqr, 3.0),
}


@checked
def replace_outliers(
    recording: Recording, outliers: Mask, *, method: str = "linear", max_gap: LongestGap = 0.1
) -> tuple[Recording, Mask]:
    """Replace outliers: short gaps that they leave are interpolated, longer ones become NaN.

    Parameters
    ----------
    recording : Recording
    outliers : ndarray of bool, shape (n_channels, n_samples)
        Such as from `find_outliers`.
    method, max_gap
        As in `fill_missing`; gaps that were there before stay.

    Returns
    -------
    Recording
    invented : ndarray of bool, shape (n_channels, n_samples)
        Samples that were bridged.

    Raises
    ------
    ParameterError
        If the mask has another shape than the data.

    Examples
    --------
    >>> recording = Recording([1, 90, 3], 10)
    >>> mended, invented = replace_outliers(recording, recording.data > 50)
    >>> mended.data.tolist()
    [[1.0, 2.0, 3.0]]
    """
    if outliers.shape != recording.data.shape:
        raise ParameterError(f"a mask of shape {outliers.shape} for data of shape {recording.data.shape}")
    longest = int(min(max_gap * recording.sampling_rate + 1e-9, recording.n_samples))
    data = np.where(outliers, np.nan, recording.data)
    for span, samples in recording.iter_spans():
        for row in range(len(samples)):
            own = slice(span.start, span.stop)
            filled = fill_gaps(data[row, own], longest, method)
            data[row, own] = np.where(outliers[row, own], filled, data[row, own])
    return recording.replace(data=data.astype(np.float32)), outliers & ~np.isnan(data)


@checked
def find_flat(recording: Recording, *, min_duration: Seconds = 0.5) -> Mask:
    """Mark intervals of a constant value, of at least ``min_duration`` seconds: a lead is off.

    Examples
    --------
    >>> find_flat(Recording([1, 2, 2, 2, 3], 2), min_duration=1.0).tolist()
    [[False, True, True, True, False]]
    """
    least = max(2, int(np.ceil(min_duration * recording.sampling_rate)))
    return _where_equal(recording, lambda x: np.ones(len(x), dtype=bool), least)


@checked
def find_clipped(recording: Recording, *, min_samples: int = 3) -> Mask:
    """Mark ``min_samples`` or more equal samples in a row at the channel's highest or lowest value: saturation.

    Examples
    --------
    >>> find_clipped(Recording([0, 1, 5, 5, 5, 1, 0, -2, 0], 2)).tolist()
    [[False, False, True, True, True, False, False, False, False]]
    """

    def extreme(x: NDArray[np.floating]) -> Mask:
        highest, lowest = np.nanmax(x), np.nanmin(x)
        # A constant signal is flat, not clipped.
        return np.asarray(((x == highest) | (x == lowest)) & (highest > lowest))

    return _where_equal(recording, extreme, min_samples)


def _where_equal(recording: Recording, wanted: Callable[[NDArray[np.floating]], Mask], least: int) -> Mask:
    found = np.zeros(recording.data.shape, dtype=bool)
    for span, samples in recording.iter_spans():
        for row, channel in enumerate(samples):
            if np.isnan(channel).all():
                continue
            mask = wanted(channel)
            same = np.concatenate([[False], channel[1:] == channel[:-1]])
            for start, stop in runs_of(same):
                if stop - start + 1 >= least and mask[start - 1 : stop].all():
                    found[row, span.start + start - 1 : span.start + stop] = True
    return found
