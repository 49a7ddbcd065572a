"""`forecast`: several methods side by side at the same moments of the past, the next values, and a verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.checks import check_count
from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.series._fill import FactorModel
from sigsimnet.series._methods import METHODS, ORDER, ar_weights
from sigsimnet.series._series import Series, series_of

__all__ = ["FORECAST_ROW", "Forecast", "Method", "forecast"]

FORECAST_ROW = ("method", "MAE", "95 % interval", "less than the last value's", "moments")
"""Columns of `Forecast.rows`."""
FACTOR = "dynamic factor"
BASE = "last value"
ORIGINS = 20
_LEAST = 30  # steps before the first moment
_LEAST_ORIGINS = 5
_RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Method:
    """How well a method did.

    Attributes
    ----------
    name : str
    errors : ndarray, shape (n_origins, n_ahead)
        Forecast minus what came; NaN where what came is missing, or the method said nothing.
    mae, low, high : float
        Mean absolute error at the horizon, with its interval over the moments.
    gain, gain_low, gain_high : float
        By how much less than that of the last value at the same moments; negative: more. The interval is of 95 % for
        all methods together (Bonferroni).

    Examples
    --------
    >>> Method("AR(6)", np.zeros((3, 2)), 1.0, 0.8, 1.2, 0.2, 0.1, 0.3).better
    True
    """

    name: str
    errors: NDArray[np.float64]
    mae: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float

    @property
    def better(self) -> bool:
        """Whether it is better than the last value beyond chance: the whole interval says so."""
        return bool(self.gain_low > 0)

    @property
    def n(self) -> int:
        """Moments at which it could be held against what came."""
        return int(np.isfinite(self.errors[:, -1]).sum())


@dataclass(frozen=True, eq=False)
class Forecast:
    """What comes next, and what that is worth.

    Attributes
    ----------
    series : Series
    column : str
    values, low, high : ndarray, shape (n_ahead,)
        Forecast, and between what so large a share of the past errors lies.
    method : str
        That was used: the best where it is better than the last value beyond chance, else the last value.
    level : float
        That share, 0–1.
    methods : tuple of Method
        The best first.
    verdict : str
        In a sentence.
    contributions : dict of str to ndarray
        Of a linear method: what each value of the past adds to the forecast; they add up to it exactly.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = forecast((60 + np.cumsum(rng.normal(size=300)), 5.0), 60.0)
    >>> found.verdict.startswith("no better than the last value")
    True
    """

    series: Series
    column: str
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    method: str
    level: float
    methods: tuple[Method, ...]
    verdict: str
    contributions: dict[str, NDArray[np.float64]]

    @property
    def horizon(self) -> float:
        """How far ahead, in s."""
        return len(self.values) * self.series.step

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line of text for each method (`FORECAST_ROW`)."""
        return [
            (
                one.name,
                f"{one.mae:.3g}",
                f"{one.low:.3g} to {one.high:.3g}",
                "–" if one.name == BASE else f"{one.gain:.2g} [{one.gain_low:.2g}, {one.gain_high:.2g}]",
                str(one.n),
            )
            for one in self.methods
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "source": self.series.source,
            "column": self.column,
            "step": self.series.step,
            "horizon": self.horizon,
            "verdict": self.verdict,
            "method": self.method,
            "level": self.level,
            "forecast": [to_jsonable(float(v)) for v in self.values],
            "low": [to_jsonable(float(v)) for v in self.low],
            "high": [to_jsonable(float(v)) for v in self.high],
            "methods": [
                {
                    "name": one.name,
                    "mae": to_jsonable(one.mae),
                    "interval": [to_jsonable(one.low), to_jsonable(one.high)],
                    "less_than_last_value": to_jsonable(one.gain),
                    "interval_of_that": [to_jsonable(one.gain_low), to_jsonable(one.gain_high)],
                    "moments": one.n,
                }
                for one in self.methods
            ],
            "contributions": {name: [to_jsonable(float(v)) for v in row] for name, row in self.contributions.items()},
        }


