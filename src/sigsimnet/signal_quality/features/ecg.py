"""Features of an ECG in each second: amplitudes of its frequency bands relative to each other, similarity of beats.

All are logarithms of ratios, or correlations, so that unit, gain, sign and offset have no influence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.resampling import resample_ratio
from sigsimnet.cleaning.butterworth import butterworth, filter_zero_phase
from sigsimnet.signal_quality.features.beat_similarity import beat_similarity
from sigsimnet.signal_quality.features.rolling import rolling_max, rolling_mean, rolling_quantile

__all__ = ["MEASURES", "WORKING_RATE", "ECGFeatures", "ecg_features", "typical_range", "working"]

Floats = NDArray[np.float64]

WORKING_RATE = 100  # Hz: that of the slowest public ECGs (PTB-XL at 100 Hz); frequencies above 40 Hz are not used
BINS = 10  # a second
WORK = WORKING_RATE // BINS
BANDS = {  # Hz
    "low": (0.7, 4.0),  # T and P waves; motion of electrodes (1–10 Hz, Moody 1984)
    "qrs": (5.0, 15.0),  # as pSQI (Li, Mark & Clifford 2008, doi:10.1088/0967-3334/29/1/002)
    "high": (20.0, 40.0),  # muscle
}
BASELINE = 0.7  # Hz: below the fundamental of 42 beats/min
NEAR, LONG = 5, 30  # s to either side

MEASURES = (
    "quiet_25",  # quartiles of the RMS of the tenths of 3 s, over the highest: QRS band
    "quiet_50",
    "quiet_75",
    "high_50",  # 20–40 Hz: median, lower quartile and highest of the tenths of 3 s, over those of the QRS band
    "high_25",
    "high_100",
    "low_50",  # 0.7–4 Hz: the same
    "low_100",
    "baseline_1",  # range of the baseline in 1 s and in 3 s
    "baseline_3",
    "baseline_9",  # and root mean square of the range in 1 s, over 9 s
    "qrs_typical",  # highest of 3 s over the median highest of 2 s, within 5 s and 30 s to either side
    "qrs_long",
    "low_long",  # amplitude above the median within 30 s
    "high_long",
    "spread",  # of the highest of 2 s, within 5 s to either side: beats have similar heights
    "kurtosis",  # of 5 s
    "qrs_similarity",  # of the QRS complex, and of the whole beat, with those within 6 s
    "beat_similarity",
    "qrs_similarity_best",
    "beat_similarity_best",
    "share_qrs",  # power at 5–15 Hz over that at 5–40 Hz (pSQI), and share of the power that is not baseline
    "share_baseline",
)


class ECGFeatures(NamedTuple):
    """Of every second: the measures (NaN where there is no signal) and the typical range in the unit of ``x``."""

    measures: Floats
    typical_range: Floats


def working(x: Floats, edges: NDArray[np.int64], sampling_rate: float) -> Floats:
    """Return a channel at the working rate: whole seconds, the last of which is completed by its mirror image.

    Examples
    --------
    >>> working(np.zeros(390), np.array([0, 360, 390]), 360.0).shape
    (200,)
    """
    from fractions import Fraction

    ratio = Fraction(WORKING_RATE / sampling_rate).limit_denominator(1000)
    if ratio != 1:
        x = resample_ratio(x, ratio.numerator, ratio.denominator)
    n = (len(edges) - 1) * WORKING_RATE
    return x[:n] if len(x) >= n else np.pad(x, (0, n - len(x)), mode="symmetric")


def ecg_features(x: Floats, unusable: NDArray[np.bool_]) -> ECGFeatures:
    """Return the measures of every second.

    Parameters
    ----------
    x : ndarray, shape (n_seconds × 100,)
        At the working rate, nothing missing.
    unusable : ndarray of bool, shape (n_seconds,)
        Seconds without a signal; they do not enter the statistics of their neighbours.

    Returns
    -------
    ECGFeatures
        ``measures`` has shape (n_seconds, len(MEASURES)).

    Examples
    --------
    >>> ecg_features(np.random.default_rng(0).normal(size=1000), np.zeros(10, dtype=bool)).measures.shape
    (10, 23)
    """
    n = len(unusable)
    base = _filtered(x, None, BASELINE)
    wide = x - base
    bands = {name: _filtered(x, *edges) for name, edges in BANDS.items()}
    tiny = 1e-9 * max(float(np.abs(x).max()), 1e-30)
    rms = {
        name: _blank(np.sqrt((band.reshape(n, BINS, WORK) ** 2).mean(axis=2)), unusable) for name, band in bands.items()
    }
    top = {name: values.max(axis=1) for name, values in rms.items()}
    high_3 = {name: np.maximum(rolling_max(values, 1), tiny) for name, values in top.items()}
    swing = _blank(np.ptp(base.reshape(n, WORKING_RATE), axis=1), unusable)
    swing_3 = _blank(_range_3(base.reshape(n, WORKING_RATE)), unusable)
    # Any 2 s contain a beat: the higher of two neighbours, and its medians within 5 and 30 s to either side.
    two = np.fmax(top["qrs"], np.append(top["qrs"][1:], np.nan))
    typical_low, typical, typical_high = (np.maximum(q, tiny) for q in rolling_quantile(two, NEAR, 0.2, 0.5, 0.8))
    long = np.maximum(rolling_quantile(two, LONG, 0.5)[0], tiny)
    scale = typical
    quiet = {
        name: [np.maximum(q, tiny) for q in rolling_quantile(values, 1, 0.25, 0.5, 0.75)]
        for name, values in rms.items()
    }
    power = {name: rolling_mean((values**2).mean(axis=1), 1) + tiny**2 for name, values in rms.items()}
    total = rolling_mean(_blank((wide.reshape(n, WORKING_RATE) ** 2).mean(axis=1), unusable), 1) + tiny**2
    drift = rolling_mean(swing**2, 1) / 12
    similarity = beat_similarity(wide, bands["qrs"], unusable)
    columns = (
        *(np.log(q / high_3["qrs"]) for q in quiet["qrs"]),
        np.log(quiet["high"][1] / scale),
        np.log(quiet["high"][0] / scale),
        np.log(high_3["high"] / high_3["qrs"]),
        np.log(quiet["low"][1] / scale),
        np.log(high_3["low"] / scale),
        np.log(np.maximum(swing, tiny) / scale),
        np.log(np.maximum(swing_3, tiny) / scale),
        np.log(np.maximum(np.sqrt(rolling_mean(swing**2, 4)), tiny) / scale),
        np.log(high_3["qrs"] / typical),
        np.log(high_3["qrs"] / long),
        _louder(high_3["low"], top["low"], tiny),
        _louder(quiet["high"][1], quiet["high"][1], tiny),
        np.log(typical_high / typical_low),
        np.log(_kurtosis(wide.reshape(n, WORKING_RATE), unusable, tiny)),
        *similarity,
        np.log(power["qrs"] / (power["qrs"] + power["high"])),
        np.log((total + drift) / total),
    )
    measures = np.stack(columns, axis=1)
    measures[unusable] = np.nan
    return ECGFeatures(measures, _typical_range(wide, unusable, tiny))


def typical_range(x: Floats, unusable: NDArray[np.bool_]) -> Floats:
    """Return the typical range of an ECG around every second, in the unit of ``x``, as `ecg_features` does.

    Parameters
    ----------
    x, unusable
        As in `ecg_features`.

    Examples
    --------
    >>> x = np.tile(np.eye(1, 100)[0], 10)  # one spike a second
    >>> typical_range(x, np.zeros(10, dtype=bool)).shape
    (10,)
    """
    return _typical_range(x - _filtered(x, None, BASELINE), unusable, 1e-9 * max(float(np.abs(x).max()), 1e-30))


def _typical_range(wide: Floats, unusable: NDArray[np.bool_], tiny: float) -> Floats:
    """Return the running median of the range of two consecutive seconds, which contain a whole beat."""
    seconds = wide.reshape(len(unusable), WORKING_RATE)
    upper, lower = _blank(seconds.max(axis=1), unusable), _blank(-seconds.min(axis=1), unusable)
    range_2 = np.fmax(upper, np.append(upper[1:], np.nan)) + np.fmax(lower, np.append(lower[1:], np.nan))
    return np.maximum(rolling_quantile(range_2, NEAR, 0.5)[0], tiny)


def _louder(here: Floats, typically: Floats, tiny: float) -> Floats:
    """Return the log amplitude of a second above the median within 30 s; 0 for a second that is quieter."""
    typical = np.maximum(rolling_quantile(typically, LONG, 0.5)[0], tiny)
    return np.asarray(np.log(np.maximum(here / typical, 1.0)))


def _blank(values: Floats, unusable: NDArray[np.bool_]) -> Floats:
    values = values.copy()
    values[unusable] = np.nan
    return values


def _filtered(x: Floats, low: float | None, high: float) -> Floats:
    return filter_zero_phase(butterworth(2, low, high, float(WORKING_RATE)), x, min(len(x) - 1, 3 * WORKING_RATE))


def _range_3(seconds: Floats) -> Floats:
    return rolling_max(seconds.max(axis=1), 1) + rolling_max(-seconds.min(axis=1), 1)


def _kurtosis(seconds: Floats, unusable: NDArray[np.bool_], tiny: float) -> Floats:
    """Return the kurtosis of 5 s (kSQI, Li, Mark & Clifford 2008), 3 for a normal distribution, at least 1."""
    squares = seconds * seconds
    powers = (seconds, squares, squares * seconds, squares * squares)
    m1, m2, m3, m4 = (rolling_mean(_blank(power.mean(axis=1), unusable), 2) for power in powers)
    variance = np.maximum(m2 - m1**2, tiny**2)
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return np.asarray(np.maximum(fourth / variance**2, 1.0))
