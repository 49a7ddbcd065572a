"""Filters are those of SciPy, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from sigsimnet.cleaning.butterworth import butterworth, filter_forwards, filter_zero_phase


def scipy_sections(order, low, high, rate):
    if low is not None and high is not None:
        return signal.butter(order, [low, high], "bandpass", fs=rate, output="sos")
    kind = "highpass" if high is None else "lowpass"
    return signal.butter(order, high if low is None else low, kind, fs=rate, output="sos")


BANDS = [(0.5, 40.0), (0.67, 35.0), (0.05, 3.0), (5.0, 15.0), (20.0, 39.0), (0.5, None), (None, 30.0), (None, 0.7)]


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("low", "high"), BANDS)
@pytest.mark.parametrize("rate", [100.0, 128.0, 360.0, 1000.0])
def test_design(order, low, high, rate):
    np.testing.assert_allclose(butterworth(order, low, high, rate), scipy_sections(order, low, high, rate), rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.floats(0.01, 0.4), st.floats(0.01, 0.09), st.floats(2, 5000))
def test_gain_is_one_within_and_half_the_power_at_the_corners(order, low, width, rate):
    sections = butterworth(order, low * rate, (low + width) * rate, rate)
    _, gain = signal.sosfreqz(sections, [low * rate, (low + width) * rate], fs=rate)
    np.testing.assert_allclose(np.abs(gain), np.sqrt(0.5), rtol=1e-3)


@pytest.mark.parametrize("ends", ["odd", "even"])
@pytest.mark.parametrize("extension", [0, 1, 250, 999])
@pytest.mark.parametrize(("order", "low", "high"), [(2, 0.5, 40.0), (3, 0.67, None), (5, None, 30.0)])
def test_zero_phase(order, low, high, extension, ends):
    x = np.random.default_rng(1).normal(size=1000).cumsum()
    sections = scipy_sections(order, low, high, 250.0)
    expected = signal.sosfiltfilt(sections, x, padtype=ends, padlen=extension)
    np.testing.assert_allclose(filter_zero_phase(sections, x, extension, ends), expected, rtol=0, atol=1e-10)


def test_forwards():
    x = 3 + np.random.default_rng(2).normal(size=500)
    sections = butterworth(3, None, 20.0, 200.0)
    expected = signal.sosfilt(sections.copy(), x, zi=signal.sosfilt_zi(sections) * x[0])[0]
    np.testing.assert_allclose(filter_forwards(sections, x), expected, rtol=0, atol=1e-12)


def test_a_design_that_is_shared_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        butterworth(2, 0.5, 40.0, 250.0)[0, 0] = 1.0
