"""What stands beside an array in files of named values: rate, names, units, time, start, and who it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "is_time_name",
    "labels_of",
    "metadata_of",
    "number_of",
    "plain_name",
    "rate_named_after",
    "start_of",
    "stated_rate",
    "text_of",
    "texts_of",
    "time_array",
    "units_of",
]

_RATES = {
    "samplingrate", "samplingfrequency", "samplingfreq", "samplerate", "samplefrequency", "samplefreq", "sampfreq",
    "sampfrequency", "fs", "sf", "sr", "sfreq", "srate", "freq", "frequency", "fsample", "samplespersecond", "hz",
    "acquisitionrate", "datarate",
}  # fmt: skip
_INTERVALS = {"isi", "dt", "samplinginterval", "sampleinterval", "samplingperiod", "tickperiod"}
_SECONDS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_TIMES = {
    "time", "times", "t", "timer", "timestamp", "timestamps", "timevector", "timeaxis", "tvec", "tm", "tms",
    "timems", "timeus", "timesec", "unixtime", "datetime",
}  # fmt: skip
_LABELS = {
    "labels", "label", "leadnames", "leads", "lead", "leadname", "channelnames", "channellabels", "channels", "channel",
    "chnames", "chlabels", "chanlabels", "signame", "signames", "signalnames", "titles", "names", "columns",
    "electrodes", "description",
}  # fmt: skip
_UNITS = {"units", "unit", "channelunits", "sigunits", "physicalunits", "unittext", "physunits"}
_STARTS = {"starttime", "start", "startdate", "datetime", "recordingdate", "measdate", "basedatetime", "recordedat"}
_MOST = 30  # entries of metadata, and characters a name or word may have
_LONGEST = 200


def plain_name(name: str) -> str:
    """Return a name without case and without what is no letter or digit.

    Examples
    --------
    >>> plain_name("Sampling_Rate (Hz)")
    'samplingratehz'
    """
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def number_of(value: Any) -> float | None:
    """Return a single number, or an array of equal ones, as a float; None for anything else.

    Examples
    --------
    >>> number_of(np.array([[300]])), number_of(np.array([500, 500])), number_of("fast"), number_of("250 Hz")
    (300.0, 500.0, None, 250.0)
    """
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(k?hz)?", value.strip().casefold())
        return float(found[1]) * (1000 if found[2] == "khz" else 1) if found else None
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return None
    kind, shape = getattr(value, "dtype", None), getattr(value, "shape", ())
    if kind is not None and (kind.kind not in "iuf" or np.prod(shape, dtype=float) > _LONGEST):
        return None
    try:
        numbers = np.asarray(value[()] if kind is not None and shape else value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        return None
    if not len(numbers) or not np.all(numbers == numbers[0]) or not np.isfinite(numbers[0]):
        return None
    return float(numbers[0])


def stated_rate(entries: Mapping[str, Any]) -> float | None:
    """Return the sampling rate (Hz) when an entry called ``fs`` or alike, or ``isi`` with its unit, holds one number.

    Examples
    --------
    >>> stated_rate({"val": np.zeros(9), "Fs_Hz": np.array([[300]])}), stated_rate({"isi": 2.0, "isi_units": "ms"})
    (300.0, 500.0)
    """
    for name, value in entries.items():
        plain = plain_name(name)
        stem = plain.removesuffix("khz").removesuffix("hz") or plain
        if (plain in _RATES or stem in _RATES) and (number := number_of(value)) is not None and number > 0:
            return number * (1000 if plain.endswith("khz") else 1)
    for name, value in entries.items():
        plain = plain_name(name)
        unit = next((unit for unit in ("ms", "us", "ns", "s") if plain.removesuffix(unit) in _INTERVALS), None)
        if plain in _INTERVALS:
            texts = [
                text_of(other) for key, other in entries.items() if plain_name(key) in {f"{plain}units", f"{plain}unit"}
            ]
            unit = (texts[0] or "s").strip().casefold() if texts else "s"
        if unit in _SECONDS and (number := number_of(value)) is not None and number > 0:
            return round(1 / (number * _SECONDS[unit]), 9)
    return None


def rate_named_after(name: str, entries: Mapping[str, Any]) -> float | None:
    """Return the sampling rate (Hz) that an entry called after an array states: ``fs_ppg``, ``ecg_sampling_rate``.

    Examples
    --------
    >>> rate_named_after("ppg", {"fs": 500, "fs_ppg": 125, "ecg_fs": 250})
    125.0
    """
    plain = plain_name(name)
    for key, value in entries.items():
        whole = plain_name(key)
        rests = [whole.removeprefix(plain)] if whole.startswith(plain) else []
        rests += [whole.removesuffix(plain)] if whole.endswith(plain) else []
        if plain and any(rest != whole and (rest.removesuffix("hz") or rest) in _RATES for rest in rests):
            number = number_of(value)
            if number is not None and number > 0:
                return number
    return None


def text_of(value: Any) -> str | None:
    """Return a single text, or None.

    Examples
    --------
    >>> text_of(np.array(["mV"])), text_of(b"ms"), text_of(3)
    ('mV', 'ms', None)
    """
    if isinstance(value, np.ndarray | list) and len(np.shape(value)) < 3 and np.size(value) == 1:
        value = np.asarray(value, dtype=object).reshape(-1)[0]
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return str(value) if isinstance(value, str) else None


def texts_of(value: Any) -> list[str] | None:
    """Return a list of texts, or None.

    Examples
    --------
    >>> texts_of(np.array(["I ", "II"])), texts_of("I, II"), texts_of([1.0])
    (['I', 'II'], ['I', 'II'], None)
    """
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[,;|]", value)]
    if isinstance(value, np.ndarray) and value.dtype.kind in "SUO":
        value = value.reshape(-1).tolist()
    if not isinstance(value, list | tuple) or len(value) > 10_000:
        return None
    found = [text_of(item) for item in value]
    return [text.strip() for text in found if text is not None] if found and None not in found else None


def labels_of(entries: Mapping[str, Any], n_channels: int) -> list[str] | None:
    """Return the names of the channels, where an entry holds as many words as there are channels.

    Examples
    --------
    >>> labels_of({"lead_names": ["I", "II"]}, 2), labels_of({"labels": ["normal"]}, 12)
    (['I', 'II'], None)
    """
    return _words(entries, _LABELS, n_channels)


def units_of(entries: Mapping[str, Any], n_channels: int) -> list[str] | None:
    """Return the units of the channels; a single one counts for all.

    Examples
    --------
    >>> units_of({"units": np.array(["mV", "V "])}, 2), units_of({"unit": "uV"}, 3)
    (['mV', 'V'], ['uV', 'uV', 'uV'])
    """
    return _words(entries, _UNITS, n_channels) or (
        single * n_channels if (single := _words(entries, _UNITS, 1)) else None
    )


def _words(entries: Mapping[str, Any], names: set[str], number: int) -> list[str] | None:
    for name, value in entries.items():
        if plain_name(name) in names and (words := texts_of(value)) and len(words) == number and any(words):
            return [word[:_LONGEST] for word in words]
    return None


def start_of(entries: Mapping[str, Any]) -> datetime | None:
    """Return when a recording began, where an entry holds a date with a time of day in ISO's form.

    Examples
    --------
    >>> start_of({"start_time": "2024-03-01 09:00:00"})
    datetime.datetime(2024, 3, 1, 9, 0)
    """
    for name, value in entries.items():
        text = text_of(value) if plain_name(name) in _STARTS else None
        if text and len(text.strip()) > len("2024-03-01"):
            try:
                return datetime.fromisoformat(text.strip())
            except ValueError:
                continue
    return None


def is_time_name(name: str) -> bool:
    """Return whether an entry is called as times are.

    Examples
    --------
    >>> is_time_name("Time_ms"), is_time_name("ecg")
    (True, False)
    """
    return plain_name(name) in _TIMES


def time_array(entries: Mapping[str, Any], length: int, path: str) -> tuple[str, NDArray[Any]] | None:
    """Return the entry that holds the time of each sample, with its name; any length where ``length`` is 0.

    Examples
    --------
    >>> time_array({"hr": np.zeros(3), "timer": np.array([0.0, 4.0, 8.0])}, 3, "hr")[0]
    'timer'
    """
    for name, value in entries.items():
        if not is_time_name(name) or name == path.rpartition("/")[2]:
            continue
        shape = getattr(value, "shape", ())
        size = int(np.prod(shape, dtype=np.float64)) if shape else 0
        if size < 2 or max(shape) != size or (length and size != length) or value.dtype.kind not in "iufM":
            continue
        stamps = np.asarray(value[()]).reshape(-1)
        if stamps.dtype.kind == "M" or stamps[-1] > stamps[0]:
            return name, stamps
    return None


def metadata_of(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the single numbers and words among the entries that say nothing of the signal: age, sex, a diagnosis.

    Examples
    --------
    >>> metadata_of({"sex": "Male", "age": np.array([[74]]), "fs": 500.0, "data": np.zeros(9)})
    {'sex': 'Male', 'age': 74}
    """
    used = (
        (_LABELS - {"label", "labels", "description", "names", "columns"})
        | _RATES
        | _UNITS
        | _INTERVALS
        | _STARTS
        | {f"{name}units" for name in _INTERVALS}
    )
    found: dict[str, Any] = {}
    for name, value in entries.items():
        plain = plain_name(name)
        if name.startswith("__") or plain in used or plain.removesuffix("hz") in used or len(found) >= _MOST:
            continue
        text = text_of(value)
        if text is not None and text.strip():
            found[name] = text.strip()[:_LONGEST]
        elif text is None and np.ndim(value) <= 2 and np.size(value) == 1 and (number := number_of(value)) is not None:
            found[name] = int(number) if number.is_integer() else number
    return found
