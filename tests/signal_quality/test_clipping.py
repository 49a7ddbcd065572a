"""What reaches the end of the scale: cut off, run over, or whole."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.recording import Recording
from sigsimnet.segments import choose_windows, cut_by_quality
from sigsimnet.signal_quality import REASONS, quality
from sigsimnet.simulation import simulate_one

CLIPPED, WRAPPED, STEP = (REASONS.index(name) for name in ("clipped", "wrapped", "step"))


def contractions(rate, duration=20, seed=1, highest=1.0):
    """Return EMG that grows stronger and weaker every 6 s; its highest value is 1 by default."""
    n = duration * rate
    x = np.random.default_rng(seed).normal(size=n)
    x -= np.convolve(x, np.ones(5) / 5, mode="same")
    x *= 0.08 + np.sqrt(np.clip(np.sin(2 * np.pi * np.arange(n) / rate / 6), 0, None))
    return highest * x / np.abs(x).max()


def armband(x, repeat, scale):
    """Return what a device in 8 bits gives at its ends, each sample in several rows, as a file has it."""
    reps = repeat + np.random.default_rng(0).integers(-(repeat // 3), repeat // 3 + 1, x.shape[-1])
    return np.repeat(np.clip(np.rint(128 * x), -128, 127), reps, axis=-1) * scale


@pytest.mark.parametrize("scale", [1.0, 1e-5])
@pytest.mark.parametrize(("rate", "repeat"), [(200, 1), (1000, 5), (1000, 10), (2000, 2)])
@pytest.mark.parametrize("highest", [1.0, 0.3, 0.03, 0.016])
def test_whole_emg_in_8_bits_is_not_clipped(rate, repeat, highest, scale):
    x = armband(contractions(rate // repeat, highest=highest), repeat, scale)
    for modality in ("emg", None):
        assert not quality(Recording(x, rate), modality=modality).reasons[..., CLIPPED].any()


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("rate", [200, 1000, 2000])
def test_emg_that_is_cut_off_is(bits, rate):
    counts = np.rint(contractions(rate) * 2 ** (bits - 1))
    strong = np.sin(2 * np.pi * (np.arange(20) + 0.5) / 6) > 0.5
    level = np.rint(0.5 * np.abs(counts).max())
    found = quality(Recording(np.clip(counts, -level, level), rate), modality="emg")
    assert found.reasons[0, strong, CLIPPED].mean() > 0.7
    assert not found.good[0, found.reasons[0, :, CLIPPED]].any()


def test_the_gate_keeps_the_windows_of_an_armband():
    x = np.stack([contractions(200, seed=k, highest=0.9) for k in range(8)])
    recording = Recording(armband(x, 5, 1e-5), 1000, channel_names=[f"EMG {k}" for k in range(8)])
    every, good = cut_by_quality(recording, choose_windows(recording).cutter)
    assert len(good) == len(every) > 10


@pytest.mark.parametrize("rate", [250, 500, 1000])
@pytest.mark.parametrize("quanta", [128, 1024, 30_000])
def test_an_ecg_that_is_cut_off_is_and_a_whole_one_is_not(rate, quanta):
    x = simulate_one(1, duration=20, sampling_rate=rate, noise=0.3).data[0]
    x = x - np.median(x)
    counts = np.rint(quanta * x / np.abs(x).max())
    assert not quality(Recording(counts, rate)).reasons[..., CLIPPED].any()
    for share in (0.75, 0.6):
        cut = np.clip(counts, -round(share * quanta), round(share * quanta))
        assert quality(Recording(cut * 0.003, rate)).reasons[..., CLIPPED].mean() > 0.5


def overflow(counts, bits):
    half = 2 ** (bits - 1)
    return (counts + half) % (2 * half) - half


@pytest.mark.parametrize("bits", [8, 10, 12, 16, 24])
@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.00488, 0.0), (1.0, 1.0), (0.00488, -3.0)])
def test_counts_that_run_over_the_end_of_their_width_are_said(bits, gain, offset):
    x = simulate_one(2, duration=30, sampling_rate=250, noise=0.3).data[0].astype(float)
    x -= np.median(x)
    half = 2 ** (bits - 1)
    counts = np.rint(1.3 * half * x / np.abs(x).max()).astype(np.int64)
    wrapped = overflow(counts, bits)
    over = [(counts[k : k + 250] != wrapped[k : k + 250]).any() for k in range(0, len(counts), 250)]
    assert sum(over) > 10
    found = quality(Recording(gain * (wrapped + offset * half), 250, channel_names=["ECG"]))  # offset 1: unsigned
    assert found.reasons[0, over, WRAPPED].all()
    assert not found.good[0, over].any()
    assert not found.reasons[0, over, STEP].any()
    assert not quality(Recording(gain * counts, 250)).reasons[..., WRAPPED].any()


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_baseline_that_drifts_over_the_end_wraps(bits):
    x = simulate_one(2, duration=30, sampling_rate=360, noise=0.3).data[0]
    half = 2 ** (bits - 1)
    counts = np.rint(half * (0.9 + 0.3 * x / np.abs(x).max() + 0.1 * np.sin(np.arange(len(x)) / 240)))
    found = quality(Recording(0.00488 * overflow(counts.astype(np.int64), bits), 360))
    assert found.reasons[0, :, WRAPPED].mean() > 0.5


@pytest.mark.parametrize("modality", [None, "emg", "eog"])
def test_noise_and_switches_do_not_wrap(modality):
    rng = np.random.default_rng(0)
    switch = np.where(np.arange(6000) // 500 % 2, 255.0, 0.0)
    for x in (np.rint(30 * rng.normal(size=6000)), switch, switch + np.rint(rng.normal(size=6000))):
        assert quality(Recording(x, 100), modality=modality).reasons[..., WRAPPED].mean() < 0.1
