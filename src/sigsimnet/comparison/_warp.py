"""`warp`: how one beat (or window) must be stretched in time to lie on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Warp", "warp"]


@dataclass(frozen=True, eq=False)
class Warp:
    """A path on which one signal lies on another.

    Attributes
    ----------
    path : ndarray of int, shape (n, 2)
        Samples of A and of B that belong together, from the first pair to the last.
    distance : float
        Root of the summed squares along the path, both sides at zero mean and unit deviation.
    later : ndarray, shape (n_a,)
        By how many samples what stands at a sample of A comes later in B.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("dtaidistance")
    >>> x = np.exp(-(((np.arange(60) - 25) / 6) ** 2))
    >>> int(warp(x, np.roll(x, 4)).later[25])
    4
    """

    path: NDArray[np.int64]
    distance: float
    later: NDArray[np.float64]


def warp(a: ArrayLike, b: ArrayLike, *, band: float = 0.1) -> Warp:
    """Lay B over A by dynamic time warping (Sakoe & Chiba 1978, doi:10.1109/TASSP.1978.1163055), by dtaidistance.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        Such as the mean beats of two recordings, at one sampling rate, none missing.
    band : float, default 0.1
        How far the path may leave the diagonal, as a share of the longer signal.

    Returns
    -------
    Warp

    Raises
    ------
    ParameterError
        If a side is not one row of at least two finite numbers that differ, or the band is none.
    MissingExtraError
        If dtaidistance is not installed.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("dtaidistance")
    >>> warp([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], band=0.5).path[-1].tolist()
    [3, 3]
    """
    sides = [_scaled(side, name) for side, name in ((a, "a"), (b, "b"))]
    if not 0 < band <= 1:
        raise ParameterError(f"band={band}: it is a share of the signal, above 0 and up to 1")
    try:
        from dtaidistance import dtw
    except ImportError as error:
        raise MissingExtraError("dynamic time warping", "baselines") from error
    longest = max(map(len, sides))
    window = max(round(band * longest), abs(len(sides[0]) - len(sides[1])) + 1) + 1
    path = np.array(dtw.warping_path(*sides, window=window), dtype=np.int64)
    steps = sides[0][path[:, 0]] - sides[1][path[:, 1]]
    sums = np.bincount(path[:, 0], weights=path[:, 1], minlength=len(sides[0]))
    counts = np.bincount(path[:, 0], minlength=len(sides[0]))
    return Warp(path, float(np.sqrt((steps**2).sum())), sums / counts - np.arange(len(sides[0])))


def _scaled(side: ArrayLike, name: str) -> NDArray[np.float64]:
    x = np.asarray(side, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all() or np.ptp(x) == 0:
        raise ParameterError(f"{name} is to be one row of at least two finite numbers that differ; shape {x.shape}")
    found: NDArray[np.float64] = (x - x.mean()) / x.std()
    return found
