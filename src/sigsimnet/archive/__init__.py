"""From a pair to an archive: recordings in one searchable file, found by learnt similarity, offline and exact."""

from __future__ import annotations

from sigsimnet.archive._add import Added
from sigsimnet.archive._duplicates import DUPLICATE_ROW, NearDuplicate
from sigsimnet.archive._engines import ENGINES
from sigsimnet.archive._groups import KIND_ROW, Group, Groups, groups
from sigsimnet.archive._hits import ROW, Hit, Identified, SearchResult
from sigsimnet.archive._index import Index
from sigsimnet.archive._map import MAP_ROW, Map, MapGroup
from sigsimnet.archive._store import LEVELS

__all__ = [
    "DUPLICATE_ROW",
    "ENGINES",
    "KIND_ROW",
    "LEVELS",
    "MAP_ROW",
    "ROW",
    "Added",
    "Group",
    "Groups",
    "Hit",
    "Identified",
    "Index",
    "Map",
    "MapGroup",
    "NearDuplicate",
    "SearchResult",
    "groups",
]
