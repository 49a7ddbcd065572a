"""`Profile`: the result of `profile`, and how it is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.late import provided
from sigsimnet.analysis._hrv import HRV
from sigsimnet.analysis._spectrum import Spectrum
from sigsimnet.analysis._tests import Test
from sigsimnet.cleaning import Cleaned, Gap
from sigsimnet.peaks import Peaks, RRSeries
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import Quality

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Profile"]


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """What `profile` found.

    Attributes
    ----------
    recording : Recording
    modalities : dict of str to list of str
        Channels of each modality; the empty name for those whose modality is unknown.
    gaps : tuple of Gap
    statistics : pandas.DataFrame
        From `describe`.
    normality, stationarity : dict of str to tuple of Test
        By channel, without those that cannot be tested.
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
        Its RR intervals, each with its kind; None for fewer than two beats.
    rr_kinds : dict of str to int
        How many intervals are normal, ectopic, missed …
    hrv : HRV or None
    cleaned : dict of str to Cleaned
        What the preset of each modality does, on ``excerpt``.
    excerpt : (float, float)
        Start and stop in s of what the cleaning was tried on.
    notes : tuple of str
        What could not be computed, and why.

    Examples
    --------
    >>> from sigsimnet import profile, simulate
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
        kinds = ", ".join(name or "unknown kind" for name in self.modalities)
        known = [float(s) for kind, found in self.quality.items() if kind for s in found.share_good]
        other = self.quality[""].share_good if "" in self.quality else ()
        good = f"; {100 * np.mean(known):.0f} % good" if known else ""
        if not known and len(other):  # "good" is said of what is known
            good = f"; {100 * np.mean(other):.0f} % without general faults"
        beats = (
            f"; {len(self.peaks)} beats" if self.peaks is not None else "; no beats" if "ecg" in self.modalities else ""
        )
        return f"<Profile {n} channel{'' if n == 1 else 's'} × {self.recording.duration:.1f} s: {kinds}{good}{beats}>"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader inferred or repaired, faults of whole channels, and what could not be computed."""
        found = [*self.recording.warnings, *(w for q in self.quality.values() for w in q.warnings), *self.notes]
        return tuple(dict.fromkeys(found))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON; no samples.

        Examples
        --------
        >>> from sigsimnet import profile, simulate
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
            "spans": [{"start": s.time, "duration": (s.stop - s.start) / r.sampling_rate} for s in r.spans],
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
            "hrv": self.hrv.to_dict() if self.hrv is not None else None,
            "cleaning": {kind: cleaned.to_dict()["steps"] for kind, cleaned in self.cleaned.items()},
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

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a channel: ``modality``, ``good`` (share of the time) and the columns of `describe`.

        Examples
        --------
        >>> from sigsimnet import profile, simulate
        >>> profile(simulate(1, 1, duration=10, seed=1)[0]).to_dataframe()[["modality", "good"]].values.tolist()
        [['ecg', 1.0]]
        """
        table = self.statistics.copy()
        of = {name: kind for kind, names in self.modalities.items() for name in names}
        good = {n: float(s) for q in self.quality.values() for n, s in zip(q.channel_names, q.share_good, strict=True)}
        table.insert(0, "modality", [of.get(name, "") for name in table.index])
        table.insert(1, "good", [good.get(name, float("nan")) for name in table.index])
        return table

    def plot(self) -> Figure:
        """Draw the signals with gaps and poor seconds, their spectrum, and heart rate or distribution of values.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sigsimnet import profile, simulate
        >>> figure = profile(simulate(1, 1, duration=10, seed=1)[0]).plot()
        """
        return _later().plot(self)

    def to_html(self) -> str:
        """Return the profile as one page of HTML that carries everything with it: the one of `sigsimnet profile -o`.

        Raises
        ------
        MissingExtraError
            If Jinja2, matplotlib or Plotly is not installed.

        Examples
        --------
        >>> from sigsimnet import profile, simulate
        >>> profile(simulate(1, 1, duration=10, seed=1)[0]).to_html()[:15]
        '<!doctype html>'
        """
        return _later().to_html(self)

    def _repr_html_(self) -> str:
        return _later().to_cell(self)


class Later(Protocol):
    """What later rooms do for a profile."""

    def plot(self, found: Profile) -> Figure: ...

    def to_html(self, found: Profile) -> str: ...

    def to_cell(self, found: Profile) -> str: ...


def _later() -> Later:
    services: Later = provided("analysis")
    return services
