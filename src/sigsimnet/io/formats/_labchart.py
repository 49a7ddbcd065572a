"""LabChart's MATLAB export: all channels behind each other in one vector, with where each begins and ends.

As described in ADInstruments' "LabChart for Windows: exporting to MATLAB": ``datastart`` and ``dataend`` count from 1,
one row a channel and one column a block; -1 stands for a channel that has nothing in a block.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._options import Options
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io.formats._facts import texts_of
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["is_labchart", "recording_from_labchart"]

_DAY_ZERO = datetime(1, 1, 1)  # noqa: DTZ001 - MATLAB's days have no zone; day 367 is 1 January of year 1


def is_labchart(tree: Mapping[str, Any]) -> bool:
    """Return whether the variables are those of LabChart's export.

    Examples
    --------
    >>> is_labchart({"data": np.zeros((1, 9))})
    False
    """
    return {"data", "datastart", "dataend", "samplerate", "titles"} <= tree.keys()


def recording_from_labchart(tree: Mapping[str, Any], options: Options, source: str) -> Recording:
    """Make a recording of the channels that have one rate; blocks become spans.

    Raises
    ------
    ReadError
        If starts and ends do not lie in the data.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> tree = {"data": np.arange(8.0), "datastart": np.array([[1], [5]]), "dataend": np.array([[4], [8]]),
    ...         "samplerate": np.array([[2.0], [2.0]]), "titles": ["ECG", "Resp"]}
    >>> recording_from_labchart(tree, Options(), "a.mat").data.tolist()
    [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]
    """
    data = np.asarray(tree["data"], dtype=np.float64).reshape(-1)
    begins, ends, rates = (
        np.atleast_2d(np.asarray(tree[name], dtype=np.float64)) for name in ("datastart", "dataend", "samplerate")
    )
    count, n_blocks = begins.shape
    titles = (texts_of(tree["titles"]) or [])[:count]
    if ends.shape != begins.shape or rates.shape != begins.shape or len(titles) != count or ends.max() > len(data):
        raise ReadError(f"{source}: its datastart, dataend, samplerate and titles do not fit each other")
    names, notes = unique_names(titles, source)
    own = rates.max(axis=1).tolist()
    # Where all have one rate, `read` picks the channels.
    chosen, about_rates = choose_signals(names, own, options if len(set(own)) > 1 else Options(), source)
    used = [block for block in range(n_blocks) if all(begins[k, block] >= 1 for k in chosen)]
    if not used:
        raise ReadError(f"{source}: no block holds all of {', '.join(names[k] for k in chosen)}; name others")
    given = resolve_units(options.units, count, source)
    signals = [_signal(tree, data, k, used, names[k], given[k] if given else None) for k in chosen]
    times = np.asarray(tree.get("blocktimes", np.zeros(n_blocks)), dtype=np.float64).reshape(-1)
    first = chosen[0]
    spans: list[tuple[float, float]] = []
    end = 0.0
    for block in used:
        length = (ends[first, block] - begins[first, block] + 1) / rates[first].max()
        after = float(times[block] - times[used[0]]) * 86400 if len(times) == n_blocks else 0.0
        spans.append((max(after, end), length))
        end = spans[-1][0] + length
    found = stack_signals(signals, spans, options.resample_to)
    begun = float(times[used[0]]) if len(times) == n_blocks else 0.0
    comments = _comments(tree, used, [begin for begin, _ in spans], names)
    return attach_annotations(found, comments, source).replace(
        start_time=_DAY_ZERO + timedelta(days=begun - 367) if 700_000 < begun < 3e6 else None,
        warnings=[*notes, *about_rates],
        source=source,
    )


def _comments(
    tree: Mapping[str, Any], used: list[int], begins: list[float], names: list[str]
) -> list[tuple[float, str, float, str | None]]:
    """Return comments as (time in s, text, 0, channel).

    A row of ``com`` holds channel (-1 for all), block, position in ticks of the block, kind, and number of the text.
    """
    texts = texts_of(tree.get("comtext", [])) or []
    rows = np.atleast_2d(np.asarray(tree.get("com", np.zeros((0, 5))), dtype=np.float64))
    ticks = np.asarray(tree.get("tickrate", np.zeros(0)), dtype=np.float64).reshape(-1)
    found: list[tuple[float, str, float, str | None]] = []
    if rows.shape[1] < 5 or not len(ticks):
        return found
    for channel, block, position, _, text in rows[:, :5].tolist():
        if int(block) - 1 in used and 1 <= int(text) <= len(texts):
            rate = ticks[min(int(block) - 1, len(ticks) - 1)]
            time = begins[used.index(int(block) - 1)] + max(position - 1, 0.0) / rate
            name = names[int(channel) - 1] if 1 <= int(channel) <= len(names) else None
            found.append((time, texts[int(text) - 1], 0.0, name))
    return found


def _signal(
    tree: Mapping[str, Any], data: NDArray[np.float64], k: int, used: list[int], name: str, unit: str | None
) -> Signal:
    begins, ends = np.atleast_2d(tree["datastart"]), np.atleast_2d(tree["dataend"])
    if unit is None:
        texts = texts_of(tree.get("unittext", [])) or []
        which = np.atleast_2d(np.asarray(tree.get("unittextmap", -np.ones(begins.shape))))
        number = int(which[k, used[0]]) if which.shape == begins.shape else -1
        unit = texts[number - 1] if 1 <= number <= len(texts) else ""
    ours, factor = canonical_unit(unit)
    parts = [data[int(begins[k, block]) - 1 : int(ends[k, block])] for block in used]
    rate = float(np.atleast_2d(np.asarray(tree["samplerate"], dtype=np.float64))[k].max())
    return Signal(name, ours, rate, (np.concatenate(parts) * factor).astype(np.float32))
