"""Keeping an index in order: give room back, write its tables for other programs."""

from __future__ import annotations

from pathlib import Path

from sigsimnet._utils.files import write_folder
from sigsimnet.archive._store import PARTS, Store, fault_of
from sigsimnet.errors import WriteError

__all__ = ["compact", "export"]


def compact(path: Path) -> tuple[int, int]:
    """Write an index anew, whole or not at all; return its size before and after, in bytes."""
    import duckdb

    before = path.stat().st_size
    fresh = path.with_name(f".{path.name}.compact")
    fresh.unlink(missing_ok=True)
    connection = duckdb.connect()
    try:
        connection.execute(f"attach '{_quoted(path)}' as old (read_only)")
        connection.execute(f"attach '{_quoted(fresh)}' as new")
        connection.execute("copy from database old to new")
        connection.close()
        fresh.replace(path)
    except (duckdb.Error, OSError) as error:
        connection.close()
        raise WriteError(f"{path}: cannot be compacted ({fault_of(error)})") from error
    finally:
        fresh.unlink(missing_ok=True)
    return before, path.stat().st_size


def export(store: Store, folder: Path) -> list[Path]:
    """Write every table as Parquet into a new folder, whole or not at all."""
    from pyarrow import parquet

    if folder.exists():
        raise WriteError(f"{folder}: is there already; name a new folder")
    names = ("recording", *PARTS, "left_out")
    with write_folder(folder) as made:
        for name in names:
            parquet.write_table(store.arrow(f"select * from {name}"), made / f"{name}.parquet")  # noqa: S608
    return [folder / f"{name}.parquet" for name in names]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
