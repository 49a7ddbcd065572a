"""Files that hold several named arrays (.mat, .npz, HDF5, JSON): which is the signal, and what the others say of it.

What a file holds is a tree: mappings (structs, groups) whose leaves are arrays, numbers, text or lists of text. An
array may still lie in its file (`StoredArray`): only what is chosen is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sigsimnet._utils.text import shorten_list
from sigsimnet.errors import ReadError
from sigsimnet.io._names import unique_names
from sigsimnet.io.formats._facts import (
    labels_of,
    metadata_of,
    plain_name,
    rate_named_after,
    start_of,
    stated_rate,
    time_array,
    units_of,
)  # fmt: skip
from sigsimnet.io.formats._layout import recording_from_array
from sigsimnet.io.formats._vectors import beside, name_of, recording_from_vectors
from sigsimnet.io.formats.table import TableHints, recording_from_table
from sigsimnet.io.units import canonical_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["StoredArray", "choose_array", "frame_of_records", "record_of", "recording_from_tree"]

_SIGNALS = {
    "val", "data", "signal", "signals", "ecg", "x", "psignal", "dsignal", "tracings", "tracing", "waveform",
    "waveforms", "rawdata", "ecgsignal", "ecgdata",
}  # fmt: skip
_Context = tuple[Mapping[str, Any], ...]


class StoredArray(Protocol):
    """An array whose samples may still lie in the file."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def __getitem__(self, what: Any, /) -> Any: ...


def recording_from_tree(
    tree: Mapping[str, Any], options: Options, source: str, *, records_last: bool = False
) -> Recording:
    """Make a recording of what a file of named arrays holds.

    ``options.key`` names an array by its path (``"ECG/data"``), a record of an array of three dimensions by its number
    (``"tracings/3"``, or ``"3"`` where the array needs no name), or the group that holds the signal. Rate, names, units
    and metadata are taken from what stands beside the array, else from further up.

    Parameters
    ----------
    tree : mapping
        What the file holds.
    options : Options
        What the user asked for.
    source : str
        Name for messages.
    records_last : bool
        Whether the last axis of three counts the records, as in MATLAB.

    Raises
    ------
    ReadError
        If there is no signal, or several and the user named none; the message lists them.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> tree = {"ECG": {"sex": "Male", "data": np.zeros((12, 5000)), "fs": 500.0}}
    >>> found = recording_from_tree(tree, Options(), "a.mat")
    >>> found.n_channels, found.sampling_rate, dict(found.metadata)
    (12, 500.0, {'sex': 'Male'})
    """
    if options.key is None:
        vectors = _candidates(_arrays(tree))
        several = recording_from_vectors(vectors, _only(vectors), options, source)
        if several is not None:
            common = next(iter(vectors.values()))[1][-1]
            return several.replace(
                start_time=start_of(common), metadata={**several.metadata, **_metadata(common, vectors)}
            )
    path, array, record, around = choose_array(tree, options.key, source)
    context = beside(path, around)
    siblings = around[0]
    named = rate_named_after(path.rpartition("/")[2], siblings)
    rate = options.sampling_rate or named or next((found for own in context if (found := stated_rate(own))), None)
    time = None if len(array.shape) > 2 else time_array(siblings, max(array.shape, default=0), path)
    metadata = {**metadata_of(context[-1]), **_metadata(siblings, _arrays(siblings))}
    if time is not None:
        return _timed(siblings, path, array, time, replace(options, sampling_rate=rate), metadata, source)
    if len(array.shape) == 3:
        count_axis = 2 if records_last else 0
        count = array.shape[count_axis]
        index = record_of(path, count, array.shape, record, source)
        for name, value in siblings.items():
            if isinstance(value, np.ndarray) and value.shape in {(count,), (count, 1), (1, count)} and name != path:
                metadata[name] = value.reshape(-1)[index].item()
            elif isinstance(value, list) and len(value) == count and all(isinstance(item, str) for item in value):
                metadata[name] = value[index]
        if count > 1:
            metadata["record"] = index
        values = np.asarray(array[:, :, index] if records_last else array[index])
    elif record is not None:
        name = f"{path} " if path else ""
        raise ReadError(f"{source}: {name}{array.shape} is one record; channels= picks a channel")
    else:
        values = np.asarray(array[()])
    if path:
        options.found.say("signal", path)
    if rate is not None:
        whence = "as given" if options.sampling_rate else "a value beside the signal"
        options.found.say("clock", f"{rate:g} Hz, {whence}")
    recording = recording_from_array(values, replace(options, sampling_rate=rate), source)
    unread = [] if options.key else [name for name in _candidates(_arrays(tree)) if name not in {path, *metadata}]
    return _described(recording, (path, context), metadata, options, unread)


