"""Segments in seconds of good quality, and a count of those that are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sigsimnet._utils.checks import is_number
from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording
from sigsimnet.segments._beats import BeatCutter
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._cycles import CycleCutter
from sigsimnet.segments._segments import Segments
from sigsimnet.segments._windows import WindowCutter
from sigsimnet.signal_quality import REASONS, quality_behind_filter

__all__ = ["MIN_GOOD_FRACTION", "check_min_good_fraction", "cut_by_quality", "filter_by_quality"]

# Share of a segment that must lie in good seconds, whose borders are accurate to about half a second.
MIN_GOOD_FRACTION = 0.5
MOST_REASONS = 3
OWN_RULES = ("resp", "eda", "ppg", "emg")  # what may be constant for seconds and sound, and what looks like noise
LOWEST = 2.0  # Hz: the lowest sampling rate that `quality` judges


def cut_by_quality(
    recording: Recording, cutter: Cutter, *, min_good_fraction: float = MIN_GOOD_FRACTION
) -> tuple[Segments, Segments]:
    """Cut a recording, and return all segments and those in good seconds; beats are filtered once for both.

    Parameters
    ----------
    recording, cutter, min_good_fraction
        As in `filter_by_quality`.

    Returns
    -------
    every, good : Segments

    Raises
    ------
    ParameterError, SignalError
        As `filter_by_quality` and `Cutter.cut`.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.segments import BeatCutter
    >>> every, good = cut_by_quality(simulate(1, 1, duration=10, seed=1)[0], BeatCutter())
    >>> len(every) == len(good)
    True
    """
    check_min_good_fraction(min_good_fraction)
    filtered = cutter.preprocess(recording) if isinstance(cutter, BeatCutter) else None
    every = cutter.cut(recording, preprocessed=filtered) if isinstance(cutter, BeatCutter) else cutter.cut(recording)
    good = filter_by_quality(every, recording, cutter, min_good_fraction=min_good_fraction, filtered=filtered)
    return every, good


def filter_by_quality(
    segments: Segments,
    recording: Recording,
    cutter: Cutter,
    *,
    min_good_fraction: float = MIN_GOOD_FRACTION,
    filtered: Recording | None = None,
) -> Segments:
    """Return the segments that lie in good seconds of their recording (`sigsimnet.signal_quality.quality`).

    Beats are judged as ECG; windows, which may be of any signal, by what holds of all (missing, flat, clipped,
    saturated, wrapped, mains, steps), where those of respiration, EDA and PPG may be level for seconds, and those of
    EMG are clipped only where values pile up at the end of the scale. Of several channels the worst counts. Baseline
    wander and hum that the cutter's band-pass removes are no reason to leave a segment out. Signals below 2 Hz are not
    judged.

    Parameters
    ----------
    segments : Segments
        Cut from ``recording`` by ``cutter``.
    recording : Recording
        As it was recorded, before any filter, which would hide faults.
    cutter : Cutter
        The one that cut them: it knows how long a segment is.
    min_good_fraction : float, default 0.5
        Share of a segment's time that must be good. 0 keeps all.
    filtered : Recording, optional
        The recording filtered as its segments are, where that was done before.

    Returns
    -------
    Segments
        `Segments.n_low_quality` counts what was left out, `Segments.reject_reasons` names the faults, the most
        frequent first.

    Raises
    ------
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.segments import BeatCutter
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> noise = np.random.default_rng(0).normal(0, 0.5, recording.n_samples)  # mV
    >>> noise[:2500] = 0.0  # the first 10 s stay as they are
    >>> noisy, cutter = recording.replace(data=recording.data + noise), BeatCutter()
    >>> kept = filter_by_quality(cutter.cut(noisy), noisy, cutter)
    >>> kept.times.max() < 12, kept.n_low_quality > 5, kept.reject_reasons[0]
    (np.True_, True, 'muscle')
    """
    check_min_good_fraction(min_good_fraction)
    # Below the lowest rate a second holds too few samples to be judged.
    if min_good_fraction == 0 or not len(segments) or recording.sampling_rate < LOWEST:
        return segments
    names = list(segments.channels_cut(cutter))
    judged = recording.pick(names)
    if filtered is None:
        filtered = preprocess(judged, band=cutter.band, order=3)
    found = quality_behind_filter(judged, filtered.pick(names), modality=_modality_of(segments, cutter))
    before, after = cutter.reach
    middle = recording.sample_of(segments.times)
    rate, last = recording.sampling_rate, recording.n_samples
    starts = np.clip(np.floor(middle - before * rate), 0, last - 1).astype(np.int64)
    stops = np.clip(np.ceil(middle + after * rate), starts + 1, last).astype(np.int64)
    good = found.share_good_of(starts, stops).min(axis=0) >= min_good_fraction
    seconds = np.clip(np.searchsorted(found.starts, middle[~good], side="right") - 1, 0, max(len(found) - 1, 0))
    seen = found.reasons[:, seconds].any(axis=0).sum(axis=0)
    why = tuple(REASONS[k] for k in np.argsort(-seen, kind="stable")[:MOST_REASONS] if seen[k])
    return replace(segments.take(good), n_low_quality=segments.n_low_quality + int((~good).sum()), reject_reasons=why)


def _modality_of(segments: Segments, cutter: Cutter) -> str | None:
    """Return what segments are judged as: windows as any signal, unless their modality has rules of its own."""
    if segments.kind == "beats":
        return "ecg"
    modality = cutter.modality if isinstance(cutter, WindowCutter | CycleCutter) else ""
    return modality if modality in OWN_RULES else None


def check_min_good_fraction(min_good_fraction: float) -> None:
    """Refuse a value that is no share, before long work begins.

    Raises
    ------
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> check_min_good_fraction(0.5)
    """
    if not is_number(min_good_fraction) or not 0 <= min_good_fraction <= 1:
        raise ParameterError(
            f"min_good_fraction is {min_good_fraction!r}: the share of a segment that must be good lies between 0 and 1"
        )
