"""Compiled loops of the cleaning room; they release the GIL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.jit import compiled

__all__ = ["run_sections"]

Floats = NDArray[np.float64]


@compiled
def run_sections(sections: Floats, x: Floats, start: Floats) -> Floats:  # pragma: no cover - compiled
    """Run second-order sections (transposed direct form II), one after another, from a state (n_sections, 2)."""
    state = start.copy()
    out = np.empty(len(x))
    for i in range(len(x)):
        value = x[i]
        for s in range(len(sections)):
            new = sections[s, 0] * value + state[s, 0]
            state[s, 0] = sections[s, 1] * value - sections[s, 4] * new + state[s, 1]
            state[s, 1] = sections[s, 2] * value - sections[s, 5] * new
            value = new
        out[i] = value
    return out
