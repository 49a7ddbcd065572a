"""Several leads of one ECG, each cut by itself at the heart beats that they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet.channels import LIMB_LEADS, lead_of
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.segments._beats import BeatCutter
from sigsimnet.segments._quality_filter import MIN_GOOD_FRACTION, check_min_good_fraction, filter_by_quality
from sigsimnet.segments._segments import Segments, mean_of_present

__all__ = ["EINTHOVEN", "cut_leads", "standard_leads", "with_limb_leads"]

EINTHOVEN = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "AVR": (-0.5, -0.5),
    "AVL": (1.0, -0.5),
    "AVF": (-0.5, 1.0),
}
"""Each limb lead as a sum of I and II (Einthoven 1912; Goldberger 1942)."""
LEAST_QUALITY = 1e-3  # of a beat that is there, however little it resembles the others: 0 says that it is not
VOLTAGES = ("V", "mV", "µV", "nV")


def standard_leads(recording: Recording) -> dict[str, str]:
    """Return which channel is which of the twelve standard leads, by its name; of two of one lead the first.

    Examples
    --------
    >>> standard_leads(Recording([[0.0] * 9] * 3, 250, channel_names=["MLII", "V5", "resp"]))
    {'II': 'MLII', 'V5': 'V5'}
    """
    found: dict[str, str] = {}
    for name in recording.channel_names:
        lead = lead_of(name)
        if lead:
            found.setdefault(lead, name)
    return found


def with_limb_leads(recording: Recording) -> Recording:
    """Return the standard leads of a recording under their names, with all six limb leads where two were recorded.

    Two limb leads determine the other four. They are computed where the unit is a voltage, and the same in both:
    leads that somebody scaled each by itself cannot be added.

    Examples
    --------
    >>> two = Recording([[0.0] * 9, [1.0] * 9], 250, channel_names=["ECG I", "ECG II"], units="mV")
    >>> with_limb_leads(two).channel_names
    ('I', 'II', 'III', 'AVR', 'AVL', 'AVF')
    """
    named = standard_leads(recording)
    picked = recording.pick(list(named.values())).replace(channel_names=list(named))
    units = dict(zip(named, picked.units, strict=True))
    limb = [lead for lead in named if lead in LIMB_LEADS]
    missing = [lead for lead in LIMB_LEADS if lead not in named]
    if len(limb) < 2 or not missing or units[limb[0]] not in VOLTAGES or units[limb[0]] != units[limb[1]]:
        return picked
    first, second = (picked.data[picked.channel_index(lead)].astype(np.float64) for lead in limb[:2])
    to_recorded = np.array([EINTHOVEN[lead] for lead in limb[:2]])
    i, ii = np.einsum("ab,bn->an", np.linalg.inv(to_recorded), np.stack([first, second]))
    more = np.stack([EINTHOVEN[lead][0] * i + EINTHOVEN[lead][1] * ii for lead in missing]).astype(np.float32)
    return picked.replace(
        data=np.concatenate([picked.data, more]),
        channel_names=[*named, *missing],
        units=[*picked.units, *[units[limb[0]]] * len(missing)],
    )


def cut_leads(
    recording: Recording, cutter: BeatCutter, *, min_good_fraction: float = MIN_GOOD_FRACTION
) -> tuple[Segments, Segments]:
    """Cut every channel of a recording by itself, at heart beats that are found in all of them together.

    Each lead has a fiducial, a T wave and a quality of its own (`BeatCutter`), and loses its own bad seconds only:
    an electrode that falls off takes its lead with it and not the others.

    Parameters
    ----------
    recording : Recording
        Of ECG leads only, such as `with_limb_leads` returns.
    cutter : BeatCutter
    min_good_fraction : float, default 0.5
        As in `filter_by_quality`.

    Returns
    -------
    every, good : Segments
        Beats that at least one channel has, with `Segments.channel_quality`: all, and those in good seconds.

    Raises
    ------
    ParameterError, SignalError
        As `filter_by_quality` and `BeatCutter.cut`.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> every, good = cut_leads(simulate(1, 1, duration=10, seed=1)[0], BeatCutter())
    >>> every.channel_quality.shape == every.data.shape[:2]
    True
    """
    check_min_good_fraction(min_good_fraction)
    peaks = detect_peaks(recording, method=cutter.detector)
    filtered = cutter.preprocess(recording)
    every: list[Segments] = []
    good: list[Segments] = []
    for name in recording.channel_names:
        lead, own = recording.pick([name]), filtered.pick([name])
        every.append(cutter.cut(lead, peaks, preprocessed=own))
        good.append(filter_by_quality(every[-1], lead, cutter, min_good_fraction=min_good_fraction, filtered=own))
    joined, kept = _joined(every, len(peaks)), _joined(good, len(peaks))
    reasons = tuple(dict.fromkeys(reason for one in good for reason in one.reject_reasons))
    return joined, replace(
        kept, n_rejected=joined.n_rejected, n_low_quality=len(joined) - len(kept), reject_reasons=reasons
    )


def _joined(leads: list[Segments], n_peaks: int) -> Segments:
    """Return the beats that at least one lead has; what a lead lacks has quality 0 and samples of 0."""
    times = np.unique(np.concatenate([one.times for one in leads]))
    first = leads[0]
    data = np.zeros((len(times), len(leads), first.data.shape[-1]), dtype=np.float32)
    quality = np.zeros((len(times), len(leads)))
    rr = np.full(len(times), np.nan)
    for k, one in enumerate(leads):
        rows: NDArray[np.int64] = np.searchsorted(times, one.times)
        data[rows, k], rr[rows] = one.data[:, 0], one.rr
        quality[rows, k] = np.maximum(one.quality, LEAST_QUALITY)
    return replace(
        first,
        data=data,
        times=times,
        quality=mean_of_present(quality),
        channel_names=tuple(one.channel_names[0] for one in leads),
        rr=rr,
        n_rejected=n_peaks - len(times),
        polarity=0,
        channel_quality=quality,
    )
