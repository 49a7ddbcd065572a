"""JSON: Movesense's packets, PolarRecorder's samples, tables as lists of records, and arrays by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of, shorten_list
from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io.clock.fit import fit_clock
from sigsimnet.io.formats._mapping import recording_from_tree
from sigsimnet.io.formats.table import hints_of, recording_from_table
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options

__all__ = ["read_json"]

_LEAST_NS = 10**17  # three years after Polar's zero; other stamps are read as those of any table
_POLAR_ZERO = datetime(2000, 1, 1, tzinfo=UTC)  # Polar's sensors count ns since then
_MOVESENSE_UNITS = {"ecgmV": "mV", "ecg_mv": "mV"}
_POLAR_UNITS = {"ECG": "uV", "ACC": "mg", "GYRO": "deg/s", "GYR": "deg/s", "MAG": "G"}
_Packets = list[tuple[float, "list[list[float]]"]]


def read_json(path: Path, options: Options, source: str) -> Recording:
    """Read a JSON file, or one of JSON lines.

    Of several sensors in a Movesense file ``key`` names one (``"acc"``); without it the ECG is read.

    Raises
    ------
    ReadError
        If it is no JSON, or holds no signal.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.json"
    >>> packets = [{"ecg": {"Samples": [1, 2, 3, 4], "Timestamp": t}} for t in (0, 16, 32)]
    >>> _ = path.write_text(json.dumps({"data": packets}))
    >>> read_json(path, Options(), "a.json")
    <Recording 1 channel × 0.0 s at 250 Hz: ecg>
    """
    content = _load(path, source)
    entries = content.get("data") if isinstance(content, dict) and isinstance(content.get("data"), list) else content
    if isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries[:100]):
        if packets := _movesense(entries):
            return _packets(packets, options, source)
        stamp = entries[0].get("timeStamp")
        if isinstance(content, dict) and isinstance(stamp, int) and stamp > _LEAST_NS:
            return _polar([content], options, source)
        if isinstance(entries[0].get("data"), list) and "dataType" in entries[0]:
            return _polar(entries, options, source)
        import pandas as pd

        hints = hints_of(options)
        return recording_from_table(pd.DataFrame(entries), hints, source)
    if isinstance(content, list):
        content = {"data": content}
    if not isinstance(content, dict):
        raise ReadError(f"{source}: holds no signal (it is {json.dumps(content)[:40]})")
    return recording_from_tree(_plain(content), options, source)


def _load(path: Path, source: str) -> Any:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            lines = [line for line in text.splitlines() if line.strip()]
            if len(lines) < 2 or error.msg != "Extra data":
                raise
            return [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{source}: is not readable JSON ({reason_of(error)})") from error


def _plain(value: Any) -> Any:
    """Return lists of numbers as arrays."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_plain(item) for item in value]
    if isinstance(value, list) and value and isinstance(value[0], int | float | list | None):
        try:
            return np.asarray(value, dtype=np.float64)  # null becomes NaN
        except (TypeError, ValueError, OverflowError):
            return value
    return value


def _movesense(entries: list[dict[str, Any]]) -> dict[str, _Packets]:
    """Return the packets (time in s, rows of samples) of each sensor of a Movesense file."""
    found: dict[str, _Packets] = {}
    for entry in entries:
        measured = re.search(r"Meas/(\w+)", str(entry.get("Uri", "")))  # as its service sends them
        for key, packet in entry.items():
            name = measured[1] if measured and key == "Body" else key
            if not isinstance(packet, Mapping) or not isinstance(packet.get("Timestamp"), int | float):
                continue
            for part, rows in _rows(name, packet):
                found.setdefault(part, []).append((float(packet["Timestamp"]) / 1e3, rows))
    return found


def _rows(name: str, packet: Mapping[str, Any]) -> Iterator[tuple[str, list[list[float]]]]:
    for field, values in packet.items():
        if not isinstance(values, list) or not values:
            continue
        part = name if field.casefold() in {"samples", f"array{name}".casefold()} else f"{name}/{field}"
        if all(isinstance(value, int | float) for value in values):
            yield part, [[float(value)] for value in values]
        elif all(isinstance(value, Mapping) for value in values):
            axes = [axis for axis in ("x", "y", "z") if axis in values[0]]
            if axes:
                yield part, [[float(value.get(axis, np.nan)) for axis in axes] for value in values]


