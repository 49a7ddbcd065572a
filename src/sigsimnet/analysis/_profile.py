"""`profile`: all that can be said of a recording before anything is done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.progress import track
from sigsimnet.analysis._describe import describe
from sigsimnet.analysis._hrv import HRV, hrv
from sigsimnet.analysis._spectrum import BANDS, LONG_WINDOWS, Spectrum, band_powers, coherence, correlation, spectrum
from sigsimnet.analysis._tests import Test, normality, stationarity
from sigsimnet.channels import by_modality, is_ecg_name
from sigsimnet.cleaning import PRESETS, Cleaned, Gap, find_gaps, find_mains, preset
from sigsimnet.errors import SignalError, SigSimNetError
from sigsimnet.io import takes_recordings
from sigsimnet.peaks import Peaks, RRSeries, clean_rr, detect_peaks, detect_peaks_by_channel
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import Quality, quality

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Profile", "profile", "quality_and_beats"]

EXCERPT = 600.0  # s of a long recording on which the cleaning is shown; all of a shorter one
WINDOW = 4.0  # s, of the spectrum
MOST_TESTED = 32  # channels whose distribution and stationarity are tested
T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """What `profile` found.

    Attributes
    ----------
    recording : Recording
    modalities : dict of str to list of str
        Channels of each modality; the empty name for those that nothing tells.
    gaps : tuple of Gap
    statistics : pandas.DataFrame
        From `describe`.
    normality, stationarity : dict of str to tuple of Test
        By channel; channels that cannot be tested are not there.
    spectrum : Spectrum or None
        None of a recording shorter than eight samples.
    bands : dict of str to dict of str to float
        Power of each channel in its modality's bands, in its unit squared.
    mains : float or None
        Frequency of the hum that was found, in Hz; None when there is none in any channel.
    mains_by_modality : dict of str to float
        The same for the channels of each modality; 0 where no hum was found.
    correlation : ndarray, shape (n_channels, n_channels)
    coherence : tuple or None
        Names of the two most correlated channels, frequencies in Hz, and their coherence.
    quality : dict of str to Quality
        By modality.
    peaks : Peaks or None
        Heart beats, of the first ECG (or pulse wave) channel that has some.
    rr : RRSeries or None
        Its RR intervals, each with what it is; None for fewer than two beats.
    rr_kinds : dict of str to int
        How many intervals are normal, ectopic, missed …
    hrv : HRV or None
    cleaned : dict of str to Cleaned
        What the preset of each modality does, on ``excerpt``.
    excerpt : (float, float)
        Part that the cleaning was tried on, in s.
    notes : tuple of str
        What could not be said, and why.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> found = profile(simulate(1, 1, duration=60, seed=1)[0])
    >>> found
    <Profile 1 channel × 60.0 s: ecg; 100 % good; 71 beats>
    """

    recording: Recording
    modalities: dict[str, list[str]]
    gaps: tuple[Gap, ...]
    statistics: pd.DataFrame
    normality: dict[str, tuple[Test, ...]]
    stationarity: dict[str, tuple[Test, ...]]
    spectrum: Spectrum | None
    bands: dict[str, dict[str, float]]
    mains: float | None
    mains_by_modality: dict[str, float]
    correlation: NDArray[np.float64]
    coherence: tuple[str, str, NDArray[np.float64], NDArray[np.float64]] | None
    quality: dict[str, Quality]
    peaks: Peaks | None
    rr: RRSeries | None
    rr_kinds: dict[str, int]
    hrv: HRV | None
    cleaned: dict[str, Cleaned]
    excerpt: tuple[float, float]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        n = self.recording.n_channels
        kinds = ", ".join(name or "unknown" for name in self.modalities)
        share = [float(s) for found in self.quality.values() for s in found.share_good]
        good = f"; {100 * np.mean(share):.0f} % good" if share else ""
        beats = f"; {len(self.peaks)} beats" if self.peaks is not None else ""
        return f"<Profile {n} channel{'' if n == 1 else 's'} × {self.recording.duration:.1f} s: {kinds}{good}{beats}>"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader guessed or mended, what quality found of whole channels, and what could not be said."""
        found = [*self.recording.warnings, *(w for q in self.quality.values() for w in q.warnings), *self.notes]
        return tuple(dict.fromkeys(found))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON; no samples.

        Examples
        --------
        >>> from sigsimnet import simulate
        >>> sorted(profile(simulate(1, 1, duration=10, seed=1)[0]).to_dict())[:4]
        ['annotations', 'bands', 'beats', 'channels']
        """
        r = self.recording
        of = {name: kind for kind, names in self.modalities.items() for name in names}
        good = {n: float(s) for q in self.quality.values() for n, s in zip(q.channel_names, q.share_good, strict=True)}
        rows: dict[Any, dict[Any, Any]] = self.statistics.to_dict("index")
        values: dict[str, Any] = {
            "source": r.source,
            "sampling_rate": r.sampling_rate,
            "n_samples": r.n_samples,
            "duration": r.duration,
            "start_time": r.start_time.isoformat() if r.start_time else None,
            "segments": [{"start": s.time, "duration": (s.stop - s.start) / r.sampling_rate} for s in r.spans],
            "metadata": dict(r.metadata),
            "annotations": dict(Counter(a.label for a in r.annotations)),
            "warnings": list(self.warnings),
            "channels": {
                name: {"modality": of.get(name, ""), "good": good.get(name), **rows[name]} for name in r.channel_names
            },
            "gaps": [asdict(gap) for gap in self.gaps],
            "normality": {name: [asdict(test) for test in tests] for name, tests in self.normality.items()},
            "stationarity": {name: [asdict(test) for test in tests] for name, tests in self.stationarity.items()},
            "bands": self.bands,
            "mains": self.mains,
            "correlation": self.correlation.tolist(),
            "quality": {kind or "unknown": found.to_dict() for kind, found in self.quality.items()},
            "beats": None,
            "hrv": asdict(self.hrv) | {"lf_hf": self.hrv.lf_hf} if self.hrv is not None else None,
            "cleaning": {
                kind: [{"step": entry.name, "settings": dict(entry.settings), "note": entry.note} for entry in c.log]
                for kind, c in self.cleaned.items()
            },
            "cleaning_tried_on": list(self.excerpt),
        }
        if self.peaks is not None:
            values["beats"] = {
                "n": len(self.peaks),
                "channel": self.peaks.channel,
                "method": self.peaks.method,
                "polarity": self.peaks.polarity,
                "heart_rate": self.peaks.heart_rate,
                "intervals": self.rr_kinds,
            }
        return {name: to_jsonable(value) for name, value in values.items()}


@takes_recordings
def profile(recording: Recording, *, modality: str | None = None, progress: bool = False) -> Profile:
    """Profile a recording of any kind: gaps, quality, statistics, spectrum, beats, and what cleaning would do.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.
    modality : {"ecg", "eeg", "emg", "eog", "ppg", "resp", "eda"}, optional
        What all channels are. By default their names tell; channels that nothing tells are judged by what holds
        of any signal.
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
    Whatever a recording is too short or a library not there for is named in `Profile.notes`, and nothing else is lost.

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
    for part in track(work.parts, "profiling", total=len(work.parts), show=progress):
        part()
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
    for part in (work._quality, work._heart_beats):  # noqa: SLF001 - of this module
        part()
    told = (w for q in work.found["quality"].values() for w in q.warnings)
    return work.found["quality"], work.found["peaks"], tuple(dict.fromkeys([*told, *notes]))


