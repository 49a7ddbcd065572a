"""Beats of a pulse wave (PPG), by NeuroKit2."""

from __future__ import annotations

import numpy as np

from sigsimnet._utils.runs import runs_of
from sigsimnet.cleaning import fill_short_gaps
from sigsimnet.errors import MissingExtraError, SignalError
from sigsimnet.peaks._result import Peaks
from sigsimnet.recording import Recording

__all__ = ["detect_ppg"]

SHORTEST = 8.0  # s: the window of NeuroKit2's method


def detect_ppg(recording: Recording, channel: str | int | None = None) -> Peaks:
    """Find the onset of every pulse wave: the foot before its systolic rise.

    By NeuroKit2's ``ppg_findpeaks(method="charlton")``: the multi-scale peak and trough detection of Bishop & Ercole
    2018, made fast (Charlton et al. 2025, doi:10.1088/1361-6579/adb89e), after NeuroKit2's own ``ppg_clean``.

    Parameters
    ----------
    recording : Recording
        A PPG; 8 s or longer without a gap. Shorter gap-free spans are left out.
    channel : str or int, optional
        The first channel by default.

    Returns
    -------
    Peaks
        Onsets; ``confidence`` is 1 throughout, since the method gives none.

    Raises
    ------
    MissingExtraError
        If NeuroKit2 is not installed.
    SignalError
        If no gap-free span is long enough.
    """
    try:
        import neurokit2
    except ImportError as error:
        raise MissingExtraError("finding PPG beats", "ppg") from error
    rate = recording.sampling_rate
    one = recording.pick(0 if channel is None else channel)
    found: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    numbers: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    counts: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    long_enough = 0
    for number, (span, samples) in enumerate(one.iter_spans()):
        x = fill_short_gaps(samples[0], int(0.1 * rate + 1e-9))
        for start, stop in runs_of(~np.isnan(x)):
            wave = np.asarray(x[start:stop], dtype=np.float64)
            if stop - start < SHORTEST * rate or np.ptp(wave) == 0:
                continue
            long_enough += 1
            try:
                cleaned = neurokit2.ppg_clean(wave, sampling_rate=round(rate))
                info = neurokit2.ppg_findpeaks(cleaned, sampling_rate=round(rate), method="charlton")
            except (ArithmeticError, IndexError, ValueError) as error:
                where = f"{recording.source}: " if recording.source else ""
                at = float(recording.time_of([span.start + start])[0])
                raise SignalError(f"{where}NeuroKit2 finds no pulse waves from {at:.1f} s on ({error})") from error
            marks = np.asarray(info["PPG_Onsets"], dtype=np.float64)
            onsets = marks[np.isfinite(marks)].astype(np.int64) + span.start + start
            found.append(onsets)
            numbers.append(np.full(len(onsets), number, dtype=np.int64))
            counts.append(np.full(len(onsets), long_enough, dtype=np.int64))
    if not long_enough:
        where = f"{recording.source}: " if recording.source else ""
        raise SignalError(
            f"{where}no {SHORTEST:g} s of {one.channel_names[0]} without a gap: too short for pulse waves"
        )
    samples_ = np.concatenate(found)
    return Peaks(
        samples=samples_,
        times=recording.time_of(samples_),
        confidence=np.ones(len(samples_)),
        method="ppg",
        channel=one.channel_names[0],
        polarity=1,
        lag=0.0,
        sampling_rate=rate,
        span=np.concatenate(numbers),
        gap_free_span=np.concatenate(counts),
    )
