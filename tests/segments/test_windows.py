"""Windows: positions and values against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import WindowCutter, windows

OPEN = (None, None)


def ramp(seconds, rate, slope=1.0):
    return Recording(slope * np.arange(round(seconds * rate)) / rate, rate)


@pytest.mark.parametrize(("rate", "to"), [(100.0, 100.0), (250.0, 100.0), (360.0, 100.0), (500.0, 125.0), (100, 400)])
def test_samples_of_a_ramp_say_where_they_come_from(rate, to):
    cut = windows(ramp(21, rate), 4.0, 2.0, sampling_rate=to, band=OPEN)
    expected = cut.times[:, None] + np.arange(round(4 * to)) / to
    # The last moments lie beyond the last sample of the recording when the windows' rate is higher.
    expected = np.minimum(expected, 21 - 1 / rate)
    np.testing.assert_allclose(cut.data[:, 0], expected, atol=2e-3)
    np.testing.assert_allclose(cut.times, np.arange(0, 17.5, 2))


def test_a_sine_in_the_band_is_kept():
    t = np.arange(5000) / 250
    cut = windows(Recording(np.sin(2 * np.pi * 6 * t), 250), 2.0)
    inner = cut.take(slice(2, -2))
    where = inner.times[:, None] + np.arange(200) / 100
    np.testing.assert_allclose(inner.data[:, 0], np.sin(2 * np.pi * 6 * where), atol=0.01)


def test_what_would_alias_is_filtered_away():
    t = np.arange(10000) / 500
    cut = windows(Recording(np.sin(2 * np.pi * 90 * t), 500), 2.0, band=OPEN)  # would fold to 10 Hz at 100 Hz
    assert np.abs(cut.take(slice(2, -2)).data).max() < 0.1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 200))
def test_how_many_windows_there_are(length, step, duration):
    """In tenths of a second; by counting, not by the formula."""
    recording = ramp(duration / 10, 100)
    cut = windows(recording, length / 10, step / 10, band=OPEN)
    starts = [k for k in range(0, 201, step) if k + length <= duration]
    assert len(cut) == len(starts)
    np.testing.assert_allclose(cut.times, np.array(starts) / 10, atol=1e-9)
    assert cut.n_rejected == 0


def test_no_overlap_unless_asked_for():
    assert np.diff(windows(ramp(20, 100), 3.0).times) == pytest.approx(3.0)


def test_windows_start_with_each_span_and_straddle_none():
    paused = Recording(np.arange(1100.0), 100, spans=[Span(0, 450, 0.0), Span(450, 600, 60.0), Span(600, 1100, 99.5)])
    cut = windows(paused, 2.0, 1.0, band=OPEN)
    assert cut.times.tolist() == pytest.approx([0, 1, 2, 99.5, 100.5, 101.5, 102.5])
    assert cut.data[:, 0, 0].tolist() == pytest.approx([0, 100, 200, 600, 700, 800, 900], abs=0.5)
    assert cut.n_rejected == 0


def test_long_gaps_are_left_out_and_short_ones_cost_quality():
    data = np.random.default_rng(0).normal(size=(2, 2000))
    data[0, 450:470] = np.nan  # 0.2 s: window 1 of 4 s
    data[1, 1300:1308] = np.nan  # 80 ms: window 3
    cut = windows(Recording(data, 100), 4.0)
    assert cut.times.tolist() == [0, 8, 12, 16]
    assert cut.n_rejected == 1
    assert cut.quality.tolist() == pytest.approx([1, 1, 1 - 8 / 800, 1])
    assert not np.isnan(cut.data).any()


def test_a_gap_does_not_ring_into_the_window_beside_it():
    data = np.full(2000, 10.0)
    data[1001:1101] = np.nan
    cut = windows(Recording(data, 250), 1.0, band=OPEN)
    np.testing.assert_allclose(cut.data, 10.0, atol=0.01)


def test_what_is_said_about_them():
    recording = Recording(np.random.default_rng(0).normal(size=(3, 1000)), 100, channel_names=list("abc"), source="x")
    cut = windows(recording, 2.0, channels=["c", "a"])
    assert cut.data.shape == (5, 2, 200)
    assert cut.data.dtype == np.float32
    assert (cut.kind, cut.channel_names, cut.source, cut.polarity) == ("windows", ("c", "a"), "x", 0)
    assert np.isnan(cut.rr).all()
    assert np.isnan(cut.heart_rate)
    np.testing.assert_array_equal(cut.data, windows(recording, 2.0).data[:, [2, 0]])


def test_too_short_a_recording_has_none():
    for recording in (ramp(3.9, 100), Recording(np.zeros((2, 1)), 100), Recording(np.zeros(0), 100)):
        cut = windows(recording)
        assert cut.data.shape == (0, recording.n_channels, 400)
        assert len(cut.times) == len(cut.quality) == 0


@pytest.mark.parametrize("how", ["zscore", "asinh", "none"])
def test_normalisation(how):
    recording = Recording(np.random.default_rng(0).normal(size=(2, 1000)) * 3 + 1, 100)
    raw = windows(recording, 2.0, normalise="none").data.astype(np.float64)
    expected = {
        "none": raw,
        "asinh": np.arcsinh(raw / 0.1),
        "zscore": (raw - raw.mean(-1, keepdims=True)) / raw.std(-1, keepdims=True),
    }[how]
    np.testing.assert_allclose(windows(recording, 2.0, normalise=how).data, expected, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 3.3, -1e6, 1e-20])
def test_a_flat_window_z_scores_to_zero(value):
    cut = windows(Recording(np.full(1000, value), 100), 2.0, band=OPEN, normalise="zscore")
    assert len(cut) == 5
    assert (cut.data == 0).all()


@pytest.mark.parametrize("bad", [{"length": 0}, {"step": 0}, {"step": -1}, {"sampling_rate": 0}, {"length": 0.01}])
def test_bad_settings(bad):
    with pytest.raises(ParameterError):
        windows(ramp(20, 100), **bad)


def test_other_errors():
    with pytest.raises(ParameterError, match="unknown normalisation"):
        windows(ramp(20, 100), normalise="minmax")
    with pytest.raises(SignalError, match="no channel"):
        windows(ramp(20, 100), channels=["V1"])
    with pytest.raises(ParameterError, match="corner"):
        windows(ramp(20, 100), band=(20.0, 5.0))


def test_cutter_says_how_long_its_windows_are():
    cutter = WindowCutter(length=2.5, sampling_rate=80)
    assert cutter.n_samples == 200 == cutter.cut(ramp(20, 100)).data.shape[-1]


def test_a_rate_that_is_a_slip_of_the_pen_is_refused():
    with pytest.raises(ParameterError, match="lower the rate or the length"):
        WindowCutter(length=0.5, sampling_rate=1e9)
