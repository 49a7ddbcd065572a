"""`fill` and `nowcast`: what is missing, from the other columns and from before and after; one from the others now."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.series._methods import statsmodels_or_say
from sigsimnet.series._series import Series, series_of

__all__ = ["FactorModel", "Filled", "Nowcast", "fill", "nowcast"]

_LEAST = 20  # values of a column
_HIDDEN = 0.1  # share of what is known that is hidden to measure
_MOMENTS = 20
_RESAMPLES = 2000
_ITERATIONS = 50


class FactorModel:
    """One factor behind all columns, which changes slowly (Bańbura & Modugno 2014, doi:10.1002/jae.2306; statsmodels).

    Parameters
    ----------
    series : Series
    until : int, optional
        Learn from the steps before this one alone.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    SignalError
        If a column has too few values.
    """

    def __init__(self, series: Series, *, until: int | None = None) -> None:
        statsmodels_or_say()
        from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

        values = series.values[:, :until]
        for name, row in zip(series.names, values, strict=True):
            if np.isfinite(row).sum() < _LEAST:
                raise SignalError(f"{series.source or 'series'}: {name} has fewer than {_LEAST} values")
        self.names = series.names
        self.middle = np.nanmean(values, axis=1, keepdims=True)
        spread = np.nanstd(values, axis=1, keepdims=True)
        self.spread = np.where(spread > 0, spread, 1.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an expectation maximisation that stops at its limit
            model = DynamicFactorMQ(
                self._even(values).T, factors=1, factor_orders=1, idiosyncratic_ar1=False, standardize=False
            )
            self._fitted: Any = model.fit(disp=0, maxiter=_ITERATIONS)
        self._design = np.asarray(self._fitted.model.ssm["design"])[:, :1]
        self._noise = np.asarray(self._fitted.model.ssm["obs_cov"]).diagonal()

    def _even(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((values - self.middle) / self.spread)

    def _state(self, even: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the factor at each step, given all steps, and its variance."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            applied = self._fitted.apply(even.T, retain_standardization=False)
        return np.asarray(applied.smoothed_state)[0], np.asarray(applied.smoothed_state_cov)[0, 0]

    def estimate(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what the factor says of every value, and the standard deviation of that."""
        state, variance = self._state(self._even(values))
        mean = self._design * state[None] * self.spread + self.middle
        spread = np.sqrt(self._design**2 * variance[None] + self._noise[:, None]) * self.spread
        return mean, spread

    def ahead(self, values: NDArray[np.float64], name: str, ahead: int) -> NDArray[np.float64] | None:
        """Return what comes of a column."""
        longer = np.c_[values, np.full((len(values), ahead), np.nan)]
        found = self.estimate(longer)[0][self.names.index(name), -ahead:]
        return np.asarray(found) if np.isfinite(found).all() else None

    def contributions(
        self, values: NDArray[np.float64], name: str, at: int, ahead: int
    ) -> dict[str, NDArray[np.float64]]:
        """Return what each column adds to the estimates of one column from a step on; they add up exactly.

        The smoothed factor is linear in the values, where these are missing or not being the same: so it is the sum of
        what it is when all columns but one are at their means.
        """
        target = self.names.index(name)
        longer = np.c_[values[:, :at], values[:, at : at + ahead]]
        if longer.shape[1] < at + ahead:
            longer = np.c_[longer, np.full((len(values), at + ahead - longer.shape[1]), np.nan)]
        even = self._even(longer)
        found = {f"mean of {name}": np.full(ahead, float(self.middle[target, 0]))}
        for row, column in enumerate(self.names):
            alone = np.where(np.isfinite(even), 0.0, np.nan)
            alone[row] = even[row]
            state = self._state(alone)[0][-ahead:]
            found[column] = self._design[target, 0] * state * self.spread[target, 0]
        return found


@dataclass(frozen=True, eq=False)
class Filled:
    """A series without gaps, and what that is worth.

    Attributes
    ----------
    series : Series
        Known values are as they were.
    given : Series
        With its gaps.
    spread : ndarray, shape (n_columns, n_steps)
        Standard deviation of each filled value; 0 of those that are known.
    mae, mae_line : dict of str to float
        Of known values that were hidden, by column: mean absolute error, and that of a line over the gap.
    verdict : str

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = np.cumsum(rng.normal(size=(1, 200)), axis=1) + rng.normal(size=(3, 200))
    >>> x[1, 50:60] = np.nan
    >>> bool(np.isfinite(fill((x, 5.0)).series.values).all())
    True
    """

    series: Series
    given: Series
    spread: NDArray[np.float64]
    mae: dict[str, float]
    mae_line: dict[str, float]
    verdict: str

    @property
    def n_filled(self) -> int:
        """Values that were filled."""
        return int(np.isnan(self.given.values).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "source": self.given.source,
            "n_filled": self.n_filled,
            "verdict": self.verdict,
            "mae": {name: to_jsonable(value) for name, value in self.mae.items()},
            "mae_of_a_line": {name: to_jsonable(value) for name, value in self.mae_line.items()},
        }


