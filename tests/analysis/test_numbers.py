"""Numbers, tests and spectra against SciPy, closed forms, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal, stats

from sigsimnet.analysis import (
    autocorrelation,
    band_powers,
    coherence,
    correlation,
    describe,
    normality,
    spectrum,
    stationarity,
)
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording, Span

RATE = 100.0


def noise(n=4000, channels=2, seed=0):
    return np.random.default_rng(seed).normal(size=(channels, n)).astype(np.float32)


# -- descriptive ------------------------------------------------------------------------------------------------------


def test_descriptive_numbers_are_scipys():
    x = np.random.default_rng(1).gamma(2.0, size=5000).astype(np.float32)
    row = describe(Recording(x, RATE)).loc["ch1"]
    exact = x.astype(np.float64)
    assert row["mean"] == pytest.approx(exact.mean())
    assert row["std"] == pytest.approx(exact.std(ddof=1))
    assert row["rms"] == pytest.approx(np.sqrt((exact**2).mean()))
    assert row["skewness"] == pytest.approx(stats.skew(exact))
    assert row["kurtosis"] == pytest.approx(stats.kurtosis(exact))
    assert row["p25"] == pytest.approx(np.quantile(x, 0.25))


def test_what_is_missing_is_counted_and_left_out():
    x = noise(1000, 3)
    x[0, :250] = np.nan
    x[1] = np.nan
    x[2] = 5.0
    table = describe(Recording(x, RATE))
    assert table["missing"].tolist() == [250, 1000, 0]
    assert np.isnan(table.loc["ch2", "mean"])
    assert table.loc["ch3", "std"] == 0
    assert np.isnan(table.loc["ch3", "skewness"])  # a constant signal has no shape


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_shape_does_not_change_with_shift_and_scale(scale, shift):
    x = noise(2000, 1)
    before, after = (describe(Recording(v, RATE)).loc["ch1"] for v in (x, scale * x + shift))
    assert after["skewness"] == pytest.approx(before["skewness"], abs=1e-3)
    assert after["kurtosis"] == pytest.approx(before["kurtosis"], abs=1e-3)
    assert after["mean"] == pytest.approx(scale * before["mean"] + shift, abs=1e-3 * max(1, abs(shift), scale))


# -- tests ------------------------------------------------------------------------------------------------------------


def test_normality_is_scipys_and_shapiro_stays_in_its_size():
    x = np.random.default_rng(2).normal(size=1000)
    tests = {test.name: test for test in normality(3 * x + 7)}
    assert tests["Shapiro–Wilk"].p == pytest.approx(stats.shapiro(x).pvalue, rel=1e-6)
    assert tests["D’Agostino–Pearson"].p == pytest.approx(stats.normaltest(x).pvalue, rel=1e-6)
    assert tests["Jarque–Bera"].p == pytest.approx(stats.jarque_bera(x).pvalue, rel=1e-6)
    assert "2,000" in tests["Jarque–Bera"].note
    long = {test.name: test for test in normality(np.random.default_rng(2).normal(size=300_000))}
    assert long["Shapiro–Wilk"].n == 5000
    assert "300,000" in long["Shapiro–Wilk"].note
    assert long["Jarque–Bera"].n == 100_000


def test_normality_tells_normal_from_skewed():
    rng = np.random.default_rng(3)
    assert all(test.p > 0.001 for test in normality(rng.normal(size=3000)))
    assert all(test.p <= 0.011 for test in normality(rng.exponential(size=3000)))


def test_stationarity_tells_noise_from_a_walk():
    white = np.random.default_rng(4).normal(size=3000)
    adf, kpss = stationarity(white)
    assert adf.p < 0.01
    assert kpss.p >= 0.05
    adf, kpss = stationarity(np.cumsum(white))
    assert adf.p > 0.05
    assert kpss.p <= 0.05


def test_stationarity_takes_the_longest_gap_free_span():
    x = np.random.default_rng(5).normal(size=1000)
    x[300] = np.nan
    assert stationarity(x)[0].n == 699


@pytest.mark.parametrize("test", [normality, stationarity])
def test_what_cannot_be_tested_says_so(test):
    with pytest.raises(SignalError, match="too few"):
        test(np.arange(5.0))
    with pytest.raises(SignalError, match="is constant"):
        test(np.full(500, 3.0))
    with pytest.raises(SignalError, match="0 samples"):
        test(np.full(500, np.nan))


# -- spectrum ---------------------------------------------------------------------------------------------------------


def test_welch_is_scipys_where_there_is_no_gap():
    x = noise()
    found = spectrum(Recording(x, RATE), window=2.0)
    expected = signal.welch(x.astype(np.float64), RATE, nperseg=200, noverlap=100)
    np.testing.assert_allclose(found.frequencies, expected[0])
    np.testing.assert_allclose(found.density, expected[1], rtol=1e-10)


def test_windows_of_chunks_are_those_of_the_whole(monkeypatch):
    import sigsimnet.analysis._spectrum as module

    x = Recording(noise(), RATE)
    whole, both = spectrum(x, window=2.0), coherence(x, 0, 1, window=2.0)
    monkeypatch.setattr(module, "CHUNK", 700)
    chunked = spectrum(x, window=2.0)
    assert chunked.n_windows == whole.n_windows
    np.testing.assert_allclose(chunked.density, whole.density, rtol=1e-9)
    np.testing.assert_allclose(coherence(x, 0, 1, window=2.0)[1], both[1], rtol=1e-9)
    np.testing.assert_allclose(correlation(x), np.corrcoef(x.data.astype(float)), atol=1e-9)


def test_no_window_spans_a_gap_or_a_pause():
    x = noise(1000, 1)
    x[0, 500] = np.nan
    assert spectrum(Recording(x, RATE), window=2.0).n_windows == (4 + 3,)
    paused = Recording(noise(1000, 1), RATE, spans=[Span(0, 500), Span(500, 1000, 60.0)])
    assert spectrum(paused, window=2.0).n_windows == (4 + 4,)


def test_power_of_a_wave_lies_in_its_band():
    t = np.arange(6000) / RATE
    powers = band_powers(spectrum(Recording(3 * np.sin(2 * np.pi * 10 * t), RATE)), "eeg")
    assert powers["alpha"][0] == pytest.approx(4.5, rel=0.01)  # 3² / 2
    assert powers["delta"][0] < 1e-6
    assert "gamma" in powers
    assert "muscle" not in band_powers(spectrum(Recording(t, RATE)), "ecg")  # above half the rate
    with pytest.raises(ParameterError, match="no bands of 'meg'"):
        band_powers(spectrum(Recording(t, RATE)), "meg")
    with pytest.raises(ParameterError, match="empty"):
        band_powers(spectrum(Recording(t, RATE)), {"none": (5.0, 5.0)})


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.1, 10), shift=st.floats(-5, 5), order=st.permutations([0, 1, 2]))
def test_spectra_and_correlations_follow_scale_and_order_and_forget_shift(scale, shift, order):
    x = noise(1500, 3)
    one, other = Recording(x, RATE), Recording((scale * x + shift)[order], RATE)
    np.testing.assert_allclose(
        spectrum(other).density[:, 1:], scale**2 * spectrum(one).density[order][:, 1:], rtol=1e-3
    )
    np.testing.assert_allclose(correlation(other), correlation(one)[np.ix_(order, order)], atol=1e-5)
    np.testing.assert_allclose(autocorrelation(other)[1], autocorrelation(one)[1][order], atol=1e-4)


def test_autocorrelation_by_hand_and_with_gaps():
    x = noise(600, 1)[0].astype(np.float64)
    _, values = autocorrelation(Recording(x, RATE), longest=0.5)
    centred = x - x.mean()
    expected = [(centred[: len(x) - k] * centred[k:]).mean() / (centred**2).mean() for k in range(values.shape[1])]
    np.testing.assert_allclose(values[0], expected, atol=1e-5)
    wave = np.sin(2 * np.pi * np.arange(2000) / 100).astype(np.float32)
    wave[700:760] = np.nan
    lags, values = autocorrelation(Recording(wave, RATE), longest=1.5)
    assert values[0, 100] == pytest.approx(1.0, abs=0.02)
    assert lags[100] == pytest.approx(1.0)


def test_coherence_is_scipys_and_asks_for_windows():
    x = noise(4000)
    x[1] += x[0]
    frequencies, values = coherence(Recording(x, RATE), "ch1", "ch2", window=2.0)
    expected = signal.coherence(*x.astype(np.float64), RATE, nperseg=200, noverlap=100)
    np.testing.assert_allclose(frequencies, expected[0])
    np.testing.assert_allclose(values, expected[1], rtol=1e-6)
    with pytest.raises(SignalError, match="at least 4"):
        coherence(Recording(x[:, :450], RATE), 0, 1, window=2.0)


def test_channels_that_do_not_move_or_are_not_there_have_no_correlation():
    x = noise(100, 4)
    x[1], x[2], x[3, :98] = 2.0, np.nan, np.nan
    found = correlation(Recording(x, RATE))
    assert found[0, 0] == pytest.approx(1)
    assert np.isnan(found[0, 1:]).all()
    assert np.isnan(spectrum(Recording(x, RATE), window=0.5).density[2]).all()


def test_windows_that_do_not_fit():
    with pytest.raises(ParameterError, match="at least 8"):
        spectrum(Recording(np.arange(5.0), RATE))
    with pytest.raises(ParameterError, match="at least 8"):
        spectrum(Recording(np.arange(500.0), RATE), window=0.01)
    assert spectrum(Recording(noise(50, 1), RATE), window=9).window == 0.5  # shorter: one window
    with pytest.raises(ParameterError, match="must be positive"):
        autocorrelation(Recording(np.arange(50.0), RATE), longest=0)


def test_slow_bands_have_lines_only_in_long_windows():
    t = np.arange(0, 600, 0.25)
    wave = Recording(np.sin(2 * np.pi * 0.1 * t), 4)
    assert np.isnan(band_powers(spectrum(wave), "eda")["sympathetic"]).all()
    powers = band_powers(spectrum(wave, window=120.0), "eda")
    assert powers["sympathetic"][0] == pytest.approx(0.5, rel=0.02)
    assert powers["tonic"][0] < 0.01