def _packets(found: dict[str, _Packets], options: Options, source: str) -> Recording:
    """Read one sensor of a Movesense file: that of ``key`` or of the channels that were named, else the ECG."""
    names = list(found)
    axes = {name: _axes(name, len(packets[0][1][0])) for name, packets in found.items()}
    steps = {name: _step(packets) for name, packets in found.items()}
    options.found.rates.update({axis: 1 / steps[name] for name in names if steps[name] for axis in axes[name]})
    asked = {channel for channel in options.channels or () if isinstance(channel, str)}
    holders = [name for name in names if asked & set(axes[name])]
    if len(holders) > 1 and options.key is None:
        raise ReadError(f"{source}: {', '.join(holders)} are sensors of their own; name channels of one with channels=")
    ecg = next((name for name in names if name.casefold().startswith("ecg")), names[0])
    wanted = options.key or next(iter(holders), ecg)
    chosen = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if chosen is None:
        raise ReadError(f"{source}: no sensor {wanted!r} (there are: {', '.join(names)})")
    packets, step = found[chosen], steps[chosen]
    counts = np.array([len(rows) for _, rows in packets])
    stamps = np.array([time for time, _ in packets])
    values = np.concatenate([np.asarray(rows, dtype=np.float64) for _, rows in packets]).T
    if not step and options.sampling_rate is None:
        raise ReadError(f"{source}: cannot tell the sampling rate from one packet; pass sampling_rate=…")
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    times = np.repeat(stamps, counts) + within * step
    unit = _MOVESENSE_UNITS.get(chosen.partition("/")[0], "")
    others = shorten_list(
        f"{name} at {1 / steps[name]:.4g} Hz" if steps[name] else name for name in names if name != chosen
    )
    notes = [f"{source}: holds several sensors: {chosen} was read; left out: {others}. Name channels of one with "
             "channels=, or a sensor with key="]  # fmt: skip
    if options.key or holders or len(names) == 1:
        notes = []
    return _timed(values, times, axes[chosen], unit, options.sampling_rate, options, source, notes)


def _axes(name: str, count: int) -> list[str]:
    return [name] if count == 1 else [f"{name} {axis}" for axis in "xyz"[:count]]


def _step(packets: _Packets) -> float:
    """Return the time from sample to sample in s; 0 where stamps do not tell it."""
    counts = np.array([len(rows) for _, rows in packets])
    steps = np.diff([time for time, _ in packets]) / counts[:-1]
    return float(np.median(steps[steps > 0])) if np.any(steps > 0) else 0.0


def _timed(
    values: Any, times: Any, names: list[str], unit: str, rate: float | None, options: Options, source: str, notes: Any
) -> Recording:
    try:
        clock = fit_clock(times, sampling_rate=rate)
    except ParameterError as error:
        raise ReadError(f"{source}: cannot tell the sampling rate: {error}; pass sampling_rate=…") from error
    given = resolve_units(options.units, len(values), source) or [unit] * len(values)
    factors = np.array([canonical_unit(one)[1] for one in given])
    return Recording(
        (values * factors[:, None]).astype(np.float32),
        clock.sampling_rate,
        channel_names=names,
        units=[canonical_unit(one)[0] for one in given],
        spans=clock.spans,
        warnings=[*notes, *(f"{source}: {note}" for note in clock.warnings)],
        source=source,
    )


def _polar(parts: list[dict[str, Any]], options: Options, source: str) -> Recording:
    """Read PolarRecorder's: one object, or one a line, each with samples that have stamps in ns."""
    kinds = list(dict.fromkeys(str(part.get("dataType", "data")) for part in parts if isinstance(part, dict)))
    wanted = options.key or ("ECG" if "ECG" in kinds else kinds[0])
    if wanted not in kinds:
        raise ReadError(f"{source}: no data of type {wanted!r} (there are: {', '.join(kinds)})")
    used = [
        part for part in parts if str(part.get("dataType", "data")) == wanted and isinstance(part.get("data"), list)
    ]
    samples = [sample for part in used for sample in part["data"] if isinstance(sample, dict)]
    stamps = [stamp for sample in samples if isinstance(stamp := sample.get("timeStamp"), int)]
    if len(stamps) < 2 or len(stamps) < len(samples):
        raise ReadError(f"{source}: its {wanted} holds {len(samples)} samples with stamps; at least 2 are needed")
    columns = _columns(samples)
    if not columns:
        raise ReadError(f"{source}: its {wanted} holds no numbers (fields: {', '.join(samples[0])})")
    start = stamps[0]
    times = np.array([stamp - start for stamp in stamps], dtype=np.float64) / 1e9
    names = [wanted] if len(columns) == 1 else [f"{wanted} {name}" for name in columns]
    found = _timed(
        np.array(list(columns.values())), times, names, _POLAR_UNITS.get(wanted.upper(), ""), options.sampling_rate,
        options, source, [],
    )  # fmt: skip
    phone = used[0].get("phoneTimestamp")
    begun = datetime.fromtimestamp(phone / 1e3, tz=UTC) if isinstance(phone, int | float) and 0 < phone < 1e14 else None
    sensor = _POLAR_ZERO + timedelta(microseconds=start / 1e3) if 0 < start < 2**62 else None
    if sensor is not None and begun is not None and abs((sensor - begun).total_seconds()) < 86400:
        begun = sensor  # the phone's stamp is when a packet arrived
    return found.replace(start_time=begun)


def _columns(samples: list[dict[str, Any]]) -> dict[str, list[float]]:
    columns: dict[str, list[float]] = {}
    for name, value in samples[0].items():
        if name == "timeStamp":
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            columns[name] = [_number(sample.get(name)) for sample in samples]
        elif isinstance(value, list):
            for index in range(len(value)):
                columns[f"{name} {index}"] = [_number(_at(sample.get(name), index)) for sample in samples]
    return columns


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
