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

HIGHEST = 6.0  # standard deviations: one spike must not be all that is left of a piece


def noise_bank(
    recordings: Iterable[Recording],
    sampling_rate: float,
    *,
    band: tuple[float | None, float | None] = (0.67, 35.0),
    piece: float = 5.0,
) -> NDArray[np.float32]:
    """Return stretches of recorded noise for `Augment`: filtered and resampled as segments are, each at unit power.

    Parameters
    ----------
    recordings : iterable of Recording
        Of noise alone: nstdb's ``ma`` and ``bw``, CinC 2017's records marked ``~``, a device on a table. Every channel
        is used.
    sampling_rate : float
        Of the segments, in Hz.
    band : (float or None, float or None)
        The segments' corner frequencies, in Hz.
    piece : float, default 5
        Length of a stretch, in s.

    Returns
    -------
    ndarray of float32, shape (n_pieces, n_samples)

    Raises
    ------
    ParameterError
        If the rate or the length is not positive.
    SignalError
        If nothing is as long as one stretch.

    Examples
    --------
    >>> hiss = Recording(np.random.default_rng(0).normal(size=7200), 360)
    >>> noise_bank([hiss], 200).shape
    (4, 1000)
    """
    if not (0 < sampling_rate < np.inf and 0 < piece < np.inf):
        raise ParameterError(f"sampling_rate is {sampling_rate} Hz and piece {piece} s: both must be positive")
    length = max(1, round(piece * sampling_rate))
    pieces: list[NDArray[np.float64]] = []
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
                pieces += [x[k : k + length] for k in range(0, len(x) - length + 1, length)]
    alive = [x / spread for x in pieces if (spread := float(x.std())) > 0]
    if not alive:
        raise SignalError(f"no {piece:g} s of noise that moves in the recordings of noise")
    return np.clip(np.stack(alive), -HIGHEST, HIGHEST).astype(np.float32)
