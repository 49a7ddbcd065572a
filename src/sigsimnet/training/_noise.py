"""Noise that was recorded, as a network would see it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording

__all__ = ["noise_bank"]

HIGHEST = 6.0  # standard deviations: one spike must not be all that is left of a window


def noise_bank(
    recordings: Iterable[Recording],
    sampling_rate: float,
    *,
    band: tuple[float | None, float | None] = (0.67, 35.0),
    length: float = 5.0,
) -> NDArray[np.float32]:
    """Return windows of recorded noise for `Augment`: filtered and resampled as segments are, each at unit power.

    Parameters
    ----------
    recordings : iterable of Recording
        Of noise alone: nstdb's ``ma`` and ``bw``, CinC 2017's records marked ``~``, a device on a table. Every channel
        is used.
    sampling_rate : float
        Of the segments, in Hz.
    band : (float or None, float or None)
        The segments' corner frequencies, in Hz.
    length : float, default 5
        Of a window, in s.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_samples)

    Raises
    ------
    ParameterError
        If the rate or the length is not positive.
    SignalError
        If nothing is as long as one window.

    Examples
    --------
    >>> hiss = Recording(np.random.default_rng(0).normal(size=7200), 360)
    >>> noise_bank([hiss], 200).shape
    (4, 1000)
    """
    if not (0 < sampling_rate < np.inf and 0 < length < np.inf):
        raise ParameterError(f"sampling_rate is {sampling_rate} Hz and length {length} s: both must be positive")
    n_samples = max(1, round(length * sampling_rate))
    windows: list[NDArray[np.float64]] = []
    for recording in recordings:
        ratio = Fraction(sampling_rate / recording.sampling_rate).limit_denominator(1000)
        moving = [x for x in recording.data if np.nanmin(x, initial=np.inf) < np.nanmax(x, initial=-np.inf)]
        if not moving:
            continue  # a filter would leave rounding errors, and unit power would make noise of them
        still = recording.replace(
            data=np.stack(moving), channel_names=[str(k) for k in range(len(moving))], units="", annotations=()
        )
        for _, samples in preprocess(still, band=band, order=3).iter_spans():
            for channel in samples:
                x = signal.resample_poly(np.nan_to_num(channel.astype(np.float64)), ratio.numerator, ratio.denominator)
                windows += [x[k : k + n_samples] for k in range(0, len(x) - n_samples + 1, n_samples)]
    moving_windows = [x / spread for x in windows if (spread := float(x.std())) > 0]
    if not moving_windows:
        raise SignalError(f"no {length:g} s of noise that moves in the recordings of noise")
    return np.clip(np.stack(moving_windows), -HIGHEST, HIGHEST).astype(np.float32)
