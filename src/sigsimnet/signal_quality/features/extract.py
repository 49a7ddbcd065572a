"""Features of every second of one span of a channel, in chunks of limited memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.mmap import release_mmap_pages
from sigsimnet.signal_quality.features.artefacts import motion_seconds, spike_seconds
from sigsimnet.signal_quality.features.ecg import WORKING_RATE, ecg_features, typical_range, working
from sigsimnet.signal_quality.features.mains import hum_amplitude
from sigsimnet.signal_quality.features.rolling import rolling_quantile
from sigsimnet.signal_quality.features.samples import SampleFaults, bridged, sample_faults
from sigsimnet.signal_quality.features.seconds import chunks, second_edges

__all__ = ["Features", "extract_features"]

Floats = NDArray[np.float64]
UNUSABLE = 0.5  # of a second missing, flat or saturated: the second holds no signal
NEAR = 5  # s to either side, for the typical range of signals that are no ECG


class Features(NamedTuple):
    """Features of consecutive seconds; ``keep`` of them are to be kept, the rest is their context."""

    keep: slice
    faults: SampleFaults
    unusable: NDArray[np.bool_]
    hum: Floats
    typical_range: Floats
    measures: Floats | None
    motion: NDArray[np.bool_]
    spike: NDArray[np.bool_]


def extract_features(
    x: NDArray[np.float32],
    sampling_rate: float,
    *,
    ecg: bool = True,
    slow: bool = False,
    level: bool = False,
    noisy: bool = False,
    only_samples: bool = False,
) -> Iterator[Features]:
    """Yield the features of one span of a channel, chunk by chunk.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        NaN = missing.
    sampling_rate : float
        In Hz.
    ecg : bool, default True
        Compute the features of an ECG as well.
    slow : bool, default False
        If it is no ECG: its typical range is that of a minute, not of a second.
    level : bool, default False
        If it may be constant for seconds: skin conductance, a breath held.
    noisy : bool, default False
        If it looks like noise, as EMG does.
    only_samples : bool, default False
        Of an ECG, compute only the faults of the samples: no mains hum, no motion, and no ``measures``.

    Examples
    --------
    >>> [chunk.measures.shape for chunk in extract_features(np.ones(500, dtype=np.float32), 100)]
    [(5, 23)]
    """
    edges = second_edges(len(x), sampling_rate)
    for chunk in chunks(len(edges) - 1):
        own = edges[chunk.first : chunk.last + 1] - edges[chunk.first]
        samples = np.asarray(x[edges[chunk.first] : edges[chunk.last]])
        faults = sample_faults(samples, own, sampling_rate, slow=level, noisy=noisy)
        unusable = np.maximum(faults.missing + faults.flat, faults.saturated) > UNUSABLE
        values = bridged(samples)
        hum = np.zeros(len(unusable)) if only_samples else hum_amplitude(values, own, sampling_rate)
        measures, motion, spike = None, np.zeros(len(unusable), dtype=bool), np.zeros(len(unusable), dtype=bool)
        if ecg:
            wave = working(values, own, sampling_rate)
            if only_samples:
                typical = typical_range(wave, unusable)
            else:
                measures, typical = ecg_features(wave, unusable)
                motion = motion_seconds(wave, WORKING_RATE, typical)
            spike = spike_seconds(values, own, sampling_rate, typical)
        else:
            has_signal = np.where(unusable, np.nan, faults.range)
            typical = faults.range_61 if slow else rolling_quantile(has_signal, NEAR, 0.5)[0]
        yield Features(chunk.keep, faults, unusable, hum, typical, measures, motion, spike)
        release_mmap_pages(x)
