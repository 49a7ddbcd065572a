"""Segments that lie in seconds good enough to be looked at, and a count of those that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsimnet.cleaning import clean
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._segments import Segments
from sigsimnet.signal_quality import REASONS, Quality, quality

__all__ = ["GATE", "check_gate", "gate"]

GATE = 0.5  # share of a segment that must lie in good seconds: borders of the seconds are true to about half of one
MOST_REASONS = 3
LOWEST = 2.0  # Hz: the least that `quality` judges
BROKEN = ("no signal", "flat", "clipped", "saturated", "step")  # what no filter mends


def gate(segments: Segments, recording: Recording, cutter: Cutter, *, least: float = GATE) -> Segments:
    """Return the segments that lie in good seconds of their recording (`sigsimnet.signal_quality.quality`).

    Beats are judged as ECG; windows, which may be of any signal, by what holds of all (missing, flat, clipped,
    saturated, mains, steps). Of several channels the worst counts. Baseline wander and hum that the cutter's band-pass
    takes away are no reason to leave a segment out. Signals below 2 Hz are not judged.

    Parameters
    ----------
    segments : Segments
        Cut from ``recording`` by ``cutter``.
    recording : Recording
        As it came, before any filter, which would hide what is looked for.
    cutter : Cutter
        Tells how far a segment reaches.
    least : float, default 0.5
        Share of a segment's time that must be good. 0 keeps all.

    Returns
    -------
    Segments
        `Segments.poor` counts what was left out, `Segments.why` names what was seen there, the most frequent first.

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
    >>> kept = gate(cutter.cut(noisy), noisy, cutter)
    >>> kept.times.max() < 12, kept.poor > 5, kept.why[0]
    (np.True_, True, 'muscle')
    """
    check_gate(least)
    # Below the lowest rate seconds cannot be told apart.
    if least == 0 or not len(segments) or recording.sampling_rate < LOWEST:
        return segments
    judged = recording.pick([name for name in segments.channel_names if name not in cutter.extra_channels])
    found = _as_seen(judged, cutter, "ecg" if segments.kind == "beats" else None)
    before, after = cutter.reach
    middle = _positions(recording, segments.times)
    rate, last = recording.sampling_rate, recording.n_samples
    starts = np.clip(np.floor(middle - before * rate), 0, last - 1).astype(np.int64)
    stops = np.clip(np.ceil(middle + after * rate), starts + 1, last).astype(np.int64)
    good = found.share_good_of(starts, stops).min(axis=0) >= least
    seconds = np.clip(np.searchsorted(found.starts, middle[~good], side="right") - 1, 0, max(len(found) - 1, 0))
    seen = found.reasons[:, seconds].any(axis=0).sum(axis=0)
    why = tuple(REASONS[k] for k in np.argsort(-seen, kind="stable")[:MOST_REASONS] if seen[k])
    return replace(segments.take(good), poor=segments.poor + int((~good).sum()), why=why)


def check_gate(least: float) -> None:
    """Refuse what is no share, before long work begins.

    Raises
    ------
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> check_gate(0.5)
    """
    if not 0 <= least <= 1:
        raise ParameterError(f"gate is {least}: the share of a segment that must be good lies between 0 and 1")


def _as_seen(recording: Recording, cutter: Cutter, modality: str | None) -> Quality:
    """Return the quality of a recording as the network sees it.

    What lies under noise is judged behind the cutter's band-pass, which takes wander and hum away; what no
    filter mends (nothing there, flat, clipped, saturated, steps) is looked for in the signal as it came. The signs and
    names of channels are no matter here: their samples are sound.
    """
    as_it_came = quality(recording, modality=modality, whole=False)
    broken = ~as_it_came.good & as_it_came.reasons[:, :, [REASONS.index(name) for name in BROKEN]].any(axis=2)
    seen = quality(clean(recording, band=cutter.band, order=3), modality=modality, whole=False)
    return replace(
        seen,
        index=np.where(broken, np.minimum(seen.index, as_it_came.index), seen.index),
        reasons=seen.reasons | (as_it_came.reasons & broken[:, :, None]),
    )


def _positions(recording: Recording, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where in the samples the times lie: the inverse of `Recording.time_of`."""
    begins = np.array([span.time for span in recording.segments])
    starts = np.array([span.start for span in recording.segments])
    which = np.clip(np.searchsorted(begins, times + 1e-9, side="right") - 1, 0, None)
    return np.asarray(starts[which] + (times - begins[which]) * recording.sampling_rate)
