"""The band-pass against the closed form of a Butterworth filter run both ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.cleaning import bandpass
from sigsimnet.errors import ParameterError

RATE = 500.0


def gain_of(frequency, low, high, order):
    """Return |H|² of the bilinear Butterworth: both ways, the amplitude is |H| twice."""
    w, w1, w2 = (np.tan(np.pi * f / RATE) if f is not None else None for f in (frequency, low, high))
    if low is None:
        normalised = w / w2
    elif high is None:
        normalised = w1 / w
    else:
        normalised = (w**2 - w1 * w2) / (w * (w2 - w1))
    return 1 / (1 + normalised ** (2 * order))


@pytest.mark.parametrize("frequency", [0.5, 1.0, 5.0, 20.0, 40.0, 50.0, 100.0])
@pytest.mark.parametrize(("low", "high"), [(0.5, 40.0), (None, 40.0), (0.5, None)])
@pytest.mark.parametrize("order", [2, 3])
def test_a_sine_keeps_its_phase_and_takes_the_amplitude_of_the_closed_form(frequency, low, high, order):
    t = np.arange(int(60 * RATE)) / RATE
    wave = 2 * np.pi * frequency * t
    out = bandpass(np.sin(wave), RATE, low, high, order=order)
    middle = slice(int(20 * RATE), int(40 * RATE))  # whole periods of all of them, far from either end
    in_phase = 2 * np.mean(out[middle] * np.sin(wave[middle]))
    out_of_phase = 2 * np.mean(out[middle] * np.cos(wave[middle]))
    assert in_phase == pytest.approx(gain_of(frequency, low, high, order), abs=2e-3)
    assert out_of_phase == pytest.approx(0, abs=2e-3)


def test_a_pulse_stays_where_it_is():
    t = np.arange(2000) / RATE
    pulse = np.exp(-0.5 * ((t - 2.0) / 0.02) ** 2)
    out = bandpass(pulse, RATE, 0.5, 40.0)
    assert out.argmax() == pulse.argmax()
    np.testing.assert_allclose(out[600:1001], out[1400:999:-1], atol=1e-3)


def test_gaps_neither_spread_nor_ring():
    x = np.random.default_rng(0).normal(size=3000)
    x[1000:1300] = np.nan
    out = bandpass(x, RATE, 0.5, 40.0)
    assert np.isnan(out[1000:1300]).all()
    np.testing.assert_array_equal(out[:1000], bandpass(x[:1000], RATE, 0.5, 40.0))
    np.testing.assert_array_equal(out[1300:], bandpass(x[1300:], RATE, 0.5, 40.0))


def test_scraps_that_cannot_be_filtered_are_missing():
    x = np.full(1000, np.nan)
    x[100:149] = 1.0  # 98 ms
    x[300:800] = 1.0
    out = bandpass(x, RATE, None, 40.0)
    assert np.isnan(out[:300]).all()
    np.testing.assert_allclose(out[300:800], 1.0, atol=1e-9)
    assert np.isnan(bandpass(np.full(9, np.nan), RATE, 0.5, 40.0)).all()
    assert bandpass(np.empty(0), RATE, 0.5, 40.0).shape == (0,)


def test_open_sides():
    x = np.random.default_rng(1).normal(size=1000)
    np.testing.assert_array_equal(bandpass(x, RATE, None, None), x)
    np.testing.assert_array_equal(bandpass(x, RATE, None, 245.0), x)  # 0.98 of half the rate: nothing above
    np.testing.assert_array_equal(bandpass(x, RATE, 1.0, 300.0), bandpass(x, RATE, 1.0, None))


def test_the_input_is_left_alone():
    x = np.random.default_rng(2).normal(size=1000).astype(np.float32)
    kept = x.copy()
    bandpass(x, RATE, 0.5, 40.0)
    np.testing.assert_array_equal(x, kept)


@settings(max_examples=25)
@given(st.integers(0, 999), st.floats(1e-3, 1e3), st.floats(-10, 10), st.sampled_from([1, -1]))
def test_scale_shift_and_polarity(seed, scale, shift, sign):
    x = np.random.default_rng(seed).normal(size=800)
    factor = sign * scale
    out = bandpass(factor * x + shift, 250.0, 0.5, 40.0)
    np.testing.assert_allclose(out, factor * bandpass(x, 250.0, 0.5, 40.0), atol=1e-8 * (scale + abs(shift)))


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0.0, 40.0, "low corner is 0.0"),
        (-1.0, 40.0, "low is -1"),
        (250.0, None, "between 0 and 250"),
        (40.0, 40.0, "must lie above 40"),
        (40.0, 5.0, "high corner is 5"),
        (None, 0.0, "high corner is 0"),
    ],
)
def test_bad_corners(low, high, says):
    with pytest.raises(ParameterError, match=says):
        bandpass(np.zeros(1000), RATE, low, high)
