"""The quality filter: segments in seconds of low quality are left out and counted, good ones stay."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.comparison import compare
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import BeatCutter, WindowCutter, filter_by_quality
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
    kept = filter_by_quality(cut, bad, cutter)
    assert len(kept) + kept.n_low_quality == len(cut)
    inside = (kept.times > 22) & (kept.times < 38)
    assert not inside.any()
    whole = (cut.times < 17) | (cut.times > 43)
    assert np.isin(cut.times[whole], kept.times).mean() > 0.9
    assert "muscle" in kept.reject_reasons


def test_a_pause_moves_the_seconds_along(record):
    bad, cutter = noisy(record, 20, 40), BeatCutter()
    half = bad.n_samples // 2
    paused = bad.replace(spans=[Span(0, half), Span(half, bad.n_samples, 1000.0)])
    kept = filter_by_quality(cutter.cut(paused), paused, cutter)
    assert not ((kept.times > 22) & (kept.times < 1008)).any()
    assert (kept.times > 1013).sum() > 5


def test_nothing_is_gated_at_0_and_nothing_of_a_clean_recording(record):
    cutter = BeatCutter()
    cut = cutter.cut(record)
    assert filter_by_quality(cut, record, cutter, min_good_fraction=0) is cut
    assert filter_by_quality(cut, record, cutter).n_low_quality <= 0.05 * len(cut)


def test_windows_of_any_signal():
    x = np.random.default_rng(0).normal(size=(2, 4000)).astype(np.float32)
    x[1, 1000:2000] = 0.25  # flat for 10 s
    recording, cutter = Recording(x, 100), WindowCutter(length=2.0, band=(None, None))
    kept = filter_by_quality(cutter.cut(recording), recording, cutter)
    assert kept.n_low_quality == 5
    assert kept.reject_reasons == ("flat",)


def test_the_share_is_one():
    cutter = BeatCutter()
    record = simulate_one(5, duration=10)
    with pytest.raises(ParameterError, match="min_good_fraction is 2"):
        filter_by_quality(cutter.cut(record), record, cutter, min_good_fraction=2)


def test_compare_reports_what_it_left_out(record):
    bad = noisy(record, 20, 40)
    found = compare(record, bad)
    assert found.b.n_low_quality > 5
    assert found.to_dict()["b"]["n_low_quality"] == found.b.n_low_quality
    assert any("were left out: seconds of low quality (" in reason for reason in found.reasons)
    everything = compare(record, bad, min_good_fraction=0)
    assert everything.b.n_low_quality == 0
    assert len(everything.b) > len(found.b)


def test_noise_all_over_cannot_be_answered(record):
    found = compare(record, noisy(record, 0, 60))
    assert found.verdict == "cannot tell"
    assert any("lie in good seconds" in reason and "the score is of all" in reason for reason in found.reasons)


@pytest.mark.needs_torch
def test_training_counts_what_it_left_out(record):
    from sigsimnet import SigSimNet

    people = [noisy(simulate_one(p, s, duration=30), 10, 20) for p in range(1, 7) for s in (1, 2)]
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(people, same="subject", epochs=1, steps=2, progress=False)
    assert model.card.extra["n_low_quality"] > 50
    model.fit(people, same="subject", epochs=1, steps=2, progress=False, min_good_fraction=0)
    assert model.card.extra["n_low_quality"] == 0


def test_hum_and_wander_behind_the_band_are_no_reason(record):
    t = np.arange(record.n_samples) / record.sampling_rate
    hum = record.replace(data=record.data + 0.5 * np.sin(2 * np.pi * 50 * t) + 0.8 * np.sin(2 * np.pi * 0.15 * t))
    cutter = BeatCutter()
    assert filter_by_quality(cutter.cut(hum), hum, cutter).n_low_quality <= 0.1 * len(cutter.cut(hum))
    rng = np.random.default_rng(0)
    eeg = Recording(10 * rng.normal(size=6000) + 60 * np.sin(2 * np.pi * 50 * np.arange(6000) / 250), 250, units="µV")
    windows = WindowCutter(length=2.0, band=(0.5, 40.0))
    assert filter_by_quality(windows.cut(eeg), eeg, windows).n_low_quality == 0


def test_signals_too_slow_to_be_judged_pass():
    slow = Recording(np.random.default_rng(0).normal(size=400), 1.0)
    cutter = WindowCutter(length=20.0, sampling_rate=1.0, band=(None, None))
    assert filter_by_quality(cutter.cut(slow), slow, cutter).n_low_quality == 0


def test_what_was_not_left_out_is_not_counted_as_left_out(record):
    found = compare(record, noisy(record, 0, 60))
    values = found.to_dict()["b"]
    assert values["n_low_quality"] == 0
    assert values["n_good"] < 3 <= values["n_segments"]
    assert values["reject_reasons"]
    assert found.to_dict()["protocol"]["min_good_fraction"] == 0.5


@pytest.mark.needs_torch
def test_a_share_that_is_none_is_refused_before_the_reading(tmp_path):
    from sigsimnet import SigSimNet

    with pytest.raises(ParameterError, match=r"^min_good_fraction is 7"):
        SigSimNet().fit([simulate_one(1, duration=9)], same="subject", min_good_fraction=7)
