"""Is a candidate of QRS energy a beat? Features of its surroundings, and a small network that weighs them."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.dense import small_product
from sigsimnet._utils.jit import compiled
from sigsimnet.peaks._kernels import candidates
from sigsimnet.peaks._levels import levels_of, running_median
from sigsimnet.peaks._preprocess import WINDOW, Preprocessed
from sigsimnet.peaks.detectors.matched_filter import learn_template

__all__ = ["MEASURES", "candidate_features", "log_odds"]

Floats = NDArray[np.float64]

MEASURES = (
    "height", "rest", "slope", "slope_rest", "high_band", "low_band", "fit", "correlation",
    "before", "after", "long_before", "long_after", "mean_300", "mean_1200", "mean_120", "amplitude",
)  # fmt: skip
LEAST = 1e-3  # of the usual height: smaller ratios are clipped
HALF = 0.08  # s: half the length of the record's own complex


@compiled
def _highest(y: Floats, where: NDArray[np.int64], first: int, last: int) -> Floats:  # pragma: no cover - compiled
    """Return the largest magnitude from ``first`` to ``last`` samples after each place."""
    out = np.zeros(len(where))
    for k in range(len(where)):
        for i in range(max(where[k] + first, 0), min(where[k] + last, len(y) - 1) + 1):
            out[k] = max(out[k], abs(y[i]))
    return out


@compiled
def _mean(y: Floats, where: NDArray[np.int64], half: int) -> Floats:  # pragma: no cover - compiled
    out = np.zeros(len(where))
    for k in range(len(where)):
        first, last = max(where[k] - half, 0), min(where[k] + half, len(y) - 1)
        for i in range(first, last + 1):
            out[k] += y[i]
        out[k] /= last - first + 1
    return out


def _rms(y: Floats, where: NDArray[np.int64], half: int) -> Floats:
    return np.asarray(np.sqrt(_mean(y * y, where, half)))


@compiled
def _fit(
    x: Floats, template: Floats, where: NDArray[np.int64], reach: int
) -> tuple[Floats, Floats]:  # pragma: no cover - compiled
    """Return the largest magnitude of the product with a template of unit length, and of the correlation, nearby."""
    n, half = len(x), len(template) // 2
    fit, correlation = np.zeros(len(where)), np.zeros(len(where))
    for k in range(len(where)):
        first, last = max(where[k] - reach, half), min(where[k] + reach, n - 1 - half)
        power = 1e-12
        for i in range(first - half, min(first + half + 1, n)):
            power += x[i] * x[i]
        for place in range(first, last + 1):
            product = 0.0
            start = place - half
            for i in range(len(template)):
                product += x[start + i] * template[i]
            fit[k] = max(fit[k], abs(product))
            correlation[k] = max(correlation[k], abs(product) / np.sqrt(max(power, 1e-12)))
            if place < last:
                power += x[place + half + 1] ** 2 - x[start] ** 2
    return fit, np.minimum(correlation, 1.0)


def candidate_features(prepared: Preprocessed, energy: Floats, where: NDArray[np.int64]) -> Floats:
    """Return the measures of each candidate, shape (n_candidates, len(MEASURES)).

    All are ratios (most as logarithms) or correlations of magnitudes: they do not depend on the unit or on the polarity
    of R.

    - ``height``, ``slope``, ``high_band`` (8–20 Hz), ``low_band`` (below QRS): relative to the median over 18 s;
    - ``rest``, ``slope_rest``: the level between beats, relative to the same;
    - ``fit``, ``correlation``: product and correlation with the median of the record's own clear complexes;
    - ``before``, ``after``, ``long_before``, ``long_after``: the highest energy 0.12–0.42 s and 0.4–0.9 s away,
      relative to that of the candidate;
    - ``mean_…``: the mean energy within so many ms, relative to that of the candidate;
    - ``amplitude``: of the signal, in usual QRS amplitudes.
    """
    size = prepared.samples(WINDOW)

    def against(height: Floats, usual: Floats) -> Floats:
        usual = np.maximum(usual, 1e-9)
        return np.asarray(np.log(np.maximum(height / usual, LEAST)))

    usual_energy, rest_energy = levels_of(energy, size)
    usual, rest = prepared.at(usual_energy, where), prepared.at(rest_energy, where)
    usual_slope, rest_slope = prepared.at(prepared.usual, where), prepared.at(prepared.rest, where)
    own = np.maximum(energy[where], 1e-9)
    high = _rms(prepared.band(8.0, 20.0), where, prepared.samples(0.05))
    low = _rms(prepared.z - prepared.qrs, where, prepared.samples(0.1))
    fit, correlation = _fit_of_own_complex(prepared, where)

    def away(first: float, last: float) -> Floats:
        sign = 1 if first > 0 else -1
        ends = sorted((sign * prepared.samples(abs(first)), sign * prepared.samples(abs(last))))
        return against(_highest(energy, where, *ends), own)

    return np.column_stack(
        [
            against(own, usual),
            against(rest, usual),
            against(prepared.energy[where], usual_slope),
            against(rest_slope, usual_slope),
            against(high, _running_median_of_candidates(prepared, where, high)),
            against(low, _running_median_of_candidates(prepared, where, low)),
            against(fit, _running_median_of_candidates(prepared, where, fit)),
            correlation,
            away(-0.12, -0.42),
            away(0.12, 0.42),
            away(-0.4, -0.9),
            away(0.4, 0.9),
            against(_mean(energy, where, prepared.samples(0.15)), own),
            against(_mean(energy, where, prepared.samples(0.6)), own),
            against(_mean(energy, where, prepared.samples(0.06)), own),
            _highest(prepared.z, where, -prepared.samples(0.05), prepared.samples(0.05)),
        ]
    )


def _running_median_of_candidates(prepared: Preprocessed, where: NDArray[np.int64], height: Floats) -> Floats:
    """Return the running median over 18 s of the highest candidate of each window of 2 s."""
    size = prepared.samples(WINDOW)
    highest = np.zeros(max(1, len(prepared.z) // size))
    np.maximum.at(highest, np.minimum(where // size, len(highest) - 1), height)
    return prepared.at(running_median(highest), where)


def _fit_of_own_complex(prepared: Preprocessed, where: NDArray[np.int64]) -> tuple[Floats, Floats]:
    clear = np.asarray(candidates(prepared.energy, prepared.samples(0.2)))
    clear = clear[prepared.has_beats(clear)]
    template = learn_template(prepared.qrs, clear[prepared.share_of_beat(clear) > 0.6], prepared.samples(HALF))
    if template is None:
        return np.ones(len(where)), np.full(len(where), 0.3)
    fit, correlation = _fit(prepared.qrs, template, where, prepared.samples(0.04))
    return fit, correlation


@cache
def _layers() -> tuple[tuple[Floats, Floats], ...]:
    text = resources.files("sigsimnet.peaks").joinpath("candidates.json").read_text(encoding="utf-8")
    return tuple((np.array(layer["weight"]), np.array(layer["bias"])) for layer in json.loads(text)["layers"])


def log_odds(values: Floats, layers: tuple[tuple[Floats, Floats], ...] | None = None) -> Floats:
    """Return the log odds of a beat for each row of `candidate_features`, by a network of two small layers of tanh.

    Trained on MIT-BIH with noise of nstdb added (``recipes/peaks/train.py``); its 151 weights are ``candidates.json``.
    """
    hidden, layers = values, layers or _layers()
    for weight, bias in layers[:-1]:
        hidden = np.tanh(small_product(hidden, weight) + bias)
    weight, bias = layers[-1]
    return np.asarray((small_product(hidden, weight) + bias)[:, 0])
