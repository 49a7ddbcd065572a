"""Columns of a table that are no signals: counters, status, digital lines, events; and signals of a lower rate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import modality_of
from sigsimnet.io.clock._numbers import words_of
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sigsimnet.io.devices import Device

__all__ = ["describe_sparse", "event_columns", "find_counters", "find_digital", "split_events", "without_roles"]

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
    "frame",
    "sample",
    "samples",
    "row",
    "record",
}
_DIGITAL_WORDS = {
    "status", "trigger", "trig", "din", "dout", "digital", "button", "sync", "ttl", "leadsoff", "leadoff", "off",
    "contact", "event", "marker", "mark", "flag", "valid",
}  # fmt: skip
_SHORTEST = 16  # numbers after which a counter begins again; shorter ones may be a signal's own
_MOST_MARKS = 200  # different ones
_RARE = 0.05  # share of rows with a word, up to which the words are marks of moments
_QUICK = 200  # cells to look at before all
_MOST_EVENTS = 0.2  # share of rows


def _is_words(column: pd.Series[Any]) -> bool:
    return column.dtype.kind not in "biufMmc"


def split_events(frame: pd.DataFrame, device: Device | None) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Take events out: rows that hold a word and no sample, and the columns of words that a device calls events.

    Returns
    -------
    DataFrame, list of tuple of int and str
        The table without them, and at which sample each word stands.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"eeg": [0.5, None] + [0.7] * 8, "Elements": [None, "blink"] + [None] * 8})
    >>> split_events(table, None)[1]
    [(1, 'blink')]
    """
    frame, events_between = _rows_between(frame)
    words = [name for name in frame.columns if _is_words(frame[name])]
    sparse = [name for name in words if 0 < frame[name].notna().sum() < 0.5 * len(frame)]
    sparse = [name for name in sparse if _role(device, name) != "status"]
    if not sparse:
        return frame, events_between
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
    rare = {name for name in sparse if kept[name].notna().sum() <= _RARE * len(kept)}
    told = [name for name in sparse if _role(device, name) == "event" or name in rare]
    events += [
        (int(place), _sentence(kept[[name]].iloc[place]))
        for name in told
        for place in np.flatnonzero(kept[name].notna())
    ]
    gone = [name for name in sparse if name in told or not kept[name].notna().any()]
    return kept.drop(columns=gone), sorted([*events_between, *events])


def _rows_between(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Take out rows that hold a word instead of a sample and stand between two samples in time: somebody wrote them in.

    A word in the place of a sample (``overflow``) stays, as a missing one.
    """
    import pandas as pd

    mixed = {}
    clock = next((name for name in frame.columns if frame[name].dtype.kind in "iuf"), None)
    if clock is None or len(frame) < 3:
        return frame, []
    few = slice(None, None, max(1, len(frame) // _QUICK))
    for name in frame.columns:
        if _is_words(frame[name]) and pd.to_numeric(frame[name].iloc[few], errors="coerce").notna().mean() > 0.5:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            bad = numbers.isna() & frame[name].notna()
            if 0 < bad.sum() <= _MOST_EVENTS * len(frame) and numbers.notna().mean() >= 1 - _MOST_EVENTS:
                mixed[name] = (numbers, bad)
    if not mixed:
        return frame, []
    times = frame[clock].to_numpy(dtype=np.float64, na_value=np.nan)
    usual = float(np.nanmedian(np.diff(times)))
    words = np.all([bad.to_numpy() | numbers.isna().to_numpy() for numbers, bad in mixed.values()], axis=0)
    words &= np.any([bad.to_numpy() for _, bad in mixed.values()], axis=0)
    samples = times[~words]
    before = np.cumsum(~words)
    around = np.full(len(times), np.inf)
    inside = words & (before > 0) & (before < len(samples))
    around[inside] = samples[before[inside]] - samples[before[inside] - 1]
    between = inside & (around <= 1.5 * usual) & (usual > 0)
    if not between.any():
        return frame, []
    kept = np.cumsum(~between)
    texts = frame[list(mixed)].astype(object)
    events = [(int(kept[k]), _sentence(texts.iloc[k])) for k in np.flatnonzero(between)]
    rest = frame[~between].reset_index(drop=True)
    clean = {
        name: rest[name] if (mixed[name][1].to_numpy() & ~between).any() else pd.to_numeric(rest[name])
        for name in mixed
    }
    return rest.assign(**clean), events


def event_columns(frame: pd.DataFrame, names: list[str], device: Device | None) -> list[str]:
    """Return columns of numbers that a device calls events, such as markers, where they are not all alike.

    Examples
    --------
    >>> import pandas as pd
    >>> event_columns(pd.DataFrame({"Marker": [0, 1]}), ["Marker"], None)
    []
    """
    told = [name for name in names if _role(device, name) == "event"] if device is not None else []
    # A marker of one value stands for itself where the other rows are empty.
    kinds = {name: frame[name].nunique() + int(frame[name].isna().any()) for name in told}
    return [name for name in told if 1 < kinds[name] <= _MOST_MARKS]


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
    left = [name for name in names if roles[name] in {"counter", "status", "digital", "time", "event"}]
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
    """Return columns that count samples, again and again: by their heading, or beginning anew after so many.

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
        wraps = _wraps_alike(values) and high - low + 1 >= _SHORTEST
        bare = re.fullmatch(r"ch\d+|index", name) is not None
        named = bool(_COUNTER_WORDS & set(words_of(split_heading(name)[0]))) or name == "index"
        heading, unit = split_heading(name)
        if (
            named
            or (wraps and not modality_of(heading) and not unit)
            or (bare and name == names[0] and high - low >= 15)
        ):
            found.append(name)
    return found if len(found) < len(names) else []


def find_digital(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Return columns of one or two whole numbers whose heading says status, trigger, leads off or alike.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Status": [0, 200] * 9, "step": [0, 1] * 9, "ecg": [0.1] * 18})
    >>> find_digital(table, ["Status", "step", "ecg"])
    ['Status']
    """
    found = []
    for name in names:
        words = words_of(split_heading(name)[0])
        if not (_DIGITAL_WORDS & {*words, "".join(words)} or re.fullmatch(r"d\d", "".join(words))):
            continue
        known: list[Any] = frame[name].dropna().unique().tolist() if frame[name].dtype.kind in "biuf" else []
        if 0 < len(known) <= 2 and all(float(value).is_integer() for value in known):
            found.append(name)
    return found if len(found) < len(names) else []


def _wraps_alike(values: NDArray[np.float64]) -> bool:
    """Tell whether a counter begins again at one number, from one number, all the time."""
    ends = np.flatnonzero(np.diff(values) < 0)
    return bool(len(ends)) and len(set(values[ends])) == 1 and len(set(values[ends + 1])) == 1


def _counts(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values)
    ones = steps == 1
    wraps = steps < 0
    return bool(np.count_nonzero(ones) >= 0.9 * len(steps) and np.count_nonzero(ones | wraps) >= 0.98 * len(steps))


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
