"""Tables that are not one column a channel: long ones, lists in cells, rows of events, counters among the signals."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io.clock._numbers import words_of
from sigsimnet.io.devices import header_words
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sigsimnet.io.devices import Device

__all__ = [
    "describe_sparse",
    "find_counters",
    "from_lists",
    "from_long",
    "rate_beside",
    "rate_in_first_row",
    "split_events",
    "without_roles",
]

_LONG_NAMES = {"channel", "variable", "lead", "signal", "sensor", "measure", "measurement", "parameter", "type", "name"}
_COUNTER_WORDS = {
    "counter",
    "seq",
    "nseq",
    "sequence",
    "packet",
    "index",
    "sampleindex",
    "framecounter",
    "count",
    "cnt",
}
_LIST = re.compile(r"^\s*[\[(]\s*[-+\d.]")
_MOST_CHANNELS = 256
_MOST_EVENTS = 0.2  # share of rows
_PERIODS = {16, 32, 64, 100, 128, 256, 512, 1000, 1024, 4096, 10_000, 32_768, 65_536}  # where counters begin again


def from_lists(frame: pd.DataFrame, key: str | None, source: str) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return the recording of one row where cells hold lists of samples, and the other cells of that row; else None.

    Rows of a start, durations and values (Withings) are one recording, whose time is worked out.

    Parameters
    ----------
    frame : DataFrame
    key : str or None
        Row that the user wants: its number from 0, or a value of its first column.
    source : str
        For messages.

    Raises
    ------
    ReadError
        If there are several rows and none was chosen.

    Examples
    --------
    >>> import pandas as pd
    >>> from_lists(pd.DataFrame({"id": [7], "ecg": ["[0.1, 0.2, 0.3]"]}), None, "a.csv")
    (   ecg
    0  0.1
    1  0.2
    2  0.3, {'id': 7})
    """
    import pandas as pd

    listed = [name for name in frame.columns if frame[name].dtype.kind not in "biufMm" and _is_list(frame[name])]
    if not listed:
        return None
    if {"start", "duration", "value"} <= {str(name).casefold() for name in frame.columns}:
        return _bursts(frame.rename(columns=lambda name: str(name).casefold()), source), {}
    row = 0
    if len(frame) > 1:
        row = _chosen(frame, listed, key, source)
    cells = {name: _numbers(frame[name].iloc[row]) for name in listed}
    length = max(map(len, cells.values()))
    table = pd.DataFrame({name: values for name, values in cells.items() if len(values) == length})
    rest = frame.drop(columns=listed).astype(object)
    return table, {str(name): rest[name].iloc[row] for name in rest.columns}


def _chosen(frame: pd.DataFrame, listed: list[str], key: str | None, source: str) -> int:
    labels = [str(value) for value in frame.iloc[:, 0]] if frame.columns[0] not in listed else []
    if key is not None and key in labels:
        return labels.index(key)
    if key is not None and key.isdigit() and int(key) < len(frame):
        return int(key)
    first = (
        f", or one of {frame.columns[0]!r}: {', '.join(labels[:5])}{', …' if len(labels) > 5 else ''}" if labels else ""
    )
    wrong = f"no row {key!r}: " if key is not None else ""
    raise ReadError(
        f"{source}: {wrong}holds {len(frame):,} recordings, one a row (lists in column {listed[0]!r}); "
        f"pass key= with the number of a row from '0'{first}"
    )


def _is_list(column: pd.Series[Any]) -> bool:
    known = column.dropna()
    if not len(known):
        return False
    first = known.iloc[0]
    return bool(_LIST.match(first)) if isinstance(first, str) else isinstance(first, list | tuple | np.ndarray)


def _numbers(cell: Any) -> NDArray[np.float64]:
    if isinstance(cell, str):
        text = re.sub(r"(?i)\bnan\b|\bnone\b", "null", cell.strip().replace("(", "[").replace(")", "]"))
        try:
            cell = json.loads(text if "," in text else re.sub(r"\s+", ",", text.replace("[ ", "[").replace(" ]", "]")))
        except (ValueError, RecursionError):
            cell = []
    return np.asarray(cell, dtype=np.float64).ravel()


