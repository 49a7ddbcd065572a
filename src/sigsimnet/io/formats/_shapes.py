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

__all__ = ["from_lists", "from_long", "of_one_person", "rate_beside", "rate_in_first_row"]

_LONG_NAMES = {"channel", "variable", "lead", "signal", "sensor", "measure", "measurement", "parameter", "type", "name"}
_CHANNEL_NAMES = {"channel", "lead", "signal", "sensor", "variable"}
_OWNERS = {"subject", "participant", "patient", "person", "subject_id", "patient_id", "participant_id", "id", "record",
           "recording", "record_id"}  # fmt: skip
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

    Channels at some of the times of another have missing samples at the rest. A column of units says that of each
    channel.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"time": [0, 0, 1, 1], "channel": ["I", "II", "I", "II"], "value": [1.0, 2, 3, 4]})
    >>> from_long(long)[0].to_dict("list")
    {'time': [0, 1], 'I': [1.0, 3.0], 'II': [2.0, 4.0]}
    """
    named = [name for name in frame.columns if _plain(name) in _LONG_NAMES and _may_name_channels(frame, name)]
    if len(named) != 1 or frame[named[0]].isna().any():
        return None
    channel = named[0]
    numeric = [name for name in frame.columns if frame[name].dtype.kind in "iuf" and name != channel]
    if not numeric:
        return None
    labels = frame[channel] if _is_words(frame[channel]) else frame[channel].map("ch{:g}".format)
    names = [str(name) for name in labels.unique()]
    unit = next((name for name in frame.columns if _plain(name) in {"unit", "units"} and _is_words(frame[name])), None)
    rest = [name for name in frame.columns if name not in {channel, unit}]
    value = next((name for name in numeric if "val" in str(name).casefold()), numeric[-1])
    steps = [name for name in rest if name != value and (frame[name] != frame[name].iloc[0]).any()]
    others = [name for name in steps if name in numeric]
    if not 1 < len(names) <= _MOST_CHANNELS or not steps or len(others) > 1:
        return None  # several columns of numbers: words beside them are labels
    parts = {name: frame[(labels == name).to_numpy()].drop_duplicates(steps) for name in names}
    longest = max(names, key=lambda name: len(parts[name]))
    first = parts[longest].reset_index(drop=True)
    shares = {name: float(_moments(parts[name], steps).isin(_moments(first, steps)).mean()) for name in names}
    kept = [name for name in names if shares[name] == 1.0]
    if len(kept) == 1:
        clear = _plain(channel) in _CHANNEL_NAMES
        met = all(_overlaps(parts[name], first, steps[0]) if clear else shares[name] > 0.5 for name in names)
        if not met:
            return None
    columns = {name: first[name] for name in steps}
    for name in kept:
        own = parts[name].set_index(_moments(parts[name], steps).to_numpy())[value]
        said = f" ({parts[name][unit].iloc[0]})" if unit is not None else ""
        columns[f"{name}{said}"] = own.reindex(_moments(first, steps).to_numpy()).reset_index(drop=True)
    import pandas as pd

    lost = [name for name in names if name not in kept]
    notes = [f"long table: one column for each of {', '.join(names)}"] if not lost else []
    if lost:
        notes.append(f"long table: {', '.join(lost)} have other times than {longest} and were left out")
    return pd.DataFrame(columns), notes


def of_one_person(frame: pd.DataFrame, key: str | None, source: str) -> pd.DataFrame:
    """Return the rows of one person, where a column says whose they are.

    Raises
    ------
    ReadError
        If there are several people (recordings) and ``key`` names none of them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"subject": [7] * 3 + [9] * 3, "ecg": range(6)})
    >>> of_one_person(rows, "9", "a.csv")["ecg"].tolist()
    [3, 4, 5]
    """
    for name in frame.columns:
        if _plain(name) not in _OWNERS or not 1 < frame[name].nunique() <= len(frame) // 3:
            continue
        runs = int((frame[name] != frame[name].shift()).sum())
        if runs > frame[name].nunique():
            continue  # changes back and forth: a signal or a mark
        owners = [str(value) for value in frame[name].unique()]
        if key not in owners:
            raise ReadError(
                f"{source}: column {name!r} holds {len(owners)} recordings ({', '.join(owners[:5])}"
                f"{', …' if len(owners) > 5 else ''}); pass key= with one of them"
            )
        frame = frame[frame[name].astype(str) == key].drop(columns=name).reset_index(drop=True)
    return frame


def _plain(name: object) -> str:
    return str(name).strip().casefold()


def _may_name_channels(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a column holds words, or a few whole numbers in turn beside a column of values."""
    column = frame[name]
    if _is_words(column):
        return True
    values = any("val" in _plain(other) for other in frame.columns if other != name)
    few = column.dtype.kind in "iu" and 1 < column.nunique() <= _MOST_CHANNELS
    return values and few and bool((column.diff().iloc[1:] != 0).mean() > 0.5 or column.is_monotonic_increasing)


def _moments(part: pd.DataFrame, steps: list[str]) -> pd.Series[Any]:
    """Return what tells the rows of a channel apart: its time, or the words of several columns that make it."""
    if len(steps) == 1:
        return part[steps[0]]
    return part[steps].astype(str).agg("\0".join, axis="columns")


def _overlaps(part: pd.DataFrame, first: pd.DataFrame, step: str) -> bool:
    a, b = part[step], first[step]
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
