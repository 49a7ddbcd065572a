"""`preprocess` on recordings: gaps, pauses, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Annotation, Recording, Span


def noise(n=2000, channels=1, seed=0):
    return np.random.default_rng(seed).normal(size=(channels, n)).cumsum(axis=1) / 10


def test_all_but_the_samples_stays():
    recording = Recording(
        noise(channels=2),
        250,
        channel_names=["I", "II"],
        units="mV",
        annotations=[Annotation(3, "N")],
        metadata={"subject": "a"},
        warnings=["guessed"],
        source="a.csv",
    )
    out = preprocess(recording)
    assert out.data.shape == recording.data.shape
    assert out.data.dtype == np.float32
    for name in ("channel_names", "units", "annotations", "metadata", "warnings", "source", "spans"):
        assert getattr(out, name) == getattr(recording, name)


@pytest.mark.parametrize("rate", [100.0, 250.0, 360.0, 500.0, 1000.0])
def test_a_gap_of_a_tenth_of_a_second_is_bridged_and_a_longer_one_is_not(rate):
    longest = round(0.1 * rate)
    x = noise(int(10 * rate))
    x[0, 500 : 500 + longest] = np.nan
    assert not np.isnan(preprocess(Recording(x, rate)).data).any()
    x[0, 500 : 501 + longest] = np.nan
    out = preprocess(Recording(x, rate)).data[0]
    assert np.flatnonzero(np.isnan(out)).tolist() == list(range(500, 501 + longest))


def test_the_longest_gap_is_not_lost_to_rounding():
    x = noise(1000)
    x[0, 500:529] = np.nan  # 0.29 s at 100 Hz
    assert not np.isnan(preprocess(Recording(x, 100), max_gap=0.29).data).any()


def test_gaps_at_the_ends_stay():
    x = noise()
    x[0, :5] = x[0, -5:] = np.nan
    missing = np.isnan(preprocess(Recording(x, 250)).data[0])
    assert missing[:5].all()
    assert missing[-5:].all()
    assert not missing[5:-5].any()


def test_pieces_are_cleaned_as_if_each_were_alone():
    first, second = noise(1000, 2, seed=1), noise(1500, 2, seed=2) + 50
    both = Recording(np.hstack([first, second]), 250, spans=[Span(0, 1000, 0.0), Span(1000, 2500, 60.0)])
    out = preprocess(both).data
    np.testing.assert_array_equal(out[:, :1000], preprocess(Recording(first, 250)).data)
    np.testing.assert_array_equal(out[:, 1000:], preprocess(Recording(second, 250)).data)


def test_a_gap_across_a_border_is_not_bridged():
    x = noise(1000)
    x[0, 498:502] = np.nan
    paused = Recording(x, 250, spans=[Span(0, 500, 0.0), Span(500, 1000, 5.0)])
    assert np.isnan(preprocess(paused).data[0, 498:502]).all()
    assert not np.isnan(preprocess(Recording(x, 250)).data).any()


def test_channels_do_not_see_each_other():
    recording = Recording(noise(channels=3), 250)
    together = preprocess(recording).data
    for row in range(3):
        np.testing.assert_array_equal(together[row], preprocess(recording.pick(row)).data[0])
    missing = recording.data.copy()
    missing[1] = np.nan
    out = preprocess(recording.replace(data=missing)).data
    assert np.isnan(out[1]).all()
    np.testing.assert_array_equal(out[[0, 2]], together[[0, 2]])


@settings(max_examples=25)
@given(st.integers(0, 99), st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_scale_and_shift(seed, scale, shift):
    x = noise(seed=seed)
    out = preprocess(Recording(scale * x + shift, 250)).data
    # Samples are float32: seven digits of the largest value in the recording.
    np.testing.assert_allclose(
        out, scale * preprocess(Recording(x, 250)).data, atol=2e-6 * (scale * np.abs(x).max() + abs(shift))
    )


@given(st.integers(0, 99))
@settings(max_examples=10)
def test_polarity_is_exact(seed):
    recording = Recording(noise(seed=seed), 250)
    np.testing.assert_array_equal(preprocess(recording.replace(data=-recording.data)).data, -preprocess(recording).data)


def test_a_band_that_does_not_fit():
    with pytest.raises(ParameterError, match="low corner"):
        preprocess(Recording(noise(), 250), band=(130.0, None))
    with pytest.raises(ParameterError):
        preprocess(Recording(noise(), 250), band=(40.0, 0.5))


def test_the_recording_given_is_left_alone():
    recording = Recording(noise(), 250)
    before = recording.data.copy()
    preprocess(recording)
    np.testing.assert_array_equal(recording.data, before)