def _bursts(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Put rows of a start, a list of durations (s) and a list of values behind one another, in the order of time."""
    import pandas as pd

    starts = pd.to_datetime(frame["start"], utc=True, errors="coerce")
    times, values = [], []
    for begin, lengths, cell in sorted(
        zip(starts, frame["duration"], frame["value"], strict=True), key=lambda row: row[0]
    ):
        durations, samples = _numbers(lengths), _numbers(cell)
        n = min(len(durations), len(samples))
        offsets = np.cumsum(np.r_[0.0, durations[: n - 1]]) if n else np.empty(0)
        times += [begin + pd.Timedelta(seconds=float(offset)) for offset in offsets]
        values.append(samples[:n])
    if len(times) < 2:
        raise ReadError(f"{source}: holds fewer than two values")
    return pd.DataFrame({"time": times, "value": np.concatenate(values)})


def from_long(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]] | None:
    """Return a table of one column a channel from one of time, channel and value; None where it is none.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"time": [0, 0, 1, 1], "channel": ["I", "II", "I", "II"], "value": [1.0, 2, 3, 4]})
    >>> from_long(long)[0].to_dict("list")
    {'time': [0, 1], 'I': [1.0, 3.0], 'II': [2.0, 4.0]}
    """
    named = [name for name in frame.columns if str(name).strip().casefold() in _LONG_NAMES and _is_words(frame[name])]
    numeric = [name for name in frame.columns if frame[name].dtype.kind in "iuf"]
    if len(named) != 1 or not numeric or frame[named[0]].isna().any():
        return None
    channel = named[0]
    names = [str(name) for name in frame[channel].unique()]
    rest = [name for name in frame.columns if name != channel]
    value = next((name for name in numeric if "val" in str(name).casefold()), numeric[-1])
    steps = [name for name in rest if name != value and (frame[name] != frame[name].iloc[0]).any()]
    if not 1 < len(names) <= _MOST_CHANNELS or not steps:
        return None
    parts = {name: frame[frame[channel] == name] for name in names}
    longest = max(parts, key=lambda name: len(parts[name]))
    first = parts[longest]
    kept = [name for name in names if len(parts[name]) == len(first) and _same(parts[name], first, steps)]
    columns = {name: first[name].reset_index(drop=True) for name in steps}
    columns.update({name: parts[name][value].reset_index(drop=True) for name in kept})
    import pandas as pd

    lost = [name for name in names if name not in kept]
    notes = [f"long table: one column for each of {', '.join(names)}"] if not lost else []
    if lost:
        notes.append(f"long table: {', '.join(lost)} have other times than {longest} and were left out")
    return pd.DataFrame(columns), notes


def _is_words(column: pd.Series[Any]) -> bool:
    return column.dtype.kind not in "biufMmc"


def _same(part: pd.DataFrame, first: pd.DataFrame, steps: list[str]) -> bool:
    return all(np.array_equal(part[name].to_numpy(), first[name].to_numpy()) for name in steps)


def split_events(frame: pd.DataFrame, device: Device | None) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Take events out: rows that hold a word and no sample, and the columns of words that a device calls events.

    Returns
    -------
    DataFrame, list of tuple of int and str
        The table without them, and at which sample each word stands.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"time": [0, 1, 2], "eeg": [0.5, None, 0.7], "Elements": [None, "blink", None]})
    >>> split_events(table, None)[1]
    [(1, 'blink')]
    """
    words = [name for name in frame.columns if _is_words(frame[name])]
    sparse = [name for name in words if 0 < frame[name].notna().sum() < 0.5 * len(frame)]
    sparse = [name for name in sparse if _role(device, name) != "status"]
    if not sparse:
        return frame, []
    signals = [name for name in frame.columns if frame[name].dtype.kind == "f" and frame[name].isna().any()]
    has_word = frame[sparse].notna().any(axis="columns")
    rows = (
        (frame[signals].isna().all(axis="columns") & has_word).to_numpy()
        if signals
        else np.zeros(len(frame), dtype=bool)
    )
    if np.count_nonzero(rows) > _MOST_EVENTS * len(rows):
        rows[:] = False  # samples that are missing, and why
    before = np.cumsum(~rows)
    events = [
        (min(int(before[place]), int(before[-1]) - 1), _sentence(frame[sparse].iloc[place]))
        for place in np.flatnonzero(rows)
    ]
    kept = frame[~rows].reset_index(drop=True) if events else frame
    told = [name for name in sparse if _role(device, name) == "event"]
    events += [
        (int(place), _sentence(kept[[name]].iloc[place]))
        for name in told
        for place in np.flatnonzero(kept[name].notna())
    ]
    gone = [name for name in sparse if name in told or not kept[name].notna().any()]
    return kept.drop(columns=gone), sorted(events)


def _sentence(cells: pd.Series[Any]) -> str:
    return " ".join(re.sub(r"^#\*\s*", "", str(cell)).strip() for cell in cells.dropna())


def _role(device: Device | None, name: str) -> str:
    if name == "notes":
        return "event"
    rule = device.rule_of(split_heading(name)[0]) if device is not None else None
    return rule.role if rule else ""


