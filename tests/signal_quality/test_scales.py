"""Leads that were scaled each on its own, and units that cannot be right."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import REASONS, amplitude_warnings, quality
from sigsimnet.simulation import simulate_one

SCALED, SWAPPED = REASONS.index("scaled separately"), REASONS.index("leads likely swapped")


def said(found):
    return [word for word in ("scaled separately", "swapped", "add up") if any(word in w for w in found.warnings)]


def one_range(x):
    return x / np.ptp(x, axis=1, keepdims=True)


def one_deviation(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def by_chance(x):
    return x * np.exp(np.random.default_rng(0).uniform(-1.2, 1.2, (len(x), 1)))


@pytest.mark.parametrize("person", [2, 5, 9])
@pytest.mark.parametrize("scaled", [one_range, one_deviation, by_chance])
def test_leads_with_scales_of_their_own_are_said_and_not_called_swapped(person, scaled):
    chest = ("V1", "V2", "V3", "V4", "V5", "V6")
    leads = ("I", "II", "III", "aVR", "aVL", "aVF", *chest)
    made = simulate_one(person, duration=20, sampling_rate=250, leads=("I", "II", *chest), noise=0.3)
    one, two = made.data[:2]
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    twelve = made.replace(data=np.vstack([limbs, made.data[2:]]), channel_names=leads, units="mV")
    assert said(quality(twelve)) == []
    apart = twelve.replace(data=scaled(twelve.data))
    found = quality(apart)
    assert said(found) == ["scaled separately"]
    assert found.reasons[..., SCALED].all()
    assert not found.reasons[..., SWAPPED].any()
    assert found.good.mean() > 0.9
    turned = quality(apart.pick(list(reversed(leads))))
    assert said(turned) == ["scaled separately"]
    np.testing.assert_array_equal(turned.index, found.index[::-1])


def test_one_scale_for_all_leads_is_no_fault(twelve):
    for factor in (0.001, 200.0):
        assert said(quality(twelve.replace(data=twelve.data * np.float32(factor), units=""))) == []


def test_the_same_lead_several_times_was_not_scaled(clean):
    three = Recording(np.repeat(clean.data, 3, axis=0), 250, channel_names=["V1", "V2", "V3"])
    assert said(quality(three)) == []


@pytest.mark.parametrize(
    ("modality", "unit", "size", "asked"),
    [
        ("ecg", "mV", 1.0, False), ("ecg", "µV", 1000.0, False), ("ecg", "mV", 711.0, True), ("ecg", "V", 1.0, True),
        ("ecg", "mV", 0.001, True), ("ecg", "", 711.0, False), ("ecg", "adu", 30_000.0, False),
        ("eeg", "µV", 60.0, False), ("eeg", "mV", 50.0, True), ("eeg", "V", 60.0, True),
        ("emg", "mV", 2.0, False), ("emg", "V", 2.0, True), ("eog", "µV", 400.0, False), ("eog", "mV", 400.0, True),
        ("ppg", "mV", 711.0, False), (None, "mV", 711.0, False),
    ],
)  # fmt: skip
def test_amplitudes_that_no_such_signal_has_are_questioned(clean, modality, unit, size, asked):
    x = clean.data / np.ptp(clean.data) * size
    recording = clean.replace(data=x.astype(np.float32), units=unit, channel_names=["one"])
    told = amplitude_warnings(recording, modality)
    assert bool(told) == asked
    assert (told[0] in quality(recording, modality=modality).warnings) if asked else True
    if asked:
        assert told[0].startswith("channel one spans ")
        assert told[0].endswith("is the unit right?")


def test_what_is_sampled_too_fast_is_one_sentence():
    fast = Recording(np.sin(np.arange(1000) / 50), 1e6, channel_names=["ECG"], source="a.csv")
    for modality in ("ecg", "emg", None):
        with pytest.raises(SignalError, match=r"a\.csv: sampled at 1,000,000 Hz: .* up to 100,000 Hz"):
            quality(fast, modality=modality)


def test_a_fast_but_possible_rate_is_judged():
    x = simulate_one(1, duration=10, sampling_rate=1000, noise=0.3).data[0]
    assert quality(Recording(np.repeat(x, 44)[:200_000], 44_000)).index.shape == (1, 5)
