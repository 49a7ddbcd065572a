"""Reading and writing recordings: CSV, WFDB, EDF, MATLAB, Parquet, NumPy; one module each, `read` chooses."""

from __future__ import annotations

from sigsimnet.io._archive import list_members
from sigsimnet.io._read import read
from sigsimnet.io._write import write
from sigsimnet.io.formats._write_annotations import write_annotations

__all__ = ["list_members", "read", "write", "write_annotations"]
