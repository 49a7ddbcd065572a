"""Amplitudes that no signal of the kind has: is the unit right?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sigsimnet.io.units import IN_VOLTS, canonical_unit
from sigsimnet.recording import Recording
from sigsimnet.signal_quality.features.seconds import second_edges

__all__ = ["amplitude_warnings"]


class Usual(NamedTuple):
    """What a kind of signal spans, in words, and the spans in µV beyond which the unit is questioned."""

    what: str
    low: float
    high: float


# Limits are a factor of 2 to 50 beyond what is usual: a wrong unit is wrong by 1000.
USUAL = {
    "ecg": Usual("an ECG spans 0.5–10 mV", 20.0, 20e3),  # electrocardiographs record ±5 mV (IEC 60601-2-25)
    "eeg": Usual("an EEG spans 0.01–0.2 mV", 0.5, 5e3),  # Niedermeyer's Electroencephalography, 7th ed.; seizures 2 mV
    "emg": Usual("a surface EMG spans 0.02–10 mV", 0.5, 30e3),  # De Luca 1997, doi:10.1123/jab.13.2.135
    "eog": Usual("an EOG spans 0.05–3.5 mV", 1.0, 20e3),  # Webster's Medical Instrumentation, 4th ed., ch. 4
}
MOST = 600  # seconds that are looked at, evenly over the recording


def amplitude_warnings(recording: Recording, modality: str | None) -> tuple[str, ...]:
    """Return a sentence for each channel whose amplitude in its unit is none of its kind of signal.

    Counts without a unit are not questioned, nor are kinds of signal without a usual unit.

    Parameters
    ----------
    recording : Recording
    modality : str or None
        What all its channels are.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=9, seed=1)[0].replace(channel_names=["V5"])
    >>> amplitude_warnings(recording, "ecg")
    ()
    >>> amplitude_warnings(recording.replace(data=recording.data * 300), "ecg")
    ('channel V5 spans 399 mV; an ECG spans 0.5–10 mV: is the unit right?',)
    """
    usual = USUAL.get(modality or "")
    if usual is None:
        return ()
    found = []
    for name, unit, x in zip(recording.channel_names, recording.units, recording.data, strict=True):
        known, factor = canonical_unit(unit) if unit else ("", 1.0)
        if known not in IN_VOLTS:
            continue
        size = _span(recording, x)
        micro = size * factor * IN_VOLTS[known] * 1e6
        if size > 0 and not usual.low <= micro <= usual.high:
            found.append(f"channel {name} spans {size:.3g} {unit}; {usual.what}: is the unit right?")
    return tuple(found)


def _span(recording: Recording, x: np.ndarray) -> float:
    """Return the median range of two consecutive seconds, which contain a beat; 0 where there is no signal."""
    ranges = []
    for span in recording.spans:
        edges = second_edges(span.stop - span.start, recording.sampling_rate)[::2] + span.start
        chosen = np.unique(np.linspace(0, max(len(edges) - 2, 0), MOST).astype(int))
        for k in chosen[: len(edges) - 1]:
            known = x[edges[k] : edges[k + 1]]
            known = known[~np.isnan(known)]
            if len(known) and known.max() > known.min():
                ranges.append(float(known.max()) - float(known.min()))
    return float(np.median(ranges)) if ranges else 0.0
