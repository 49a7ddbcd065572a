"""How alike are two recordings, where, and why?"""

from __future__ import annotations

from sigsimnet.comparison._alignment import Alignment, align
from sigsimnet.comparison._compare import Comparison, compare
from sigsimnet.comparison._same_samples import SameSamples, same_samples
from sigsimnet.comparison._why import Part, Why, occlusion, why

__all__ = [
    "Alignment",
    "Comparison",
    "Part",
    "SameSamples",
    "Why",
    "align",
    "compare",
    "occlusion",
    "same_samples",
    "why",
]
