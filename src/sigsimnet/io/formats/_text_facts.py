"""What the lines before a table of text say: rate, start, names, units, and the rest as metadata."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sigsimnet.io.clock._moments import parse_moment
from sigsimnet.io.devices import header_words
from sigsimnet.io.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigsimnet.io.devices import Device

__all__ = ["Facts", "facts_of", "key_value", "split_rate"]

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_SLOW = 10.0  # Hz: 1,000 is rather a thousand than one with three zeros; stamps, where there are any, judge it
# Clocks and dates, other things that are counted, several numbers that are multiplied.
_NO_RATE = re.compile(r"\d:\d|\d[-/]\d+[-/]\d|\d\.\d+\.\d|\bbpm\b|/\s*min\b|\d\s*[x×*]\s*\d", re.IGNORECASE)
_FACTORS = {"khz": 1e3, "mhz": 1e6}
_PER_STEP = re.compile(r"^\s*([\d.,]+)\s*(msec|ms|sec|s)/sample\s*$", re.IGNORECASE)
_PER_SECOND = re.compile(r"^\s*([\d.,]+)\s*samples?/(second|sec|s|minute|min)\s*$", re.IGNORECASE)
_IN_WORDS = re.compile(r"^\s*([^\d:=,;\t]+?)\s+([\d.,]+\s*(k?hz|hertz|sps))\b", re.IGNORECASE)
_SECONDS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0}
_LONGEST = 200  # characters of a value that is kept
_FIRST_NAMED = ("rate", "interval", "start_time", "start", "lead", "names", "units", "unit", "device", "private")


@dataclass
class Facts:
    """What a header says.

    Attributes
    ----------
    sampling_rate : float or None
        In Hz.
    start_time : datetime or None
        As far as it is plain.
    names, units : list of str
        Of the channels, in the order of the columns.
    unit : str
        Of all channels.
    columns : dict of str to list of str
        Names of all columns, where a header lists them (``columns``).
    metadata : dict
        The rest.
    lines : list of tuple of str and str
        What was taken, and the line it stands in.
    warnings : list of str
        What was not plain.
    """

    sampling_rate: float | None = None
    start_time: datetime | None = None
    names: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    unit: str = ""
    columns: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    day_first: bool | None = None


def facts_of(lines: Sequence[str], device: Device | None, mark: str = "", *, day_first: bool | None = None) -> Facts:
    """Read the lines before a table.

    Parameters
    ----------
    lines : sequence of str
        Comment lines without their sign, and the header block.
    device : Device or None
        Whose words count besides those of `header_words`.
    mark : str
        Key of our own line, which is no metadata.
    day_first : bool, optional
        Whether the day stands before the month in dates, where the user knows.

    Examples
    --------
    >>> facts = facts_of(["Sample Rate,512.067 hertz", "Unit: µV", "Operator=me"], None)
    >>> facts.sampling_rate, facts.unit, facts.metadata
    (512.067, 'µV', {'Operator': 'me'})
    """
    facts = Facts(day_first=day_first)
    words = _words_of(device)
    clock = ""
    if device is not None and device.channel_lines is not None:
        lines = _take_channel_lines(list(lines), device.channel_lines, facts)
    for line in _upright(lines):
        if line.startswith("{"):
            _take_json(line, facts)
            continue
        if _take_plain(line, words, facts):
            continue
        for key, value, cells in key_value(line):
            if key == mark or not value:
                continue
            what = _what(key, words)
            if what == "start_time" and not re.search(r"\d{4}|\d/|\d\.\d+\.", value):
                clock = value
            elif what:
                what = "start" if what == "start_time" else what  # a time with its date
                _take(what, key, value, cells, line, facts)
            elif len(value) <= _LONGEST:
                facts.metadata[key] = value
    if clock and facts.start_time is not None and facts.start_time.time() == datetime.min.time():
        moment = parse_moment(f"{facts.start_time.date().isoformat()} {clock}")
        facts.start_time = moment.time or facts.start_time
    if device is not None:
        facts.metadata[device.kind] = device.name
    return facts


def key_value(line: str) -> list[tuple[str, str, list[str]]]:
    """Split a header line into keys, values, and the cells of each value.

    Examples
    --------
    >>> key_value("Sampling Rate (Hz):= 1000")
    [('Sampling Rate (Hz)', '1000', ['1000'])]
    >>> [(key, value) for key, value, _ in key_value("title:EMOTIV, sampling:eeg_128")]
    [('title', 'EMOTIV'), ('sampling', 'eeg_128')]
    """
    plain = line.strip()
    if re.match(r"^[A-Za-z]:[\\/]", plain):
        return []  # a path
    pairs = re.findall(r"(?:^|[,;]\s*)([A-Za-z][\w ]{0,30}):\s*([^,;]*)", plain)
    if len(pairs) > 1 and not re.search(r"\d:\d", pairs[0][0]):
        return [(key.strip(), value.strip(), [value.strip()]) for key, value in pairs]
    found = re.match(r"^\"?([^:=,;\t]{1,60}?)\"?\s*(?:(:=|=|:)\s*|([,;\t]))(.*)$", plain)
    if found is None:
        return []
    key, separator, value = found[1].strip(), found[3], found[4].strip()
    if "\t" in value or separator in {";", "\t"}:
        cells = [cell.strip().strip('"') for cell in value.split("\t" if "\t" in value else separator or "\t")]
        value = cells[0] if len(cells) == 1 else "\t".join(cells).strip()
    else:
        cells = next(csv.reader([value], skipinitialspace=True), []) if separator == "," else [value]
        value = cells[0] if len(cells) == 1 else value
    return [(key.strip('" '), value.strip().strip('"'), cells)]


def split_rate(text: str) -> float | None:
    """Return the rate in Hz that a value states, None when it states none.

    Examples
    --------
    >>> split_rate("512,067 Hertz"), split_rate("1 kHz"), split_rate("eeg_128;mot_32"), split_rate("none")
    (512.067, 1000.0, 128.0, None)
    >>> split_rate("1,000 Hz"), split_rate("10:00:00"), split_rate("60 bpm"), split_rate("2 x 250 Hz")
    (1000.0, None, None, None)
    """
    plain = text.replace("_", " ")
    found = _NUMBER.search(plain)
    if found is None or _NO_RATE.search(plain):
        return None
    factor = next((factor for unit, factor in _FACTORS.items() if unit in plain.casefold()), 1.0)
    rate = float(found[0].replace(",", ".")) * factor
    if rate < _SLOW and _GROUPED.fullmatch(found[0]):
        rate = float(re.sub("[.,]", "", found[0])) * factor
    return rate if rate > 0 else None


def _words_of(device: Device | None) -> list[tuple[str, tuple[re.Pattern[str], ...]]]:
    general = header_words()
    own = device.words if device is not None else {}
    return [*own.items(), *((what, general[what]) for what in _FIRST_NAMED if what in general)]


def _what(key: str, words: Sequence[tuple[str, tuple[re.Pattern[str], ...]]]) -> str:
    plain = re.sub(r"\s*[(\[].*?[)\]]\s*", " ", key).strip().casefold()
    return next((what for what, patterns in words if any(word.search(plain) for word in patterns)), "")


def _take(what: str, key: str, value: str, cells: Sequence[str], line: str, facts: Facts) -> None:
    named = [cell.strip() for cell in cells if cell.strip()]
    if what == "rate" and (rate := split_rate(f"{value} {key}")):
        facts.sampling_rate = facts.sampling_rate or rate
    elif what == "interval" and (interval := _interval(value, key)):
        facts.sampling_rate = facts.sampling_rate or round(1 / interval, 6)
    elif what == "start":
        _take_start(key, value, cells, facts)
    elif what == "lead":
        found = re.fullmatch(r"\D+\s(I{1,3}|aV[RLF]|V[1-6])", value)
        facts.names = [f"Lead {found[1]}" if found else value]
    elif what == "names" and len(named) > 1:
        facts.names = named
    elif what == "names" and not value.isdigit():
        facts.names = [word.strip() for word in re.split(r"[\t,;]", value) if word.strip()]
    elif what == "units" and (len(named) > 1 or is_unit(_last_word(value))):
        apart = cells if len(named) > 1 else re.split(r"[\t;]|,\s", value)
        facts.units = [_last_word(cell) for cell in apart if cell.strip()]
    elif what == "unit" and len(value) < 20:
        facts.unit = value
    elif what == "device":
        facts.metadata["device"] = value
    elif what != "private":
        facts.metadata[key] = value
        return
    if what not in {"device", "private"}:
        facts.lines.append(
            ({"rate": "sampling rate", "interval": "sampling rate", "lead": "name"}.get(what, what), line.strip())
        )


def _take_start(key: str, value: str, cells: Sequence[str], facts: Facts) -> None:
    moment = parse_moment("\t".join(cells) if len(cells) > 1 else value, day_first=facts.day_first)
    if facts.start_time is None and moment.time is not None:
        facts.start_time = moment.time
    elif facts.start_time is None:
        facts.metadata[key] = value
    facts.warnings += moment.warnings


def _last_word(text: str) -> str:
    return text.strip().rpartition(" ")[2].strip("()[]") if text.strip() else ""


def _interval(value: str, key: str) -> float | None:
    found = re.search(rf"({_NUMBER.pattern})\s*([a-zµ]*)", value, re.IGNORECASE)
    if found is None:
        return None
    if _NO_RATE.search(value):
        return None
    unit = found[2].lower() or next(iter(re.findall(r"[(\[](\w+)[)\]]", key.lower())), "s")
    seconds = float(found[1].replace(",", ".")) * _SECONDS.get(unit, 0.0)
    return seconds if seconds > 0 else None


def _take_plain(line: str, words: Sequence[tuple[str, tuple[re.Pattern[str], ...]]], facts: Facts) -> bool:
    """Take lines that state a rate without a sign behind the key: ``0.5 msec/sample``, ``Sampling rate 500 Hz``."""
    if found := _PER_STEP.match(line):
        facts.sampling_rate = 1 / (float(found[1].replace(",", ".")) * _SECONDS[found[2].lower()])
    elif found := _PER_SECOND.match(line):
        facts.sampling_rate = float(found[1].replace(",", ".")) / (60.0 if found[2].lower().startswith("m") else 1.0)
    elif (found := _IN_WORDS.match(line)) and _what(found[1], words) == "rate":
        facts.sampling_rate = facts.sampling_rate or split_rate(found[2])
    else:
        return False
    facts.lines.append(("sampling rate", line.strip()))
    return True


def _upright(lines: Sequence[str]) -> list[str]:
    """Turn a row of keys above a row of values into one line each."""
    upright: list[str] = []
    keys: list[str] = []
    for line in lines:
        cells = [cell.strip() for cell in re.split(r"[,;\t]", line)] if not re.search(r"[=\[{]|: ", line) else []
        filled = [cell for cell in cells if cell]
        words = len(filled) == len(cells) > 2 and not any(cell[:1].isdigit() for cell in cells)
        if keys and len(cells) == len(keys) and not words:
            upright += [f"{key}: {value}" for key, value in zip(keys, cells, strict=True)]
            keys = []
            continue
        if keys:
            upright.append(",".join(keys))
        keys = cells if words else []
        if not words:
            upright.append(line)
    return [*upright, ",".join(keys)] if keys else upright


def _take_channel_lines(lines: list[str], sign: re.Pattern[str], facts: Facts) -> list[str]:
    """Take names and units that stand one a line, and return the other lines."""
    for position, line in enumerate(lines):
        if (found := sign.match(line)) is None:
            continue
        number = int(found[1])
        block = [text.strip().strip('"') for text in lines[position + 1 : position + 1 + 2 * number]]
        if len(block) == 2 * number:
            facts.names, facts.units = block[::2], block[1::2]
            facts.lines += [("name and unit", f"{a} {b}") for a, b in zip(facts.names, facts.units, strict=True)]
            return lines[:position] + lines[position + 1 + 2 * number :]
    return lines


def _take_json(line: str, facts: Facts) -> None:
    """Read the JSON line of OpenSignals: rate, columns, sensors, date and time."""
    try:
        about = json.loads(line)
    except (ValueError, RecursionError):
        return
    boards = [board for board in about.values() if isinstance(board, dict)] if isinstance(about, dict) else []
    for number, board in enumerate(boards):
        rate = board.get("sampling rate")
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            facts.sampling_rate = facts.sampling_rate or float(rate)
            facts.lines.append(("sampling rate, columns and start", line[:100]))
        if facts.start_time is None and isinstance(board.get("date"), str):
            facts.start_time = parse_moment(f"{board['date']} {board.get('time') or ''}".strip()).time
        columns = board.get("column")
        if isinstance(columns, list) and all(isinstance(name, str) for name in columns):
            facts.columns += _json_columns(columns, board, f" {number + 1}" if len(boards) > 1 else "")
        if isinstance(board.get("device"), str):
            facts.metadata.setdefault("device", board["device"])


def _json_columns(columns: list[str], board: dict[str, Any], suffix: str) -> list[str]:
    labels, sensors = ([str(x) for x in board.get(key) or ()] for key in ("label", "sensor"))
    named = list(columns)
    channels = labels if set(labels) <= set(columns) and labels else columns[len(columns) - len(sensors) :]
    for position, channel in enumerate(channels):
        sensor = re.sub(r"(?<=[A-Z])BIT(REV)?$", "", sensors[position]) if position < len(sensors) else ""
        label = labels[position] if position < len(labels) else ""
        own = label if label and label not in columns and not re.fullmatch(r"(A|CH)\d+", label) else ""
        if (sensor and sensor.upper() not in {"RAW", "CUSTOM", "OTHER", "UNKNOWN"}) or own:
            named[columns.index(channel)] = own or sensor
    return [f"{name}{suffix}" for name in named]
