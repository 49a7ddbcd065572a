"""Resampling is that of SciPy, but for the ripple that its phases put on a steady signal."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import signal

from sigsimnet._utils.resampling import resample_ratio


@pytest.mark.parametrize("rate", [80, 125, 128, 250, 257.3, 360, 500, 1000])
@pytest.mark.parametrize("target", [100, 128, 333])
@pytest.mark.parametrize("n", [2, 3, 57, 1500])
def test_same_as_scipy(rate, target, n):
    x = np.random.default_rng(n).normal(size=n).cumsum()
    ratio = Fraction(target / rate).limit_denominator(1000)
    expected = signal.resample_poly(x, ratio.numerator, ratio.denominator, padtype="line")
    found = resample_ratio(x, ratio.numerator, ratio.denominator)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-3 * np.abs(x).max())


@pytest.mark.parametrize(("up", "down"), [(100, 1), (1, 4), (25, 64), (128, 125)])
def test_a_steady_signal_stays_steady(up, down):
    np.testing.assert_allclose(resample_ratio(np.full(300, 97.0), up, down), 97.0, rtol=1e-12)
    step = np.where(np.arange(300) < 150, 97.0, 94.0)
    found = resample_ratio(step, up, down)
    np.testing.assert_allclose(found[len(found) // 6 : len(found) // 3], 97.0, rtol=1e-12)


def test_a_wave_below_both_limits_stays_and_one_above_goes():
    t = np.arange(5000) / 500
    slow, fast = np.sin(2 * np.pi * 5 * t), np.sin(2 * np.pi * 120 * t)
    found = resample_ratio(slow + fast, 1, 5)
    np.testing.assert_allclose(found[50:-50], slow[::5][50:-50], atol=0.01)


def test_a_single_sample_and_the_same_rate():
    assert np.isnan(resample_ratio(np.array([3.0]), 5, 1)).all()
    assert resample_ratio(np.array([3.0, 4.0]), 4, 4).tolist() == [3.0, 4.0]
