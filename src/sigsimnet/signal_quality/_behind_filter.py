"""Quality behind a filter: what the filter removes is no fault, what it cannot mend is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sigsimnet.recording import Recording
from sigsimnet.signal_quality._assess import quality
from sigsimnet.signal_quality._reasons import REASONS, faults_of
from sigsimnet.signal_quality._result import Quality
from sigsimnet.signal_quality.features.extract import extract_features

__all__ = ["quality_behind_filter"]

UNMENDABLE = ("no signal", "flat", "clipped", "saturated", "step")  # no filter mends these


def quality_behind_filter(recording: Recording, filtered: Recording, *, modality: str | None = "ecg") -> Quality:
    """Judge every second behind a filter, and the samples as they were recorded.

    Noise is judged in the filtered signal, so that baseline wander and hum that the filter removes are no fault.
    Seconds without a signal, flat, clipped or saturated ones and steps are looked for in the signal as it was recorded, where
    a filter does not smooth them over. Polarity and the names of leads are not judged.

    Parameters
    ----------
    recording : Recording
        As it was recorded.
    filtered : Recording
        The same behind the filter: `sigsimnet.cleaning.preprocess` makes one.
    modality : str or None, default "ecg"
        As in `quality`.

    Returns
    -------
    Quality

    Raises
    ------
    ParameterError, SignalError
        As `quality`.

    Examples
    --------
    >>> from sigsimnet import preprocess, simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> wander = recording.replace(data=recording.data + np.sin(np.arange(recording.n_samples) / 200))
    >>> bool(quality_behind_filter(wander, preprocess(wander)).good.all())
    True
    """
    found = quality(filtered, modality=modality, whole=False)
    # Judging the recorded signal in full costs as much again: only where the samples show such a fault at all.
    if modality == "ecg" and not _shows_unmendable(recording):
        return found
    recorded = quality(recording, modality=modality, whole=False)
    broken = ~recorded.good & recorded.reasons[:, :, [REASONS.index(name) for name in UNMENDABLE]].any(axis=2)
    return replace(
        found,
        index=np.where(broken, np.minimum(found.index, recorded.index), found.index),
        reasons=found.reasons | (recorded.reasons & broken[:, :, None]),
    )


def _shows_unmendable(recording: Recording) -> bool:
    """Return whether any second of an ECG shows a fault in its samples that no filter mends."""
    for _, samples in recording.iter_spans():
        for x in samples:
            for part in extract_features(x, recording.sampling_rate, only_samples=True):
                faults = faults_of(part, steps=True)
                if any(faults[name].any() for name in UNMENDABLE):
                    return True
    return False
