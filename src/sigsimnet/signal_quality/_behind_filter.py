"""Quality behind a filter: what the filter removes is no fault, what it cannot mend is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet.recording import Recording
from sigsimnet.signal_quality._assess import judge_seconds, quality
from sigsimnet.signal_quality._reasons import REASONS, faults_of
from sigsimnet.signal_quality._result import Quality
from sigsimnet.signal_quality.features.extract import extract_features
from sigsimnet.signal_quality.features.seconds import MARGIN

__all__ = ["quality_behind_filter"]

UNMENDABLE = ("no signal", "flat", "clipped", "saturated", "wrapped", "spike", "step")  # no filter mends these


def quality_behind_filter(recording: Recording, filtered: Recording, *, modality: str | None = "ecg") -> Quality:
    """Judge every second behind a filter, and the samples as they were recorded.

    Noise is judged in the filtered signal, so that baseline wander and hum that the filter removes are no fault.
    Seconds without a signal, flat, clipped, saturated or wrapped ones, spikes and steps are detected in the signal as
    it was recorded, where a filter does not smooth them over. Polarity and the names of leads are not judged.

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
    >>> hum = recording.replace(data=recording.data + np.sin(2 * np.pi * 50 * recording.times()))  # mV
    >>> behind = quality_behind_filter(hum, preprocess(hum))
    >>> bool(quality(hum).good.any()), bool(behind.good.all())
    (False, True)
    """
    found = quality(filtered, modality=modality, whole=False)
    if modality != "ecg":
        return _lowered(found, quality(recording, modality=modality, whole=False))
    # To judge all that was recorded would cost as much again. Only seconds whose samples show such a fault can differ.
    suspects = _suspects(recording)
    if not suspects.any():
        return found
    index, reasons = found.index.copy(), np.zeros_like(found.reasons)
    index[:] = 1.0  # what is not judged lowers nothing
    edges = np.append(found.starts, found.n_samples)
    for row in range(recording.n_channels):
        for span in found.spans():
            for first, last in _surroundings(suspects[row], span):
                x = recording.data[row, edges[first] : edges[last]]
                own = [judge_seconds(chunk, modality) for chunk in extract_features(x, recording.sampling_rate)]
                index[row, first:last] = np.concatenate([one for one, _ in own])[: last - first]
                reasons[row, first:last] = np.concatenate([one for _, one in own])[: last - first]
    index[~suspects], reasons[~suspects] = 1.0, False
    return _lowered(found, replace(found, index=index, reasons=reasons))


def _lowered(found: Quality, recorded: Quality) -> Quality:
    """Return the quality behind a filter, lowered where a fault of what was recorded cannot be mended."""
    broken = ~recorded.good & recorded.reasons[:, :, [REASONS.index(name) for name in UNMENDABLE]].any(axis=2)
    return replace(
        found,
        index=np.where(broken, np.minimum(found.index, recorded.index), found.index),
        reasons=found.reasons | (recorded.reasons & broken[:, :, None]),
    )


def _suspects(recording: Recording) -> NDArray[np.bool_]:
    """Return the seconds of an ECG whose samples show a fault that no filter mends, (n_channels, n_seconds)."""
    rows = []
    for row in range(recording.n_channels):
        found = [
            np.any([faults[name] for name in UNMENDABLE], axis=0)[chunk.keep]
            for _, samples in recording.iter_spans()
            for chunk in extract_features(samples[row], recording.sampling_rate, only_samples=True)
            for faults in [faults_of(chunk, steps=True)]
        ]
        rows.append(np.concatenate(found) if found else np.empty(0, dtype=bool))
    return np.stack(rows)


def _surroundings(suspects: NDArray[np.bool_], span: slice) -> list[tuple[int, int]]:
    """Return first second and one past the last of the context that the suspects of a span are judged in."""
    own = np.flatnonzero(suspects[span]) + span.start
    found: list[tuple[int, int]] = []
    for second in own.tolist():
        first, last = max(span.start, second - MARGIN), min(span.stop, second + MARGIN + 1)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
