"""On real records: what clean ones pass, what noise does not. Figures are in benchmarks/quality."""

from __future__ import annotations

import numpy as np

from sigsimnet.io import read
from sigsimnet.signal_quality import REASONS, quality


def test_a_clean_record_passes_and_its_noisy_mix_does_not(shared_data):
    recording = read(shared_data / "mitdb" / "100.hea").crop(300, 360)
    noise = read(shared_data / "nstdb" / "ma.hea").crop(300, 360)
    assert quality(recording).share_good[0] > 0.95
    x, n = recording.data[0], noise.data[0] - noise.data[0].mean()
    mixed = recording.replace(data=x + n * (0.6 / n.std()).astype(np.float32), channel_names=["x"], units="mV")
    assert quality(mixed).share_good[0] < 0.1


def test_noise_without_a_heart_is_no_ecg(shared_data):
    found = quality(read(shared_data / "nstdb" / "ma.hea").crop(0, 120))
    assert found.share_good.max() < 0.02
    assert found.reasons[..., REASONS.index("non-ECG shape")].mean() > 0.5


def test_ventricular_beats_of_a_real_record_pass(shared_data):
    recording = read(shared_data / "mitdb" / "106.hea").crop(1200, 1320)
    found = quality(recording.pick(0))
    beats = [mark.sample / 360 for mark in recording.annotations if mark.label == "V"]
    assert len(beats) > 10
    assert found.good[0, np.array(beats).astype(int)].mean() > 0.9
