"""Tables that are not one column a channel: long ones, and lists of samples in cells."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io.devices import header_words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["from_lists", "from_long", "rate_beside", "rate_in_first_row"]

_LONG_NAMES = {"channel", "variable", "lead", "signal", "sensor", "measure", "measurement", "parameter", "type", "name"}
_CHANNEL_NAMES = {"channel", "lead", "signal", "sensor", "variable"}
_LIST = re.compile(r"^\s*[\[(]\s*[-+\d.]")
_MOST_CHANNELS = 256


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
    others = [name for name in steps if name in numeric]
    if not 1 < len(names) <= _MOST_CHANNELS or not steps or len(others) > 1:
        return None  # several columns of numbers: words beside them are labels
    parts = {name: frame[frame[channel] == name] for name in names}
    longest = max(parts, key=lambda name: len(parts[name]))
    first = parts[longest]
    kept = [name for name in names if len(parts[name]) == len(first) and _same(parts[name], first, steps)]
    clear = str(channel).strip().casefold() in _CHANNEL_NAMES
    if len(kept) == 1 and not all(_meets(parts[name], first, steps[0], exactly=not clear) for name in names):
        return None
    columns = {name: first[name].reset_index(drop=True) for name in steps}
    columns.update({name: parts[name][value].reset_index(drop=True) for name in kept})
    import pandas as pd

    lost = [name for name in names if name not in kept]
    notes = [f"long table: one column for each of {', '.join(names)}"] if not lost else []
    if lost:
        notes.append(f"long table: {', '.join(lost)} have other times than {longest} and were left out")
    return pd.DataFrame(columns), notes


def _same(part: pd.DataFrame, first: pd.DataFrame, steps: list[str]) -> bool:
    return all(np.array_equal(part[name].to_numpy(), first[name].to_numpy()) for name in steps)


def _meets(part: pd.DataFrame, first: pd.DataFrame, step: str, *, exactly: bool) -> bool:
    """Tell whether two channels were there at the same time: at the same moments, or in between."""
    a, b = part[step], first[step]
    if exactly:
        return float(a.isin(b).mean()) > 0.5
    return bool(max(a.min(), b.min()) < min(a.max(), b.max()))


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


def _is_words(column: pd.Series[Any]) -> bool:
    return column.dtype.kind not in "biufMmc"