def _metadata(entries: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata without the rates that are stated for single arrays."""
    found = metadata_of(entries)
    names = [path.rpartition("/")[2] for path in arrays]
    return {key: value for key, value in found.items() if not any(rate_named_after(n, {key: value}) for n in names)}


def choose_array(
    tree: Mapping[str, Any], key: str | None, source: str
) -> tuple[str, StoredArray, int | None, _Context]:
    """Return the array that holds the signal: its path, itself, the record that was named, and what stands around it.

    Raises
    ------
    ReadError
        If there is none or several; the message lists them with their shapes.

    Examples
    --------
    >>> choose_array({"val": np.zeros((1, 9)), "fs": np.array(300)}, None, "a.mat")[0]
    'val'
    """
    context: _Context = (tree,)
    record: int | None = None
    prefix = ""
    if key is not None:
        found, record, context, prefix = _resolve(tree, key, source)
        if _is_array(found):
            return prefix, found, record, context
        if not isinstance(found, Mapping):
            raise ReadError(f"{source}: {key!r} is no array of numbers (there are: {_listed(_arrays(tree)) or 'none'})")
        context = (found, *context) if found is not context[0] else context
    arrays = _arrays(context[0], prefix)
    candidates = _candidates(arrays)
    chosen = _only(candidates)
    if chosen is not None:
        array, around = candidates[chosen]
        return chosen, array, record, (*around, *context[1:])
    if candidates:
        raise ReadError(f"{source}: holds {len(candidates)} arrays ({_listed(candidates)}); pass key= to name one")
    if len(arrays) == 1 and _size(next(iter(arrays.values()))[0]) == 1:
        raise ReadError(f"{source}: has 1 sample; at least 2 are needed")
    names = shorten_list(name for name in tree if not name.startswith("__"))
    raise ReadError(f"{source}: holds no array of numbers (there are: {names})")


def _candidates(arrays: Mapping[str, tuple[StoredArray, _Context]]) -> dict[str, tuple[StoredArray, _Context]]:
    """Return the arrays that can be signals."""
    return {name: entry for name, entry in arrays.items() if _size(entry[0]) > 1 and len(entry[0].shape) <= 3}


def _only(candidates: Mapping[str, tuple[StoredArray, _Context]]) -> str | None:
    """Return the one of several arrays that can only be the signal."""
    signals = [name for name in candidates if not plain_name(name).startswith("time")]
    counts = {candidates[name][0].shape[0] for name in signals if len(candidates[name][0].shape) == 3}
    beside = {name for name in signals if len(shape := candidates[name][0].shape) == 1 and shape[0] in counts}
    signals = [name for name in signals if name not in beside]
    if len(signals) == 1:
        return signals[0]
    usual = [name for name in signals if plain_name(name.rpartition("/")[2]) in _SIGNALS]
    if len(usual) == 1:
        return usual[0]
    groups = {name.rpartition("/")[0] for name in signals}
    timed = [name for name in signals if len(groups) == 1 and time_array(candidates[name][1][0], 0, "") is not None]
    return timed[0] if timed and len(timed) == len(signals) else None


def _resolve(tree: Mapping[str, Any], key: str, source: str) -> tuple[Any, int | None, _Context, str]:
    """Follow a path; a last part that is a number and no name is that of a record."""
    if key in tree:
        return tree[key], None, (tree,), key
    parts = key.replace(".", "/").strip("/").split("/") if key.strip("/") else []
    here: Any = tree
    context: list[Mapping[str, Any]] = [tree]
    walked: list[str] = []
    for position, part in enumerate(parts):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, Mapping) and position == len(parts) - 1 and part.isdecimal():
            return here, int(part), tuple(context), "/".join(walked)
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        elif _is_array(here) and part.isdecimal() and position == len(parts) - 1:
            return here, int(part), tuple(context), "/".join(walked)
        else:
            ends = [name for name in _arrays(tree) if name.endswith(f"/{key}")]
            if len(ends) == 1 and not walked:
                return _resolve(tree, ends[0], source)
            raise ReadError(f"{source}: no array {key!r} (there are: {_listed(_arrays(tree)) or 'none of numbers'})")
        walked.append(part)
        if isinstance(here, Mapping):
            context.insert(0, here)
    return here, None, tuple(context), "/".join(walked)


def _arrays(tree: Mapping[str, Any], prefix: str = "", above: _Context = ()) -> dict[str, tuple[StoredArray, _Context]]:
    """Return all arrays of real numbers by their paths, each with the mappings around it, the nearest first."""
    found: dict[str, tuple[StoredArray, _Context]] = {}
    around = (tree, *above)
    for name, value in tree.items():
        path = f"{prefix}/{name}" if prefix else name
        if name.startswith("__"):
            continue
        if _is_array(value):
            found[path] = (value, around)
        elif isinstance(value, Mapping):
            found |= _arrays(value, path, around)
        elif isinstance(value, list):
            for index, item in enumerate(value[:1000]):
                if isinstance(item, Mapping):
                    found |= _arrays(item, f"{path}/{index}", around)
                elif _is_array(item):
                    found[f"{path}/{index}"] = (item, around)
    return found


def _is_array(value: Any) -> bool:
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    return dtype is not None and shape is not None and dtype.kind in "iuf"


def _size(array: StoredArray) -> int:
    return int(np.prod(array.shape, dtype=np.float64))


def _listed(arrays: Mapping[str, tuple[StoredArray, _Context]]) -> str:
    return shorten_list([f"{name} {array.shape}" for name, (array, _) in arrays.items()], 12)


def record_of(
    path: str, count: int, shape: tuple[int, ...], record: int | None, source: str, what: str = "records"
) -> int:
    """Return which of several records to read.

    Raises
    ------
    ReadError
        If none was named, or there is no such record.

    Examples
    --------
    >>> record_of("", 1, (1, 500, 12), None, "a.npy"), record_of("tracings", 9, (9, 500, 12), 3, "a.h5")
    (0, 3)
    """
    where = f"{path}/" if path else ""
    if record is None and count > 1:
        raise ReadError(
            f"{source}: holds {count:,} {what} {shape if len(shape) > 1 else ''}".rstrip()
            + f"; pass key='{where}0' … '{where}{count - 1}' to read one"
        )
    index = record or 0
    if index >= count:
        raise ReadError(f"{source}: no record {index} (there are {count:,}, counted from 0)")
    return index


def _timed(
    siblings: Mapping[str, Any],
    path: str,
    array: StoredArray,
    time: tuple[str, NDArray[Any]],
    options: Options,
    metadata: Mapping[str, Any],
    source: str,
) -> Recording:
    """Make a recording of arrays beside which the time of each sample stands."""
    import pandas as pd

    name, stamps = time
    own = path.rpartition("/")[2]
    values = np.asarray(array[()])
    columns: dict[str, NDArray[Any]] = {name: stamps}
    if values.ndim == 2 and min(values.shape) > 1:
        rows = values if values.shape[1] == len(stamps) else values.T
        labels = labels_of(siblings, len(rows)) or [f"ch{i + 1}" for i in range(len(rows))]
        columns |= dict(zip(labels, rows, strict=True))
    else:
        alike = {
            other: np.asarray(value[()]).reshape(-1)
            for other, value in siblings.items()
            if other != name and _is_array(value) and _size(value) == len(stamps)
        }
        columns |= alike if options.key is None else {own: values.reshape(-1)}
    labels = [label for label in columns if label != name]
    units = units_of(siblings, len(labels)) or [""] * len(labels)
    hints = TableHints(
        sampling_rate=options.sampling_rate,
        units=options.units,
        unit_of=dict(zip(labels, units, strict=True)),
        time_column=name,
        metadata=metadata,
        day_first=options.day_first,
        found=options.found,
    )
    return recording_from_table(pd.DataFrame(columns), hints, source)


def frame_of_records(array: NDArray[Any], source: str) -> Any:
    """Return a structured array (one field a column) as a table.

    Raises
    ------
    ReadError
        If a field is no plain number or text.

    Examples
    --------
    >>> frame_of_records(np.zeros(3, dtype=[("time", "f8"), ("ecg", "f4")]), "a.npy").columns.tolist()
    ['time', 'ecg']
    """
    import pandas as pd

    array = array.reshape(-1)
    fields = {}
    for name in array.dtype.names or ():
        column = array[name]
        if column.ndim == 1 and column.dtype.kind in "biufSUmM":
            fields[name] = np.char.decode(column, "latin-1") if column.dtype.kind == "S" else column
        elif column.ndim == 2 and column.dtype.kind in "biuf":
            fields |= {f"{name}{i + 1}": column[:, i] for i in range(column.shape[1])}
        else:
            raise ReadError(f"{source}: field {name!r} holds {column.dtype} {column.shape[1:]}; numbers are needed")
    return pd.DataFrame(fields)


def _described(
    recording: Recording,
    where: tuple[str, _Context],
    metadata: dict[str, Any],
    options: Options,
    unread: Sequence[str],
) -> Recording:
    """Add the names, units and start time that stand beside the array, and say which other arrays were not read."""
    path, context = where
    n = recording.n_channels
    data = recording.data
    units: Sequence[str] = recording.units
    names: Sequence[str] = recording.channel_names
    given = next((found for own in context if (found := units_of(own, n))), None)
    if given and options.units is None:
        factors = np.array([canonical_unit(unit)[1] for unit in given])
        units = [canonical_unit(unit)[0] for unit in given]
        data = data if np.all(factors == 1) else (data * factors[:, None]).astype(np.float32)
    more: list[str] = []
    labels = next((found for own in context if (found := labels_of(own, n))), None)
    if labels and options.layout != "rows":
        names, more = unique_names(labels, recording.source)
    elif n == 1 and (name := name_of(path, context)):
        names = [name]
    if unread:
        left = shorten_list([f"{name}" for name in unread], 6)
        more.append(f"{recording.source}: left out: {left}; pass key= to read one of them")
    return recording.replace(
        data=data,
        units=units,
        channel_names=names,
        start_time=next((start for own in context if (start := start_of(own))), None),
        metadata={**recording.metadata, **metadata},
        warnings=[*recording.warnings, *more],
    )
