"""Beats of a pulse wave (PPG)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.runs import runs_of
from sigsimnet.cleaning import fill_short_gaps
from sigsimnet.errors import SignalError
from sigsimnet.peaks._pulse import LEAST_CORRELATION, Pulse, pulse_of, skew_of_slope
from sigsimnet.peaks._result import Peaks
from sigsimnet.recording import Recording

__all__ = ["detect_ppg"]

SHORTEST = 4.0  # s: two intervals of the slowest pulse
LOWEST_RATE = 20.0  # Hz: pulse waves reach to 8 Hz
BRIDGED = 0.1  # s
PAUSE = 3.0  # usual intervals without a mark: no pulse there
FASTEST = 220.0  # /min: the highest rate that age formulas grant a human (Fox et al. 1971: 220 less the age)
LEAST_REPEATED = 0.5  # of the windows; white noise: none
UPSIDE_DOWN = -0.2  # skewness of the slope; 0.5–2 for pulse waves, about 0 for a sine


def detect_ppg(recording: Recording, channel: str | int | None = None) -> Peaks:
    """Find the onset of every pulse wave: the foot before its systolic rise.

    The candidates are rises within 0.17 s, summed as in the slope sum function of Zong et al. 2003
    (doi:10.1109/CIC.2003.1291140): a dicrotic wave rises less and more slowly than a systolic one. The usual interval
    is the shortest lag at which the rises of 8 s repeat themselves. The sequence of candidates with the largest sum of
    heights less the costs of intervals that depart from the usual one is found by dynamic programming, as in
    `detect_sigsimnet`: a dicrotic wave would make two short intervals of one. The onset is where the tangent at the
    steepest place of the rise meets the level of the foot (Kazanavicius et al. 2005), at a working rate of 100 Hz or
    more, by splines between the samples of slower recordings.

    Departures:

    - the signal is that of 0.5–8 Hz (Elgendi 2013, doi:10.1371/journal.pone.0076585), 170 ms instead of 128 ms are
      summed, and levels instead of Zong's adaptive threshold decide;
    - a channel whose falls are steeper than its rises is turned upside down first (counts of reflected light).

    Measured against the detectors of NeuroKit2 by ``benchmarks/peaks/ppg.py``.

    Parameters
    ----------
    recording : Recording
        A PPG, sampled at 20 Hz or more; 4 s or longer without a gap. Shorter gap-free spans are left out.
    channel : str or int, optional
        The first channel by default.

    Returns
    -------
    Peaks
        Onsets; ``confidence`` is the rise as a share of the usual one. Where there is no pulse there are no beats, no
        interval reaches across, and ``warnings`` say so. ``polarity`` is −1 where the pulses point down.

    Raises
    ------
    SignalError
        If no gap-free span is long enough, or the sampling rate too low.
    """
    rate = recording.sampling_rate
    one = recording.pick(0 if channel is None else channel)
    name = one.channel_names[0]
    where = f"{recording.source}: " if recording.source else ""
    if rate < LOWEST_RATE:
        raise SignalError(f"{where}sampled at {rate:g} Hz: pulse waves need {LOWEST_RATE:g} Hz")
    spans = _long_spans(one)
    if not spans:
        raise SignalError(f"{where}no {SHORTEST:g} s of {name} without a gap: too short for pulse waves")
    pulses = [pulse_of(wave, rate) for _, _, wave in spans]
    votes = sum(skew_of_slope(pulse) * len(pulse.wave) for pulse in pulses) / sum(len(pulse.wave) for pulse in pulses)
    polarity = -1 if votes < UPSIDE_DOWN else 1
    if polarity < 0:
        pulses = [pulse_of(-wave, rate) for _, _, wave in spans]
    usual_rise = float(np.median(np.concatenate([pulse.usual for pulse in pulses])))
    longest = PAUSE * rate * float(np.median(np.concatenate([pulse.interval for pulse in pulses])))
    onsets, sure, numbers, counts = [], [], [], []
    without: list[tuple[float, float]] = []
    count = 0
    for (number, start, wave), pulse in zip(spans, pulses, strict=True):
        found, confidence = pulse.onsets(pulse.has_pulse(usual_rise))
        onsets.append(found + start)
        sure.append(confidence)
        numbers.append(np.full(len(found), number, dtype=np.int64))
        ends = start + np.concatenate([[0.0], found, [len(wave) - 1.0]])
        far = np.diff(ends) > longest
        without += list(zip(ends[:-1][far].tolist(), ends[1:][far].tolist(), strict=True))
        # No interval reaches across a stretch without a pulse.
        counts.append(count + np.cumsum(far)[:-1])
        count += int(far.sum()) + 1
    samples = np.concatenate(onsets)
    return Peaks(
        samples=np.clip(np.round(samples), 0, recording.n_samples - 1).astype(np.int64),
        times=recording.time_of(samples),
        confidence=np.concatenate(sure),
        method="ppg",
        channel=name,
        polarity=polarity,
        lag=0.0,
        sampling_rate=rate,
        span=np.concatenate(numbers),
        gap_free_span=np.concatenate(counts),
        warnings=_said(recording, name, without, pulses, _per_minute(samples, np.concatenate(counts), rate)),
    )


def _long_spans(one: Recording) -> list[tuple[int, int, NDArray[np.float64]]]:
    """Return what is long enough: number of the span, first sample, samples without gap."""
    rate = one.sampling_rate
    found = []
    for number, (span, samples) in enumerate(one.iter_spans()):
        x = fill_short_gaps(samples[0], int(BRIDGED * rate + 1e-9))
        for start, stop in runs_of(~np.isnan(x)).tolist():
            wave = np.asarray(x[start:stop], dtype=np.float64)
            if stop - start >= SHORTEST * rate and np.ptp(wave) > 0:
                found.append((number, span.start + start, wave))
    return found


def _per_minute(samples: NDArray[np.float64], span: NDArray[np.int64], rate: float) -> float:
    """Return the median pulse rate, of intervals within gap-free spans; NaN without any."""
    intervals = np.diff(samples)[np.diff(span) == 0]
    return 60.0 * rate / float(np.median(intervals)) if intervals.size else float("nan")


def _said(
    recording: Recording,
    name: str,
    without: list[tuple[float, float]],
    pulses: list[Pulse],
    per_minute: float,
) -> tuple[str, ...]:
    """Return what is said about stretches (samples) without a pulse, and about what may be none."""
    said = []
    if without:
        first, last = (recording.time_of([pair[k] for pair in without]) for k in (0, 1))
        more = f", {len(without)} times" if len(without) > 1 else ""
        said.append(
            f"{name}: no clear pulse waves for {float((last - first).sum()):.0f} of {recording.duration:.0f} s, from "
            f"{float(first[0]):.1f} s on{more}; no beats there"
        )
    repeated = float(np.mean(np.concatenate([pulse.correlation for pulse in pulses]) > LEAST_CORRELATION))
    if repeated < LEAST_REPEATED:
        said.append(
            f"{name}: its waves repeat in {100 * repeated:.0f} % of the time; is it a PPG, and is the pulse regular?"
        )
    if per_minute > FASTEST:
        said.append(f"{name}: {per_minute:.0f} pulse waves/min: is the rate of {recording.sampling_rate:g} Hz right?")
    return tuple(said)
