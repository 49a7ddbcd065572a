"""To and from MNE-Python's Raw, where MNE is installed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import USUAL_UNITS, modality_of, modality_of_unit
from sigsimnet.errors import MissingExtraError, ParameterError, SignalError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io.units import IN_VOLTS, canonical_unit
from sigsimnet.recording import Recording, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["from_mne", "to_mne"]

_SKIP = "BAD_ACQ_SKIP"
_MAX_PAUSE = 24 * 3600.0  # s; MNE stores pauses as samples
_UNIT_OF = {**USUAL_UNITS, "seeg": "µV"}
_OTHERS = {"gsr": ("µS", 1e6), "temperature": ("°C", 1.0)}
"""Ours, and what makes it of MNE's S and °C."""
_PREFIXES = {"m": 1e-3, "µ": 1e-6, "n": 1e-9, "k": 1e3}


def from_mne(raw: Any) -> Recording:
    """Make a recording from an ``mne.io.Raw``.

    MNE keeps volts: ECG becomes mV; EEG, EOG and EMG become µV; skin conductance becomes µS. Other kinds keep the
    numbers and units of the file where MNE remembers them. What is annotated
    ``BAD_ACQ_SKIP`` is a pause: its samples are dropped, and the spans keep their times. `start_time` is
    that of the first sample kept: the measurement's date, moved by `first_time` (cropped, or begun later) and by a
    pause at the start.

    Raises
    ------
    SignalError
        If there is nothing but pauses.

    Examples
    --------
    >>> import mne, numpy as np
    >>> info = mne.create_info(["ECG"], 250.0, "ecg", verbose="error")
    >>> from_mne(mne.io.RawArray(np.full((1, 500), 1e-3), info, verbose="error"))
    <Recording 1 channel × 2.0 s at 250 Hz: ECG (mV)>
    """
    rate = float(raw.info["sfreq"])
    data = raw.get_data()
    kinds = raw.get_channel_types()
    units = [_UNIT_OF.get(kind, "") for kind in kinds]
    factors = [float(round(1.0 / IN_VOLTS[unit])) if unit else 1.0 for unit in units]
    for k, kind in enumerate(kinds):
        if kind in _OTHERS:
            units[k], factors[k] = _OTHERS[kind]
        elif not units[k]:
            units[k], factors[k] = _unit_of_file(raw, k)
    data = data * np.array(factors)[:, None]
    keep = np.ones(data.shape[1], dtype=bool)
    marks: list[tuple[float, str, float, str | None]] = []
    first = float(raw.first_time)  # onsets count from the measurement's date, also where that is not known
    for mark in raw.annotations:
        onset = float(mark["onset"]) - first
        if mark["description"] == _SKIP:
            start = max(round(onset * rate), 0)
            keep[start : start + round(float(mark["duration"]) * rate)] = False
        else:
            marks.append((onset, str(mark["description"]), float(mark["duration"]), None))
    if not keep.any():
        raise SignalError("the MNE recording holds no samples outside its pauses")
    edges = np.flatnonzero(np.diff(np.r_[False, keep, False].astype(int))).reshape(-1, 2)
    spans: list[Span] = []
    position = 0
    for start, stop in edges.tolist():
        spans.append(Span(position, position + stop - start, (start - int(edges[0, 0])) / rate))
        position += stop - start
    zero = float(edges[0, 0]) / rate
    began = raw.info["meas_date"]
    recording = Recording(
        data[:, keep],
        rate,
        channel_names=list(raw.ch_names),
        units=units,
        start_time=began + timedelta(seconds=first + zero) if began is not None else None,
        spans=spans,
        source=str((raw.filenames or ("",))[0] or "") if getattr(raw, "filenames", None) else "",
    )
    return attach_annotations(recording, [(onset - zero, *rest) for onset, *rest in marks], "MNE")  # type: ignore[misc]


def _unit_of_file(raw: Any, k: int) -> tuple[str, float]:
    """Return the unit that a channel had in its file, and what brings MNE's numbers back to it."""
    stated = str((getattr(raw, "_orig_units", None) or {}).get(raw.ch_names[k], ""))
    if stated in {"", "n/a", "NA"}:
        return "", 1.0
    unit, factor = canonical_unit(stated)
    scaled = float(raw.info["chs"][k]["range"])  # where MNE keeps what it made SI of a unit with
    prefix = _PREFIXES.get(unit[:1], 1.0)
    return unit, factor / scaled if scaled == prefix != 1.0 else factor


