"""`detect_peaks`: one call for every detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from sigsimnet._utils.settings import checked
from sigsimnet._utils.text import shorten_list
from sigsimnet.channels import is_ecg_name
from sigsimnet.errors import ParameterError, SignalError, UnknownNameError
from sigsimnet.io import Like, RecordingLike, as_recording, as_recordings, is_many
from sigsimnet.peaks._channel import DETECTORS, Beats, Detector, beats_of_channel
from sigsimnet.peaks._fusion import fuse
from sigsimnet.peaks._result import Peaks
from sigsimnet.peaks._time_scale import looks_like, scale_of, slowed
from sigsimnet.recording import Recording

__all__ = ["detect_peaks", "detect_peaks_by_channel"]

LOWEST_RATE, HIGHEST_RATE = 80.0, 5000.0  # Hz: below, the QRS band (5–20 Hz) is not sampled well enough to place a peak
CHUNK = 1_000_000  # samples
SHORTEST = 3.0  # s: with fewer than two or three beats there is no usual beat to compare with


@overload
def detect_peaks(
    recording: RecordingLike | Sequence[float],
    sampling_rate: float | None = None,
    *,
    method: str = "sigsimnet",
    channel: str | int | None = None,
    fuse_channels: bool = False,
    species: str = "human",
    n_jobs: int = 1,
) -> Peaks: ...


@overload
def detect_peaks(
    recording: list[Like],
    sampling_rate: float | None = None,
    *,
    method: str = "sigsimnet",
    channel: str | int | None = None,
    fuse_channels: bool = False,
    species: str = "human",
    n_jobs: int = 1,
) -> list[Peaks]: ...


def detect_peaks(
    recording: Any,
    sampling_rate: float | None = None,
    *,
    method: str = "sigsimnet",
    channel: str | int | None = None,
    fuse_channels: bool = False,
    species: str = "human",
    n_jobs: int = 1,
) -> Peaks | list[Peaks]:
    """Find the R peaks.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        Also an array of shape (n_samples,) or (n_channels, n_samples) with its ``sampling_rate``. 100–2000 Hz (80–5000
        are taken), 3 s or longer. NaN = missing. What is missing, a second or more of equal samples (flat) and a
        quarter of a second at either end of the scale (saturated) are skipped, and the rest is unaffected. A list of
        recordings gives a list of results.
    sampling_rate : float, optional
        In Hz; of arrays, and of files that do not say.
    method : str, default "sigsimnet"
        Name of the detector: ``"sigsimnet"`` (the default, most accurate), ``"pan_tompkins"``, ``"hamilton"``,
        ``"christov"``, ``"engzee"``, ``"two_average"``, ``"swt"``, ``"matched_filter"``, ``"wqrs"``; or ``"ppg"`` for
        the beats of a pulse wave.
    channel : str or int, optional
        Channel to search; by default the one whose beats stand out most clearly, among
        those that are ECG by name where there are any.
    fuse_channels : bool, default False
        Let all channels (those that are ECG by name, where there are any) vote on every beat, each with the weight of
        its clarity; for noisy channels that fail at different times.
    species : {"human", "rabbit", "guinea_pig", "rat", "mouse"}, default "human"
        Whose heart: that of a rabbit is looked for on a scale of time of a third, of a guinea pig 1 / 3.5, of a rat a
        fifth, of a mouse an eighth. All that is said here in s and Hz changes with it: a mouse needs 640–40,000 Hz.
        Of humans, rates above 300/min are not looked for.
    n_jobs : int, default 1
        Channels searched at the same time.

    Returns
    -------
    Peaks
        Empty when there are no beats. ``x`` and ``−x`` give the same peaks. Its ``warnings`` say where a signal with
        few beats looks like an ECG on another scale of time: an animal's, or one with a wrong sampling rate.

    Raises
    ------
    ParameterError
        If what was passed makes no recording, the sampling rate is missing, the method unknown, or channels are to be
        fused though one was named.
    SignalError
        If the sampling rate is out of range, the recording too short or all missing, or the channel not there.

    Notes
    -----
    Every detector starts from the same preprocessing (3–30 Hz, scaled by the usual QRS of the surroundings, artefacts
    clipped) and ends with the same postprocessing (polarity of the record, R peak to a fraction of a sample). Records
    are read in chunks of half an hour with half a minute of overlap, so that memory does not grow with their
    length: a week in a file that is mapped (``Recording(numpy.load(path, mmap_mode="r"), 360)``) takes no more than an
    hour.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> peaks = detect_peaks(recording, method="pan_tompkins")
    >>> len(peaks) == len(recording.annotations)
    True
    """
    if is_many(recording):
        return [
            _detect(one, method, channel, fuse_channels, species, n_jobs)
            for one in as_recordings(recording, sampling_rate=sampling_rate)
        ]
    one = as_recording(recording, sampling_rate=sampling_rate)
    return _detect(one, method, channel, fuse_channels, species, n_jobs)


@checked
def _detect(
    recording: Recording,
    method: str,
    channel: str | int | None,
    fuse_channels: bool,
    species: str,
    n_jobs: int,
) -> Peaks:
    """Find the R peaks of one recording."""
    if not isinstance(n_jobs, int) or n_jobs < 1:
        raise ParameterError(f"n_jobs is {n_jobs!r}: it must be a whole number of at least 1")
    if fuse_channels and (channel is not None or method == "ppg"):
        why = "with one channel named" if channel is not None else "by pulse waves"
        raise ParameterError(f"fuse_channels={fuse_channels}: there is nothing to fuse {why}")
    scale = scale_of(species)
    if method == "ppg":
        if scale != 1.0:
            raise ParameterError(f"species={species!r}: pulse waves are those of humans")
        from sigsimnet.peaks.detectors.ppg import detect_ppg

        return detect_ppg(recording, channel)
    detector = _detector(method)
    if channel is None:
        # Where a channel is called ECG the others are something else, such as an EEG.
        named = [k for k, name in enumerate(recording.channel_names) if is_ecg_name(name)]
        indices = named or list(range(recording.n_channels))
    else:
        indices = [recording.channel_index(channel)]
    _check(recording, indices, scale)
    found = [
        replace(beats, lag=beats.lag / scale)
        for beats in _beats_of(slowed(recording, scale), indices, detector, n_jobs)
    ]
    if fuse_channels and len(indices) > 1:
        marked = [k for k in range(len(indices)) if len(found[k].positions)] or [0]
        if len(marked) > 1:
            beats = fuse([found[k] for k in marked], recording.sampling_rate / scale)
            return _peaks(recording, beats, method, "+".join(recording.channel_names[indices[k]] for k in marked))
    best = max(range(len(found)), key=lambda k: clarity(found[k]))
    said = looks_like(recording, indices[best], detector, found[best]) if scale == 1.0 else ""
    return _peaks(recording, found[best], method, recording.channel_names[indices[best]], said)


def detect_peaks_by_channel(recording: Recording, *, method: str = "sigsimnet", n_jobs: int = 1) -> dict[str, Peaks]:
    """Find the R peaks of every channel by itself.

    Parameters
    ----------
    recording : Recording
        As for `detect_peaks`; its channels are ECG, whatever their names.
    method : str, default "sigsimnet"
        Name of the detector.
    n_jobs : int, default 1
        Channels searched at the same time.

    Returns
    -------
    dict of str to Peaks
        By channel, the one whose beats stand out most clearly first: of ECG channels that is what `detect_peaks` finds.

    Raises
    ------
    ParameterError, SignalError
        As `detect_peaks`.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> sorted(detect_peaks_by_channel(simulate(1, 1, duration=20, leads=("I", "II"), seed=1)[0]))
    ['I', 'II']
    """
    indices = list(range(recording.n_channels))
    detector = _detector(method)
    _check(recording, indices)
    found = _beats_of(recording, indices, detector, n_jobs)
    order = sorted(indices, key=lambda k: -clarity(found[k]))
    names = recording.channel_names
    said = {order[0]: looks_like(recording, order[0], detector, found[order[0]])} if order else {}
    return {names[k]: _peaks(recording, found[k], method, names[k], said.get(k, "")) for k in order}


def _detector(method: str) -> Detector:
    try:
        return DETECTORS.get(method)
    except UnknownNameError as error:
        raise UnknownNameError(f"{error}; 'ppg' finds the beats of a pulse wave") from error


def _beats_of(recording: Recording, indices: list[int], detector: Detector, n_jobs: int) -> list[Beats]:
    if n_jobs > 1 and len(indices) > 1:
        from concurrent.futures import ThreadPoolExecutor

        # The kernels release the GIL: threads share the samples, which processes would copy.
        with ThreadPoolExecutor(n_jobs) as pool:
            return list(pool.map(lambda index: beats_of_channel(recording, index, detector), indices))
    return [beats_of_channel(recording, index, detector) for index in indices]


def clarity(beats: Beats) -> float:
    """Return how clearly a channel shows its beats: many confident beats at even intervals score high."""
    if len(beats.positions) < 3:
        return float(len(beats.positions)) * 1e-3
    intervals = np.diff(beats.positions)
    median = float(np.median(intervals))
    uneven = float(np.median(np.abs(intervals - median))) / median
    return float(np.median(beats.confidence)) * len(intervals) / (1.0 + 5.0 * uneven)


def _check(recording: Recording, indices: list[int], scale: float = 1.0) -> None:
    where = f"{recording.source}: " if recording.source else ""
    rate = recording.sampling_rate
    lowest, highest = scale * LOWEST_RATE, scale * HIGHEST_RATE
    if not lowest <= rate <= highest:
        raise SignalError(f"{where}sampled at {rate:g} Hz: R peaks need {lowest:g} to {highest:g} Hz; resample it")
    if recording.n_channels > recording.n_samples > 0:
        raise SignalError(
            f"{where}{recording.n_channels} channels of {recording.n_samples} samples: expected (n_channels, "
            "n_samples); transpose it"
        )
    shortest = SHORTEST / scale
    if recording.duration < shortest:
        raise SignalError(f"{where}{recording.duration:.1f} s long: R peaks need at least {shortest:.2g} s")
    # In chunks: a mask of a week of samples would be as long as the week.
    chunks = [slice(first, first + CHUNK) for first in range(0, recording.n_samples, CHUNK)]
    if all(np.isnan(recording.data[index, chunk]).all() for index in indices for chunk in chunks):
        names = shorten_list((recording.channel_names[index] for index in indices), 3)
        raise SignalError(f"{where}no samples in {names}: all are missing")


def _peaks(recording: Recording, beats: Beats, method: str, channel: str, said: str = "") -> Peaks:
    positions = beats.positions
    return Peaks(
        samples=np.clip(np.round(positions), 0, max(recording.n_samples - 1, 0)).astype(np.int64),
        times=recording.time_of(positions) if len(positions) else np.empty(0),
        confidence=beats.confidence,
        method=method,
        channel=channel,
        polarity=beats.polarity,
        lag=beats.lag,
        sampling_rate=recording.sampling_rate,
        span=beats.span,
        gap_free_span=beats.gap_free_span,
        warnings=(said,) if said else (),
    )
