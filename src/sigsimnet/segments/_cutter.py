"""What cutters have in common: their interface, and how samples are taken and scaled."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.checks import check_number
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording
from sigsimnet.segments._segments import Segments

__all__ = [
    "NYQUIST_SHARE",
    "SCALES",
    "Cutter",
    "alias_free",
    "check_band",
    "normalised",
    "sample_around",
    "sample_at",
    "template_correlation",
]

SCALES = ("asinh", "none", "zscore")
NYQUIST_SHARE = 0.45  # of a sampling rate: the highest corner of a band-pass whose flank still ends below half the rate


class Cutter(Protocol):
    """How segments are cut from a recording; a `SigSimNet` keeps one.

    Examples
    --------
    >>> from sigsimnet.segments import BeatCutter
    >>> BeatCutter().kind
    'beats'
    """

    @property
    def kind(self) -> str:
        """``"beats"``, ``"windows"`` or ``"cycles"``."""

    @property
    def n_samples(self) -> int:
        """Samples of each segment."""

    @property
    def sampling_rate(self) -> float:
        """Of the segments, in Hz."""

    @property
    def band(self) -> tuple[float | None, float | None]:
        """Corner frequencies of the segments, in Hz."""

    @property
    def reach(self) -> tuple[float, float]:
        """How far a segment reaches before and after its time (`Segments.times`), in s."""

    @property
    def extra_channels(self) -> tuple[str, ...]:
        """Names of channels of a segment that come after those of the recording, such as the rhythm of a beat."""

    def cut(self, recording: Recording) -> Segments:
        """Return the segments of a recording; none at all when it holds none."""

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them."""


def check_band(band: tuple[float | None, float | None]) -> None:
    """Refuse a band whose corners are not in order.

    Raises
    ------
    ParameterError
        If the low corner is not positive, or not below the high one.
    """
    if not isinstance(band, tuple | list) or len(band) != 2:
        raise ParameterError(f"band is {band!r}: expected two corner frequencies in Hz, or None to leave a side open")
    for corner in band:
        if corner is not None:
            check_number(corner, "a corner of the band", "Hz")
    low, high = band
    if (low is not None and not 0 < low < np.inf) or (high is not None and not (low or 0.0) < high):
        raise ParameterError(
            f"band is {low} to {high} Hz: the low corner must lie above 0 Hz and below the high corner (None leaves a "
            "side open)"
        )


def alias_free(band: tuple[float | None, float | None], rate: float) -> tuple[float | None, float | None]:
    """Return a band whose upper corner does not exceed 0.45 of the rate that the segments are sampled at."""
    low, high = band
    limit = NYQUIST_SHARE * rate
    return low, min(high, limit) if high is not None else limit


def sample_at(x: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a channel at fractional positions by cubic splines; segments with a missing sample become NaN.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    positions : ndarray, shape (n_segments, n)
        In samples, ascending within each segment.
    """
    missing = np.isnan(x)
    if missing.all():
        return np.full(positions.shape, np.nan)
    if missing.any():
        # A spline depends on distant samples: a gap is bridged so that it does not ring into whole segments beside it.
        known = np.flatnonzero(~missing)
        x = np.interp(np.arange(len(x)), known, x[known])
    values = ndimage.map_coordinates(x, positions.ravel()[None], order=3, mode="nearest")
    segments = values.reshape(positions.shape)
    # A segment is whole when nothing between its first and its last sample is missing.
    gaps = np.concatenate([[0], np.cumsum(missing)])
    first = np.clip(np.floor(positions[:, 0]).astype(np.int64), 0, len(x) - 1)
    last = np.clip(np.ceil(positions[:, -1]).astype(np.int64), 0, len(x) - 1)
    outside = (positions[:, 0] < 0) | (positions[:, -1] > len(x) - 1)
    segments[outside | (gaps[last + 1] - gaps[first] > 0)] = np.nan
    return np.asarray(segments)


def normalised(data: NDArray[np.float64], how: str, scale: float = 0.1) -> NDArray[np.float32]:
    """Bring segments of shape (n, n_channels, n_samples) to a common scale.

    ``"zscore"``: each segment and channel to mean 0 and standard deviation 1 (a flat one becomes 0); amplitude is
    discarded. ``"asinh"``: arsinh(x / scale), which keeps amplitude, is linear near 0 and logarithmic far from it
    (0.1 mV is the height of a P wave). ``"none"``: as they are.
    """
    if how == "none":
        return data.astype(np.float32)
    if how == "asinh":
        return np.asarray(np.arcsinh(data / scale), dtype=np.float32)
    if how not in SCALES:
        raise ParameterError(f"unknown normalisation {how!r} (known: {', '.join(SCALES)})")
    centred = data - data.mean(axis=-1, keepdims=True)
    spread = centred.std(axis=-1, keepdims=True)
    # Flat to the last digit of float32: scaling would amplify rounding errors.
    largest = np.abs(data).max(axis=-1, keepdims=True)
    flat = spread <= 1e-6 * np.maximum(largest, 1e-12)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, spread)).astype(np.float32)


def sample_around(
    recording: Recording, spans: NDArray[np.int64], times: NDArray[np.float64], offsets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a recording around times (in spans of these numbers), shape (n_times, n_channels, n_offsets).

    Offsets in s are one row for all times or a row for each. What is not whole is NaN.
    """
    offsets = np.broadcast_to(offsets, (len(times), offsets.shape[-1]))
    found = np.full((len(times), recording.n_channels, offsets.shape[1]), np.nan)
    for number, (span, samples) in enumerate(recording.iter_spans()):
        mine = spans == number
        if not mine.any():
            continue
        positions = ((times[mine] - span.time)[:, None] + offsets[mine]) * recording.sampling_rate
        for row, channel in enumerate(samples):
            found[mine, row] = sample_at(channel.astype(np.float64), positions)
    return found


def template_correlation(data: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Pearson correlation of each segment with the median segment, averaged over channels."""
    if not len(data):
        return np.empty(0)
    median = np.median(data, axis=0, keepdims=True)
    a = data - data.mean(axis=-1, keepdims=True)
    b = median - median.mean(axis=-1, keepdims=True)
    norm = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    correlation = (a * b).sum(axis=-1) / np.where(norm > 0, norm, 1.0)
    return np.asarray(np.clip(correlation.mean(axis=1), 0.0, 1.0), dtype=np.float64)
