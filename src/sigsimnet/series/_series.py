"""`Series`: values at even steps, of one quantity or several; heart rate by steps where an ECG is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._spans import Span
from sigsimnet.channels import ecg_channels, is_ecg_name
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import as_recording
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording

__all__ = ["Series", "series_of"]

STEP = 5.0  # s of heart rate
_FASTEST = 50.0  # Hz: a faster ECG is a signal, a slower one a series
_RR = (0.27, 2.0)  # s: 220 to 30 beats a minute
MOST_STEPS = 2_000_000
_MS = 1000.0
_VITAL = re.compile(r"\brates?\b|\b(hr|bpm|spo2|sao2|nibp|sbp|dbp|abpm|temp|temperature|glucose)\b", re.IGNORECASE)
"""Names of what is measured by steps of seconds and minutes: no wave at 50 Hz and more."""


@dataclass(frozen=True, eq=False)
class Series:
    """Values at even steps.

    Attributes
    ----------
    values : ndarray of float, shape (n_columns, n_steps)
        NaN where nothing is known.
    step : float
        In s.
    names, units : tuple of str
    source : str

    Examples
    --------
    >>> Series(np.array([[60.0, 62.0]]), 5.0, ("heart rate",), ("1/min",)).column("heart rate").tolist()
    [60.0, 62.0]
    """

    values: NDArray[np.float64]
    step: float
    names: tuple[str, ...]
    units: tuple[str, ...]
    source: str = ""

    def __repr__(self) -> str:
        n = self.values.shape[1]
        return f"<Series {', '.join(self.names)}: {n} steps of {self.step:g} s, {100 * self.missing:.0f} % missing>"

    @property
    def missing(self) -> float:
        """Share of the values that is missing, 0–1."""
        return float(np.isnan(self.values).mean())

    @property
    def times(self) -> NDArray[np.float64]:
        """Time of each step, in s since the first."""
        return np.arange(self.values.shape[1], dtype=np.float64) * self.step

    def column(self, name: str | None = None) -> NDArray[np.float64]:
        """Return the values of a column, the first without a name.

        Raises
        ------
        ParameterError
            If there is no such column.
        """
        if name is None:
            return np.asarray(self.values[0])
        if name not in self.names:
            raise ParameterError(f"{self.source or 'series'}: no column {name!r} (columns: {', '.join(self.names)})")
        return np.asarray(self.values[self.names.index(name)])


def series_of(what: Any, *, step: float | None = None) -> Series:
    """Return the series of whatever people have: a table of values, or the heart rate of an ECG.

    Parameters
    ----------
    what : Series, (array, step), or what `sigsimnet.as_recording` takes
        An array has shape (n_steps,) or (n_columns, n_steps), its step is in s. Of a recording with ECG channels at 50
        Hz or more the series is the heart rate, 60 / mean RR of the beats of each step, RR from 0.27 to 2 s; of any
        other one its channels, pauses as missing values.
    step : float, optional
        In s: means over so long. Of an ECG 5 s, else as in the file.

    Raises
    ------
    ParameterError
        If the step is not positive, or shorter than that of the values.
    SignalError
        If nothing is left, or it is too long.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> series_of(simulate(1, 1, duration=60, seed=1)[0])
    <Series heart rate: 12 steps of 5 s, 0 % missing>
    """
    if step is not None and not step > 0:
        raise ParameterError(f"step is {step!r}: a positive number of s")
    if isinstance(what, Series):
        found = what
    elif isinstance(what, tuple) and len(what) == 2 and not isinstance(what[0], str):
        values = np.atleast_2d(np.asarray(what[0], dtype=np.float64))
        names = tuple(f"column {k + 1}" for k in range(len(values)))
        found = Series(values, float(what[1]), names, ("",) * len(values))
    else:
        recording = as_recording(what)
        vital = any(map(_VITAL.search, recording.channel_names)) and not any(map(is_ecg_name, recording.channel_names))
        leads = () if vital else ecg_channels(recording)
        if leads and recording.sampling_rate >= _FASTEST:
            return _heart_rate(recording.pick(list(leads)), step or STEP)
        found = _laid_out(_in_seconds(recording) if vital else recording)
    if step is not None and abs(step - found.step) > 1e-9:
        found = _means(found, step)
    if not np.isfinite(found.values).any():
        raise SignalError(f"{found.source or 'series'}: no value is known")
    return found


def _in_seconds(recording: Recording) -> Recording:
    """Return vital signs whose times had no unit and were taken for ms by their numbers as they stand: in s."""
    if not any("were taken for ms" in note for note in recording.warnings):
        return recording
    spans = [Span(span.start, span.stop, span.time * _MS) for span in recording.spans]
    return recording.replace(sampling_rate=recording.sampling_rate / _MS, spans=spans)


def _heart_rate(recording: Recording, step: float) -> Series:
    peaks = detect_peaks(recording)
    times = np.asarray(peaks.times)
    rr = np.diff(times)
    good = (rr >= _RR[0]) & (rr <= _RR[1])
    last = recording.spans[-1]
    end = last.time + (last.stop - last.start) / recording.sampling_rate
    n = int(end // step)
    if n < 2 or not good.any():
        raise SignalError(
            f"{recording.source or 'recording'}: {len(times)} beats are too few for a series of heart rate"
        )
    place = np.clip((times[1:][good] / step).astype(np.int64), 0, n)
    seconds = np.bincount(place, rr[good], minlength=n + 1)[:n]
    counts = np.bincount(place, minlength=n + 1)[:n]
    values = np.where(counts > 0, 60.0 * counts / np.where(counts > 0, seconds, 1.0), np.nan)
    return Series(values[None], step, ("heart rate",), ("1/min",), recording.source)


def _laid_out(recording: Recording) -> Series:
    rate = recording.sampling_rate
    last = recording.spans[-1]
    n = round(last.time * rate) + last.stop - last.start
    if n > MOST_STEPS:
        raise SignalError(
            f"{recording.source or 'recording'}: {n:,} steps are no series but a signal; name a longer step, in s"
        )
    values = np.full((recording.n_channels, n), np.nan)
    for span in recording.spans:
        first = round(span.time * rate)
        values[:, first : first + span.stop - span.start] = recording.data[:, span.start : span.stop]
    return Series(values, 1 / rate, recording.channel_names, recording.units, recording.source)


def _means(one: Series, step: float) -> Series:
    if step < one.step * (1 - 1e-9):
        raise ParameterError(f"step is {step:g} s, shorter than that of the values, {one.step:g} s")
    n = one.values.shape[1]
    place = ((np.arange(n) + 1e-9) * one.step / step).astype(np.int64)
    count = int(place[-1]) + 1
    values = np.full((len(one.values), count), np.nan)
    for row, x in enumerate(one.values):
        there = np.isfinite(x)
        sums = np.bincount(place[there], x[there], minlength=count)
        counts = np.bincount(place[there], minlength=count)
        values[row] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return Series(values, step, one.names, one.units, one.source)