def _excerpt(recording: Recording) -> tuple[float, float]:
    """Return the middle ten minutes of the longest segment, or all of a shorter recording."""
    if recording.duration <= EXCERPT:
        return 0.0, float(recording.time_of([recording.n_samples - 1])[0]) + 1.0 / recording.sampling_rate
    span = max(recording.spans, key=lambda s: s.stop - s.start)
    length = (span.stop - span.start) / recording.sampling_rate
    first = span.time + max(0.0, (length - EXCERPT) / 2)
    return float(np.floor(first)), float(np.floor(first)) + min(length, EXCERPT)


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


class _Work:
    """The parts of a profile; what one of them cannot do is noted, and the next begins."""

    def __init__(
        self, recording: Recording, kinds: Mapping[str, list[str]], excerpt: tuple[float, float], notes: list[str]
    ) -> None:
        self.recording, self.kinds, self.notes = recording, kinds, notes
        whole = recording.duration <= EXCERPT or excerpt[1] <= excerpt[0]
        self.part = recording if whole else recording.crop(*excerpt)
        self.found: dict[str, Any] = {}
        self.parts: tuple[Callable[[], None], ...] = (
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
            shared = self._try(coherence, self.part, int(i), int(j))
            if shared is not None:
                self.found["coherence"] = (r.channel_names[i], r.channel_names[j], *shared)

    def _quality(self) -> None:
        found = {}
        for kind, names in self.kinds.items():
            peaks = self._r_peaks[0] if kind == "ecg" else None
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
                self.notes.append(f"no preset cleans {kind or 'unknown'} channels ({_some(names)}): name the steps")
                continue
            tried = self._try(preset(kind).apply, self.part.pick(names), about=f"cleaning as {kind}")
            if tried is not None:
                done[kind] = tried
        self.found["cleaned"] = done

    def _mains(self) -> None:
        """Tell the hum: as cleaning found it, behind outliers and packet borders that would hide it."""
        mains: dict[str, float] = {}
        for kind, names in self.kinds.items():
            cleaned = self.found["cleaned"].get(kind)
            known = cleaned.mains if cleaned is not None else None
            mains[kind] = (find_mains(self.part.pick(names)) or 0.0) if known is None else known
        self.found["mains_by_modality"] = mains
        self.found["mains"] = next(filter(None, mains.values()), None)
