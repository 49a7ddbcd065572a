"""Units: one spelling each, volts turned into mV, and units written into column headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["IN_VOLTS", "ascii_unit", "canonical_unit", "is_unit", "resolve_units", "split_heading"]

# Spelling (lower case) to our spelling and the factor that brings the numbers there. Volts become mV: that is what
# every threshold and plot of this library is written for, and what clinicians read.
_VOLTS: dict[str, tuple[str, float]] = {
    "v": ("mV", 1e3),
    "volt": ("mV", 1e3),
    "volts": ("mV", 1e3),
    "mv": ("mV", 1.0),
    "millivolt": ("mV", 1.0),
    "millivolts": ("mV", 1.0),
    "uv": ("µV", 1.0),
    "µv": ("µV", 1.0),
    "μv": ("µV", 1.0),  # the Greek letter, not the micro sign
    "microvolt": ("µV", 1.0),
    "microvolts": ("µV", 1.0),
    "nv": ("µV", 1e-3),
    "nanovolt": ("µV", 1e-3),
    "nanovolts": ("µV", 1e-3),
    "mvolt": ("mV", 1.0),
    "mvolts": ("mV", 1.0),
    "uvolt": ("µV", 1.0),
    "uvolts": ("µV", 1.0),
}
# What the ASCII of file formats makes of other units; upper and lower case differ (uS is µS, us a time).
_SPELLINGS = {
    "uS": "µS", "μS": "µS", "uA": "µA", "μA": "µA", "uT": "µT", "μT": "µT", "Ohm": "Ω", "ohm": "Ω", "kOhm": "kΩ",
    "kOhms": "kΩ", "kohms": "kΩ", "kohm": "kΩ", "Ohms": "Ω", "ohms": "Ω", "BPM": "bpm", "degC": "°C", "deg": "°",
    "deg/s": "°/s", "m/s^2": "m/s²", "m/s2": "m/s²", "m/(sec^2)": "m/s²", "m/(s^2)": "m/s²", "m/sec^2": "m/s²",
    "usiemens": "µS", "uSiemens": "µS", "microsiemens": "µS",
}  # fmt: skip
_ASCII = (("µ", "u"), ("μ", "u"), ("Ω", "Ohm"), ("Ω", "Ohm"), ("°", "deg"), ("²", "^2"), ("³", "^3"))
IN_VOLTS = {"mV": 1e-3, "µV": 1e-6}
"""Volts that one of our units of voltage is."""
_UNKNOWN = {
    "", "nu", "n/u", "na", "n/a", "none", "unknown", "-", "a.u.", "au", "arb", "arb.", "no units", "no_units",
    "unitless", "dimensionless", "*",
}  # fmt: skip
_OTHERS = {
    "adu", "adc", "counts", "count", "g", "mg", "m/s2", "m/s^2", "m/s²", "m/(sec^2)", "m/(s^2)", "m/sec^2", "°c",
    "degc", "c", "k", "hz", "bpm", "1/min",
    "mmhg", "%", "a", "ma", "ua", "µa", "s", "ms", "us", "µs", "ns", "min", "h", "ohm", "kohm", "us/cm", "µs/cm",
    "usiemens", "µsiemens", "siemens", "l", "l/s", "l/min", "deg", "rad", "deg/s", "°/s", "dps", "t", "ut", "µt",
    "lux", "lx", "sec", "secs", "second", "seconds", "msec", "millisecond", "milliseconds", "microsecond",
    "microseconds", "nanoseconds", "minutes", "hours", "msecs", "usec", "microsiemens", "celsius", "ohms", "kohms",
    "km/h", "degrees", "percent", "beats/min", "local_flux", "local flux", "degrees celsius",
    "cm", "mm", "m", "km", "pa", "kpa", "cmh2o", "w", "kw", "n", "nm", "kg", "j", "rpm", "ml", "ml/min",
}  # fmt: skip
_BRACKETED = re.compile(r"^(?P<name>.*?)\s*[\(\[]\s*(?P<unit>[^()\[\]]*?)\s*[\)\]]\s*$")
# DIN 1313: the quantity over its unit.
_OVER = re.compile(r"^(?P<name>[^/]*[^/\s])\s*/\s*(?P<unit>[^/\s]+(?:/min)?)$")
_OVER_UNITS = {
    "s",
    "ms",
    "µs",
    "us",
    "min",
    "°c",
    "degc",
    "hz",
    "mmhg",
    "kpa",
    "%",
    "bpm",
    "l/min",
    "ohm",
    "kohm",
    "µsiemens",
}
# Only volts, and never a bare V: "lead_V" is a lead.
_SUFFIXED = re.compile(r"^(?P<name>.+?)[_ ](?P<unit>uV|µV|μV|mV|volts?|millivolts?|microvolts?)$", re.IGNORECASE)


def canonical_unit(unit: str) -> tuple[str, float]:
    """Return our spelling of a unit and the factor for its numbers.

    Volts become mV (factor 1000), nanovolts µV; other units keep their numbers, and words for *unknown* become ``""``.

    Examples
    --------
    >>> canonical_unit("uV"), canonical_unit("V"), canonical_unit("nu"), canonical_unit("bpm")
    (('µV', 1.0), ('mV', 1000.0), ('', 1.0), ('bpm', 1.0))
    """
    plain = unit.strip()
    lowered = plain.lower()
    if lowered in _VOLTS:
        return _VOLTS[lowered]
    if lowered in ("degc", "celsius", "degrees celsius", "deg c", "grad c"):
        return "°C", 1.0
    return ("", 1.0) if lowered in _UNKNOWN else (_SPELLINGS.get(plain, plain), 1.0)


def is_unit(cell: str) -> bool:
    """Tell whether a cell holds a unit and nothing else, in brackets or not; a form of time (``hh:mm:ss``) is one.

    Examples
    --------
    >>> [cell for cell in ("mV", "(millivolts)", "hh:mm:ss.mmm", "[s]", "ECG", "") if is_unit(cell)]
    ['mV', '(millivolts)', 'hh:mm:ss.mmm', '[s]']
    """
    plain = re.sub(r"[()\[\]]", "", cell).strip().lower()
    known = plain in _VOLTS or plain in _OTHERS or plain in _UNKNOWN
    return bool(plain) and (known or re.fullmatch(r"[ymdhs:/.\- t]*(hh?|mm):(mm|ss)[:.\w]*", plain) is not None)


def ascii_unit(unit: str) -> str:
    """Return a unit as formats write it that hold ASCII only; `canonical_unit` gives ours back.

    Examples
    --------
    >>> [ascii_unit(unit) for unit in ("µS", "Ω", "°C", "m/s²", "mV")]
    ['uS', 'Ohm', 'degC', 'm/s^2', 'mV']
    """
    for ours, theirs in _ASCII:
        unit = unit.replace(ours, theirs)
    return unit


def split_heading(heading: str) -> tuple[str, str | None]:
    """Split a column heading into its name and its unit (None when it names none).

    Examples
    --------
    >>> split_heading("ECG (mV)"), split_heading("ecg_uV"), split_heading("U/mV"), split_heading("ECG (raw)")
    (('ECG', 'mV'), ('ecg', 'uV'), ('U', 'mV'), ('ECG (raw)', None))
    """
    found = _BRACKETED.match(heading)
    if found and found["name"]:
        lowered = found["unit"].lower()
        if lowered in _VOLTS or lowered in _OTHERS or (lowered and lowered in _UNKNOWN):
            return found["name"], found["unit"]
    found = _OVER.match(heading.strip())
    if found and (found["unit"].lower() in _VOLTS or found["unit"].lower() in _OVER_UNITS):
        return found["name"], found["unit"]
    found = _SUFFIXED.match(heading.strip())
    if found:
        return found["name"], found["unit"]
    return heading.strip(), None


def resolve_units(units: str | Sequence[str] | None, n_channels: int, source: str) -> list[str] | None:
    """Return one unit a channel from what the user passed, None if nothing.

    Raises
    ------
    ParameterError
        If their number does not fit.
    """
    if units is None or units == "":
        return None
    if isinstance(units, str):
        return [units] * n_channels
    given = list(units) if isinstance(units, Iterable) else [units]
    if not all(isinstance(unit, str) for unit in given):
        raise ParameterError(f"{source}: units are {units!r}: they must be text such as 'mV', one or one a channel")
    if len(given) != n_channels:
        raise ParameterError(f"{source}: {len(given)} units for {n_channels} channels; pass one, or one a channel")
    return given
