"""`Quality`: how good a recording is, second by second and channel by channel, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.late import provided
from sigsimnet._utils.runs import runs_of
from sigsimnet.errors import ParameterError
from sigsimnet.io import RecordingLike, as_recording
from sigsimnet.recording import Recording
from sigsimnet.signal_quality._reasons import REASONS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Quality", "QualityInterval"]


class QualityInterval(NamedTuple):
    """Consecutive seconds of one channel that are not good, and all reasons that are named in them.

    Examples
    --------
    >>> QualityInterval("II", 3.0, 5.0, ("flat",)).stop
    5.0
    """

    channel: str
    start: float
    stop: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Quality:
    """Quality of a recording by channel and second.

    Attributes
    ----------
    times : ndarray of float, shape (n_seconds,)
        Start of each second, in s since the first sample; pauses between spans count, and no second crosses one.
    durations : ndarray of float, shape (n_seconds,)
        In s: 1, or less for the last second of a span.
    starts : ndarray of int, shape (n_seconds,)
        First sample of each second, into `Recording.data`.
    index : ndarray of float32, shape (n_channels, n_seconds)
        0–1: see `quality`.
    reasons : ndarray of bool, shape (n_channels, n_seconds, n_reasons)
        Faults, in the order of `REASONS`. Every second that is not good has at least one; a good second may have some,
        too.
    channel_names : tuple of str
    threshold : float
        A second is good from this index on.
    warnings : tuple of str
        Faults of whole channels or of the recording, in sentences.
    n_samples : int
        Of the recording.
    modality : str or None
        What the recording was judged as: the ``modality`` of `quality`.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.signal_quality import quality
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> data = recording.data.copy()
    >>> data[0, 2000:2750] = float("nan")  # 3 s
    >>> found = quality(recording.replace(data=data))
    >>> found
    <Quality 1 channel × 20 s as ecg: 85 % good; no signal 15 %>
    >>> found.intervals()
    (QualityInterval(channel='I', start=8.0, stop=11.0, reasons=('no signal',)),)
    """

    times: NDArray[np.float64]
    durations: NDArray[np.float64]
    starts: NDArray[np.int64]
    index: NDArray[np.float32]
    reasons: NDArray[np.bool_]
    channel_names: tuple[str, ...]
    threshold: float
    warnings: tuple[str, ...]
    n_samples: int
    modality: str | None

    def __len__(self) -> int:
        return len(self.times)

    def __repr__(self) -> str:
        n, time = len(self.channel_names), float(self.durations.sum())
        shape = f"{n} channel{'' if n == 1 else 's'} × {time:.0f} s"
        if not self.index.size:
            return f"<Quality {shape} as {self.modality or 'a signal of unknown kind'}>"
        weight = self.durations / time / n
        share = np.einsum("csr,s->r", self.reasons.astype(np.float64), weight)
        worst = [k for k in np.argsort(-share, kind="stable")[:3] if share[k] >= 0.005]
        named = "".join(f"{'; ' if i == 0 else ', '}{REASONS[k]} {share[k]:.0%}" for i, k in enumerate(worst))
        good = float((self.good @ weight).sum())
        kind = self.modality or "a signal of unknown kind"
        return f"<Quality {shape} as {kind}: {good:.0%} good{named}>".replace("%", " %")

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which seconds reach the threshold, shape (n_channels, n_seconds)."""
        return self.index >= np.float32(self.threshold)

    @property
    def share_good(self) -> NDArray[np.float64]:
        """Share of the time of each channel that is good, shape (n_channels,); NaN of an empty recording."""
        time = self.durations.sum()
        return self.good @ self.durations / time if time > 0 else np.full(len(self.channel_names), np.nan)

    @property
    def channel_index(self) -> NDArray[np.float64]:
        """Mean index of each channel, weighted by time, shape (n_channels,); NaN of an empty recording."""
        time = self.durations.sum()
        return self.index @ self.durations / time if time > 0 else np.full(len(self.channel_names), np.nan)

    def share_good_of(self, starts: ArrayLike, stops: ArrayLike) -> NDArray[np.float64]:
        """Return the share of each window that is good.

        Parameters
        ----------
        starts, stops : array_like of int, shape (n_windows,)
            First sample of each window, and one past its last, into `Recording.data`.

        Returns
        -------
        ndarray, shape (n_channels, n_windows)

        Raises
        ------
        ParameterError
            If a window is empty or lies outside of the recording.

        Examples
        --------
        >>> from sigsimnet.signal_quality import quality
        >>> x = np.append(np.sin(np.arange(1000)), np.full(1000, np.nan))
        >>> quality(Recording(x, 100), modality=None).share_good_of([0, 900], [200, 1100]).tolist()
        [[1.0, 0.5]]
        """
        first, last = np.asarray(starts, dtype=np.int64), np.asarray(stops, dtype=np.int64)
        if first.shape != last.shape or (first >= last).any() or (first < 0).any() or (last > self.n_samples).any():
            raise ParameterError(
                f"{first.size} windows from sample {first.min(initial=0)} to {last.max(initial=0)}: each must hold a "
                f"sample and lie within the {self.n_samples} of the recording"
            )
        edges = np.append(self.starts, self.n_samples)
        share = np.empty((len(self.channel_names), len(first)))
        for row, good in enumerate(self.good):
            sums = np.concatenate([[0.0], np.cumsum(good * np.diff(edges))])
            share[row] = (np.interp(last, edges, sums) - np.interp(first, edges, sums)) / (last - first)
        return share

    def spans(self) -> tuple[slice, ...]:
        """Return the seconds between pauses, as slices into `times`.

        Examples
        --------
        >>> from sigsimnet.signal_quality import quality
        >>> from sigsimnet.recording import Span
        >>> paused = Recording(np.sin(np.arange(400)), 100, spans=[Span(0, 200), Span(200, 400, 60.0)])
        >>> quality(paused, modality=None).spans()
        (slice(0, 2, None), slice(2, 4, None))
        """
        breaks = np.flatnonzero(np.diff(self.times) > self.durations[:-1] + 1e-6) + 1
        edges = [0, *breaks.tolist(), len(self)]
        return tuple(slice(a, b) for a, b in pairwise(edges) if b > a)

    def sample_mask(self, recording: Recording) -> NDArray[np.bool_]:
        """Return which samples are good, in the shape of the recording's data.

        Raises
        ------
        ParameterError
            If the recording is another than the one that was judged.

        Examples
        --------
        >>> from sigsimnet.signal_quality import quality
        >>> recording = Recording(np.append(np.sin(np.arange(50)), np.full(50, np.nan)), 50)
        >>> int(quality(recording, modality=None).sample_mask(recording).sum())
        50
        """
        self._check_same(recording)
        return np.repeat(self.good, np.diff(np.append(self.starts, self.n_samples)), axis=1)

    def intervals(self) -> tuple[QualityInterval, ...]:
        """Return the intervals that are not good, by channel and time; none crosses a pause."""
        found = []
        ends = self.times + self.durations
        for row, name in enumerate(self.channel_names):
            bad = ~self.good[row]
            for start, stop in runs_of(bad).tolist():
                apart = np.flatnonzero(self.times[start + 1 : stop] > ends[start : stop - 1] + 1e-6) + start + 1
                for a, b in zip([start, *apart.tolist()], [*apart.tolist(), stop], strict=True):
                    named = np.atleast_1d(self.reasons[row, a:b].any(axis=0))
                    why = tuple(reason for reason, there in zip(REASONS, named, strict=True) if there)
                    found.append(QualityInterval(name, float(self.times[a]), float(ends[b - 1]), why))
        return tuple(found)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a channel and second: ``channel, time, duration, index, good`` and a column for each reason.

        Examples
        --------
        >>> from sigsimnet.signal_quality import quality
        >>> table = quality(Recording([0.0] * 200, 100), modality=None).to_dataframe()
        >>> table[["time", "good", "flat", "step"]].values.tolist()
        [[0.0, False, True, False], [1.0, False, True, False]]
        """
        import pandas as pd

        n = len(self.channel_names)
        columns: dict[str, Any] = {
            "channel": np.repeat(np.array(self.channel_names, dtype=object), len(self)),
            "time": np.tile(self.times, n),
            "duration": np.tile(self.durations, n),
            "index": self.index.ravel(),
            "good": self.good.ravel(),
        }
        return pd.DataFrame(columns | {reason: self.reasons[..., k].ravel() for k, reason in enumerate(REASONS)})

    def to_dict(self) -> dict[str, Any]:
        """Return all values as plain types, for JSON; the index to three digits."""
        channels = {}
        intervals = self.intervals()
        for row, name in enumerate(self.channel_names):
            share = (self.reasons[row] * self.durations[:, None]).sum(axis=0) / max(float(self.durations.sum()), 1e-12)
            channels[name] = {
                "share_good": self.share_good[row],
                "index": [round(float(value), 3) for value in self.index[row]],
                "share_of_reasons": {reason: round(float(s), 4) for reason, s in zip(REASONS, share, strict=True) if s},
                "intervals": [
                    {"start": bad.start, "stop": bad.stop, "reasons": bad.reasons}
                    for bad in intervals
                    if bad.channel == name
                ],
            }
        values = {
            "modality": self.modality,
            "threshold": self.threshold,
            "times": self.times.round(6),
            "durations": self.durations.round(6),
            "channels": channels,
            "warnings": self.warnings,
        }
        return {key: to_jsonable(value) for key, value in values.items()}

    def plot(self, recording: RecordingLike | None = None, *, start: float = 0.0, stop: float | None = None) -> Figure:
        """Draw the index of every channel by second, or, with the recording, the signals with their poor seconds.

        Parameters
        ----------
        recording : Recording, or whatever `sigsimnet.as_recording` takes, optional
            The one that was judged.
        start, stop : float
            Part of the recording to draw, in s.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        ParameterError
            If the recording is another than the one that was judged, or nothing was recorded between the times.

        Examples
        --------
        >>> from sigsimnet import quality, simulate
        >>> recording = simulate(1, 1, duration=9, seed=1)[0]
        >>> figure = quality(recording).plot(recording)
        """
        if recording is not None:
            recording = as_recording(recording)
            self._check_same(recording)
        return _later().plot(self, recording, start, stop)

    def _repr_html_(self) -> str:
        return _later().to_html(self)

    def _check_same(self, recording: Recording) -> None:
        if recording.n_samples != self.n_samples or recording.channel_names != self.channel_names:
            raise ParameterError(
                f"{recording!r} is not the recording that was judged ({self.n_samples} samples of "
                f"{', '.join(self.channel_names)})"
            )


class Later(Protocol):
    """What later rooms do for a quality."""

    def plot(self, found: Quality, recording: Recording | None, start: float, stop: float | None) -> Figure: ...

    def to_html(self, found: Quality) -> str: ...


def _later() -> Later:
    services: Later = provided("signal_quality")
    return services
