"""How alike are two recordings, where, and why?"""

from __future__ import annotations

from sigsimnet.comparison._compare import Comparison, compare

__all__ = ["Comparison", "compare"]
