"""`quality`: an index and reasons for every second of a recording."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.settings import checked
from sigsimnet.channels import check_modality
from sigsimnet.errors import SignalError
from sigsimnet.io import takes_recordings
from sigsimnet.peaks import Peaks
from sigsimnet.recording import Recording
from sigsimnet.signal_quality._amplitude import amplitude_warnings
from sigsimnet.signal_quality._index import predict_proba
from sigsimnet.signal_quality._limits import CUT_SHORT, MOVED, THRESHOLD
from sigsimnet.signal_quality._reasons import REASONS, faults_of, shape_faults_of
from sigsimnet.signal_quality._result import Quality
from sigsimnet.signal_quality._whole_channel import whole_channel_faults
from sigsimnet.signal_quality.features.extract import Features, extract_features
from sigsimnet.signal_quality.features.seconds import second_edges

__all__ = ["quality"]

LOWEST_ECG, LOWEST = 80.0, 2.0  # Hz: that of `detect_peaks`; two samples a second
HIGHEST = 100_000.0  # Hz: two hundred times what any ECG is recorded at; a rate above is in another unit, or wrong
SLOW = ("resp", "eda", "emg", None)  # the range of a second is not typical: that of a minute is taken
LEVEL = ("resp", "eda", "ppg")  # may be constant for seconds, at a coarse resolution, without a fault
NO_STEPS = ("eog",)  # a saccade is a step
NOISY = ("emg",)  # looks like noise: equal neighbours say nothing
SPOILT = ("clipped", "wrapped", "spike", "step")  # the amplitude of the waves is lost, or another wave added


@takes_recordings
@checked
def quality(
    recording: Recording,
    *,
    modality: str | None = "ecg",
    whole: bool = True,
    peaks: Mapping[str, Peaks] | None = None,
) -> Quality:
    """Judge every second of every channel: an index, and reasons.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        80 Hz or more for ECG, 2 Hz or more for the rest. NaN = missing. A list of these gives a list of results.
    modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda", None}, default "ecg"
        What all channels are: `Recording.pick` those that are.
    whole : bool, default True
        Look for faults of whole channels as well: inverted polarity, swapped leads, leads scaled separately, and
        amplitudes that question the unit. False saves the detection of R peaks where only the index is needed.
    peaks : mapping of str to Peaks, optional
        R peaks by channel, the clearest first, where they were found before
        (`sigsimnet.peaks.detect_peaks_by_channel`).

    Returns
    -------
    Quality
        ``x``, ``−x``, ``a x`` and ``x + b`` give the same index and reasons (``"polarity inverted"`` aside), as far as
        float32 holds them; so does each channel alone, or in another order (``"leads likely swapped"`` and ``"scaled
        separately"`` aside).

    Raises
    ------
    ParameterError
        If the modality is unknown, or what was passed makes no recording.
    SignalError
        If the sampling rate is too low, or above 100 kHz.

    Notes
    -----
    **The index of ECG** is the output of a network of 629 weights (`recipes/quality/train.py`). Its inputs are 23
    measures of each second and their mean over 5 s: amplitudes of the bands below 0.7, 0.7–4, 5–15 and 20–40 Hz
    relative to each other and to their surroundings, kurtosis, and the similarity of the highest complex to its
    neighbours. Frequencies above 40 Hz are not used, so that all sampling rates give similar results. Where a share of
    a second is missing, flat or saturated the index is lowered by that share, to 0 from half a second on; with
    clipping, counts that wrapped, a spike or a step it is at most half the threshold, with motion just below it; mains
    hum whose peak-to-peak amplitude is the share *s* of the typical range lowers it by the factor 1 − *s*.

    **The index of other signals** starts from 1 in every second and is lowered by the same rules; in EOG and below 40
    Hz steps are not judged. No faults but missing, flat, saturated, clipped and wrapped samples, mains and steps are
    detected. EMG is clipped where values pile up at the end of the scale, in however few bits it is.
    Respiration, EDA and PPG may be constant for seconds: there, flat means 15 s of equal samples, or everything between
    two gaps, and saturated only what begins or ends with a steep flank.

    **The threshold**, 0.5, is where 97 % of the clean training seconds of MIT-BIH (both leads) are good. Of people
    outside the training set 99.8 % (first lead) and 93 % (second lead) of the seconds are good, of PTB-XL's records
    without a note on quality 94 %; with nstdb's muscle noise added at 6, 0 and −6 dB 20, 7 and 1 %, with its baseline
    wander, which every later step filters out first, 95, 71 and 25 % (``benchmarks/quality/results.csv``).

    **Context.** The result of a second depends on up to 45 s of signal on both sides, mostly on 6 s: a record that was
    cropped at whole seconds gives the same results as the whole, except near its borders. Borders between clean and
    noisy signal are accurate to ±2 s. In a record shorter than about 5 s the index is estimated from few beats.
    Polarity and swapped leads are inferred from the best minute.

    Sources: kurtosis and power ratios (Li, Mark & Clifford 2008, doi:10.1088/0967-3334/29/1/002), similarity of beats
    (Orphanidou et al. 2015, doi:10.1109/JBHI.2014.2338351), training by noise mixes (Moody, Muldrow & Mark 1984;
    Clifford et al. 2012, doi:10.1088/0967-3334/33/9/1419). Departures stand where each is computed.

    Examples
    --------
    >>> import numpy as np
    >>> from sigsimnet import simulate
    >>> from sigsimnet.signal_quality import quality
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> data = recording.data.copy()
    >>> data[0, 2500:] += np.random.default_rng(0).normal(0, 0.5, 2500)  # mV, from 10 s on
    >>> found = quality(recording.replace(data=data))
    >>> int(found.good[0, :8].sum()), int(found.good[0, 12:].sum())
    (8, 0)
    """
    _check(recording, modality)
    rate = recording.sampling_rate
    edges = [second_edges(span.stop - span.start, rate) for span in recording.spans]
    sizes = [len(own) - 1 for own in edges]
    n = sum(sizes)
    index = np.zeros((recording.n_channels, n), dtype=np.float32)
    reasons = np.zeros((recording.n_channels, n, len(REASONS)), dtype=bool)
    done = 0
    for (_, samples), size in zip(recording.iter_spans(), sizes, strict=True):
        for row, x in enumerate(samples if size else samples[:0]):
            at = done
            for chunk in extract_features(
                x,
                rate,
                ecg=modality == "ecg",
                slow=modality in SLOW,
                level=modality in LEVEL,
                noisy=modality in NOISY,
            ):
                own_index, own_reasons = judge_seconds(chunk, modality)
                to = slice(at, at + len(own_index))
                index[row, to], reasons[row, to] = own_index, own_reasons
                at = to.stop
        done += size
    starts = [span.start + own[:-1] for span, own in zip(recording.spans, edges, strict=True)]
    times = [span.time + own[:-1] / rate for span, own in zip(recording.spans, edges, strict=True)]
    found = Quality(
        times=np.concatenate(times) if times else np.empty(0),
        durations=np.concatenate([np.diff(own) / rate for own in edges]) if edges else np.empty(0),
        starts=np.concatenate(starts) if starts else np.empty(0, dtype=np.int64),
        index=index,
        reasons=reasons,
        channel_names=recording.channel_names,
        threshold=THRESHOLD,
        warnings=amplitude_warnings(recording, modality) if whole else (),
        n_samples=recording.n_samples,
        modality=modality,
    )
    return whole_channel_faults(recording, found, peaks) if whole else found


def judge_seconds(chunk: Features, modality: str | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return index and reasons of the seconds of a chunk that are kept."""
    faults = chunk.faults
    found = faults_of(chunk, steps=modality not in NO_STEPS)
    probabilities = predict_proba(chunk.measures) if chunk.measures is not None else None
    index = np.ones(len(chunk.unusable)) if probabilities is None else probabilities[:, 0]
    typical = np.where(chunk.typical_range > 0, chunk.typical_range, np.inf)
    index = index * (1.0 - np.clip(np.where(found["mains"], 2 * chunk.hum / typical, 0.0), 0.0, 1.0))
    spoilt = np.any([found[reason] for reason in SPOILT], axis=0)
    index = np.where(spoilt, np.minimum(index, CUT_SHORT), np.where(found["motion"], np.minimum(index, MOVED), index))
    lost = np.maximum(faults.missing + faults.flat, faults.saturated)
    index = np.where(chunk.unusable, 0.0, index * (1.0 - np.clip(lost, 0.0, 1.0)))
    bad = index.astype(np.float32) < np.float32(THRESHOLD)
    if probabilities is not None:
        explained = spoilt | np.any([found[reason] for reason in ("no signal", "flat", "saturated")], axis=0)
        found |= shape_faults_of(probabilities[:, 1:], bad & ~explained, found["motion"])
    # A bad second with several faults, none of which reaches its threshold, has no signal.
    found["no signal"] |= bad & ~np.any(list(found.values()), axis=0)
    reasons = np.zeros((len(index), len(REASONS)), dtype=bool)
    for reason, there in found.items():
        reasons[:, REASONS.index(reason)] = there
    return index[chunk.keep], reasons[chunk.keep]


def _check(recording: Recording, modality: str | None) -> None:
    if modality is not None:
        check_modality(modality)
    rate, where = recording.sampling_rate, f"{recording.source}: " if recording.source else ""
    lowest = LOWEST_ECG if modality == "ecg" else LOWEST
    if rate < lowest:
        what = "an ECG" if modality == "ecg" else "a signal"
        raise SignalError(f"{where}sampled at {rate:g} Hz: the quality of {what} needs at least {lowest:g} Hz")
    if rate > HIGHEST:
        raise SignalError(
            f"{where}sampled at {rate:,.12g} Hz: quality is judged up to {HIGHEST:,.12g} Hz; is the rate right? state "
            "it (sampling_rate=) or read the file with resample_to="
        )
