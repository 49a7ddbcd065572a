"""One uninterrupted channel: from samples to what is known of each second, in pieces of limited memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.mmap import release_mmap_pages
from sigsimnet.signal_quality.features.ecg import ecg_features, usual_range, working
from sigsimnet.signal_quality.features.mains import line_of
from sigsimnet.signal_quality.features.rolling import rolling_quantile
from sigsimnet.signal_quality.features.samples import SampleFaults, bridged, sample_faults
from sigsimnet.signal_quality.features.seconds import pieces, second_edges

__all__ = ["Features", "extract_features"]

Floats = NDArray[np.float64]
UNUSABLE = 0.5  # of a second missing, flat or saturated: the second holds no signal
USUAL = 5  # s to either side, for the usual range of what is no ECG


class Features(NamedTuple):
    """What is known of some seconds in a row; ``keep`` of them are to be kept, the rest is their surroundings."""

    keep: slice
    faults: SampleFaults
    dead: NDArray[np.bool_]
    line: Floats
    usual_range: Floats
    measures: Floats | None


def extract_features(
    x: NDArray[np.float32],
    sampling_rate: float,
    *,
    ecg: bool = True,
    slow: bool = False,
    level: bool = False,
    only_samples: bool = False,
) -> Iterator[Features]:
    """Yield what is known of one channel, piece by piece.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        NaN = missing.
    sampling_rate : float
        In Hz.
    ecg : bool, default True
        Measure it as an ECG, too.
    slow : bool, default False
        If it is no ECG: its usual range is that of a minute, not the usual one of a second.
    level : bool, default False
        If it may be level for seconds: skin conductance, a breath held.
    only_samples : bool, default False
        Of an ECG, measure only what shows in the samples: no mains hum, and no ``measures``.

    Examples
    --------
    >>> [part.measures.shape for part in extract_features(np.ones(500, dtype=np.float32), 100)]
    [(5, 23)]
    """
    edges = second_edges(len(x), sampling_rate)
    for piece in pieces(len(edges) - 1):
        own = edges[piece.first : piece.last + 1] - edges[piece.first]
        part = np.asarray(x[edges[piece.first] : edges[piece.last]])
        faults = sample_faults(part, own, sampling_rate, slow=level)
        dead = np.maximum(faults.missing + faults.flat, faults.saturated) > UNUSABLE
        values = bridged(part)
        line = np.zeros(len(dead)) if only_samples else line_of(values, own, sampling_rate)
        if ecg and only_samples:
            yield Features(piece.keep, faults, dead, line, usual_range(working(values, own, sampling_rate), dead), None)
        elif ecg:
            measures, usual = ecg_features(working(values, own, sampling_rate), dead)
            yield Features(piece.keep, faults, dead, line, usual, measures)
        else:
            has_signal = np.where(dead, np.nan, faults.range)
            usual = faults.range_61 if slow else rolling_quantile(has_signal, USUAL, 0.5)[0]
            yield Features(piece.keep, faults, dead, line, usual, None)
        release_mmap_pages(x)
