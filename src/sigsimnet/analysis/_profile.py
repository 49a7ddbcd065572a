"""`profile`: gaps, quality, statistics, spectrum, beats, and the effect of cleaning, of any recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from sigsimnet._utils.progress import track
from sigsimnet._utils.settings import checked
from sigsimnet._utils.text import shorten_list
from sigsimnet.analysis._describe import describe
from sigsimnet.analysis._hrv import hrv
from sigsimnet.analysis._result import Profile
from sigsimnet.analysis._spectrum import BANDS, LONG_WINDOWS, band_powers, coherence, correlation, spectrum
from sigsimnet.analysis._tests import normality, stationarity
from sigsimnet.channels import by_modality, is_ecg_name
from sigsimnet.cleaning import PRESETS, find_gaps, find_mains, preset
from sigsimnet.errors import SignalError, SigSimNetError
from sigsimnet.io import takes_recordings
from sigsimnet.peaks import Peaks, clean_rr, detect_peaks, detect_peaks_by_channel
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import Quality, quality

__all__ = ["profile", "quality_and_beats"]

EXCERPT = 600.0  # s of a long recording on which the cleaning is shown; all of a shorter one
WINDOW = 4.0  # s, of the spectrum
MOST_TESTED = 32  # channels whose distribution and stationarity are tested
T = TypeVar("T")


@takes_recordings
@checked
def profile(recording: Recording, *, modality: str | None = None, progress: bool = False) -> Profile:
    """Profile a recording of any kind: gaps, quality, statistics, spectrum, beats, and what cleaning would do.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.
    modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda"}, optional
        What all channels are. By default it follows from their names; channels whose modality is unknown are judged by
        the rules for any signal.
    progress : bool, default False
        Show a bar on a terminal.

    Returns
    -------
    Profile

    Raises
    ------
    ParameterError
        If the modality is unknown.
    SignalError
        If the recording holds no samples.

    Notes
    -----
    Whatever needs a longer recording, or a library that is not installed, is named in `Profile.notes`.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> found = profile(simulate(1, 1, duration=60, seed=1)[0])
    >>> found.hrv.n_normal > 50, found.mains
    (True, 50.0)
    """
    if not recording.n_samples or not recording.n_channels:
        raise SignalError(f"{recording.source or 'recording'}: holds no samples: there is nothing to profile")
    notes: list[str] = []
    kinds = by_modality(recording, modality)
    excerpt = _excerpt(recording)
    work = _Work(recording, kinds, excerpt, notes)
    for compute in track(work.steps, "profiling", total=len(work.steps), show=progress):
        compute()
    return Profile(
        recording=recording, modalities=kinds, excerpt=excerpt, notes=tuple(dict.fromkeys(notes)), **work.found
    )


def quality_and_beats(
    recording: Recording, *, modality: str | None = None
) -> tuple[dict[str, Quality], Peaks | None, tuple[str, ...]]:
    """Return the quality by modality, the heart beats, and notes: what `profile` finds, without the rest.

    Raises
    ------
    ParameterError
        If the modality is unknown.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> found, peaks, notes = quality_and_beats(simulate(1, 1, duration=20, seed=1)[0])
    >>> list(found), len(peaks), notes
    (['ecg'], 24, ())
    """
    notes: list[str] = []
    work = _Work(recording, by_modality(recording, modality), (0.0, 0.0), notes)
    for compute in (work._quality, work._heart_beats):  # noqa: SLF001 - of this module
        compute()
    warnings = (w for q in work.found["quality"].values() for w in q.warnings)
    return work.found["quality"], work.found["peaks"], tuple(dict.fromkeys([*warnings, *notes]))


def _excerpt(recording: Recording) -> tuple[float, float]:
    """Return the middle ten minutes of the longest span, or all of a shorter recording."""
    if recording.duration <= EXCERPT:
        return 0.0, float(recording.time_of([recording.n_samples - 1])[0]) + 1.0 / recording.sampling_rate
    span = max(recording.spans, key=lambda s: s.stop - s.start)
    length = (span.stop - span.start) / recording.sampling_rate
    first = span.time + max(0.0, (length - EXCERPT) / 2)
    return float(np.floor(first)), float(np.floor(first)) + min(length, EXCERPT)


class _Work:
    """The steps of a profile; what one of them cannot compute is noted, and the next begins."""

    def __init__(
        self, recording: Recording, kinds: Mapping[str, list[str]], excerpt: tuple[float, float], notes: list[str]
    ) -> None:
        self.recording, self.kinds, self.notes = recording, kinds, notes
        whole = recording.duration <= EXCERPT or excerpt[1] <= excerpt[0]
        self.excerpt = recording if whole else recording.crop(*excerpt)
        self.found: dict[str, Any] = {}
        self.steps: tuple[Callable[[], None], ...] = (
            self._gaps, self._statistics, self._tests, self._spectrum, self._channels_together, self._quality,
            self._heart_beats, self._variability, self._cleaning, self._mains,
        )  # fmt: skip

    def _try(self, what: Callable[..., T], *given: Any, about: str = "") -> T | None:
        try:
            return what(*given)
        except SigSimNetError as error:
            self.notes.append(f"{about}: {error}" if about else str(error))
            return None

    def _gaps(self) -> None:
        self.found["gaps"] = find_gaps(self.recording)

    def _statistics(self) -> None:
        self.found["statistics"] = describe(self.recording)

    def _tests(self) -> None:
        r = self.recording
        if r.n_channels > MOST_TESTED:
            self.notes.append(
                f"the first {MOST_TESTED} of {r.n_channels} channels were tested for shape and stationarity"
            )
        longest = max(r.spans, key=lambda span: span.stop - span.start)
        whole = r.data[:, longest.start : longest.stop]  # a level that changes over a pause is no unit root
        for key, test, data in (("normality", normality, r.data), ("stationarity", stationarity, whole)):
            done = {}
            for name, x in list(zip(r.channel_names, data, strict=True))[:MOST_TESTED]:
                if (result := self._try(test, x, about=name)) is not None:
                    done[name] = result
            self.found[key] = done

    def _spectrum(self) -> None:
        found = self._try(partial(spectrum, window=WINDOW), self.recording)
        self.found["spectrum"] = found
        bands: dict[str, dict[str, float]] = {}
        for kind, names in self.kinds.items():
            one, channels = found, self.recording.channel_names
            if found is not None and kind in LONG_WINDOWS:
                own = self.recording.pick(names)
                one, channels = self._try(partial(spectrum, window=LONG_WINDOWS[kind]), own), own.channel_names
            powers = band_powers(one, kind if kind in BANDS else "") if one is not None else {}
            for name in names if powers else ():
                bands[name] = {band: float(power[channels.index(name)]) for band, power in powers.items()}
        self.found["bands"] = bands

    def _channels_together(self) -> None:
        r = self.recording
        matrix = correlation(r)
        self.found["correlation"], self.found["coherence"] = matrix, None
        apart = np.abs(np.triu(np.nan_to_num(matrix), k=1))
        if r.n_channels > 1 and apart.max() > 0:
            i, j = np.unravel_index(int(apart.argmax()), apart.shape)
            shared = self._try(coherence, self.excerpt, int(i), int(j))
            if shared is not None:
                self.found["coherence"] = (r.channel_names[i], r.channel_names[j], *shared)

    def _quality(self) -> None:
        found = {}
        for kind, names in self.kinds.items():
            peaks = self._r_peaks[0] if kind == "ecg" else None
            if not kind:
                self.notes.append(
                    f"{shorten_list(names, 4)}: the names do not say what kind of signal this is: only faults of any "
                    "signal are judged (missing, flat, clipped, saturated, wrapped, mains, steps); name the kind "
                    "(modality=, --modality)"
                )
            one = self._try(partial(quality, modality=kind or None, peaks=peaks), self.recording.pick(names))
            if one is not None:
                found[kind] = one
        self.found["quality"] = found

    @cached_property
    def _r_peaks(self) -> tuple[dict[str, Peaks], str]:
        """R peaks of every ECG channel, the clearest first; and why there are none."""
        try:
            return detect_peaks_by_channel(self.recording.pick(self.kinds["ecg"])), ""
        except SigSimNetError as error:
            return {}, str(error)

    def _heart_beats(self) -> None:
        peaks: Peaks | None = None
        if "ecg" in self.kinds:
            found, why_none = self._r_peaks
            if why_none:
                self.notes.append(why_none)
            named = [one for name, one in found.items() if is_ecg_name(name)]
            peaks = next(iter(named or found.values()), None)
        if (peaks is None or not len(peaks)) and "ppg" in self.kinds:
            peaks = self._try(partial(detect_peaks, method="ppg"), self.recording.pick(self.kinds["ppg"]))
        self.notes += peaks.warnings if peaks is not None else ()
        self.found["peaks"] = peaks if peaks is not None and len(peaks) else None

    def _variability(self) -> None:
        peaks = self.found["peaks"]
        several = peaks is not None and len(peaks) > 1
        series = clean_rr(peaks) if several else None
        self.found["rr"] = series
        self.found["rr_kinds"] = dict(Counter(series.kind.tolist())) if series is not None else {}
        self.found["hrv"] = self._try(hrv, series) if series is not None else None

    def _cleaning(self) -> None:
        done = {}
        for kind, names in self.kinds.items():
            if kind not in PRESETS:
                what = f"{kind or 'unknown'} channels ({shorten_list(names, 4)})"
                self.notes.append(f"no preset cleans {what}: name the steps")
                continue
            tried = self._try(preset(kind).apply, self.excerpt.pick(names), about=f"cleaning as {kind}")
            if tried is not None:
                done[kind] = tried
        self.found["cleaned"] = done

    def _mains(self) -> None:
        """Name the hum that cleaning found, after outliers and packet steps that would hide it were removed."""
        mains: dict[str, float] = {}
        for kind, names in self.kinds.items():
            cleaned = self.found["cleaned"].get(kind)
            known = cleaned.mains if cleaned is not None else None
            mains[kind] = (find_mains(self.excerpt.pick(names)) or 0.0) if known is None else known
        self.found["mains_by_modality"] = mains
        self.found["mains"] = next(filter(None, mains.values()), None)
