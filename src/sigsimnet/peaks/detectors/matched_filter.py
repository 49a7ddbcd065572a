"""Matched filter with a template learnt from the record itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.peaks._kernels import candidates, moving_average
from sigsimnet.peaks._preprocess import Preprocessed
from sigsimnet.peaks._thresholds import choose

__all__ = ["detect_matched_filter", "learn_template"]

HALF = 0.1  # s: the template spans a QRS complex
MOST = 300  # complexes that the template is learnt from


def learn_template(x: NDArray[np.float64], where: NDArray[np.int64], half: int) -> NDArray[np.float64] | None:
    """Return the median complex, each complex shifted to where it fits the median best."""
    inside = where[(where > 2 * half) & (where < len(x) - 2 * half - 1)]
    if not len(inside):
        return None
    inside = inside[:: -(-len(inside) // MOST)]
    wide = x[inside[:, None] + np.arange(-2 * half, 2 * half + 1)]
    template = np.median(wide[:, half:-half], axis=0)
    views = np.lib.stride_tricks.sliding_window_view(wide, 2 * half + 1, axis=1)
    for _ in range(3):
        shift = np.abs(views @ template).argmax(axis=1)
        template = np.median(views[np.arange(len(wide)), shift], axis=0)
    template = template - template.mean()
    norm = float(np.linalg.norm(template))
    return template / norm if norm > 0 else None


def detect_matched_filter(prepared: Preprocessed) -> NDArray[np.int64]:
    """Find QRS complexes by correlation with the record's own usual complex.

    Matched filters for QRS complexes go back to Kaplan 1990 and Ruha, Sallinen & Nissilä 1997
    (doi:10.1109/10.554762). Here the template is the median of up to 300 complexes of half an hour, 200 ms long, found
    by their energy and aligned with each other, so that it fits any sampling rate, lead and electrode.

    Departures:

    - the magnitude of the correlation is averaged over 60 ms: complexes of another shape (ventricular beats) still
      make a candidate;
    - levels as in `sigsimnet.peaks._thresholds.choose`.

    Parameters
    ----------
    prepared : Preprocessed
        One channel, as `sigsimnet.peaks._preprocess.preprocess` sees it.

    Returns
    -------
    ndarray of int
        Middle of each complex, in working samples.
    """
    from scipy.signal import oaconvolve

    x = prepared.band(5.0, 25.0)
    where = np.asarray(candidates(prepared.energy, prepared.samples(0.2)))
    where = where[prepared.has_beats(where)]
    where = where[prepared.share_of_beat(where) > 0.6]
    template = learn_template(x, where, prepared.samples(HALF))
    if template is None:
        return np.empty(0, dtype=np.int64)
    fit = np.abs(oaconvolve(x, template[::-1], mode="same"))
    return choose(prepared, moving_average(fit, prepared.samples(0.06)), share=0.3)
