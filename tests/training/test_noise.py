"""The bank of recorded noise: rate, band, power, and what it cannot be made of."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import Recording
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.training import noise_bank


def test_pieces_have_the_rate_the_power_and_the_band_of_segments():
    hiss = Recording(np.random.default_rng(0).normal(size=(2, 36000)), 360)
    bank = noise_bank([hiss], 200, band=(0.67, 35.0))
    assert bank.shape == (40, 1000)  # 100 s of two channels
    assert bank.std(axis=1) == pytest.approx(1, abs=0.01)
    power = (np.abs(np.fft.rfft(bank, axis=1)) ** 2).mean(axis=0)
    frequency = np.fft.rfftfreq(1000, 1 / 200)
    assert power[frequency > 45].sum() < 0.05 * power.sum()


def test_gaps_and_pauses_are_not_glued():
    x = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    from sigsimnet.recording import Span

    paused = Recording(x, 360, spans=[Span(0, 1800), Span(1800, 3600, 60.0)])
    assert (
        len(noise_bank([paused], 200, length=4.0)) == 2
    )  # one of each 5 s; 10 s without the pause would give two of 5 s
    assert len(noise_bank([Recording(x, 360)], 200, length=5.0)) == 2


def test_spikes_are_held():
    x = np.random.default_rng(0).normal(size=3600) * 1e-3
    x[1800] = 1000.0
    assert np.abs(noise_bank([Recording(x, 360)], 200, band=(None, None))).max() <= 6


def test_what_is_no_noise():
    with pytest.raises(SignalError, match="no 5 s of noise"):
        noise_bank([Recording(np.zeros(7200), 360)], 200)
    with pytest.raises(SignalError, match="no 5 s of noise"):
        noise_bank([], 200)
    with pytest.raises(ParameterError, match="both must be positive"):
        noise_bank([], 0)


def test_a_constant_is_no_noise():
    with pytest.raises(SignalError, match="no 5 s of noise"):
        noise_bank([Recording(np.full(7200, 3.0), 360)], 200)
