"""From a pair to an archive: recordings in one searchable file, found by learnt similarity, offline and exact."""

from __future__ import annotations

from sigsimnet.archive._add import Added
from sigsimnet.archive._groups import KIND_ROW, Group, Groups, groups
from sigsimnet.archive._hits import ROW, Hit, Identified, SearchResult
from sigsimnet.archive._index import Index
from sigsimnet.archive._store import LEVELS

__all__ = [
    "KIND_ROW",
    "LEVELS",
    "ROW",
    "Added",
    "Group",
    "Groups",
    "Hit",
    "Identified",
    "Index",
    "SearchResult",
    "groups",
]
