"""`Recording`: the one signal type that every room takes and returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._spans import Annotation, Span, check_spans, samples_of, times_of
from sigsimnet._utils.checks import check_number, check_sampling_rate, items_of
from sigsimnet._utils.late import provided
from sigsimnet._utils.samples import any_infinite, numbers_of, own_samples
from sigsimnet._utils.text import shorten_list
from sigsimnet.errors import ParameterError, SignalError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Annotation", "Recording", "Span"]


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """Samples of one session, at one sampling rate.

    Parameters
    ----------
    data : array_like, shape (n_channels, n_samples) or (n_samples,)
        Samples; kept as a read-only float32 array. NaN means *missing*; infinities become NaN. An array that others
        could still write to is copied; another recording's is shared.
    sampling_rate : float
        In Hz.
    channel_names : str or sequence of str, optional
        ``ch1``, ``ch2``, … when left out. Must be unique.
    units : str or sequence of str, optional
        Unit of every channel (``"mV"``, ``"µV"``, ``"V"``, ``""`` when unknown).
    start_time : datetime, optional
        When the first sample was taken.
    spans : sequence of Span, optional
        Samples recorded without a pause, in order; together they cover all samples. One span when left out. Nothing in
        this library filters, interpolates or cuts across the border of two spans.
    metadata : mapping, optional
        Whatever else the file says: ``subject``, ``session``, ``label``, …
    annotations : sequence of Annotation, optional
        Marks, in the order of their samples.
    warnings : sequence of str, optional
        What the reader had to guess, mend or leave as it is. Shown to the user, never dropped on the way.
    source : str, optional
        Where it came from: the path as the user gave it.

    Raises
    ------
    ParameterError
        If shapes, names or spans do not fit each other, or the sampling rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> recording = Recording(np.zeros((2, 1000)), 250, channel_names=["I", "II"], units="mV")
    >>> recording
    <Recording 2 channels × 4.0 s at 250 Hz: I, II (mV)>
    >>> recording.crop(1, 3).duration
    2.0
    """

    data: NDArray[np.float32]
    sampling_rate: float
    channel_names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    start_time: datetime | None = None
    spans: tuple[Span, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    warnings: tuple[str, ...] = ()
    source: str = ""

    def __init__(
        self,
        data: ArrayLike,
        sampling_rate: float,
        *,
        channel_names: str | Sequence[str] | None = None,
        units: str | Sequence[str] = "",
        start_time: datetime | None = None,
        spans: Sequence[Span] | None = None,
        metadata: Mapping[str, Any] | None = None,
        annotations: Sequence[Annotation] = (),
        warnings: Sequence[str] = (),
        source: str = "",
    ) -> None:
        samples = np.atleast_2d(own_samples(data))
        if samples.ndim != 2:
            raise ParameterError(f"data has {samples.ndim} dimensions: expected (n_channels, n_samples)")
        rate = check_sampling_rate(sampling_rate)
        if any_infinite(samples):
            samples = own_samples(np.where(np.isinf(samples), np.float32(np.nan), samples))
        n_channels, n_samples = samples.shape
        given = (channel_names,) if isinstance(channel_names, str) else channel_names
        numbered = tuple(f"ch{i + 1}" for i in range(n_channels))
        names = numbered if given is None else items_of(given, str, "channel_names")
        if len(names) != n_channels:
            raise ParameterError(f"{len(names)} channel names for {n_channels} channels")
        if len(set(names)) != len(names):
            raise ParameterError(f"channel names repeat: {', '.join(names)}")
        unit_of = (units,) * n_channels if isinstance(units, str) else items_of(units, str, "units")
        if len(unit_of) != n_channels:
            raise ParameterError(f"{len(unit_of)} units for {n_channels} channels")
        covered = (() if spans is None else items_of(spans, Span, "spans")) or (Span(0, n_samples, 0.0),)
        check_spans(covered, n_samples, rate)
        if not isinstance(metadata, Mapping | None):
            raise ParameterError(f"metadata is {metadata!r}: expected a mapping")
        if not isinstance(start_time, datetime | None):
            raise ParameterError(f"start_time is {start_time!r}: expected a datetime")
        for name, value in (
            ("data", samples),
            ("sampling_rate", rate),
            ("channel_names", names),
            ("units", unit_of),
            ("start_time", start_time),
            ("spans", covered),
            ("metadata", dict(metadata or {})),
            ("annotations", items_of(annotations, Annotation, "annotations")),
            ("warnings", (warnings,) if isinstance(warnings, str) else items_of(warnings, str, "warnings")),
            ("source", str(source)),
        ):
            object.__setattr__(self, name, value)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.data.shape[0])

    @property
    def n_samples(self) -> int:
        """Number of samples of each channel, pauses not counted."""
        return int(self.data.shape[1])

    @property
    def duration(self) -> float:
        """Recorded time in s, pauses not counted."""
        return self.n_samples / self.sampling_rate

    def __len__(self) -> int:
        return self.n_samples

    def __repr__(self) -> str:
        units = "/".join(dict.fromkeys(unit for unit in self.units if unit))
        spans = f" in {len(self.spans)} spans" if len(self.spans) > 1 else ""
        plural = "" if self.n_channels == 1 else "s"
        return (
            f"<Recording {self.n_channels} channel{plural} × {self.duration:.1f} s{spans} at "
            f"{self.sampling_rate:g} Hz: {shorten_list(self.channel_names)}{f' ({units})' if units else ''}>"
        )

    def times(self) -> NDArray[np.float64]:
        """Return the time of every sample, in s since the first; pauses between spans show as jumps.

        Examples
        --------
        >>> Recording([1, 2, 3, 4], 2, spans=[Span(0, 2), Span(2, 4, 10.0)]).times().tolist()
        [0.0, 0.5, 10.0, 10.5]
        """
        times = np.empty(self.n_samples, dtype=np.float64)
        for span in self.spans:
            times[span.start : span.stop] = span.time + np.arange(span.stop - span.start) / self.sampling_rate
        return times

    def time_of(self, samples: ArrayLike) -> NDArray[np.float64]:
        """Return the times in s of (fractional) sample positions; `sample_of` is the inverse.

        Examples
        --------
        >>> Recording([1, 2, 3, 4], 2, spans=[Span(0, 2), Span(2, 4, 10.0)]).time_of([0.5, 3]).tolist()
        [0.25, 10.5]
        """
        return times_of(self.spans, self.sampling_rate, numbers_of(samples, "samples").astype(np.float64))

    def sample_of(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return the (fractional) sample positions of times in s since the first sample: the inverse of `time_of`.

        A span lasts from its first sample until one sampling interval after its last. Times before its first sample or
        after its last, but no further than half an interval from the span, count as those of that sample: rounding a
        position always gives the nearest sample. Other times lie in a pause, before the first span or after the last;
        nothing was sampled there, and they give NaN.

        Parameters
        ----------
        times : array_like
            In s, in any order and shape.

        Returns
        -------
        ndarray of float, of the shape of ``times``

        Examples
        --------
        >>> paused = Recording([1, 2, 3, 4], 2, spans=[Span(0, 2), Span(2, 4, 10.0)])
        >>> paused.sample_of([0.25, 10.5]).tolist()
        [0.5, 3.0]
        >>> paused.sample_of([-1.0, 5.0, 11.5]).tolist()  # before it, in the pause, after it
        [nan, nan, nan]
        """
        return samples_of(self.spans, self.sampling_rate, numbers_of(times, "times").astype(np.float64))

    def channel_index(self, channel: str | int) -> int:
        """Return the position of a channel given by name (or position).

        Raises
        ------
        SignalError
            If there is no such channel; the message lists those there are.

        Examples
        --------
        >>> Recording([[1, 2], [3, 4]], 2, channel_names=["I", "II"]).channel_index("ii")
        1
        """
        if isinstance(channel, str):
            lowered = [name.casefold() for name in self.channel_names]
            if channel in self.channel_names:
                return self.channel_names.index(channel)
            if lowered.count(channel.casefold()) == 1:
                return lowered.index(channel.casefold())
        elif isinstance(channel, int | np.integer) and -self.n_channels <= channel < self.n_channels:
            return int(channel) % self.n_channels
        where = f"{self.source}: " if self.source else ""
        raise SignalError(f"{where}no channel {channel!r} (there are: {', '.join(self.channel_names)})")

    # -- parts of it ------------------------------------------------------------------------------------------------

    def replace(self, **changes: Any) -> Recording:
        """Return a copy with some attributes changed; samples that stay are shared, not copied.

        Raises
        ------
        ParameterError
            If there is no such attribute, or what was changed does not fit the rest.

        Examples
        --------
        >>> Recording([1, 2, 3], 2).replace(channel_names=["ECG"], units="mV")
        <Recording 1 channel × 1.5 s at 2 Hz: ECG (mV)>
        """
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        unknown = set(changes) - set(values)
        if unknown:
            raise ParameterError(f"a Recording has no {', '.join(sorted(unknown))}")
        values.update(changes)
        return Recording(values.pop("data"), values.pop("sampling_rate"), **values)

    def pick(self, channels: Sequence[str | int] | str | int) -> Recording:
        """Return a recording of some channels, in the order given.

        Raises
        ------
        SignalError
            If a channel is not there.
        ParameterError
            If none is named.

        Examples
        --------
        >>> Recording([[1, 2], [3, 4]], 2, channel_names=["I", "II"]).pick("II").data.tolist()
        [[3.0, 4.0]]
        """
        wanted = list(channels) if isinstance(channels, Iterable) and not isinstance(channels, str) else [channels]
        if not wanted:
            raise ParameterError(f"no channel is named (there are: {', '.join(self.channel_names)})")
        index = [self.channel_index(channel) for channel in wanted]
        names = {self.channel_names[i] for i in index}
        return self.replace(
            data=self.data[index],
            channel_names=[self.channel_names[i] for i in index],
            units=[self.units[i] for i in index],
            annotations=[a for a in self.annotations if a.channel is None or a.channel in names],
        )

    def crop(self, start: float = 0.0, stop: float | None = None) -> Recording:
        """Return the interval from ``start`` to ``stop``, in s since the first sample.

        Times of the result start at 0 again, and ``start_time`` moves along. Annotations outside are dropped.

        Raises
        ------
        ParameterError
            If nothing lies between the two.

        Examples
        --------
        >>> Recording([1, 2, 3, 4], 2).crop(0.5, 1.5).data.tolist()
        [[2.0, 3.0]]
        """
        from datetime import timedelta

        first, last = self.samples_between(start, stop)
        zero = float(self.time_of(first))
        spans = [
            Span(
                max(span.start, first) - first,
                min(span.stop, last) - first,
                float(self.time_of(max(span.start, first))) - zero,
            )
            for span in self.spans
            if span.stop > first and span.start < last
        ]
        return self.replace(
            data=self.data[:, first:last],
            spans=spans,
            start_time=self.start_time + timedelta(seconds=zero) if self.start_time else None,
            annotations=[replace(a, sample=a.sample - first) for a in self.annotations if first <= a.sample < last],
        )

    def samples_between(self, start: float = 0.0, stop: float | None = None) -> tuple[int, int]:
        """Return the first sample between two times in s, and one past the last.

        Raises
        ------
        ParameterError
            If nothing was recorded between the two.

        Examples
        --------
        >>> Recording([1, 2, 3, 4], 2, spans=[Span(0, 2), Span(2, 4, 10.0)]).samples_between(0.5, 10.5)
        (1, 3)
        """
        check_number(start, "start", "s")
        endless = stop is None or (isinstance(stop, float) and stop == np.inf)
        end = np.inf if endless else check_number(stop, "stop", "s")
        times = self.times()
        half = 0.5 / self.sampling_rate
        inside = np.flatnonzero((times >= start - half) & (times < end - half))
        if not len(inside):
            raise ParameterError(
                f"nothing recorded {f'from {start:g} s on' if stop is None else f'between {start:g} and {stop:g} s'}"
            )
        return int(inside[0]), int(inside[-1]) + 1

    def iter_spans(self) -> Iterator[tuple[Span, NDArray[np.float32]]]:
        """Yield each span with its samples, shape (n_channels, n).

        Examples
        --------
        >>> paused = Recording([1, 2, 3, 4], 2, spans=[Span(0, 3), Span(3, 4, 10.0)])
        >>> [(span.time, samples.tolist()) for span, samples in paused.iter_spans()]
        [(0.0, [[1.0, 2.0, 3.0]]), (10.0, [[4.0]])]
        """
        for span in self.spans:
            yield span, self.data[:, span.start : span.stop]

    # -- what later rooms do with it --------------------------------------------------------------------------------

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one column a channel, indexed by time in s.

        Units, spans, start time, metadata, annotations, warnings and source stand in ``DataFrame.attrs`` in plain
        values, so that `from_dataframe` gives the same recording again.

        Examples
        --------
        >>> list(Recording([[1, 2, 3]], 4, channel_names=["ECG"]).to_dataframe().itertuples(name=None))
        [(0.0, 1.0), (0.25, 2.0), (0.5, 3.0)]
        """
        return _later().to_dataframe(self)

    @classmethod
    def from_dataframe(
        cls,
        frame: pd.DataFrame,
        sampling_rate: float | None = None,
        *,
        units: str | Sequence[str] = "",
        source: str = "",
    ) -> Recording:
        """Make a recording from a table with one column a channel.

        Parameters
        ----------
        frame : pandas.DataFrame
            Numeric columns. A ``DatetimeIndex``, ``TimedeltaIndex`` or an index called ``time`` (s) gives the clock.
            A table from `to_dataframe` gives the same recording again. Where it was changed since, what still fits is
            kept, and the warnings of the recording name the rest.
        sampling_rate : float, optional
            In Hz; needed when the index is not a clock.
        units : str or sequence of str, optional
            Unit of every channel.
        source : str, optional
            A name for messages.

        Raises
        ------
        ReadError
            If a column is not numeric or the sampling rate cannot be inferred.
        ParameterError
            If ``frame`` is not a table, or the sampling rate is not a positive number.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"I": [0.0, 1.0, 0.0]}, index=pd.Index([0.0, 0.004, 0.008], name="time"))
        >>> Recording.from_dataframe(frame).sampling_rate
        250.0
        """
        return _later().from_dataframe(frame, sampling_rate, units, source)

    @classmethod
    def from_mne(cls, raw: Any) -> Recording:
        """Make a recording from an ``mne.io.Raw`` (volts become mV for ECG, µV for EEG, EOG and EMG).

        Raises
        ------
        SignalError
            If there is nothing but pauses.

        Examples
        --------
        >>> import mne
        >>> info = mne.create_info(["ECG"], 250.0, "ecg", verbose="error")
        >>> Recording.from_mne(mne.io.RawArray(np.full((1, 500), 1e-3), info, verbose="error"))
        <Recording 1 channel × 2.0 s at 250 Hz: ECG (mV)>
        """
        return _later().from_mne(raw)

    def to_mne(self, channel_types: str | Sequence[str] | None = None) -> Any:
        """Return an ``mne.io.RawArray`` (samples in V); pauses between spans become ``BAD_ACQ_SKIP`` annotations.

        Raises
        ------
        MissingExtraError
            If MNE is not installed.

        Examples
        --------
        >>> Recording([1.0] * 500, 250, channel_names=["ECG"], units="mV").to_mne().get_channel_types()
        ['ecg']
        """
        return _later().to_mne(self, channel_types)

    def plot(self, *, start: float = 0.0, stop: float | None = None, title: str = "") -> Figure:
        """Draw every channel under one another, on one time axis (`sigsimnet.plotting.plot_recording`).

        Parameters
        ----------
        start, stop : float
            Part to draw, in s.
        title : str, optional

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        ParameterError
            If nothing was recorded between ``start`` and ``stop``.

        Examples
        --------
        >>> len(Recording(np.zeros((2, 500)), 250).plot(stop=1.0).axes)
        2
        """
        return _later().plot(self, start, stop, title)

    def _repr_html_(self) -> str:
        return _later().to_html(self)


class Later(Protocol):
    """What later rooms do for a recording."""

    def to_dataframe(self, recording: Recording) -> pd.DataFrame: ...

    def from_dataframe(
        self, frame: pd.DataFrame, sampling_rate: float | None, units: str | Sequence[str], source: str
    ) -> Recording: ...

    def from_mne(self, raw: Any) -> Recording: ...

    def to_mne(self, recording: Recording, channel_types: str | Sequence[str] | None) -> Any: ...

    def plot(self, recording: Recording, start: float, stop: float | None, title: str) -> Figure: ...

    def to_html(self, recording: Recording) -> str: ...


def _later() -> Later:
    services: Later = provided("recording")
    return services
