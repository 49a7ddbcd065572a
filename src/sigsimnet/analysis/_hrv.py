"""Heart rate variability of normal intervals, by NeuroKit2."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import MissingExtraError, SignalError
from sigsimnet.peaks import Peaks, RRSeries, clean_rr

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HRV", "hrv"]

LEAST = 10  # normal intervals; RMSSD of fewer is too uncertain
WINDOW = 300.0  # s: the five minutes of the Task Force (1996, doi:10.1161/01.CIR.93.5.1043)
LEAST_NORMAL = 0.8  # of the intervals of five minutes; interpolation of more would distort the power
SHORTEST = 120.0  # s: two minutes, the Task Force's least for LF
TIME = {"MeanNN": "mean_nn", "SDNN": "sdnn", "RMSSD": "rmssd", "pNN50": "pnn50", "pNN20": "pnn20"}
FREQUENCY = {"LF": "lf", "HF": "hf", "TP": "total"}


@dataclass(frozen=True)
class HRV:
    """Heart rate variability.

    Attributes
    ----------
    heart_rate : float
        Mean of the normal intervals, in beats per minute.
    mean_nn, sdnn, rmssd : float
        In ms.
    pnn50, pnn20 : float
        Share of successive intervals that differ by more than 50 (20) ms, in %.
    lf, hf, total : float
        Power of 0.04–0.15 Hz, 0.15–0.4 Hz, and of all up to 0.5 Hz, in ms²: mean over windows of five minutes (or over
        one of two to five). NaN when no window has 80 % normal intervals.
    n_intervals, n_normal : int
        Intervals between beats, and those from normal beat to normal beat, which all figures are computed from.
    n_windows : int
        Windows that the powers are the mean of.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> found = hrv(detect_peaks(simulate(1, 1, duration=150, seed=1)[0]))
    >>> found.n_windows, 40 < found.heart_rate < 150
    (1, True)
    """

    heart_rate: float
    mean_nn: float
    sdnn: float
    rmssd: float
    pnn50: float
    pnn20: float
    lf: float
    hf: float
    total: float
    n_intervals: int
    n_normal: int
    n_windows: int

    @property
    def lf_hf(self) -> float:
        """LF over HF."""
        return self.lf / self.hf if self.hf > 0 else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Return all figures, ``lf_hf`` too, in the types that JSON knows; None for those that could not be computed.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> hrv(detect_peaks(simulate(1, 1, duration=60, seed=1)[0])).to_dict()["lf"] is None
        True
        """
        return {key: to_jsonable(value) for key, value in (asdict(self) | {"lf_hf": self.lf_hf}).items()}

    def to_dataframe(self) -> pd.DataFrame:
        """Return all figures in one row.

        Examples
        --------
        >>> from sigsimnet import detect_peaks, simulate
        >>> len(hrv(detect_peaks(simulate(1, 1, duration=60, seed=1)[0])).to_dataframe())
        1
        """
        import pandas as pd

        return pd.DataFrame([asdict(self) | {"lf_hf": self.lf_hf}])


def hrv(peaks: Peaks | RRSeries) -> HRV:
    """Return heart rate variability in time and frequency domain.

    Intervals that are not from normal beat to normal beat (`clean_rr`: ectopic beats, missed and extra marks, pauses)
    are left out of the time domain; in the frequency domain NeuroKit2 interpolates between the others of a window.

    Parameters
    ----------
    peaks : Peaks or RRSeries
        Heart beats; or their intervals, where `clean_rr` was called before.

    Raises
    ------
    MissingExtraError
        If NeuroKit2 is not installed.
    SignalError
        If fewer than ten intervals are normal.

    Examples
    --------
    >>> from sigsimnet import detect_peaks, simulate
    >>> hrv(detect_peaks(simulate(1, 1, duration=60, seed=1)[0])).n_windows
    0
    """
    series = peaks if isinstance(peaks, RRSeries) else clean_rr(peaks)
    normal = series.normal
    good = np.isfinite(normal)
    if good.sum() < LEAST:
        raise SignalError(f"{int(good.sum())} normal RR intervals: heart rate variability needs at least {LEAST}")
    try:
        from neurokit2.hrv import hrv_frequency, hrv_time
    except ImportError as error:
        raise MissingExtraError("heart rate variability", "profile") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about figures that need hours and are not used
        time = hrv_time({"RRI": 1000 * normal[good], "RRI_Time": series.times[good]}, sampling_rate=1000)
        windows = [
            hrv_frequency({"RRI": 1000 * rr, "RRI_Time": at}, sampling_rate=1000, normalize=False, interpolation_rate=8)
            for at, rr in _windows(series.times, normal)
        ]
    found = {ours: float(time[f"HRV_{theirs}"].iloc[0]) for theirs, ours in TIME.items()}
    powers = {
        ours: float(np.mean([w[f"HRV_{theirs}"].iloc[0] for w in windows])) if windows else float("nan")
        for theirs, ours in FREQUENCY.items()
    }
    return HRV(
        heart_rate=60_000.0 / found["mean_nn"],
        **found,
        **powers,
        n_intervals=int(np.isfinite(series.rr).sum()),
        n_normal=int(good.sum()),
        n_windows=len(windows),
    )


def _windows(
    times: NDArray[np.float64], normal: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the normal intervals of each window of five minutes that has enough of them."""
    length = float(times[-1] - times[0])
    n = int(length // WINDOW) or int(length >= SHORTEST)
    edges = times[0] + np.arange(n + 1) * (min(WINDOW, length))
    found = []
    for low, high in pairwise(edges):
        at, rr = times[(times >= low) & (times <= high)], normal[(times >= low) & (times <= high)]
        good = np.isfinite(rr)
        covered = float(rr[good].sum()) / (high - low)
        if good.sum() >= LEAST and good.mean() >= LEAST_NORMAL and covered >= LEAST_NORMAL:
            found.append((at[good], rr[good]))
    return found
