"""Faults of an archive: whose file is it really, is it there twice, are leads, scale and rate what they say?"""

from __future__ import annotations

from sigsimnet.audits._audit import audit
from sigsimnet.audits._finding import COLUMNS, KINDS, Audit, Finding
from sigsimnet.audits._seen import Seen
from sigsimnet.audits._shape import GRID, Shape

__all__ = ["COLUMNS", "GRID", "KINDS", "Audit", "Finding", "Seen", "Shape", "audit"]
