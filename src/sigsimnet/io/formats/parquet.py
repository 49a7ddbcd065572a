"""Parquet: one column a channel; our own files keep everything that a recording knows in the schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError, SigSimNetError
from sigsimnet.io._describe import restore
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._facts import is_time_name
from sigsimnet.io.formats._mapping import record_of, recording_from_tree
from sigsimnet.io.formats.table import hints_of, recording_from_table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["ABOUT", "arrow", "read_parquet"]

ABOUT = b"sigsimnet"


def arrow() -> Any:
    """Return pyarrow with its Parquet module.

    Raises
    ------
    MissingExtraError
        If it is not installed.

    Examples
    --------
    >>> arrow().__name__
    'pyarrow'
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet  # noqa: F401 - makes pa.parquet known
    except ImportError as error:
        raise MissingExtraError("Parquet", "parquet") from error
    return pa


def read_parquet(path: Path, options: Options, source: str) -> Recording:
    """Read a Parquet file: exactly what `write` put in, or somebody else's table as a CSV would be read.

    An index of pandas that holds times is the time. Where columns hold lists, each row is a recording: ``key`` is its
    number.

    Raises
    ------
    ReadError
        If it is damaged, or the sampling rate cannot be inferred.
    MissingExtraError
        If pyarrow is not installed.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pandas as pd
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"time": [0.0, 0.004, 0.008], "ECG (mV)": [0.0, 1.0, 0.0]}).to_parquet(path)
    >>> read_parquet(path, Options(), "a.parquet")
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    pyarrow = arrow()
    try:
        # Text stays in its dictionary: a long word in every row takes no memory for each.
        words = [field.name for field in pyarrow.parquet.read_schema(path) if _is_text(field.type)]
        with pyarrow.parquet.ParquetFile(path, read_dictionary=words) as file:
            size = path.stat().st_size
            check_unpacked(source, _unpacked(file.metadata), size, options.max_unpacked)
            if nested := _list_columns(file.schema_arrow):
                return _row(file, nested, options, source)
            table = file.read()
        about = (table.schema.metadata or {}).get(ABOUT)
        if about and options.units is None:
            import numpy as np

            columns = [column.to_numpy() for column in table.columns]
            return restore(np.stack(columns) if columns else np.empty((0, 0)), about, source)
        frame = table.to_pandas()
        for name in set(words) & set(frame.columns):
            frame[name] = frame[name].astype(object)  # one object for each word
    except SigSimNetError:
        raise
    except Exception as error:  # Arrow's errors, and those of text that is not UTF-8
        raise ReadError(f"{source}: is not a readable Parquet file ({reason_of(error)})") from error
    frame = _with_index(frame)
    frame.columns = [str(name) for name in frame.columns]
    hints = hints_of(options)
    return recording_from_table(frame, hints, source)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its index as a column where it says something: it has a name, or holds times."""
    index = frame.index
    if index.name is None and index.dtype.kind not in "Mmf":
        return frame
    name = str(index.name) if index.name is not None else "time"
    return frame.reset_index(names=[name if name not in frame.columns else f"{name} (index)"])


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _list_columns(schema: Any) -> list[str]:
    """Return the columns whose cells are lists of numbers, or lists of these."""
    import pyarrow as pa

    def numbers(kind: Any) -> bool:
        is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
        inner = kind.value_type if is_list else None
        return is_list and (pa.types.is_integer(inner) or pa.types.is_floating(inner) or numbers(inner))

    return [field.name for field in schema if numbers(field.type)]


def _row(file: Any, nested: list[str], options: Options, source: str) -> Recording:
    """Read one row of a table that keeps a recording in each: lists of one length are its channels."""
    import numpy as np

    count = file.metadata.num_rows
    column, _, number = (options.key or "").rpartition("/")
    column, number = (number, "") if number in nested else (column, number)
    if (column and column not in nested) or (number and not number.isdecimal()):
        raise ReadError(f"{source}: no row {options.key!r}; pass key= of a row, such as '0', or '{nested[0]}/0'")
    index = record_of(
        column, count, (count,), int(number) if number else None, source, what="rows with a recording each"
    )
    position = index
    for group in range(file.metadata.num_row_groups):
        if position < (held := file.metadata.row_group(group).num_rows):
            break
        position -= held
    row = file.read_row_group(group).slice(position, 1).to_pydict()
    tree: dict[str, Any] = {
        name: np.asarray(cells[0], dtype=np.float32 if name in nested else None)
        for name, cells in row.items()
        if cells[0] is not None and not name.startswith("__")
    }
    times = [name for name in nested if name in tree and is_time_name(name) and tree[name].ndim == 1]
    wanted = [column] if column else [name for name in nested if name in tree and name not in times]
    shapes = {tree[name].shape for name in wanted if name in tree}
    found = {name: value for name, value in tree.items() if name not in nested or name in times}
    found |= {"record": index} if count > 1 else {}
    if len(shapes) == 1 and len(next(iter(shapes))) == 1 and len(wanted) > 1:
        found |= {"data": np.stack([tree[name] for name in wanted]), "channel_names": wanted}
    elif len(wanted) == 1 and len(shapes) == 1:
        found |= {"data": tree[wanted[0]]}
        found |= {"channel_names": wanted} if tree[wanted[0]].ndim == 1 else {}
    else:
        raise ReadError(f"{source}: lists of several lengths ({', '.join(wanted)}); pass key='{wanted[0]}/{index}'")
    return recording_from_tree(found, replace(options, key=None), source)


def _unpacked(about: Any) -> int:
    """Return the bytes that the columns of a file take in memory: 8 a value, and what its pages say if that is more."""
    groups = [about.row_group(group) for group in range(about.num_row_groups)]
    pages = sum(group.total_byte_size for group in groups)
    values = sum(group.column(index).num_values for group in groups for index in range(group.num_columns))
    return int(max(8 * about.num_rows * about.num_columns, 8 * values, pages))
