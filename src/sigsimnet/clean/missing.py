"""Missing samples: short gaps are bridged, long ones stay missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.clean.runs import runs_of

__all__ = ["fill_short_gaps"]


def fill_short_gaps(x: NDArray[np.floating], max_gap: int) -> NDArray[np.floating]:
    """Bridge gaps of at most ``max_gap`` samples with a straight line.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        One uninterrupted channel; NaN = missing.
    max_gap : int
        Longest gap that is bridged, in samples. Gaps at either end have nothing to lean on and stay.

    Returns
    -------
    ndarray, shape (n_samples,)
        A copy when anything was filled, else ``x`` itself.

    Examples
    --------
    >>> import numpy as np
    >>> fill_short_gaps(np.array([0.0, np.nan, 2.0, np.nan, np.nan, 5.0]), 1).tolist()
    [0.0, 1.0, 2.0, nan, nan, 5.0]
    """
    # A sum is NaN when a sample is; unlike a mask it takes no memory, which counts for a week of samples.
    if max_gap < 1 or not np.isnan(x.sum()):
        return x
    missing = np.isnan(x)
    gaps = runs_of(missing)
    short = gaps[(gaps[:, 1] - gaps[:, 0] <= max_gap) & (gaps[:, 0] > 0) & (gaps[:, 1] < len(x))]
    if not len(short):
        return x
    filled = x.copy()
    lengths = short[:, 1] - short[:, 0]
    where = np.repeat(short[:, 0] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
    known = np.flatnonzero(~missing)
    filled[where] = np.interp(where, known, x[known])
    return filled
