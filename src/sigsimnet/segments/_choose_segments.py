"""Beats or windows: what suits recordings, by their channels, their spectrum, and whether hearts beat in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from sigsimnet.channels import ecg_channels
from sigsimnet.errors import ParameterError, SigSimNetError
from sigsimnet.recording import Recording
from sigsimnet.segments._beats import BeatCutter
from sigsimnet.segments._choose_windows import amplitude, choose_windows, modality_for
from sigsimnet.segments._cutter import NYQUIST_SHARE, Cutter
from sigsimnet.segments._windows import WindowCutter

__all__ = ["ChosenSegments", "choose_segments", "longest_stretch"]

LEAST_BEATS = 3
LEAST_ALIKE = 0.8  # median correlation of beats with the median beat
# Share of the recordings looked at that must have such beats: a noisy one among them does not decide.
NAMED_BEATING, UNNAMED_BEATING = 0.5, 0.75
# Of signals that nobody named: fast enough for muscles, slow enough for long windows. On EMG gestures and on EEG
# (``benchmarks/signals``) it did as well as windows made for them, where amplitude stayed in.
UNKNOWN_RATE = 250.0  # Hz
SHORTER = 1.5  # times as long as a window is the shortest recording at least: it gives two, and shorter ones may come
LEAST_OF_USUAL = 0.25  # of the usual recording; shorter ones do not decide how long windows are


class ChosenSegments(NamedTuple):
    """A cutter, and in sentences why it is this one.

    Examples
    --------
    >>> ChosenSegments(BeatCutter(), ()).cutter.kind
    'beats'
    """

    cutter: Cutter
    notes: tuple[str, ...]


def choose_segments(
    recordings: Sequence[Recording],
    modality: str | None = None,
    *,
    every_length: Callable[[], Iterable[float]] | None = None,
    **windows: Any,
) -> ChosenSegments:
    """Return what suits recordings: heart beats where hearts beat, else windows.

    Parameters
    ----------
    recordings : sequence of Recording
        A few that stand for all.
    modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda"}, optional
        What the channels are. By default that of most channels by their names; where names say nothing, ECG where heart
        beats are found that resemble each other.
    every_length : callable, optional
        Returns how long each of all recordings is at a stretch (`longest_stretch`), in s. It is called where windows
        have to be shorter than usual; by default ``recordings`` are all that there are.
    **windows
        Of `choose_windows`: with any of them, windows are cut.

    Returns
    -------
    ChosenSegments
        The cutter, and notes: what, and why. Two windows lie in the shortest recording (one of less than a quarter of
        the median aside). Those of unknown signals hold what is above 0.5 Hz, at up to 250 Hz, and how strong it is.

    Raises
    ------
    ParameterError
        If there is no recording, the modality is unknown or a value is invalid.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> choose_segments(simulate(2, 1, duration=20, seed=1)).cutter.kind
    'beats'
    """
    if not recordings:
        raise ParameterError("no recording to choose segments by")
    first = recordings[0]
    kind, _ = modality_for(first, modality)
    if kind in ("", "ecg") and not windows:
        beating = sum(_has_beats(one) for one in recordings)
        if beating >= (NAMED_BEATING if kind else UNNAMED_BEATING) * len(recordings):
            found = f"heart beats: found in {beating} of {len(recordings)} recordings looked at"
            return ChosenSegments(BeatCutter(), (found,))
    usual = WindowCutter.for_modality(kind) if kind else WindowCutter(normalise="asinh")
    seen = [longest_stretch(one) for one in recordings]
    settings, added = dict(windows), []
    if "length" not in windows and usual.length > min(seen):
        length, shortest = _length_for(list(every_length()) if every_length else seen)
        settings["length"] = length
        settings.setdefault("step", settings["length"] / 2)
        added.append(f"the shortest recording has {shortest:.3g} s at a stretch: windows are short (others: --window)")
    if not kind:
        rate = min(UNKNOWN_RATE, first.sampling_rate)
        settings.setdefault("sampling_rate", rate)
        settings.setdefault("band", (0.5, NYQUIST_SHARE * settings["sampling_rate"]))
    cutter, notes = choose_windows(first, modality, **settings)
    if not kind:
        cutter = replace(cutter, normalise="asinh", scale=amplitude(first, cutter))
        added.append("how strong the signal is counts")
    return ChosenSegments(cutter, (*notes, *added))


def longest_stretch(recording: Recording) -> float:
    """Return how long the longest stretch of a recording without a pause is, in s.

    Examples
    --------
    >>> longest_stretch(Recording(range(500), 250))
    2.0
    """
    return max((span.stop - span.start for span in recording.spans), default=0) / recording.sampling_rate


def _length_for(lengths: Sequence[float]) -> tuple[float, float]:
    """Return how long windows of short recordings are, and the shortest of these that counts, in s."""
    usual = float(np.median(lengths))
    shortest = min(one for one in lengths if one >= LEAST_OF_USUAL * usual)
    return _rounded_down(shortest / SHORTER), shortest


def _has_beats(recording: Recording) -> bool:
    try:
        beats = BeatCutter().cut(recording.pick(list(ecg_channels(recording)[:1])))
    except SigSimNetError:
        return False
    return len(beats) >= LEAST_BEATS and float(np.median(beats.quality)) >= LEAST_ALIKE


def _rounded_down(seconds: float) -> float:
    """Return a time with two digits, not longer than it was."""
    step = 10.0 ** (math.floor(math.log10(max(seconds, 1e-6))) - 1)
    return round(math.floor(seconds / step + 1e-9) * step, 9)
