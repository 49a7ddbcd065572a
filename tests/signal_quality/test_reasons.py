"""Faults that were made are named, and what is sound is not called faulty."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.recording import Recording
from sigsimnet.signal_quality import REASONS, quality
from sigsimnet.simulation import simulate_one

RATE = 250
T = np.arange(20 * RATE) / RATE


def named(found, start, stop, row=0):
    """Return the share of the seconds from start to stop in which each reason is named."""
    return dict(zip(REASONS, found.reasons[row, start:stop].mean(axis=0), strict=True))


@pytest.mark.parametrize("person", range(1, 9))
def test_rest_is_good(person):
    found = quality(simulate_one(person, duration=30, leads=("I", "V5")))
    assert found.share_good.min() > 0.8
    assert found.share_good.max() > 0.95
    assert not found.warnings
    sound = [reason for reason in REASONS if reason not in ("mains", "baseline")]  # simulated people have some
    assert not found.reasons[..., [REASONS.index(reason) for reason in sound]].any()


def test_hum(spoil):
    found = quality(spoil(0.3 * np.sin(2 * np.pi * 50 * T)))
    assert named(found, 21, 39)["mains"] == 1.0
    assert named(found, 0, 18)["mains"] < 0.2
    assert found.index[0, 22:38].mean() < found.index[0, :18].mean()


def test_wander(spoil):
    found = quality(spoil(3 * np.sin(2 * np.pi * 0.3 * T)))
    assert named(found, 22, 38)["baseline"] > 0.9
    assert named(found, 0, 15)["baseline"] == 0.0


def test_muscle(spoil):
    found = quality(spoil(np.random.default_rng(0).normal(0, 0.3, len(T))))
    assert named(found, 22, 38)["muscle"] > 0.9
    assert not found.good[0, 22:38].any()
    assert found.good[0, :15].all()


def test_noise_alone_has_not_the_shape_of_an_ecg():
    noise = np.random.default_rng(0).normal(size=(2, 15000))
    noise[1] = np.cumsum(noise[1])
    found = quality(Recording(noise, RATE))
    assert not found.good.any()
    assert named(found, 5, 55)["non-ECG shape"] > 0.8
    assert named(found, 5, 55, row=1)["non-ECG shape"] > 0.2


@pytest.mark.parametrize("modality", ["ecg", None])
def test_clipping(clean, modality):
    x = clean.data[0]
    level = np.median(x) + 0.6 * (x.max() - np.median(x))
    data = clean.data.copy()
    data[0, 5000:10000] = np.minimum(data[0, 5000:10000], level)
    found = quality(Recording(data[:, 5000:10000], RATE), modality=modality)
    # Three samples on end: fewer may be the top of a wave.
    with_beat = [np.sort(x[k : k + RATE])[-4] > level for k in range(5000, 10000, RATE)]
    assert found.reasons[0, with_beat, REASONS.index("clipped")].mean() > 0.9
    assert not found.good[0, found.reasons[0, :, REASONS.index("clipped")]].any()
    assert not quality(clean, modality=modality).reasons[..., REASONS.index("clipped")].any()


def test_a_signal_held_between_samples_is_not_clipped_but_a_cut_off_one_is():
    """Files of slow devices at 1000 rows a second repeat each sample about ten times."""
    rng = np.random.default_rng(0)
    held = np.repeat(np.round(30 * rng.normal(size=2000)), 10 + rng.integers(-2, 3, 2000))[:18000]
    clipped = REASONS.index("clipped")
    assert not quality(Recording(held, 1000), modality="emg").reasons[..., clipped].any()
    slow = np.repeat(np.clip(np.convolve(rng.normal(size=1800), np.ones(8), "same"), -3.0, 3.0), 10)
    assert quality(Recording(slow, 1000), modality="emg").reasons[..., clipped].mean() > 0.5


def test_the_level_top_of_a_quantised_wave_is_not_clipped():
    smooth = np.round(10 * np.sin(2 * np.pi * 1.1 * np.arange(5000) / 250)) / 10
    assert not quality(Recording(smooth, 250), modality="ppg").reasons[..., REASONS.index("clipped")].any()


@pytest.mark.parametrize("modality", ["ecg", "eeg", None])
def test_a_loose_lead_and_a_full_amplifier(clean, modality):
    data = clean.data.copy()
    data[0, 2500:3100] = data[0, 2500]
    data[0, 7500:7650] = 12.0
    found = quality(clean.replace(data=data), modality=modality)
    assert named(found, 10, 12)["flat"] == 1.0
    assert named(found, 30, 31)["saturated"] == 1.0
    assert not found.good[0, [10, 11, 30]].any()
    assert found.reasons[0, :, REASONS.index("flat")].sum() <= 3
    assert found.reasons[0, :, REASONS.index("saturated")].sum() == 1


@pytest.mark.parametrize("modality", ["ecg", "ppg", None])
def test_steps(clean, modality):
    data = clean.data.copy()
    data[0, 5100:] += 4.0
    found = quality(clean.replace(data=data), modality=modality)
    steps = np.flatnonzero(found.reasons[0, :, REASONS.index("step")])
    assert 20 in steps
    assert set(steps) <= {19, 20, 21}
    assert not found.good[0, 20]


def test_eyes_may_step():
    x = np.repeat([0.0, 1.0, 0.0, 2.0, 1.0], 500) + np.random.default_rng(0).normal(0, 0.02, 2500)
    assert quality(Recording(x, 250), modality="eog").share_good[0] == 1.0
    assert quality(Recording(x, 250), modality="eeg").share_good[0] < 1.0


def test_noise_elsewhere_leaves_good_seconds_alone(spoil):
    found = quality(spoil(np.random.default_rng(0).normal(0, 3, len(T))))
    assert found.good[0, :15].all()
    assert found.good[0, 45:].all()


def test_a_gap_leaves_its_neighbours_alone(clean):
    data = clean.data.copy()
    data[0, 5000:7500] = np.nan
    found = quality(clean.replace(data=data))
    assert named(found, 20, 30)["no signal"] == 1.0
    assert found.good[0, :19].all()
    assert found.good[0, 31:].all()


def test_ectopic_beats_are_no_noise():
    """Every eighth beat broad, early and high, with a T wave the other way, as a ventricular one is."""
    rng = np.random.default_rng(0)
    t = np.arange(60 * RATE) / RATE
    x = 0.01 * rng.normal(size=len(t))
    at, k = 0.5, 0
    while at < 59:
        broad = k % 8 == 5
        width, height = (0.045, -1.6) if broad else (0.012, 1.0)
        centre = at - (0.25 if broad else 0.0)
        x += height * np.exp(-0.5 * ((t - centre) / width) ** 2)
        x += (0.5 if broad else 0.25) * np.exp(-0.5 * ((t - centre - 0.28) / 0.06) ** 2)
        at, k = at + 0.8, k + 1
    assert quality(Recording(x, RATE)).share_good[0] > 0.9
