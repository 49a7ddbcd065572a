"""Lag and drift that were put in come out, and their intervals hold them."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import simulate
from sigsimnet.comparison import align
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording

RATE = 250
WAVE = simulate(1, 1, duration=420, sampling_rate=RATE, noise=0.0, seed=3)[0].data[0].astype(float)


def two_devices(lag=3.2, drift=0.0, rate=RATE, noise=0.05, seed=0, seconds=330.0, turned=1):
    """Return A, and B whose samples are A's at t (1 + drift) + lag."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    y = np.interp(t * (1 + drift * 1e-6) + lag, np.arange(len(WAVE)) / RATE, WAVE)
    a = Recording(WAVE + rng.normal(0, noise, len(WAVE)), RATE, channel_names=["ECG"], units="mV")
    b = Recording(turned * (y + rng.normal(0, noise, len(y))), rate, channel_names=["ECG"], units="mV")
    return a, b


@pytest.mark.parametrize("rate", [100, 250, 360])
@pytest.mark.parametrize(("lag", "drift"), [(3.2, 0.0), (0.0, 40.0), (41.37, -120.0)])
def test_lag_and_drift(rate, lag, drift):
    found = align(*two_devices(lag, drift, rate))
    assert found.lag == pytest.approx(lag, abs=0.004)
    assert found.drift == pytest.approx(drift, abs=2 if rate > 100 else 4)
    assert found.n_matched > 0.9 * found.n_looked


def test_intervals_hold_what_they_say():
    inside_lag, inside_drift = [], []
    for seed in range(20):
        found = align(*two_devices(5.004, 30.0, seed=seed, noise=0.1))
        inside_lag.append(found.lag_interval[0] <= 5.004 <= found.lag_interval[1])
        inside_drift.append(found.drift_interval[0] <= 30 <= found.drift_interval[1])
    assert np.mean(inside_lag) >= 0.8
    assert np.mean(inside_drift) >= 0.8


def test_the_other_way_round_and_turned_over():
    a, b = two_devices(7.5, 0.0, turned=-1)
    found = align(b, a)
    assert found.lag == pytest.approx(-7.5, abs=0.004)
    assert found.polarity == -1
    assert "before A" in found.in_words()
    assert "no drift" in found.in_words()


def test_by_beats():
    a, b = two_devices(12.0, 60.0)
    found = align(a, b, method="beats")
    assert found.lag == pytest.approx(12.0, abs=0.01)
    assert found.drift == pytest.approx(60, abs=15)
    assert found.method == "beats"


def test_a_bad_stretch_does_not_bend_the_line():
    a, b = two_devices(3.2, 20.0)
    data = b.data.copy()
    data[:, 20_000:35_000] = np.random.default_rng(1).normal(0, 1, (1, 15_000))
    data[:, 40_000:42_000] = np.nan
    found = align(a, b.replace(data=data))
    assert found.lag == pytest.approx(3.2, abs=0.004)
    assert found.drift == pytest.approx(20, abs=3)


def test_what_cannot_be_aligned():
    a, _ = two_devices()
    noise = a.replace(data=np.random.default_rng(5).normal(size=a.data.shape))
    with pytest.raises(SignalError, match="pieces of one were found in the other"):
        align(a, noise)
    with pytest.raises(ParameterError, match="unknown method 'dtw'"):
        align(a, a, method="dtw")
    with pytest.raises(SignalError, match="at least 6 s"):
        align(a, a.crop(0, 4))
    two = Recording(np.zeros((2, 5000)), 250, channel_names=["EEG Cz", "EEG Pz"])
    with pytest.raises(SignalError, match="no common channel"):
        align(two, a)
