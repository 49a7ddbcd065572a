"""Tables of recordings: whose each is, what it shows, and which interval of a file it is."""

from __future__ import annotations

from sigsimnet.datasets._annotations import rows_from_annotations
from sigsimnet.datasets._entry import Entry
from sigsimnet.datasets._inputs import as_dataset, entries_in
from sigsimnet.datasets._manifest import Manifest
from sigsimnet.datasets._table import load_manifest

__all__ = ["Entry", "Manifest", "as_dataset", "entries_in", "load_manifest", "rows_from_annotations"]