def forecast(
    what: Any,
    horizon: float = 60.0,
    *,
    column: str | None = None,
    step: float | None = None,
    origins: int = ORIGINS,
    level: float = 0.8,
    methods: Sequence[str] | None = None,
    seed: int = 0,
) -> Forecast:
    """Forecast a vital sign, and say whether that is better than its last value.

    At moments of the second half (rolling origins, Tashman 2000, doi:10.1016/S0169-2070(00)00065-0) each method sees
    what lies before, and is held against what came. The best one is used where its mean absolute error at the horizon
    is less than that of the last value beyond chance; else the last value. The interval of the forecast holds ``level``
    of the errors that the method made at these moments, step by step.

    Parameters
    ----------
    what : as of `series_of`
    horizon : float, default 60
        In s.
    column : str, optional
        By default the first.
    step : float, optional
        As of `series_of`.
    origins : int, default 20
        Moments, evenly spaced.
    level : float, default 0.8
    methods : sequence of str, optional
        Of `METHODS`, and ``"dynamic factor"`` where there are several columns; by default all.
    seed : int, default 0
        Of the bootstrap over moments.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    ParameterError
        If a setting is unknown.
    SignalError
        If the series is too short.

    Examples
    --------
    >>> waves = 70 + 5 * np.sin(np.arange(400) / 4)
    >>> found = forecast((waves, 5.0), 60.0)
    >>> found.method in ("seasonal", "AR(6)", "ETS"), len(found.values)
    (True, 12)
    """
    check_count(origins, "origins", least=_LEAST_ORIGINS)
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}: a share between 0 and 1")
    if not horizon > 0:
        raise ParameterError(f"horizon is {horizon!r}: a positive number of s")
    series = series_of(what, step=step)
    x = series.column(column)
    name = column or series.names[0]
    ahead = max(1, round(horizon / series.step))
    n = len(x)
    first = max(_LEAST, n // 2)
    if n - ahead - first < _LEAST_ORIGINS:
        raise SignalError(
            f"{series.source or 'series'}: {n} steps of {series.step:g} s are too few to try a forecast of {ahead}; "
            f"{2 * (ahead + _LEAST_ORIGINS) + _LEAST} do"
        )
    known = (*METHODS, FACTOR)
    wanted = list(methods or (known if len(series.values) > 1 else METHODS))
    if unknown := [one for one in wanted if one not in known]:
        raise ParameterError(f"unknown method {unknown[0]!r} (known: {', '.join(known)})")
    if BASE not in wanted:
        wanted.insert(0, BASE)
    moments = np.unique(np.linspace(first, n - ahead, origins).astype(int))
    factor = FactorModel(series, until=first) if FACTOR in wanted and len(series.values) > 1 else None
    tried = {}
    for one in wanted:
        errors = np.full((len(moments), ahead), np.nan)
        for row, at in enumerate(moments):
            said = _say(one, factor, series, name, x, int(at), ahead)
            if said is not None:
                errors[row] = said - x[at : at + ahead]
        if np.isfinite(errors[:, -1]).sum() >= _LEAST_ORIGINS:
            tried[one] = errors
    if BASE not in tried:
        raise SignalError(
            f"{series.source or 'series'}: {name} is missing at most moments that a forecast could be tried"
        )
    rng = np.random.default_rng(seed)
    others = max(len(tried) - 1, 1)
    measured = [_measured(one, errors, tried[BASE], rng, others) for one, errors in tried.items()]
    found = sorted(measured, key=lambda one: one.mae)
    best = next((one for one in found if one.name != BASE and one.better), None)
    used = best or next(one for one in found if one.name == BASE)
    said = _say(used.name, factor, series, name, x, n, ahead)
    if said is None:  # the end of the series is unlike its past
        used = next(one for one in found if one.name == BASE)
        said = _say(BASE, factor, series, name, x, n, ahead)
    values = np.full(ahead, np.nan) if said is None else said
    width = np.array([_quantile(np.abs(used.errors[:, k]), level) for k in range(ahead)])
    contributions: dict[str, NDArray[np.float64]] = {}
    weights = ar_weights(x, ahead) if used.name == f"AR({ORDER})" else None
    if weights is not None:
        constant, each, newest = weights
        contributions = {"constant": constant}
        contributions |= {
            f"{name} {k * series.step:g} s ago" if k else f"last {name}": each[:, k] * newest[k] for k in range(ORDER)
        }
    elif used.name == FACTOR and factor is not None:
        contributions = factor.contributions(series.values, name, n, ahead)
    verdict = _in_words(found, best, name, ahead * series.step)
    return Forecast(
        series, name, values, values - width, values + width, used.name, level, tuple(found), verdict, contributions
    )


def _say(
    method: str, factor: FactorModel | None, series: Series, name: str, x: NDArray[np.float64], at: int, ahead: int
) -> NDArray[np.float64] | None:
    if method == FACTOR:
        return None if factor is None else factor.ahead(series.values[:, :at], name, ahead)
    return METHODS[method](x[:at], ahead, series.step)


def _measured(
    name: str, errors: NDArray[np.float64], base: NDArray[np.float64], rng: np.random.Generator, others: int
) -> Method:
    mine, theirs = np.abs(errors[:, -1]), np.abs(base[:, -1])
    both = np.isfinite(mine) & np.isfinite(theirs)
    mine, theirs = mine[both], theirs[both]
    draws = rng.integers(0, len(mine), (_RESAMPLES, len(mine)))
    low, high = np.quantile(mine[draws].mean(axis=1), [0.025, 0.975])
    gains = (theirs - mine)[draws].mean(axis=1)
    # The best of several methods is looked at: so each must hold at a share of the level (Bonferroni).
    gain_low, gain_high = np.quantile(gains, [0.025 / others, 1 - 0.025 / others])
    gain = float((theirs - mine).mean())
    return Method(name, errors, float(mine.mean()), float(low), float(high), gain, float(gain_low), float(gain_high))


def _quantile(values: NDArray[np.float64], level: float) -> float:
    """Return what a share of the values, and of one more, does not exceed (as of conformal prediction)."""
    there = np.sort(values[np.isfinite(values)])
    if not len(there):
        return float("nan")
    return float(there[min(int(np.ceil((len(there) + 1) * level)), len(there)) - 1])


def _in_words(found: list[Method], best: Method | None, name: str, horizon: float) -> str:
    base = next(one for one in found if one.name == BASE)
    if best is not None:
        share = 100 * best.gain / base.mae if base.mae else 0.0
        return (
            f"{best.name} is better than the last value: {name} in {horizon:g} s is missed by {best.mae:.3g} instead "
            f"of {base.mae:.3g} on average ({share:.0f} % less)"
        )
    first = found[0]
    seems = f"; {first.name} seems better ({first.mae:.3g}), but that may be chance" if first.name != BASE else ""
    return f"no better than the last value, which misses {name} in {horizon:g} s by {base.mae:.3g} on average{seems}"
