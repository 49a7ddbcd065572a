"""A channel as a picture the size of a word, in plain SVG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.plotting._decimate import extremes
from sigsimnet.plotting._figure import BLUE

__all__ = ["spark_svg"]

COLUMNS = 90


def spark_svg(x: NDArray[np.floating]) -> str:
    """Return a small picture of a signal: lowest to highest of each column, without the most extreme percent of them.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)

    Returns
    -------
    str
        An ``svg`` element of class ``spark`` (180 × 28); empty where no sample is there.

    Examples
    --------
    >>> spark_svg(np.sin(np.arange(500) / 20))[:43]
    '<svg class="spark" viewBox="0 0 180 28" wid'
    """
    low, high = extremes(x, max(1, -(-len(x) // COLUMNS)))
    there = ~np.isnan(low)
    if not there.any():
        return ""
    bottom, top = float(np.quantile(low[there], 0.005)), float(np.quantile(high[there], 0.995))
    scale = 26.0 / (top - bottom) if top > bottom else 0.0
    step = 180.0 / max(len(low), 1)
    parts = []
    for k in np.flatnonzero(there):
        y0, y1 = (27.0 - scale * (float(np.clip(v, bottom, top)) - bottom) for v in (high[k], low[k]))
        parts.append(f"M{k * step:.1f} {y0:.1f}V{max(y1, y0 + 0.7):.1f}")
    line = f'<path d="{"".join(parts)}" stroke="{BLUE}" stroke-width="{max(step, 0.8):.1f}"/>'
    return f'<svg class="spark" viewBox="0 0 180 28" width="180" height="28">{line}</svg>'
