"""What changed in a person's ECG since the baseline, and whether it is more than usual."""

from __future__ import annotations

from sigsimnet.changes._change import change, differences_of, strangeness
from sigsimnet.changes._result import DISCLAIMER, Change, Difference
from sigsimnet.changes._usual import Usual, group_of, table, usual_difference

__all__ = [
    "DISCLAIMER",
    "Change",
    "Difference",
    "Usual",
    "change",
    "differences_of",
    "group_of",
    "strangeness",
    "table",
    "usual_difference",
]
