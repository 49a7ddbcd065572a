"""Signals of one file at several sampling rates; resampling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from sigsimnet._utils.resampling import resample_ratio
from sigsimnet._utils.text import shorten_list
from sigsimnet.channels import is_ecg_name, modality_of
from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io._names import find_channels, has_channel
from sigsimnet.recording import Recording, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options

__all__ = ["SEVERAL", "Signal", "choose_signals", "empty_rows", "resample", "stack_signals"]


SEVERAL = "has several sampling rates"


@dataclass(frozen=True)
class Signal:
    """One channel of a file, at its own rate (Hz)."""

    name: str
    unit: str
    sampling_rate: float
    data: NDArray[np.float32]


def choose_signals(
    names: Sequence[str], rates: Sequence[float], options: Options, source: str
) -> tuple[list[int], list[str]]:
    """Return the positions of the channels to read, and what is to be said of the others.

    A recording has one sampling rate. Where those of a file have several and the user named none, channels of one rate
    are taken: those with the ECG, else those with the channel that a table names, else the fastest; the rest is said.

    Raises
    ------
    ReadError
        If the channels that the user named have several rates; the message lists them.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> choose_signals(["ECG", "Resp"], [256, 32], Options(), "a.edf")
    ([0], ['a.edf: has several sampling rates: ECG at 256 Hz was read; left out: Resp at 32 Hz. Name ...'])
    >>> choose_signals(["ECG", "Resp"], [256, 32], Options(channels=["Resp"]), "a.edf")
    ([1], [])
    """
    options.found.rates.update(zip(names, rates, strict=True))
    chosen = list(range(len(names))) if options.channels is None else find_channels(options.channels, names, source)
    groups: dict[float, list[int]] = {}
    for i in chosen:
        groups.setdefault(round(rates[i], 9), []).append(i)
    if len(groups) < 2 or options.resample_to is not None:
        return chosen, []
    if options.channels is not None and not options.each_rate:
        raise ReadError(
            f"{source}: the channels have different sampling rates ({_listed(groups, names)}); pass channels= of one "
            "rate, or resample_to= in Hz"
        )
    ranks = {rate: _rank(rate, [names[i] for i in members], options) for rate, members in groups.items()}
    best = max(groups, key=lambda rate: ranks[rate])
    others = {rate: members for rate, members in groups.items() if rate != best}
    return groups[best], [
        f"{source}: {SEVERAL}: {_listed({best: groups[best]}, names)} was read; left out: "
        f"{_listed(others, names)}. Name channels of one rate with channels=, or bring all to one with resample_to="
    ]


def _rank(rate: float, names: Sequence[str], options: Options) -> tuple[bool, bool, bool, float]:
    """Return what decides, the first the most: what is asked for, an ECG, a signal known by name, the rate."""
    preferred = bool(options.prefer) and has_channel(options.prefer, names)
    # An accelerometer or a microphone is often the fastest, and seldom what is looked for.
    return preferred, any(map(is_ecg_name, names)), any(map(modality_of, names)), rate


def _listed(groups: Mapping[float, Sequence[int]], names: Sequence[str]) -> str:
    return "; ".join(f"{shorten_list(names[i] for i in own)} at {rate:g} Hz" for rate, own in groups.items())


def stack_signals(
    signals: Sequence[Signal], spans: Sequence[tuple[float, float]], resample_to: float | None
) -> Recording:
    """Put signals of one or several rates into one recording.

    Parameters
    ----------
    signals : sequence of Signal
        In the order of the channels.
    spans : sequence of (float, float)
        Time of each uninterrupted span and its length, both in s.
    resample_to : float or None
        In Hz; needed when the rates differ.

    Returns
    -------
    Recording
        Without start time, annotations and metadata.
    """
    whole = signals[0].data.base
    if not resample_to and len({signal.sampling_rate for signal in signals}) == 1 and _are_rows(whole, signals):
        whole.flags.writeable = False  # nobody else has it: a recording need not copy it
        return Recording(
            whole,
            signals[0].sampling_rate,
            channel_names=[signal.name for signal in signals],
            units=[signal.unit for signal in signals],
            spans=_spans_of(signals[0], spans),
        )
    parts: list[Recording] = []
    for signal in signals:
        part = Recording(signal.data, signal.sampling_rate, spans=_spans_of(signal, spans))
        parts.append(resample(part, resample_to) if resample_to else part)
    first = parts[0]
    # Rounding may leave one sample of difference at the end of a span: keep what all have.
    counts = [min(part.spans[i].stop - part.spans[i].start for part in parts) for i in range(len(spans))]
    data = [
        np.concatenate([part.data[0, s.start : s.start + n] for s, n in zip(part.spans, counts, strict=True)])
        for part in parts
    ]
    ends = np.cumsum([0, *counts])
    segments = [Span(int(ends[i]), int(ends[i + 1]), s.time) for i, s in enumerate(first.spans)]
    return Recording(
        np.stack(data),
        first.sampling_rate,
        channel_names=[signal.name for signal in signals],
        units=[signal.unit for signal in signals],
        spans=segments,
    )


def empty_rows(lengths: Sequence[int]) -> list[NDArray[np.float32]]:
    """Return an array for each signal, all missing: rows of one array where they are equally long.

    `stack_signals` takes that array as it is, so that a day of samples is in memory once.

    Examples
    --------
    >>> [row.shape for row in empty_rows([3, 3])], [row.shape for row in empty_rows([3, 2])]
    ([(3,), (3,)], [(3,), (2,)])
    """
    if len(set(lengths)) == 1:
        return list(np.full((len(lengths), lengths[0]), np.nan, dtype=np.float32))
    return [np.full(length, np.nan, dtype=np.float32) for length in lengths]


def _are_rows(whole: NDArray[np.float32] | None, signals: Sequence[Signal]) -> TypeGuard[NDArray[np.float32]]:
    """Return whether signals are all rows of one array, in its order."""
    if whole is None or whole.base is not None or whole.shape != (len(signals), len(signals[0].data)):
        return False
    return all(
        signal.data.base is whole and np.may_share_memory(signal.data, row)
        for signal, row in zip(signals, whole, strict=True)
    )


def _spans_of(signal: Signal, spans: Sequence[tuple[float, float]]) -> list[Span]:
    """Return spans of (time, length) in s as samples of a signal; the last one has what is left."""
    found: list[Span] = []
    position = 0
    for index, (time, length) in enumerate(spans):
        last = index == len(spans) - 1
        stop = len(signal.data) if last else position + round(length * signal.sampling_rate)
        found.append(Span(position, stop, time))
        position = stop
    return found


def resample(recording: Recording, sampling_rate: float) -> Recording:
    """Return a recording at another sampling rate.

    Each uninterrupted span is resampled by itself with a polyphase FIR filter (`resample_ratio`), which
    also keeps what lies above the new Nyquist frequency out. Missing samples are bridged by a line for the filter's
    sake and are missing again afterwards, so that a NaN touches no more than its own place.

    Parameters
    ----------
    recording : Recording
        What to resample.
    sampling_rate : float
        In Hz.

    Raises
    ------
    ParameterError
        If the rate is not a positive number.

    Examples
    --------
    >>> resample(Recording([[0.0] * 500], 500), 250)
    <Recording 1 channel × 1.0 s at 250 Hz: ch1>
    """
    if not np.isfinite(sampling_rate) or sampling_rate <= 0:
        raise ParameterError(f"resample_to is {sampling_rate}: it must be a positive number of Hz")
    if np.isclose(sampling_rate, recording.sampling_rate, rtol=1e-9):
        return recording
    ratio = Fraction(sampling_rate / recording.sampling_rate).limit_denominator(2000)
    if ratio == 0:
        raise ParameterError(f"resample_to is {sampling_rate} Hz: too far below {recording.sampling_rate:g} Hz")
    resampled: list[NDArray[np.float32]] = []
    spans: list[Span] = []
    position = 0
    for span, samples in recording.iter_spans():
        if span.stop == span.start:
            continue
        new = np.stack([_resample_channel(channel, ratio) for channel in samples])
        resampled.append(new)
        spans.append(Span(position, position + new.shape[1], span.time))
        position += new.shape[1]
    exact = recording.sampling_rate * float(ratio)
    starts = np.array([span.start for span in recording.spans if span.stop > span.start])
    moved = []
    for annotation in recording.annotations:
        which = max(int(np.searchsorted(starts, annotation.sample, side="right")) - 1, 0)
        sample = spans[which].start + round((annotation.sample - int(starts[which])) * float(ratio))
        moved.append(replace(annotation, sample=min(sample, spans[which].stop - 1)))
    return recording.replace(
        data=np.concatenate(resampled, axis=1),
        # The ratio is a fraction of small numbers; the rate is what it really is, not what was asked for.
        sampling_rate=sampling_rate if np.isclose(exact, sampling_rate, rtol=1e-6) else exact,
        spans=_apart(spans, min(sampling_rate, exact)),
        annotations=moved,
    )


def _resample_channel(channel: NDArray[np.float32], ratio: Fraction) -> NDArray[np.float32]:
    missing = np.isnan(channel)
    n_out = -(-len(channel) * ratio.numerator // ratio.denominator)
    if missing.all() or len(channel) < 2:
        fill = np.float32(np.nan) if missing.all() else channel[0]
        return np.full(n_out, fill, dtype=np.float32)
    values = channel.astype(np.float64)
    if missing.any():
        where = np.arange(len(values))
        values[missing] = np.interp(where[missing], where[~missing], values[~missing])
    result = resample_ratio(values, ratio.numerator, ratio.denominator).astype(np.float32)
    if missing.any():
        nearest = np.clip(np.rint(np.arange(len(result)) / float(ratio)).astype(int), 0, len(missing) - 1)
        result[missing[nearest]] = np.nan
    return result


def _apart(spans: list[Span], sampling_rate: float) -> list[Span]:
    """Move spans that rounding made overlap by part of a sample."""
    end = -np.inf
    result = []
    for span in spans:
        moved = replace(span, time=max(span.time, end))
        end = moved.time + (moved.stop - moved.start) / sampling_rate
        result.append(moved)
    return result
