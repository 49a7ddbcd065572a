"""The gate: poor seconds are left out and counted, good ones stay, whatever pauses lie between."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.comparison import compare
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import BeatCutter, WindowCutter, gate
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def record():
    return simulate_one(5, duration=60)


def noisy(record, start, stop, size=0.7):
    data, rate = record.data.copy(), record.sampling_rate
    first, last = int(start * rate), int(stop * rate)
    data[:, first:last] += np.random.default_rng(0).normal(0, size, (len(data), last - first)).astype(np.float32)
    return record.replace(data=data)


def test_beats_in_noise_are_left_out_and_counted(record):
    bad, cutter = noisy(record, 20, 40), BeatCutter()
    cut = cutter.cut(bad)
    kept = gate(cut, bad, cutter)
    assert len(kept) + kept.poor == len(cut)
    inside = (kept.times > 22) & (kept.times < 38)
    assert not inside.any()
    whole = (cut.times < 17) | (cut.times > 43)
    assert np.isin(cut.times[whole], kept.times).mean() > 0.9
    assert "muscle" in kept.why


def test_a_pause_moves_the_seconds_along(record):
    bad, cutter = noisy(record, 20, 40), BeatCutter()
    half = bad.n_samples // 2
    paused = bad.replace(segments=[Span(0, half), Span(half, bad.n_samples, 1000.0)])
    kept = gate(cutter.cut(paused), paused, cutter)
    assert not ((kept.times > 22) & (kept.times < 1008)).any()
    assert (kept.times > 1013).sum() > 5


def test_nothing_is_gated_at_0_and_nothing_of_a_clean_recording(record):
    cutter = BeatCutter()
    cut = cutter.cut(record)
    assert gate(cut, record, cutter, least=0) is cut
    assert gate(cut, record, cutter).poor <= 0.05 * len(cut)


def test_windows_of_any_signal():
    x = np.random.default_rng(0).normal(size=(2, 4000)).astype(np.float32)
    x[1, 1000:2000] = 0.25  # flat for 10 s
    recording, cutter = Recording(x, 100), WindowCutter(length=2.0, band=(None, None))
    kept = gate(cutter.cut(recording), recording, cutter)
    assert kept.poor == 5
    assert kept.why == ("flat",)


def test_the_share_is_one():
    cutter = BeatCutter()
    record = simulate_one(5, duration=10)
    with pytest.raises(ParameterError, match="gate is 2"):
        gate(cutter.cut(record), record, cutter, least=2)


def test_compare_reports_what_it_left_out(record):
    bad = noisy(record, 20, 40)
    found = compare(record, bad)
    assert found.b.poor > 5
    assert found.to_dict()["b"]["n_poor"] == found.b.poor
    assert any("were left out: poor seconds (" in reason for reason in found.reasons)
    everything = compare(record, bad, gate=0)
    assert everything.b.poor == 0
    assert len(everything.b) > len(found.b)


def test_noise_all_over_cannot_be_answered(record):
    found = compare(record, noisy(record, 0, 60))
    assert found.verdict == "cannot tell"
    assert any("lie in good seconds" in reason and "the score is of all" in reason for reason in found.reasons)


def test_training_counts_what_it_left_out(record):
    from sigsimnet import SigSimNet

    people = [noisy(simulate_one(p, s, duration=30), 10, 20) for p in range(1, 7) for s in (1, 2)]
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(people, same="subject", epochs=1, steps=2, progress=False)
    assert model.card.extra["n_poor"] > 50
    model.fit(people, same="subject", epochs=1, steps=2, progress=False, gate=0)
    assert model.card.extra["n_poor"] == 0


def test_hum_and_wander_behind_the_band_are_no_reason(record):
    t = np.arange(record.n_samples) / record.sampling_rate
    hum = record.replace(data=record.data + 0.5 * np.sin(2 * np.pi * 50 * t) + 0.8 * np.sin(2 * np.pi * 0.15 * t))
    cutter = BeatCutter()
    assert gate(cutter.cut(hum), hum, cutter).poor <= 0.1 * len(cutter.cut(hum))
    rng = np.random.default_rng(0)
    eeg = Recording(10 * rng.normal(size=6000) + 60 * np.sin(2 * np.pi * 50 * np.arange(6000) / 250), 250, units="µV")
    windows = WindowCutter(length=2.0, band=(0.5, 40.0))
    assert gate(windows.cut(eeg), eeg, windows).poor == 0


def test_signals_too_slow_to_be_judged_pass():
    slow = Recording(np.random.default_rng(0).normal(size=400), 1.0)
    cutter = WindowCutter(length=20.0, sampling_rate=1.0, band=(None, None))
    assert gate(cutter.cut(slow), slow, cutter).poor == 0


def test_what_was_not_left_out_is_not_counted_as_left_out(record):
    found = compare(record, noisy(record, 0, 60))
    values = found.to_dict()["b"]
    assert values["n_poor"] == 0
    assert values["n_good"] < 3 <= values["n_segments"]
    assert values["poor_because"]
    assert found.to_dict()["protocol"]["gate"] == 0.5


def test_a_share_that_is_none_is_refused_before_the_reading(tmp_path):
    from sigsimnet import SigSimNet

    with pytest.raises(ParameterError, match=r"^gate is 7"):
        SigSimNet().fit([simulate_one(1, duration=9)], same="subject", gate=7)
