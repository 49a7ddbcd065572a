"""RR intervals: which of them are from one normal beat to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.json import to_jsonable
from sigsimnet.peaks._result import Peaks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RRSeries", "clean_rr"]

NEIGHBOURS = 11  # intervals that the usual one is the median of
FAR = 5.2  # times the median absolute departure of the surroundings: 3.5 standard deviations of a normal
LEAST = 0.06  # s: smaller departures are respiration, not rhythm
SURROUNDINGS = 91  # intervals over which the spread is taken (Lipponen & Tarvainen 2019)


@dataclass(frozen=True, eq=False)
class RRSeries:
    """Intervals between beats, each with its kind.

    Attributes
    ----------
    times : ndarray, shape (n,)
        Time of the beat that ends each interval, in s.
    rr : ndarray, shape (n,)
        Intervals in s; NaN across a pause.
    kind : ndarray of str, shape (n,)
        ``"normal"``; ``"ectopic"`` (short before long: a premature beat and its compensatory pause); ``"missed"``
        (about twice the usual interval); ``"extra"`` (two that add up to a usual one); ``"long"`` or ``"short"`` (any
        other outlier); ``"pause"`` (across a pause of the recording, or missing samples).

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> series = clean_rr(detect_peaks(simulate(1, 1, duration=20, seed=1)[0]))
    >>> len(series.normal) == len(series)
    True
    """

    times: NDArray[np.float64]
    rr: NDArray[np.float64]
    kind: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.rr)

    @property
    def normal(self) -> NDArray[np.float64]:
        """Intervals from normal beat to normal beat in s, NaN for all others: the NN series of HRV."""
        return np.where(self.kind == "normal", self.rr, np.nan)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row an interval: ``time`` of the beat that ends it (s), ``rr`` (s) and ``kind``.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> series = clean_rr(detect_peaks(simulate(1, 1, duration=20, seed=1)[0]))
        >>> series.to_dataframe().columns.tolist()
        ['time', 'rr', 'kind']
        """
        import pandas as pd

        return pd.DataFrame({"time": self.times, "rr": self.rr, "kind": self.kind.astype(object)})

    def to_dict(self) -> dict[str, Any]:
        """Return everything in the types that JSON knows.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> sorted(clean_rr(detect_peaks(simulate(1, 1, duration=20, seed=1)[0])).to_dict())
        ['kind', 'rr', 'times']
        """
        values = {"times": self.times.round(5), "rr": self.rr.round(5), "kind": self.kind}
        return {key: to_jsonable(value) for key, value in values.items()}

    def interpolated(self) -> NDArray[np.float64]:
        """Return the series with intervals that are not normal interpolated linearly between normal ones."""
        good = np.isfinite(self.normal)
        if not good.any():
            return self.normal
        return np.asarray(np.interp(self.times, self.times[good], self.rr[good]))


def clean_rr(peaks: Peaks) -> RRSeries:
    """Classify intervals: normal, or caused by a premature, missed or extra beat. Nothing is deleted.

    An interval is an outlier when it departs from the running median of eleven by more than 5.2 times the median
    absolute such departure among the 91 around it, and by more than 60 ms. The threshold that follows the
    record's own spread is that of Lipponen & Tarvainen 2019 (doi:10.1080/03091902.2019.1640306); the classes are
    distinguished by simpler rules: the sum of two neighbours, and the ratio to the median.

    Parameters
    ----------
    peaks : Peaks

    Returns
    -------
    RRSeries
        One shorter than ``peaks``; empty for fewer than two beats.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> series = clean_rr(detect_peaks(simulate(1, 1, duration=20, seed=1)[0]))
    >>> bool((series.kind == "normal").mean() > 0.9)
    True
    """
    rr = peaks.rr
    kind = np.full(len(rr), "normal", dtype="<U8")
    known = np.isfinite(rr)
    kind[~known] = "pause"
    if known.sum() < 3:
        return RRSeries(peaks.times[1:], rr, kind)
    where = np.flatnonzero(known)
    values = rr[where]
    usual = _running_median(values, NEIGHBOURS)
    off = values - usual
    spread = ndimage.percentile_filter(np.abs(off), 50, size=min(SURROUNDINGS, len(off)), mode="nearest")
    threshold = np.maximum(FAR * spread, LEAST)
    out = np.abs(off) > threshold
    for k in np.flatnonzero(out):
        if kind[where[k]] != "normal":
            continue
        # The interval after a pause of the recording is not the next one.
        followed = k + 1 < len(values) and where[k + 1] == where[k] + 1
        end = k + 2 if followed else k + 1
        kind[where[k]] = _class_of(values[:end], usual, threshold, int(k))
        if followed and off[k] < 0 and kind[where[k]] in ("ectopic", "extra"):
            kind[where[k + 1]] = kind[where[k]]
    return RRSeries(peaks.times[1:], rr, kind)


def _running_median(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    n = len(values)
    return np.asarray(ndimage.median_filter(values, size=min(size, n - 1 + n % 2), mode="mirror"))


def _class_of(values: NDArray[np.float64], usual: NDArray[np.float64], threshold: NDArray[np.float64], k: int) -> str:
    off = values[k] - usual[k]
    if off > 0:
        return "missed" if abs(values[k] - 2 * usual[k]) <= max(threshold[k], 0.2 * usual[k]) else "long"
    if k + 1 < len(values):
        both = values[k] + values[k + 1]
        if abs(both - usual[k]) <= max(threshold[k], 0.15 * usual[k]):
            return "extra"
        if values[k + 1] - usual[k] > threshold[k] / 2:
            return "ectopic"
    return "short"
