"""On real records: what clean ones pass, what noise does not. Figures are in benchmarks/quality."""

from __future__ import annotations

import numpy as np

from sigsimnet.io import read
from sigsimnet.recording import Recording
from sigsimnet.segments import choose_windows, cut_by_quality
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


def test_motion_and_spikes_of_the_article_are_found(shared_data):
    found = quality(read(shared_data / "deepxf" / "raw" / "Sitting_data.csv"))
    motion, spike = found.reasons[..., REASONS.index("motion")], found.reasons[..., REASONS.index("spike")]
    assert motion[[0, 1, 3, 4], 10:12].all()
    assert spike[0, 13]
    assert spike[2, 24:26].all()
    assert not found.good[0, [10, 11, 13]].any()
    assert found.share_good.min() > 0.9


def test_the_leads_of_ludb_were_scaled_separately(shared_data):
    for header in sorted((shared_data / "ludb").rglob("*.hea"))[:8]:
        warnings = quality(read(header)).warnings
        assert any("scaled separately" in warning for warning in warnings)
        assert not any("swapped" in warning or "add up" in warning for warning in warnings)


def test_leads_with_one_scale_are_left_alone(shared_data):
    for header in sorted((shared_data / "ptb-xl").rglob("*_lr.hea"))[:8]:
        assert not any("scaled" in warning for warning in quality(read(header)).warnings)


def test_the_gate_keeps_the_armband(shared_data):
    kept = {}
    for path in sorted((shared_data / "emg-gestures").glob("*/*.gz")):
        whole = read(path)
        kept[path] = []
        for mark in [mark for mark in whole.annotations if mark.label in "123456"]:
            x = whole.data[:, mark.sample : mark.sample + round(mark.duration * whole.sampling_rate)]
            one = Recording(x, whole.sampling_rate, channel_names=[f"EMG {k}" for k in range(8)])
            every, good = cut_by_quality(one, choose_windows(one).cutter)
            kept[path].append(len(good) / len(every))
    assert min(np.mean(part) for part in kept.values()) > 0.8
    assert np.mean([one for part in kept.values() for one in part]) > 0.95
