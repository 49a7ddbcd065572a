"""A small network: from the measures of a second of ECG to the index and the probability of each fault."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.dense import small_product
from sigsimnet.signal_quality.features.rolling import rolling_mean

__all__ = ["SHAPE_FAULTS", "Layers", "inputs_of", "predict_proba"]

Floats = NDArray[np.float64]
Layers = tuple[tuple[Floats, Floats], ...]

SHAPE_FAULTS = ("baseline", "muscle", "motion", "non-ECG shape")
REACH = 2  # s to either side, over which the measures are averaged as further inputs
FURTHEST = 4.0  # standard deviations at which inputs are clipped


def inputs_of(measures: Floats) -> Floats:
    """Return the inputs of the network for each second: its measures, and their mean over 5 s.

    Examples
    --------
    >>> inputs_of(np.array([[1.0], [4.0]])).tolist()
    [[1.0, 2.5], [4.0, 2.5]]
    """
    return np.hstack([measures, rolling_mean(measures, REACH)])


def predict_proba(measures: Floats, layers: Layers | None = None) -> Floats:
    """Return the probability that each second is usable, and that it has each of `SHAPE_FAULTS`.

    Parameters
    ----------
    measures : ndarray, shape (n_seconds, n_measures)
        From `ecg_features`. A single NaN (a similarity without a neighbour) is replaced by the mean.
    layers : tuple of (array, array), optional
        Centre and spread of the inputs, then weight and bias of each layer; those of the package when left out. Hidden
        units are tanh.

    Returns
    -------
    ndarray, shape (n_seconds, 5)
        0 where there are no measures.

    Examples
    --------
    >>> from sigsimnet.signal_quality.features.ecg import MEASURES
    >>> predict_proba(np.full((2, len(MEASURES)), np.nan))[:, 0].tolist()
    [0.0, 0.0]
    """
    (centre, spread), *dense = layers if layers is not None else _bundled()
    inputs = (inputs_of(measures) - centre) / spread
    values = np.clip(np.where(np.isnan(inputs), 0.0, inputs), -FURTHEST, FURTHEST)
    for weight, bias in dense[:-1]:
        values = np.tanh(small_product(values, weight) + bias)
    weight, bias = dense[-1]
    odds = np.clip(small_product(values, weight) + bias, -30.0, 30.0)
    nothing = np.isnan(measures).all(axis=1, keepdims=True)
    return np.where(nothing, 0.0, 1.0 / (1.0 + np.exp(-odds)))


@cache
def _bundled() -> Layers:
    text = json.loads(files("sigsimnet.signal_quality").joinpath("index.json").read_text(encoding="utf-8"))
    scale = (np.array(text["centre"]), np.array(text["spread"]))
    return (scale, *((np.array(layer["weight"]), np.array(layer["bias"])) for layer in text["layers"]))
