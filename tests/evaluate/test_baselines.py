"""Baselines against another library."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr

from sigsimnet.errors import UnknownNameError
from sigsimnet.evaluate import BASELINES
from sigsimnet.evaluate.baselines import pearson_of_means
from sigsimnet.segments import Segments


def segments(seed, n=5, channels=2, flat=False):
    data = np.random.default_rng(seed).normal(size=(n, channels, 40)).astype(np.float32)
    if flat:
        data[:] = 3.0
    return Segments(data, 100.0, np.arange(n, dtype=float), np.ones(n), "windows", tuple("abc"[:channels]))


def test_pearson_of_means():
    a, b = segments(0), segments(1, n=9)
    mean_a, mean_b = (s.data.astype(np.float64).mean(axis=0) for s in (a, b))
    expected = np.mean([pearsonr(x, y).statistic for x, y in zip(mean_a, mean_b, strict=True)])
    assert pearson_of_means(a, b) == pytest.approx(expected, abs=1e-9)
    assert pearson_of_means(a, b) == pytest.approx(pearson_of_means(b, a))
    assert pearson_of_means(a, a) == pytest.approx(1)


def test_flat_means_say_nothing():
    assert pearson_of_means(segments(0, flat=True), segments(1)) == 0


def test_known_baselines():
    assert BASELINES.get("pearson") is pearson_of_means
    with pytest.raises(UnknownNameError, match=r"known: .*pearson"):
        BASELINES.get("dtw2")
