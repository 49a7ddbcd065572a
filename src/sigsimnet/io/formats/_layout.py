"""Bare arrays: which axis is time, and tables whose rows are series (UCR archive)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options

__all__ = ["recording_from_array", "recording_from_rows"]

_MAX_CHANNELS = 1024  # more "channels" than this by columns is a table laid the other way


def recording_from_rows(
    table: NDArray[np.float64], sampling_rate: float | None, units: str | Sequence[str] | None, source: str
) -> Recording:
    """Make a recording whose channels ``r1``, ``r2``, … are the rows of a table.

    A first column of whole numbers in a table of other numbers is the class of each row, as in the UCR archive: it is
    taken out and kept as ``metadata["labels"]``, with a warning.

    Raises
    ------
    ReadError
        If the sampling rate is not given.

    Examples
    --------
    >>> import numpy as np
    >>> recording = recording_from_rows(np.array([[1, 0.5, 0.7, 0.1], [2, 0.3, 0.2, 0.2]]), 100, None, "a.tsv")
    >>> recording, recording.metadata["labels"]
    (<Recording 2 channels × 0.0 s at 100 Hz: r1, r2>, ['1', '2'])
    """
    if sampling_rate is None:
        raise ReadError(f"{source}: cannot tell the sampling rate of rows; pass sampling_rate=…")
    first, rest = table[:, 0], table[:, 1:]
    known = first[np.isfinite(first)]
    metadata: dict[str, Any] = {}
    notes: list[str] = []
    whole = bool(len(known)) and bool(np.all(known == np.round(known)))
    others = rest[np.isfinite(rest)]
    if whole and rest.shape[1] and len(others) and not np.all(others == np.round(others)):
        metadata["labels"] = [str(int(value)) if np.isfinite(value) else "" for value in first]
        notes.append(f"{source}: the first column was taken for the class of each row (metadata['labels'])")
        table = rest
    if table.shape[1] < 2:
        raise ReadError(f"{source}: its rows have {table.shape[1]} sample; at least 2 are needed")
    names = [f"r{i + 1}" for i in range(len(table))]
    return _scaled(table, sampling_rate, names, units, metadata, notes, source)


def recording_from_array(
    array: NDArray[Any], options: Options, source: str, sampling_rate: float | None = None
) -> Recording:
    """Make a recording from an array of one or two dimensions; the longer axis is time unless ``layout`` says it.

    Raises
    ------
    ReadError
        If it is not numeric, has other dimensions, or there is no sampling rate.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import numpy as np
    >>> recording_from_array(np.zeros((500, 2)), Options(sampling_rate=250), "a.npy")
    <Recording 2 channels × 2.0 s at 250 Hz: ch1, ch2>
    """
    if array.dtype.kind not in "biuf":
        raise ReadError(f"{source}: holds {array.dtype} values; numbers are needed")
    values = np.squeeze(array) if array.ndim > 2 else array
    if values.ndim == 2 and 1 in values.shape and options.layout == "auto":
        values = values.reshape(-1)
    if values.ndim not in {1, 2}:
        raise ReadError(f"{source}: has {array.ndim} dimensions {array.shape}; one or two are needed")
    if values.size < 2:
        raise ReadError(f"{source}: has {values.size} sample{'s' if values.size != 1 else ''}; at least 2 are needed")
    rate = options.sampling_rate or sampling_rate
    if rate is None:
        raise ReadError(f"{source}: cannot tell the sampling rate: an array has none; pass sampling_rate=…")
    notes: list[str] = []
    if values.ndim == 1:
        values = values[None]
    elif options.layout == "rows":
        return recording_from_rows(values.astype(np.float64), rate, options.units, source)
    elif options.layout == "columns" or values.shape[0] > values.shape[1]:
        values = values.T
    if len(values) > _MAX_CHANNELS:
        notes.append(
            f"{source}: {len(values):,} channels are many; pass layout='rows' or 'columns' if they lie wrongly"
        )
    if values.shape[1] < 2:
        raise ReadError(f"{source}: has {values.shape[1]} sample of {len(values)} channels; at least 2 are needed")
    return _scaled(values, rate, None, options.units, {}, notes, source)


def _scaled(
    values: NDArray[Any],
    rate: float,
    names: list[str] | None,
    units: str | Sequence[str] | None,
    metadata: dict[str, Any],
    notes: list[str],
    source: str,
) -> Recording:
    given = resolve_units(units, len(values), source) or [""] * len(values)
    factors = np.array([canonical_unit(unit)[1] for unit in given])
    with np.errstate(over="ignore"):  # what is beyond single precision becomes infinite, and so missing
        data = values.astype(np.float32) if np.all(factors == 1) else (values * factors[:, None]).astype(np.float32)
    return Recording(
        data,
        rate,
        channel_names=names,
        units=[canonical_unit(unit)[0] for unit in given],
        metadata=metadata,
        warnings=notes,
        source=source,
    )
