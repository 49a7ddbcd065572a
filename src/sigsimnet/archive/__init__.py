"""From a pair to an archive: recordings in one searchable file, found by learnt similarity, offline and exact."""

from __future__ import annotations

from sigsimnet.archive._add import Added
from sigsimnet.archive._groups import Group, Groups, groups
from sigsimnet.archive._hits import Hit, Identified, SearchResult
from sigsimnet.archive._index import Index
from sigsimnet.archive._store import LEVELS

__all__ = ["LEVELS", "Added", "Group", "Groups", "Hit", "Identified", "Index", "SearchResult", "groups"]
