"""Windows that suit a recording: settings by modality, lowered to what its sampling rate carries."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sigsimnet.channels import by_modality
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import NYQUIST_SHARE, check_band
from sigsimnet.segments._windows import WindowCutter

__all__ = ["ChosenWindows", "amplitude", "choose_windows", "modality_for"]

CLOSE = 0.98  # a band or rate lowered by less is not worth a sentence


class ChosenWindows(NamedTuple):
    """A cutter, and in sentences why it is this one.

    Examples
    --------
    >>> ChosenWindows(WindowCutter(), ()).cutter.length
    4.0
    """

    cutter: WindowCutter
    notes: tuple[str, ...]


def choose_windows(
    recording: Recording,
    modality: str | None = None,
    *,
    length: float | None = None,
    step: float | None = None,
    sampling_rate: float | None = None,
    band: tuple[float | None, float | None] | None = None,
) -> ChosenWindows:
    """Return the windows that suit a recording; what is given is kept, the rest follows from the modality.

    Parameters
    ----------
    recording : Recording
        The modality is inferred from its channel names; its sampling rate limits the band.
    modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda"}, optional
        What the channels are. By default that of most channels, by their names.
    length, step : float, optional
        In s (`WindowCutter`).
    sampling_rate : float, optional
        Of the windows, in Hz. By default that of the modality, higher where a given ``band`` needs it, and never above
        that of the recording.
    band : (float or None, float or None), optional
        In Hz. Its upper corner is lowered to 0.45 of the sampling rate of the windows and of the recording.

    Returns
    -------
    ChosenWindows
        The cutter; and notes: which windows, why, and what was lowered. ``scale`` is the amplitude of this recording.

    Raises
    ------
    ParameterError
        If the modality is unknown, a value is invalid, or the recording carries nothing of the band.

    Examples
    --------
    >>> import numpy as np
    >>> slow = Recording(np.zeros((2, 4000)), 200, channel_names=["EMG 1", "EMG 2"])
    >>> cutter, notes = choose_windows(slow, length=0.5)
    >>> cutter.n_samples, cutter.band
    (100, (20.0, 90.0))
    >>> notes[0]
    'windows of 0.5 s at 200 Hz, 20–90 Hz: emg by the channel names'
    """
    kind, why = modality_for(recording, modality)
    usual = WindowCutter.for_modality(kind) if kind else WindowCutter()
    if band is not None:
        check_band(band)
    low, high = usual.band if band is None else band
    notes = []
    rate = sampling_rate
    if rate is None:
        needed = high / NYQUIST_SHARE if band is not None and high is not None else 0.0
        rate = min(max(usual.sampling_rate, needed), recording.sampling_rate)
    elif rate > recording.sampling_rate / CLOSE:
        notes.append(
            f"windows at {rate:g} Hz (--rate) of recordings at {recording.sampling_rate:g} Hz: the samples in between "
            "are interpolated"
        )
    limit = NYQUIST_SHARE * min(rate, recording.sampling_rate)
    if low is not None and low >= limit:
        way_out = "lower the band (--band)" if recording.sampling_rate <= rate else "raise the rate (--rate)"
        raise ParameterError(
            f"a band from {low:g} Hz: {recording.source or 'the recording'} at {recording.sampling_rate:g} Hz, in "
            f"windows at {rate:g} Hz, carries up to {limit:g} Hz; {way_out}"
        )
    if high is None or high > limit:
        if high is not None and high * CLOSE > limit:
            slower = "the recordings" if recording.sampling_rate <= rate else "the windows (--rate)"
            notes.append(f"band lowered from {high:g} to {limit:g} Hz, 0.45 of the sampling rate of {slower}")
        high = limit
    cutter = replace(
        usual,
        length=usual.length if length is None else length,
        step=step if step is not None or length is not None else usual.step,
        sampling_rate=rate,
        band=(low, high),
    )
    if cutter.normalise == "asinh":
        cutter = replace(cutter, scale=amplitude(recording, cutter))
    return ChosenWindows(cutter, (f"{cutter.describe()}: {why}", *notes))


def amplitude(recording: Recording, cutter: WindowCutter) -> float:
    """Return the median RMS of the channels in the band of the windows, to two digits; 1 of what is silent."""
    found = replace(cutter, normalise="none").cut(recording).data
    rms = np.sqrt((found.astype(np.float64) ** 2).mean(axis=(0, 2))) if len(found) else np.zeros(1)
    usual = float(np.median(rms))
    return float(f"{usual:.2g}") if usual > 0 else 1.0


def modality_for(recording: Recording, modality: str | None) -> tuple[str, str]:
    """Return the modality that windows are chosen for, empty when unknown, and why."""
    kinds = by_modality(recording, modality)
    if modality is not None:
        return modality, f"{modality}, as given"
    found = max(kinds, key=lambda kind: len(kinds[kind]), default="")
    if not found:
        return "", "the channel names do not say the modality; name it (modality=, --modality)"
    if len(kinds) > 1:
        counts = ", ".join(f"{kind or 'unknown'} {len(names)}" for kind, names in kinds.items())
        return found, f"{found}, that of most channels ({counts}); name another (modality=, --modality)"
    return found, f"{found} by the channel names"
