"""Writing the tables of an index for other programs."""

from __future__ import annotations

from pathlib import Path

from sigsimnet._utils.files import write_folder
from sigsimnet.archive._store import PARTS, Store
from sigsimnet.errors import WriteError

__all__ = ["export"]


def export(store: Store, folder: Path) -> list[Path]:
    """Write every table as Parquet into a new folder, whole or not at all."""
    from pyarrow import parquet

    if folder.exists():
        raise WriteError(f"{folder}: is there already; name a new folder")
    names = ("recording", *PARTS, "left_out")
    with write_folder(folder) as made:
        for name in names:
            parquet.write_table(store.table(name), made / f"{name}.parquet")
    return [folder / f"{name}.parquet" for name in names]
