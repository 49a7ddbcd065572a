"""Zero-phase filters along time, within gap-free spans only."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.runs import changed_runs, runs_of
from sigsimnet._utils.settings import Corner, Order, checked
from sigsimnet.cleaning.butterworth import butterworth, filter_forwards, filter_zero_phase
from sigsimnet.errors import ParameterError

__all__ = ["bandpass"]


LOWEST_CORNER = 1e-7  # of the sampling rate: below, rounding errors are as large as what the filter passes


@checked
def bandpass(
    x: NDArray[np.floating],
    sampling_rate: float,
    low: Corner,
    high: Corner,
    *,
    order: Order = 2,
    causal: bool = False,
) -> NDArray[np.float64]:
    """Butterworth band-pass, forwards and backwards or forwards only, skipping missing samples.

    Each gap-free span is filtered by itself, so that a gap neither spreads nor rings into its neighbours. Those shorter
    than a tenth of a second are too short to be filtered and become NaN.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One span of a channel; NaN = missing.
    sampling_rate : float
        In Hz.
    low, high : float or None
        Corner frequencies in Hz; None leaves that side open. A ``high`` at or above 0.98 of half the sampling rate is
        open as well: the band of the recording ends there.
    order : int, default 2
        Of the filter in one direction; running it both ways doubles it and leaves no delay.
    causal : bool, default False
        Forwards only, as an instrument filters: with a delay, and without later samples. The filter starts in the
        steady state of the first sample of each gap-free span.

    Returns
    -------
    ndarray of float64, shape (n_samples,)

    Raises
    ------
    ParameterError
        If the corners are not in order or below half the sampling rate.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(1000) / 250
    >>> slow, fast = np.sin(2 * np.pi * 0.1 * t), np.sin(2 * np.pi * 10 * t)
    >>> kept = bandpass(slow + fast, 250, 2, 40)
    >>> bool(np.abs(kept - fast)[250:750].max() < 0.02)
    True
    """
    nyquist = sampling_rate / 2
    if high is not None and high >= 0.98 * nyquist:
        high = None
    if low is not None and not LOWEST_CORNER * sampling_rate <= low < nyquist:
        raise ParameterError(f"low corner is {low} Hz: it must lie between 0 and {nyquist:g} Hz")
    if high is not None and high <= (low or 0.0):
        raise ParameterError(f"high corner is {high} Hz: it must lie above {low or 0.0:g} Hz")
    out = np.full(len(x), np.nan)
    if low is None and high is None:
        out[:] = x
        return out
    sections = butterworth(order, low, high, float(sampling_rate))
    if causal:
        return changed_runs(x, 1, lambda samples: filter_forwards(sections, samples))
    # In one period of the lowest corner the filter settles before the first true sample. With a lower corner the
    # extension is even, not odd: an odd one would turn the noise of the last sample into an offset.
    ends: Literal["odd", "even"] = "odd" if low is None else "even"
    padding = int(np.ceil(sampling_rate / (low if low is not None else high or 1.0)))
    for start, stop in runs_of(~np.isnan(x)):
        if stop - start < max(4, int(0.1 * sampling_rate)):
            continue
        samples = np.asarray(x[start:stop], dtype=np.float64)
        out[start:stop] = filter_zero_phase(sections, samples, min(padding, len(samples) - 1), ends)
    return out
