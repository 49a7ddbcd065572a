"""Spikes and slow waves that look like beats, and beats that look like neither."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.recording import Recording
from sigsimnet.signal_quality import REASONS, quality
from sigsimnet.simulation import simulate_one

MOTION, SPIKE = REASONS.index("motion"), REASONS.index("spike")


@pytest.fixture(scope="module", params=[250, 500])
def rest(request):
    return simulate_one(3, duration=60, sampling_rate=request.param, noise=0.3)


@pytest.mark.parametrize("milliseconds", [2, 4, 6])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_lone_spike_is_said_and_spoils_its_second(rest, milliseconds, sign):
    rate, data = rest.sampling_rate, rest.data.copy()
    n = max(1, round(milliseconds * rate / 1000))
    for second in (14, 25, 40):
        data[0, int((second + 0.6) * rate) :][:n] += sign * 1.5 * np.ptp(rest.data[0])
    found = quality(rest.replace(data=data))
    assert np.flatnonzero(found.reasons[0, :, SPIKE]).tolist() == [14, 25, 40]
    assert not found.good[0, [14, 25, 40]].any()
    assert found.good[0, [10, 20, 30, 50]].all()


def test_spikes_of_a_pacemaker_are_no_fault(rest):
    rate, data = rest.sampling_rate, rest.data.copy()
    for beat in np.arange(0.3, 59.5, 0.8):
        data[0, int(beat * rate) :][:2] += 2 * np.ptp(rest.data[0])
    assert not quality(rest.replace(data=data)).reasons[..., SPIKE].any()


def test_waves_that_are_slower_than_a_beat_are_motion(rest):
    rate, data = rest.sampling_rate, rest.data.copy()
    t = np.arange(2 * round(rate)) / rate
    data[0, int(20 * rate) :][: len(t)] += np.ptp(rest.data[0]) * np.sin(2 * np.pi * t) * np.hanning(len(t))
    found = quality(rest.replace(data=data))
    assert found.reasons[0, 20:22, MOTION].all()
    assert not found.good[0, 20:22].any()
    assert set(np.flatnonzero(found.reasons[0, :, MOTION])) <= {19, 20, 21, 22}


def test_breathing_is_no_motion(rest):
    breath = 0.5 * np.ptp(rest.data[0]) * np.sin(2 * np.pi * 0.25 * rest.times())
    found = quality(rest.replace(data=rest.data + breath.astype(np.float32)))
    assert not found.reasons[0, 2:-2, MOTION].any()


def test_only_an_ecg_is_asked(rest):
    data = rest.data.copy()
    data[0, 5000] += 50.0
    for modality in ("eeg", "emg", None):
        found = quality(rest.replace(data=data), modality=modality)
        assert not found.reasons[..., [MOTION, SPIKE]].any()


def test_short_records_have_spikes_too():
    x = simulate_one(3, duration=3, sampling_rate=250, noise=0.3).data[0].copy()
    assert not quality(Recording(x, 250)).reasons[..., [MOTION, SPIKE]].any()
    x[400] += 8.0
    assert quality(Recording(x, 250)).reasons[0, 1, SPIKE]
