"""Dynamic time warping of mean segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import MissingExtraError
from sigsimnet.evaluation.baselines._base import Baseline
from sigsimnet.evaluation.baselines.pearson import Pearson
from sigsimnet.segments import Segments

__all__ = ["DTW"]

BAND = 0.1  # of the length, either way (Sakoe & Chiba 1978, doi:10.1109/TASSP.1978.1163055)


class DTW(Baseline):
    """The distance of two mean segments by dynamic time warping within a band, by dtaidistance.

    Sakoe & Chiba 1978 (doi:10.1109/TASSP.1978.1163055). Each channel is warped by itself; the score is less the mean
    distance.

    Raises
    ------
    MissingExtraError
        If dtaidistance is not installed.
    """

    def __init__(self) -> None:
        try:
            from dtaidistance import dtw
        except ImportError as error:
            raise MissingExtraError("dynamic time warping", "baselines") from error
        self._dtw = dtw

    def represent(self, segments: Segments) -> NDArray[np.float64]:
        """Return the mean segment with mean 0 and length 1 in each channel."""
        return np.ascontiguousarray(Pearson().represent(segments))

    def compare(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        """Return minus the distance."""
        window = max(1, round(BAND * a.shape[-1]))
        return -float(np.mean([self._dtw.distance_fast(x, y, window=window) for x, y in zip(a, b, strict=True)]))
