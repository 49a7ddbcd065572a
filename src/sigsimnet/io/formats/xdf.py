"""XDF of the Lab Streaming Layer: streams with clocks of their own and marks, read with pyxdf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of, shorten_list
from sigsimnet.errors import MissingExtraError, ParameterError, ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, resample, stack_signals
from sigsimnet.io.clock.fit import fit_clock
from sigsimnet.io.formats._logs import log_of
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options

__all__ = ["read_xdf"]

_BLOCK = 1 << 20
_UNITS = {"microvolts": "uV", "millivolts": "mV", "volts": "V", "microvolt": "uV"}


@dataclass(frozen=True)
class _Stream:
    name: str
    recording: Recording
    first: float  # when its first sample was taken, in s of the common clock


def read_xdf(path: Path, options: Options, source: str) -> Recording:
    """Read an XDF file: a rate for each stream by its time stamps, and streams of text as annotations.

    Channels of several streams come on one clock, and are cut to the time that all have. Where the rates differ and the
    user named none, those with the ECG are read, else the fastest; ``key`` names one stream.

    Raises
    ------
    MissingExtraError
        If pyxdf is not installed.
    ReadError
        If it is damaged, or holds no signal.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> _ = pytest.importorskip("pyxdf")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.xdf"
    >>> _ = path.write_bytes(b"XDF:")
    >>> read_xdf(path, Options(), "a.xdf")
    Traceback (most recent call last):
    ...
    sigsimnet.errors.ReadError: a.xdf: holds no stream
    """
    try:
        import pyxdf
    except ImportError as error:
        raise MissingExtraError("XDF", "formats") from error
    _refuse_entities(path, source)
    try:
        with log_of("pyxdf") as said:
            streams, header = pyxdf.load_xdf(str(path), dejitter_timestamps=False)
    except Exception as error:  # what pyxdf stumbles over is not known beforehand
        raise ReadError(f"{source}: is not a readable XDF file ({reason_of(error)})") from error
    notes = [f"{source}: {text}" for text in said]
    if not streams:
        raise ReadError(f"{source}: holds no stream")
    held = [stream for stream in streams if len(stream["time_stamps"])]
    texts = [stream for stream in held if _is_marks(stream)]
    named = [stream for stream in held if not _is_marks(stream) and len(stream["time_stamps"]) > 1]
    if options.key is not None:
        wanted = options.key.casefold()
        named = [s for s in named if wanted in {_word(s, "name").casefold(), _word(s, "type").casefold()}] or [
            s for k, s in enumerate(named) if options.key == str(k)
        ]
    if not named:
        there = shorten_list(f"{_word(stream, 'name')} ({_word(stream, 'type')})" for stream in streams)
        raise ReadError(
            f"{source}: holds no stream of samples{f' {options.key!r}' if options.key else ''} (streams: {there})"
        )
    clocked, unsteady = _clocked(named, source)
    notes += unsteady
    found, first, more = _joined(clocked, options, source)
    start = _start(header)
    marks = [
        (float(stamp) - first, str(_label(sample)), 0.0, None)
        for stream in texts
        for stamp, sample in zip(stream["time_stamps"], stream["time_series"], strict=True)
    ]
    found = found.replace(start_time=start, warnings=[*notes, *found.warnings, *more], source=source)
    return attach_annotations(found, marks, source)


def _clocked(streams: list[Any], source: str) -> tuple[list[_Stream], list[str]]:
    """Return the streams that have a sampling rate, and what is to be said of the others."""
    clocked: list[_Stream] = []
    reasons: list[str] = []
    for stream in streams:
        try:
            clocked.append(_stream(stream, source))
        except ReadError as error:
            reasons.append(str(error))
    if not clocked:
        raise ReadError(reasons[0])
    return clocked, [f"{reason}; it was left out" for reason in reasons]


def _refuse_entities(path: Path, source: str) -> None:
    """Refuse headers that define XML entities: they could be made to fill the memory, and no program writes them."""
    kept = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"<!ENTITY" in kept + block or b"<!DOCTYPE" in kept + block:
                raise ReadError(f"{source}: its XML defines entities; it is not read")
            kept = block[-16:]


def _word(stream: Any, name: str) -> str:
    found = stream["info"].get(name) or [""]
    return str(found[0] or "")


def _is_marks(stream: Any) -> bool:
    irregular = float(_word(stream, "nominal_srate") or 0) == 0
    return _word(stream, "channel_format") == "string" or (irregular and "mark" in _word(stream, "type").casefold())


def _label(sample: Any) -> Any:
    return sample[0] if len(sample) else ""


def _start(header: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(header["info"]["datetime"][0]))
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def _channels(stream: Any, count: int) -> tuple[list[str], list[str]]:
    name = _word(stream, "name")
    try:
        listed = stream["info"]["desc"][0]["channels"][0]["channel"]
    except (KeyError, TypeError, IndexError):
        listed = []
    if len(listed) != count:
        listed = [{} for _ in range(count)]
    labels = [str((one.get("label") or [""])[0] or "") for one in listed]
    units = [str((one.get("unit") or [""])[0] or "") for one in listed]
    numbered = [name] if count == 1 else [f"{name} {k + 1}" for k in range(count)]
    return [label or other for label, other in zip(labels, numbered, strict=True)], [
        _UNITS.get(unit.casefold(), unit) for unit in units
    ]


def _stream(stream: Any, source: str) -> _Stream:
    """Return a stream with its clock, fitted through its stamps; what it states counts where that fits."""
    name = _word(stream, "name") or "stream"
    values: NDArray[Any] = np.atleast_2d(np.asarray(stream["time_series"]).T)
    stamps = np.asarray(stream["time_stamps"], dtype=np.float64)
    nominal = float(_word(stream, "nominal_srate") or 0)
    try:
        clock = fit_clock(stamps - stamps[0])
        near = nominal > 0 and abs(clock.sampling_rate / nominal - 1) < 1e-3
        clock = fit_clock(stamps - stamps[0], sampling_rate=nominal) if near else clock
    except ParameterError as error:
        raise ReadError(f"{source}: cannot tell the sampling rate of stream {name!r}: {error}") from error
    labels, units = _channels(stream, len(values))
    labels, renamed = unique_names(labels, source)
    recording = Recording(
        values.astype(np.float32),
        clock.sampling_rate,
        channel_names=labels,
        units=units,
        spans=clock.spans,
        warnings=[*renamed, *(f"{source}: stream {name!r}: {note}" for note in clock.warnings)],
    )
    return _Stream(name, recording, float(stamps[0]))


def _joined(streams: list[_Stream], options: Options, source: str) -> tuple[Recording, float, list[str]]:
    """Choose the channels and bring those of several streams together; return the time of the first sample as well."""
    owners = [stream for stream in streams for _ in stream.recording.channel_names]
    names, notes = unique_names([name for stream in streams for name in stream.recording.channel_names], source)
    rates = [stream.recording.sampling_rate for stream in owners]
    chosen, about_rates = choose_signals(names, rates, options, source)
    within = [k for stream in streams for k in range(stream.recording.n_channels)]
    units = [owners[k].recording.units[within[k]] for k in range(len(names))]
    given = resolve_units(options.units, len(names), source) or units
    used = list({id(owners[k]): owners[k] for k in chosen}.values())
    warned = [note for stream in used for note in stream.recording.warnings]
    if len(used) == 1:
        only = used[0]
        data = only.recording.data[[within[k] for k in chosen]]
        found = only.recording.replace(
            data=np.stack([row * canonical_unit(given[k])[1] for row, k in zip(data, chosen, strict=True)]),
            channel_names=[names[k] for k in chosen],
            units=[canonical_unit(given[k])[0] for k in chosen],
        )
        found = resample(found, options.resample_to) if options.resample_to else found
        return found, only.first, [*notes, *about_rates]
    if any(len(stream.recording.spans) > 1 for stream in used):
        listed = shorten_list(stream.name for stream in used)
        raise ReadError(
            f"{source}: streams {listed} have pauses and cannot be brought together; pass key= of one stream"
        )
    first = max(stream.first for stream in used)
    stop = min(stream.first + stream.recording.duration for stream in used)
    if stop <= first:
        raise ReadError(
            f"{source}: streams {shorten_list(s.name for s in used)} have no time in common; pass key= of one"
        )
    signals = []
    for k in chosen:
        own = owners[k]
        rate = own.recording.sampling_rate
        begin = round((first - own.first) * rate)
        row = own.recording.data[within[k], begin : begin + round((stop - first) * rate)]
        unit, factor = canonical_unit(given[k])
        signals.append(Signal(names[k], unit, rate, (row * factor).astype(np.float32)))
    if options.resample_to is None:
        shortest = min(len(signal.data) for signal in signals)
        signals = [Signal(s.name, s.unit, s.sampling_rate, s.data[:shortest]) for s in signals]
    found = stack_signals(signals, [(0.0, stop - first)], options.resample_to)
    return found.replace(warnings=warned), first, [*notes, *about_rates]