def fill(what: Any, *, step: float | None = None, seed: int = 0) -> Filled:
    """Fill what is missing, from the other columns and from before and after.

    Several columns by one factor behind them (`FactorModel`), one column alone by a level that walks at random (Kalman
    smoother); both statsmodels'. A tenth of what is known is hidden in pieces as long as the gaps, to say how good that
    is, beside a line over the gap.

    Parameters
    ----------
    what : as of `series_of`
    step : float, optional
        As of `series_of`.
    seed : int, default 0
        Of what is hidden.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    SignalError
        If a column has too few values.

    Examples
    --------
    >>> values = np.sin(np.arange(100) / 9)
    >>> values[40:44] = np.nan
    >>> found = fill((values, 1.0))
    >>> found.n_filled, bool(np.abs(found.series.values[0, 40:44] - np.sin(np.arange(40, 44) / 9)).max() < 0.2)
    (4, True)
    """
    series = series_of(what, step=step)
    gaps = np.isnan(series.values)
    hidden = _hidden(gaps, np.random.default_rng(seed))
    shown = np.where(hidden, np.nan, series.values)
    tried, _ = _estimates(Series(shown, series.step, series.names, series.units, series.source))
    lines = np.stack([_line(row) for row in shown])
    mae, mae_line = {}, {}
    for row, name in enumerate(series.names):
        there = hidden[row]
        if there.any():
            mae[name] = float(np.abs(tried[row, there] - series.values[row, there]).mean())
            mae_line[name] = float(np.abs(lines[row, there] - series.values[row, there]).mean())
    found, spread = _estimates(series)
    values = np.where(gaps, found, series.values)
    worse = [name for name in mae if mae[name] > mae_line[name]]
    n = int(gaps.sum())
    if not n:
        verdict = "nothing is missing"
    elif not mae:
        verdict = f"{n} values were filled; too few are known to say how well"
    elif worse:
        verdict = f"{n} values were filled; of {', '.join(worse)} a line over the gaps does as well or better"
    else:
        verdict = f"{n} values were filled, better than by lines over the gaps"
    made = Series(values, series.step, series.names, series.units, series.source)
    return Filled(made, series, np.where(gaps, spread, 0.0), mae, mae_line, verdict)


