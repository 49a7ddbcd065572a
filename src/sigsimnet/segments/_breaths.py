"""Where breaths begin: the middle of each rise of a respiration signal."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sigsimnet._utils.runs import runs_of
from sigsimnet.cleaning import bandpass, fill_short_gaps
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording

__all__ = ["Breaths", "find_breaths"]

BAND = (0.05, 1.0)  # Hz: 3–60 breaths/min; NeuroKit2's khodadad2018 takes 0.05–3 Hz
SHORTEST = 20.0  # s: a period of the lower corner
APART = 0.8  # s: 60 breaths/min and some room
PROMINENCE = 0.3  # of the usual height of a breath (Khodadad et al. 2018, doi:10.1088/1361-6579/aad7e6)
BRIDGED = 0.5  # s
WORKING_RATE = 20.0  # Hz
LOWEST_RATE = 2.5  # Hz


class Breaths(NamedTuple):
    """Starts of breaths in s, and the number of the gap-free stretch that each lies in.

    Examples
    --------
    >>> Breaths(np.array([1.0, 5.0]), np.array([0, 0])).times.tolist()
    [1.0, 5.0]
    """

    times: NDArray[np.float64]
    stretch: NDArray[np.int64]


def find_breaths(recording: Recording, channel: str | int = 0) -> Breaths:
    """Find where each breath rises through the middle between its trough and its peak.

    Troughs and peaks are those of SciPy's `find_peaks` in 0.05–1 Hz whose prominence is at least 0.3 of the usual one
    (the share of Khodadad et al. 2018). The middle of the rise is used as it is sharp also where somebody rests after
    breathing out, and a trough is flat.

    Raises
    ------
    SignalError
        If the sampling rate is too low, or no 20 s are free of gaps.

    Examples
    --------
    >>> t = np.arange(1000) / 10
    >>> len(find_breaths(Recording(np.sin(2 * np.pi * 0.25 * t), 10)).times)
    25
    """
    rate = recording.sampling_rate
    one = recording.pick(channel)
    where = f"{recording.source}: " if recording.source else ""
    if rate < LOWEST_RATE:
        raise SignalError(f"{where}sampled at {rate:g} Hz: breaths need {LOWEST_RATE:g} Hz")
    step = max(1, int(rate // WORKING_RATE))
    times, numbers, count, long_enough = [], [], 0, False
    for span, samples in one.iter_spans():
        x = fill_short_gaps(samples[0], int(BRIDGED * rate + 1e-9))
        for start, stop in runs_of(~np.isnan(x)).tolist():
            if stop - start < SHORTEST * rate:
                continue
            long_enough = True
            wave = bandpass(np.asarray(x[start:stop], dtype=np.float64), rate, *BAND)[::step]
            found = _rises(wave, rate / step)
            times.append(span.time + start / rate + found)
            numbers.append(np.full(len(found), count))
            count += 1
    if not long_enough:
        raise SignalError(f"{where}no {SHORTEST:g} s of {one.channel_names[0]} without a gap: too short for breaths")
    return Breaths(np.concatenate(times), np.concatenate(numbers).astype(np.int64))


def _rises(wave: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return where a wave crosses the middle between a trough and the peak after it, in s."""
    apart = max(1, round(APART * rate))
    _, about = signal.find_peaks(wave, distance=apart, prominence=0)
    if not len(about["prominences"]):
        return np.empty(0)
    # The usual breath is among the larger peaks: ripples are more and smaller.
    usual = float(np.quantile(about["prominences"], 0.75))
    if usual <= 0:
        return np.empty(0)
    peaks, _ = signal.find_peaks(wave, distance=apart, prominence=PROMINENCE * usual)
    starts = np.concatenate([[0], peaks[:-1]])
    found = []
    for before, peak in zip(starts.tolist(), peaks.tolist(), strict=True):
        trough = before + int(np.argmin(wave[before : peak + 1]))
        middle = (wave[trough] + wave[peak]) / 2
        above = trough + int(np.argmax(wave[trough : peak + 1] >= middle))
        if above > trough:  # between two samples by a straight line
            low, high = wave[above - 1], wave[above]
            found.append((above - 1 + (middle - low) / (high - low)) / rate)
    return np.array(found)