def without_roles(names: list[str], device: Device | None) -> tuple[list[str], list[str]]:
    """Return the columns that a device's description calls signals, and notes on the others.

    Examples
    --------
    >>> from sigsimnet.io.devices import recognise
    >>> muse = recognise(["TimeStamp,RAW_TP9,HSI_TP9,Elements"])
    >>> without_roles(["RAW_TP9", "HSI_TP9"], muse)
    (['RAW_TP9'], ["column 'HSI_TP9' is no signal (status) and was left out"])
    """
    if device is None:
        return names, []
    roles = {name: _role(device, name) for name in names}
    left = [name for name in names if roles[name] in {"counter", "status", "digital", "time"}]
    kept = [name for name in names if name not in left]
    if not left or not kept:
        return names, []
    kinds = ", ".join(sorted({roles[name] for name in left}))
    said = ", ".join(map(repr, left[:8])) + (f" and {len(left) - 8} more" if len(left) > 8 else "")
    many = len(left) > 1
    return kept, [
        f"column{'s' if many else ''} {said} {'are no signals' if many else 'is no signal'} ({kinds}) and "
        f"{'were' if many else 'was'} left out"
    ]


def find_counters(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Return columns that count samples, again and again: by their heading, or beginning anew at 256 or its like.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> table = pd.DataFrame({"n": np.arange(1000) % 256, "ecg": np.sin(np.arange(1000))})
    >>> find_counters(table, ["n", "ecg"])
    ['n']
    """
    found: list[str] = []
    for name in names:
        column = frame[name]
        if column.dtype.kind not in "iuf" or len(column) < 20:
            continue
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if not _counts(values[:2000]) or not _counts(values):
            continue
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        wraps = bool(np.any(np.diff(values) < 0))
        bare = re.fullmatch(r"ch\d+|index", name) is not None
        named = bool(_COUNTER_WORDS & set(words_of(split_heading(name)[0]))) or name == "index"
        # Smallest periods may be a signal's own.
        if named or (wraps and high - low + 1 in _PERIODS) or (bare and name == names[0] and high - low >= 15):
            found.append(name)
    return found if len(found) < len(names) else []


def _counts(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values)
    ones = steps == 1
    wraps = steps < 0
    return bool(np.count_nonzero(ones) >= 0.9 * len(steps) and np.count_nonzero(ones | wraps) >= 0.98 * len(steps))


def rate_beside(cells: dict[str, Any]) -> float | None:
    """Return the sampling rate that a cell of a row states, such as a column ``fs``.

    Examples
    --------
    >>> rate_beside({"id": 7, "fs": 250})
    250.0
    """
    for name, value in cells.items():
        plain = re.sub(r"\s*[(\[].*", "", str(name)).strip().casefold()
        if any(word.search(plain) for word in header_words()["rate"]):
            try:
                rate = float(value)
            except (TypeError, ValueError):
                continue
            if rate > 0:
                return rate
    return None


def rate_in_first_row(frame: pd.DataFrame) -> tuple[str, float] | None:
    """Return the name of a column whose first row alone states the sampling rate, and that; None if there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> rate_in_first_row(pd.DataFrame({"Sample rate": [4.0, None, None], "HR": [60, 61, 62]}))
    ('Sample rate', 4.0)
    """
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind == "f" and len(column) > 2 and column.notna().sum() == 1 and column.notna().iloc[0]:
            rate = rate_beside({name: column.iloc[0]})
            if rate is not None:
                return str(name), rate
    return None


def describe_sparse(frame: pd.DataFrame, names: list[str], sampling_rate: float) -> list[str]:
    """Say which columns hold a value in every few rows only: signals of a lower rate, whose other samples are missing.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"acc": ([0.5] + [None] * 9) * 5})
    >>> describe_sparse(table, ["acc"], 250.0)
    ["column 'acc' has a value in every 10th row (25 Hz); other samples are missing"]
    """
    said: dict[int, list[str]] = {}
    for name in names:
        column = frame[name]
        if column.dtype.kind != "f":
            continue
        places = np.flatnonzero(column.notna().to_numpy())
        if len(places) < 5 or len(places) > 0.6 * len(column):
            continue
        steps = np.diff(places)
        usual = int(np.median(steps))
        if usual > 1 and np.mean(steps == usual) > 0.8:
            said.setdefault(usual, []).append(name)
    notes = []
    for usual, found in said.items():
        which = f"column{'s' if len(found) > 1 else ''} {', '.join(map(repr, found))}"
        th = {2: "nd", 3: "rd"}.get(usual, "th")
        manner = "have a value" if len(found) > 1 else "has a value"
        notes.append(
            f"{which} {manner} in every {usual}{th} row ({sampling_rate / usual:g} Hz); other samples are missing"
        )
    return notes
