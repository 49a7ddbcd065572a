"""How alike are two recordings, where, and why?"""

from __future__ import annotations

from sigsimnet.comparison._alignment import Alignment, align
from sigsimnet.comparison._compare import compare
from sigsimnet.comparison._gradients import integrated_gradients
from sigsimnet.comparison._motifs import Match, Motifs, motifs
from sigsimnet.comparison._pairing import exchanged_leads, paired_by_likeness
from sigsimnet.comparison._result import Comparison
from sigsimnet.comparison._same_samples import SameSamples, same_samples
from sigsimnet.comparison._stretches import Stretch, Stretches, StretchPair
from sigsimnet.comparison._warp import Warp, warp
from sigsimnet.comparison._why import Part, Why, occlusion, why

__all__ = [
    "Alignment",
    "Comparison",
    "Match",
    "Motifs",
    "Part",
    "SameSamples",
    "Stretch",
    "StretchPair",
    "Stretches",
    "Warp",
    "Why",
    "align",
    "compare",
    "exchanged_leads",
    "integrated_gradients",
    "motifs",
    "occlusion",
    "paired_by_likeness",
    "same_samples",
    "warp",
    "why",
]
