"""Ways to say what comes next, from the simplest on; each sees the past alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import MissingExtraError

__all__ = ["METHODS", "ar_weights", "filled_in", "period_of", "statsmodels_or_say"]

ORDER = 6
_RECENT = 300.0  # s whose mean is taken
_MOST = 720  # steps that a model learns from
_LEAST = 24  # steps that a model needs
_AS_HIGH = 0.9  # of the highest peak
_SEASONAL = 0.3  # autocorrelation from which there is a period
Predict = Callable[[NDArray[np.float64], int, float], NDArray[np.float64] | None]
"""Of the past, the number of steps ahead and the step in s: what comes, None where it cannot be said."""


def statsmodels_or_say() -> Any:
    """Return statsmodels.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import statsmodels.api as found
    except ImportError as error:
        raise MissingExtraError("series", "profile") from error
    return found


def filled_in(past: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the past with lines over what is missing, from its first value on.

    Examples
    --------
    >>> filled_in(np.array([np.nan, 1.0, np.nan, 3.0, np.nan])).tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    there = np.flatnonzero(np.isfinite(past))
    if not len(there):
        return np.empty(0)
    return np.asarray(np.interp(np.arange(there[0], len(past)), there, past[there]))


def last_value(past: NDArray[np.float64], ahead: int, step: float) -> NDArray[np.float64] | None:  # noqa: ARG001
    """Say that nothing changes."""
    there = past[np.isfinite(past)]
    return np.full(ahead, there[-1]) if len(there) else None


def recent_mean(past: NDArray[np.float64], ahead: int, step: float) -> NDArray[np.float64] | None:
    """Say the mean of the last five minutes, or of twelve steps where these are longer."""
    recent = past[-max(12, round(_RECENT / step)) :]
    there = recent[np.isfinite(recent)]
    return np.full(ahead, there.mean()) if len(there) else None


def seasonal(past: NDArray[np.float64], ahead: int, step: float) -> NDArray[np.float64] | None:  # noqa: ARG001
    """Say what was one period ago; without a period nothing."""
    whole = filled_in(past)[-_MOST * 4 :]
    period = period_of(whole)
    if period is None:
        return None
    return np.resize(whole[-period:], ahead)


def period_of(values: NDArray[np.float64]) -> int | None:
    """Return the period in steps: the first of the highest peaks of the autocorrelation, 0.3 or more.

    Examples
    --------
    >>> period_of(np.sin(np.arange(200) * 2 * np.pi / 20))
    20
    """
    n = len(values)
    if n < _LEAST:
        return None
    x = values - values.mean()
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(x, size)
    found = np.fft.irfft(spectrum * spectrum.conj(), size)[: n // 2]
    if found[0] <= 0:
        return None
    found = found / found[0] * n / (n - np.arange(len(found)))
    peaks = np.flatnonzero((found[1:-1] > found[:-2]) & (found[1:-1] >= found[2:])) + 1
    peaks = peaks[found[peaks] >= _SEASONAL]
    if not len(peaks):
        return None
    return int(peaks[found[peaks] >= _AS_HIGH * found[peaks].max()][0])  # multiples of a period are as high


def autoregression(past: NDArray[np.float64], ahead: int, step: float) -> NDArray[np.float64] | None:  # noqa: ARG001
    """Say what a linear model of the last six steps says, learnt from up to 720 steps."""
    found = ar_weights(past, ahead)
    return None if found is None else found[0] + found[1] @ found[2]


def ar_weights(
    past: NDArray[np.float64], ahead: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """Return an autoregression's forecast as a sum: a constant for each step ahead, weights, and the last values.

    Returns
    -------
    (ndarray (ahead,), ndarray (ahead, 6), ndarray (6,)) or None
        Forecast = constant + weights @ values, exactly; values are the newest first.
    """
    statsmodels_or_say()
    from statsmodels.tsa.ar_model import AutoReg

    whole = filled_in(past)[-_MOST:]
    if len(whole) < _LEAST or np.ptp(whole) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of data that are close to constant
        params = np.asarray(AutoReg(whole, ORDER, trend="c").fit().params)
    newest = whole[::-1][:ORDER]
    # Each forecast is linear in the last values; so its weights follow the same recursion as the forecast itself.
    rows = [np.r_[0.0, row] for row in np.eye(ORDER)]  # newest first
    made = []
    for _ in range(ahead):
        row = np.r_[params[0], np.zeros(ORDER)] + sum(params[k + 1] * rows[k] for k in range(ORDER))
        made.append(row)
        rows = [row, *rows[:-1]]
    found = np.stack(made)
    if not np.isfinite(found).all() or np.abs(found[:, 1:]).max() > 1e3:  # explodes
        return None
    return found[:, 0], found[:, 1:], newest


def smoothing(past: NDArray[np.float64], ahead: int, step: float) -> NDArray[np.float64] | None:  # noqa: ARG001
    """Say what exponential smoothing with a damped trend says (ETS(A, Ad, N))."""
    statsmodels_or_say()
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    whole = filled_in(past)[-_MOST:]
    if len(whole) < _LEAST or np.ptp(whole) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still smooths
        model = ExponentialSmoothing(whole, trend="add", damped_trend=True, initialization_method="estimated")
        found = np.asarray(model.fit().forecast(ahead))
    return found if np.isfinite(found).all() else None


METHODS: dict[str, Predict] = {
    "last value": last_value,
    "mean of 5 min": recent_mean,
    "seasonal": seasonal,
    f"AR({ORDER})": autoregression,
    "ETS": smoothing,
}
"""Ways to forecast one column, the simplest first."""
