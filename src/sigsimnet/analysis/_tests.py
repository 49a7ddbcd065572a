"""Tests of one channel: normality and stationarity."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.sampling import subsample_evenly
from sigsimnet.errors import MissingExtraError, SignalError

__all__ = ["Test", "normality", "stationarity"]

SHAPIRO = 5000  # samples: Royston's p (1995, doi:10.2307/2986146) is fitted up to there
MOST_NORMAL = 100_000  # samples; what departs from normal by a hundredth of a standard deviation shows there
MOST = 20_000  # samples for ADF and KPSS, whose cost grows with lags and samples
LEAST_NORMAL, LEAST_STATIONARY = 20, 50
JARQUE_BERA = 2000  # samples, from which on its χ² distribution holds (SciPy's documentation)


@dataclass(frozen=True)
class Test:
    """The result of one test.

    Attributes
    ----------
    name : str
    statistic : float
    p : float
        NaN where the test was not possible.
    n : int
        Samples that were tested.
    null : str
        The hypothesis that a small p speaks against.
    note : str
        Limits of this p.

    Examples
    --------
    >>> Test("KPSS", 0.2, 0.1, 500, "stationary", "p is at least 0.1").null
    'stationary'
    """

    __test__ = False  # not a test case, whatever pytest makes of the name
    name: str
    statistic: float
    p: float
    n: int
    null: str
    note: str = ""


def normality(x: ArrayLike) -> tuple[Test, ...]:
    """Test whether samples come from a normal distribution.

    Shapiro–Wilk (1965) on at most 5,000 samples spread evenly over the signal, and, on at most 100,000,
    D'Agostino–Pearson (1973), Jarque–Bera (1980) and Anderson–Darling (1952; its p, from Stephens' table, lies between
    0.01 and 0.15), by SciPy.

    Parameters
    ----------
    x : array_like, shape (n_samples,)
        NaN is left out.

    Returns
    -------
    tuple of Test
        Samples of a signal depend on their neighbours, so that p is too small: it describes the shape of the
        distribution and is no evidence.

    Raises
    ------
    SignalError
        If there are fewer than 20 samples, or they are constant.

    Examples
    --------
    >>> [test.name for test in normality(np.random.default_rng(0).normal(size=3000))]
    ['Shapiro–Wilk', 'D’Agostino–Pearson', 'Jarque–Bera', 'Anderson–Darling']
    """
    from scipy import stats

    samples = np.asarray(x).ravel()
    there = samples[~np.isnan(samples)]
    values = _known(subsample_evenly(there, MOST_NORMAL), LEAST_NORMAL, "normality")
    n, null = len(values), "normal"
    values = (values - values.mean()) / values.std()
    few = subsample_evenly(values, SHAPIRO)
    shapiro, dagostino, bera = stats.shapiro(few), stats.normaltest(values), stats.jarque_bera(values)
    anderson, sure = _anderson(values)
    of_few, of_all = (
        f"{k:,} of {len(there):,} samples, evenly spread" if k < len(there) else "" for k in (len(few), n)
    )
    small = f"its p holds from {JARQUE_BERA:,} samples on" if n < JARQUE_BERA else ""
    edge = {0.01: "p is at most 0.01", 0.15: "p is at least 0.15"}.get(round(sure, 6), "")
    return (
        Test("Shapiro–Wilk", float(shapiro.statistic), float(shapiro.pvalue), len(few), null, of_few),
        Test("D’Agostino–Pearson", float(dagostino.statistic), float(dagostino.pvalue), n, null, of_all),
        Test("Jarque–Bera", float(bera.statistic), float(bera.pvalue), n, null, small or of_all),
        Test("Anderson–Darling", anderson, sure, n, null, edge or of_all),
    )


def stationarity(x: ArrayLike) -> tuple[Test, ...]:
    """Test whether a signal is stationary: augmented Dickey–Fuller and KPSS, by statsmodels.

    They ask from opposite sides. ADF (Said & Dickey 1984): a small p speaks against a unit root, a wandering mean.
    KPSS (Kwiatkowski et al. 1992): a small p speaks against stationarity about a level. Of long signals the first
    20,000 samples of the longest gap-free span are tested.

    Parameters
    ----------
    x : array_like, shape (n_samples,)
        The longest gap-free span is used.

    Returns
    -------
    tuple of Test

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    SignalError
        If no gap-free span has 50 samples, or it is constant.

    Examples
    --------
    >>> walk = np.cumsum(np.random.default_rng(0).normal(size=2000))
    >>> [test.p > 0.05 for test in stationarity(walk)]
    [True, False]
    """
    try:
        from statsmodels.tsa.stattools import adfuller, kpss
    except ImportError as error:
        raise MissingExtraError("testing for stationarity", "profile") from error
    from sigsimnet._utils.runs import runs_of

    samples = np.asarray(x, dtype=np.float64).ravel()
    runs = runs_of(~np.isnan(samples))
    start, stop = max(runs.tolist(), key=lambda run: run[1] - run[0], default=(0, 0))
    values = _known(samples[start : min(stop, start + MOST)], LEAST_STATIONARY, "stationarity")
    values = (values - values.mean()) / values.std()
    n = len(values)
    tested = f"the first {n:,} samples of the longest gap-free span" if n < len(samples) else ""
    lags = int(12 * (n / 100) ** 0.25)  # Schwert 1989
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # KPSS warns where its table ends; the note says it
        adf = adfuller(values, maxlag=min(lags, n // 2 - 2), autolag=None)
        level = kpss(values, regression="c", nlags=min(lags, n // 2 - 2))
    table = {0.01: "p is at most 0.01", 0.1: "p is at least 0.1"}.get(round(float(level[1]), 6), "")
    return (
        Test("ADF", float(adf[0]), float(adf[1]), n, "a unit root: the mean wanders", tested),
        Test(
            "KPSS",
            float(level[0]),
            float(level[1]),
            n,
            "stationary about a level",
            "; ".join(filter(None, (table, tested))),
        ),
    )


def _anderson(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the Anderson–Darling statistic against a normal distribution, and p by Stephens' table (1974).

    SciPy returns p by itself from 1.17 on; its table of critical values is in every version.
    """
    from scipy import stats

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that announce the change
        found: Any = stats.anderson(values, "norm")
    levels = np.asarray(found.significance_level, dtype=np.float64) / 100.0
    return float(found.statistic), float(np.interp(found.statistic, found.critical_values, levels))


def _known(x: ArrayLike, least: int, what: str) -> NDArray[np.float64]:
    values = np.asarray(x, dtype=np.float64).ravel()
    values = values[~np.isnan(values)]
    if len(values) < least:
        raise SignalError(f"{len(values)} samples are too few to test {what}: at least {least} are needed")
    if not math.isfinite(spread := float(values.std())) or spread <= 1e-12 * max(1e-300, float(np.abs(values).max())):
        raise SignalError(f"the signal is constant: there is no {what} to test")
    return values