def _estimates(series: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(series.values) > 1:
        return FactorModel(series).estimate(series.values)
    statsmodels_or_say()
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    x = series.values[0]
    if np.isfinite(x).sum() < _LEAST:
        raise SignalError(f"{series.source or 'series'}: {series.names[0]} has fewer than {_LEAST} values")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still smooths
        fitted = UnobservedComponents(x, "llevel").fit(disp=0, maxiter=_ITERATIONS)
    level, variance = np.asarray(fitted.smoothed_state)[0], np.asarray(fitted.smoothed_state_cov)[0, 0]
    noise = float(np.asarray(fitted.model.ssm["obs_cov"])[0, 0])
    return level[None], np.sqrt(np.maximum(variance, 0.0) + noise)[None]


def _line(row: NDArray[np.float64]) -> NDArray[np.float64]:
    there = np.flatnonzero(np.isfinite(row))
    return np.asarray(np.interp(np.arange(len(row)), there, row[there])) if len(there) else row


def _hidden(gaps: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a tenth of what is known, in pieces as long as gaps are (median)."""
    lengths = []
    for row in gaps:
        edges = np.flatnonzero(np.diff(np.r_[False, row, False].astype(int)))
        lengths += (edges[1::2] - edges[::2]).tolist()
    length = int(np.median(lengths)) if lengths else 1
    found = np.zeros_like(gaps)
    n = gaps.shape[1]
    for row in range(len(gaps)):
        wanted = int(_HIDDEN * (~gaps[row]).sum())
        for start in rng.permutation(max(n - length - 1, 1)) + 1:
            piece = slice(int(start), int(start) + length)
            if found[row].sum() >= wanted:
                break
            if not gaps[row, piece].any() and not found[row, piece].any():
                found[row, piece] = True
    return found & ~gaps


@dataclass(frozen=True, eq=False)
class Nowcast:
    """What one column is now, from the others, and what that is worth.

    Attributes
    ----------
    series : Series
    column : str
    value, spread : float
        Of the last step, and its standard deviation.
    mae, mae_last : float
        Of moments at which it was hidden: mean absolute error, and that of its last value before.
    gain_low, gain_high : float
        95 % interval over moments, of how much less the error is.
    contributions : dict of str to float
        What each column adds to the value, together with the mean exactly that.
    verdict : str

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = 0.1 * np.cumsum(rng.normal(size=(1, 400)), axis=1) + 0.1 * rng.normal(size=(3, 400))
    >>> nowcast((x, 5.0), "column 2").column
    'column 2'
    """

    series: Series
    column: str
    value: float
    spread: float
    mae: float
    mae_last: float
    gain_low: float
    gain_high: float
    contributions: dict[str, float]
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "source": self.series.source,
            "column": self.column,
            "value": to_jsonable(self.value),
            "spread": to_jsonable(self.spread),
            "verdict": self.verdict,
            "mae": to_jsonable(self.mae),
            "mae_of_the_last_value": to_jsonable(self.mae_last),
            "less_interval": [to_jsonable(self.gain_low), to_jsonable(self.gain_high)],
            "contributions": {name: to_jsonable(value) for name, value in self.contributions.items()},
        }


def nowcast(what: Any, column: str, *, hidden: float = 60.0, step: float | None = None, seed: int = 0) -> Nowcast:
    """Say what a column is now, from the others now and from all before.

    One factor behind all columns (`FactorModel`), learnt from the first half. At moments of the second half the column
    is hidden for as long as ``hidden``, and estimated at the end of that from what the others show meanwhile; its last
    value before stands beside.

    Parameters
    ----------
    what : as of `series_of`
        With two columns at least.
    column : str
    hidden : float, default 60
        In s: for how long the column is not seen.
    step : float, optional
        As of `series_of`.
    seed : int, default 0
        Of the bootstrap over moments.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    ParameterError
        If there is no such column, or no other one.
    SignalError
        If the series is too short.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> common = np.cumsum(rng.normal(size=300))
    >>> found = nowcast((np.stack([common, common + 0.1 * rng.normal(size=300)]), 5.0), "column 1")
    >>> found.mae < found.mae_last
    True
    """
    series = series_of(what, step=step)
    x = series.column(column)
    if len(series.values) < 2:
        raise ParameterError(f"{series.source or 'series'}: has no other column than {column!r} to say it from")
    n, length = len(x), max(1, round(hidden / series.step))
    first = n // 2
    moments = [
        int(at) for at in np.unique(np.linspace(first, n - length, _MOMENTS).astype(int))
        if np.isfinite(x[at + length - 1]) and np.isfinite(x[:at]).any()
    ]  # fmt: skip
    if first < _LEAST or len(moments) < 5:
        raise SignalError(f"{series.source or 'series'}: {n} steps are too few to try a nowcast of {column}")
    model = FactorModel(series, until=first)
    row = series.names.index(column)
    mine, last = [], []
    for at in moments:
        seen = series.values[:, : at + length].copy()
        seen[row, at:] = np.nan
        truth = x[at + length - 1]
        mine.append(abs(float(model.estimate(seen)[0][row, -1]) - truth))
        before = x[:at]
        last.append(abs(float(before[np.isfinite(before)][-1]) - truth))
    gains = np.array(last) - np.array(mine)
    draws = np.random.default_rng(seed).integers(0, len(gains), (_RESAMPLES, len(gains)))
    gain_low, gain_high = (float(v) for v in np.quantile(gains[draws].mean(axis=1), [0.025, 0.975]))
    seen = series.values.copy()
    seen[row, -1] = np.nan  # what it would be said to be without a look at it
    value, spread = (float(part[row, -1]) for part in model.estimate(seen))
    parts = model.contributions(seen, column, n - 1, 1)
    mae, mae_last = float(np.mean(mine)), float(np.mean(last))
    seconds = length * series.step
    if gain_low > 0:
        said = f"after {seconds:g} s without {column} the others say it to {mae:.3g}, its last value to {mae_last:.3g}"
    else:
        said = f"no better than the last value: {mae:.3g} against {mae_last:.3g} after {seconds:g} s without {column}"
    contributions = {name: float(values[0]) for name, values in parts.items()}
    return Nowcast(series, column, value, spread, mae, mae_last, gain_low, gain_high, contributions, said)
