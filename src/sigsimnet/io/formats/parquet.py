"""Parquet: one column a channel; our own files keep everything that a recording knows in the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError, SigSimNetError
from sigsimnet.io._describe import restore
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats.table import TableHints, recording_from_table

if TYPE_CHECKING:
    from pathlib import Path

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
        with pyarrow.parquet.ParquetFile(path) as file:
            size = path.stat().st_size
            check_unpacked(source, _unpacked(file.metadata), size, options.max_unpacked)
            table = file.read()
        about = (table.schema.metadata or {}).get(ABOUT)
        if about and options.units is None:
            import numpy as np

            columns = [column.to_numpy() for column in table.columns]
            return restore(np.stack(columns) if columns else np.empty((0, 0)), about, source)
        frame = table.to_pandas()
    except SigSimNetError:
        raise
    except Exception as error:  # Arrow's errors, and those of text that is not UTF-8
        raise ReadError(f"{source}: is not a readable Parquet file ({reason_of(error)})") from error
    if frame.index.name is not None:
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]
    hints = TableHints(sampling_rate=options.sampling_rate, units=options.units, time_column=options.time_column)
    return recording_from_table(frame, hints, source)


def _unpacked(about: Any) -> int:
    """Return the bytes that the columns of a file take in memory: 8 a cell, and what its pages say if that is more."""
    pages = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    return int(max(8 * about.num_rows * about.num_columns, pages))