def to_mne(recording: Recording, channel_types: str | Sequence[str] | None = None) -> Any:
    """Return an ``mne.io.RawArray`` in volts.

    MNE knows no pauses: each is filled with zeros of its true length and annotated ``BAD_ACQ_SKIP``, which MNE's
    filters and epochs respect and `from_mne` turns back. Missing samples stay NaN. Skin conductance becomes MNE's
    ``gsr`` in S, °C its ``temperature``; other units have no place in MNE and are lost. MNE keeps times in UTC: a start
    without a zone is taken for that.

    Parameters
    ----------
    recording : Recording
        What to convert.
    channel_types : str or sequence of str, optional
        MNE's types, one or one a channel; inferred from the names (``ECG``, ``EEG Fp1``) and ``misc`` when left out.

    Raises
    ------
    MissingExtraError
        If MNE is not installed.
    ParameterError
        If the number of types does not fit, or a pause is longer than a day.

    Examples
    --------
    >>> raw = to_mne(Recording([[1.0] * 500], 250, channel_names=["ECG"], units="mV"))
    >>> raw.get_channel_types(), float(raw.get_data()[0, 0])
    (['ecg'], 0.001...)
    """
    try:
        import mne
    except ImportError as error:
        raise MissingExtraError("MNE", "mne") from error
    names = list(recording.channel_names)
    if channel_types is None:
        kinds = [mne_kind(name, unit) for name, unit in zip(names, recording.units, strict=True)]
    else:
        kinds = [channel_types] * len(names) if isinstance(channel_types, str) else list(channel_types)
    if len(kinds) != len(names):
        raise ParameterError(f"{len(kinds)} channel types for {len(names)} channels")
    rate = recording.sampling_rate
    starts = [round(span.time * rate) for span in recording.spans]
    total = starts[-1] + recording.spans[-1].stop - recording.spans[-1].start
    if total > recording.n_samples + _MAX_PAUSE * rate:
        raise ParameterError(f"pauses of {total / rate - recording.duration:.0f} s are too long for MNE; crop() first")
    data = np.zeros((len(names), total))
    skips: list[tuple[float, float]] = []
    end = 0
    for span, start in zip(recording.spans, starts, strict=True):
        begin = max(start, end)
        if begin > end:
            skips.append((end / rate, (begin - end) / rate))
        end = begin + span.stop - span.start
        data[:, begin:end] = recording.data[:, span.start : span.stop]
    into = {**IN_VOLTS, **{unit: 1 / factor for unit, factor in _OTHERS.values()}}
    data *= np.array([into.get(unit, 1.0) for unit in recording.units])[:, None]
    info = mne.create_info(names, rate, kinds, verbose="error")
    if recording.start_time is not None:
        from datetime import UTC

        start_time = recording.start_time
        info.set_meas_date(start_time.replace(tzinfo=UTC) if start_time.tzinfo is None else start_time.astimezone(UTC))
    raw = mne.io.RawArray(data, info, verbose="error")
    times = recording.time_of([mark.sample for mark in recording.annotations]).tolist()
    onsets = [*(time for time, _ in skips), *(float(time) for time in times)]
    durations = [*(length for _, length in skips), *(mark.duration for mark in recording.annotations)]
    texts = [*(_SKIP for _ in skips), *(mark.label for mark in recording.annotations)]
    raw.set_annotations(mne.Annotations(onsets, durations, texts, orig_time=raw.info["meas_date"]), verbose="error")
    return raw


def mne_kind(name: str, unit: str) -> str:
    """Return MNE's type of a channel by its name, else by its unit; ``"misc"`` for what MNE does not scale.

    Examples
    --------
    >>> mne_kind("EEG Fp1", "µV"), mne_kind("ch1", "mV"), mne_kind("resp", "")
    ('eeg', 'ecg', 'misc')
    """
    of_unit = next((kind for kind, (other, _) in _OTHERS.items() if unit == other), None)
    if of_unit is not None:
        return of_unit
    modality = modality_of(name) or modality_of_unit(unit)
    return modality if modality in _UNIT_OF else "misc"
