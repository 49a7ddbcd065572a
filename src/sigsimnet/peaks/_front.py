"""The shared front of the detectors: what a QRS complex looks like to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from sigsimnet.clean import bandpass, fill_short_gaps

__all__ = ["candidates_of", "envelope_of", "prepare"]


def prepare(x: NDArray[np.floating], sampling_rate: float) -> NDArray[np.float64]:
    """Return one channel with gaps of up to 0.1 s bridged and lone monsters cut down to size.

    A spike that stands out a hundred times further than the usual excursion would ring in every filter for a second.
    The usual excursion is the median, over pieces of 1 s, of the range within the piece: it holds a heart beat, and
    does not depend on how flat the signal is in between.
    """
    bridged = np.asarray(fill_short_gaps(x, int(0.1 * sampling_rate)), dtype=np.float64)
    step = max(1, round(sampling_rate))
    n_pieces = len(bridged) // step
    if n_pieces < 3:
        return bridged
    pieces = bridged[: n_pieces * step].reshape(n_pieces, step)
    whole = pieces[~np.isnan(pieces).any(axis=1)]
    if not len(whole):
        return bridged
    low, high = whole.min(axis=1), whole.max(axis=1)
    moving = high > low
    if not moving.any():
        return bridged
    usual = float(np.median((high - low)[moving]))
    # An odd size has a true middle, so that x and −x are treated alike. Baselines may wander far around it without any
    # sample being a monster.
    middle = ndimage.median_filter(
        np.median(whole, axis=1), size=min(9, len(whole) - 1 + len(whole) % 2), mode="nearest"
    )
    floor, ceiling = float(middle.min()) - 5 * usual, float(middle.max()) + 5 * usual
    return np.clip(bridged, floor, ceiling)


def envelope_of(
    x: NDArray[np.float64],
    sampling_rate: float,
    *,
    band: tuple[float, float] = (5.0, 20.0),
    width: float = 0.1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the QRS band and the moving RMS of its slope.

    5–20 Hz holds most of the energy of the QRS complex and little of P, T, baseline and muscle (Thakor 1984,
    doi:10.1109/TBME.1984.325393; Elgendi 2010). The RMS over 0.1 s, about one QRS, makes one hump of each complex.
    """
    qrs = bandpass(x, sampling_rate, band[0], min(band[1], 0.45 * sampling_rate), order=2)
    slope = np.gradient(np.nan_to_num(qrs)) * sampling_rate
    power = ndimage.uniform_filter1d(slope**2, max(1, round(width * sampling_rate)), mode="nearest")
    return qrs, np.sqrt(np.maximum(power, 0.0))


def candidates_of(envelope: NDArray[np.float64], sampling_rate: float, *, apart: float = 0.2) -> NDArray[np.int64]:
    """Return the humps of an envelope, at least ``apart`` s from each other (200 ms is the refractory period)."""
    humps, _ = signal.find_peaks(envelope, distance=max(1, round(apart * sampling_rate)))
    return np.asarray(humps, dtype=np.int64)
