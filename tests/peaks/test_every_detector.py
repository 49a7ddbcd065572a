"""What holds for every detector: truth, invariance, artefacts, errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError, ReadError, SignalError, UnknownNameError
from sigsimnet.metrics import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks
from sigsimnet.peaks import _channel as channel_module
from sigsimnet.recording import Recording, Span
from sigsimnet.simulation import simulate_one

RATES = (100, 128, 250, 360, 500, 1000, 2000)
SLACK = 0.002  # s: what a change that should not matter may move a peak


@pytest.fixture(params=sorted(DETECTORS))
def method(request):
    return request.param


def noisy(seed=3, duration=60.0, rate=250.0, noise=1.0):
    return simulate_one(seed, duration=duration, sampling_rate=rate, noise=noise)


def truth(recording):
    return recording.time_of([mark.sample for mark in recording.annotations])


def same_beats(a, b, tolerance=SLACK):
    """Return whether two sets of peaks are the same within a tolerance, in s."""
    return len(a) == len(b) and np.allclose(a.times, b.times, atol=tolerance)


@pytest.mark.parametrize("rate", RATES)
def test_true_beats_at_any_sampling_rate(method, rate):
    recording = noisy(rate=rate)
    found = detect_peaks(recording, method=method)
    score = match_beats(truth(recording), found.times, 0.05)
    assert score.f1 >= 0.99
    # Half a sample of the truth itself, and a little for noise.
    assert abs(score.lag) < 0.5 / rate + 0.003
    assert score.mad < 0.5 / rate + 0.004
    assert found.polarity == 1
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_upside_down_is_the_same(method):
    recording = noisy()
    there = detect_peaks(recording, method=method)
    back = detect_peaks(recording.replace(data=-recording.data), method=method)
    np.testing.assert_array_equal(there.samples, back.samples)
    np.testing.assert_allclose(there.times, back.times, atol=1e-9)
    assert there.polarity == -back.polarity


@settings(max_examples=12, deadline=None)
@given(gain=st.floats(1e-3, 1e3), offset=st.floats(-50, 50))
def test_gain_and_offset_do_not_matter(gain, offset):
    recording = noisy(duration=20.0)
    for method in DETECTORS:
        changed = recording.replace(data=gain * (recording.data + np.float32(offset / 100)))
        assert same_beats(detect_peaks(recording, method=method), detect_peaks(changed, method=method))


def outside(peaks, start, stop, margin):
    """Return the times of peaks that are further than a margin (s) from an interval."""
    return peaks.times[(peaks.times < start - margin) | (peaks.times > stop + margin)]


@pytest.mark.parametrize("kind", ["missing", "flat", "saturated", "burst"])
def test_a_bad_interval_leaves_the_rest_unaffected(method, kind):
    recording = noisy(duration=90.0)
    data = recording.data.copy()
    bad = slice(40 * 250, 46 * 250)
    if kind == "missing":
        data[0, bad] = np.nan
    elif kind == "flat":
        data[0, bad] = 0.0
    elif kind == "saturated":
        data[0, bad] = 5.0
    else:
        data[0, bad] += np.random.default_rng(0).normal(0, 50, bad.stop - bad.start)
    before, after = detect_peaks(recording, method=method), detect_peaks(recording.replace(data=data), method=method)
    # A second to either side: a beat, and what filters settle in.
    there, here = (outside(p, 40.0, 46.0, 1.0) for p in (before, after))
    assert match_beats(there, here, 0.01).f1 >= 0.985
    if kind in ("missing", "flat", "saturated"):
        assert not ((after.times > 40.1) & (after.times < 45.9)).any()


@pytest.mark.parametrize("at", [0.1, 20.0, 29.9])
def test_a_spike_of_a_thousand_times_costs_a_beat_at_most(method, at):
    recording = noisy(duration=30.0)
    data = recording.data.copy()
    data[0, int(at * 250)] = 1000.0
    before, after = detect_peaks(recording, method=method), detect_peaks(recording.replace(data=data), method=method)
    there, here = (outside(p, at, at, 0.5) for p in (before, after))
    assert match_beats(there, here, 0.01).n_matched >= len(there) - 1
    assert len(here) <= len(there) + 1


def test_chunks_are_seamless(method, monkeypatch):
    recording = noisy(duration=300.0, rate=200.0)
    whole = detect_peaks(recording, method=method)
    monkeypatch.setattr(channel_module, "CHUNK", 30)
    parts = detect_peaks(recording, method=method)
    assert match_beats(whole.times, parts.times, SLACK).f1 >= 0.995


def test_resampled_is_the_same(method):
    from scipy import signal

    fine = noisy(duration=60.0, rate=1000.0, noise=0.5)
    coarse = Recording(signal.resample_poly(fine.data, 1, 4, axis=1), 250.0)
    a, b = detect_peaks(fine, method=method), detect_peaks(coarse, method=method)
    assert match_beats(a.times, b.times, 0.008).f1 >= 0.99


def test_pauses_are_not_bridged(method):
    first, second = noisy(seed=1, duration=30.0), noisy(seed=1, duration=30.0)
    both = Recording(
        np.concatenate([first.data, second.data], axis=1),
        250.0,
        spans=[Span(0, 7500, 0.0), Span(7500, 15000, 100.0)],
    )
    found, alone = detect_peaks(both, method=method), detect_peaks(first, method=method)
    assert len(found) == 2 * len(alone)
    np.testing.assert_allclose(found.times[len(alone) :], alone.times + 100.0, atol=1e-6)
    assert np.isnan(found.rr[len(alone) - 1])


def test_no_beats_where_there_are_none(method):
    rng = np.random.default_rng(0)
    for x in (np.zeros(7500), np.sin(2 * np.pi * 8 * np.arange(7500) / 250)):
        assert len(detect_peaks(x, 250, method=method)) == 0
    noise = detect_peaks(rng.normal(size=60 * 250), 250, method=method)
    assert len(noise) <= 6


def test_a_pacemaker_spike_is_not_the_r_wave(method):
    recording = noisy(duration=30.0, rate=500.0, noise=0.2)
    data = recording.data.copy()
    for mark in recording.annotations:
        data[0, max(mark.sample - 20, 0) : max(mark.sample - 18, 0)] += 1.0  # 40 ms before R, 4 ms wide
    found = detect_peaks(recording.replace(data=data), method=method)
    score = match_beats(truth(recording), found.times, 0.05)
    assert score.f1 >= 0.97
    assert abs(score.lag) < 0.006


# -- one clear sentence each ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "rate", "words"),
    [
        (np.zeros(500), 250, "2.0 s long"),
        (np.full(5000, np.nan), 250, "all are missing"),
        (np.zeros(5000), 50, "50 Hz.*80 to 5000 Hz"),
        (np.zeros(5000), 20000, "20000 Hz"),
    ],
)
def test_what_carries_no_beats_is_said(x, rate, words):
    with pytest.raises(SignalError, match=words) as caught:
        detect_peaks(x, rate)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_is_said():
    recording = noisy(duration=10.0)
    two = Recording(np.concatenate([recording.data, np.full_like(recording.data, np.nan)]), 250.0)
    with pytest.raises(SignalError, match="no samples in ch2: all are missing"):
        detect_peaks(two, channel="ch2")
    assert len(detect_peaks(two, fuse_channels=True)) == len(detect_peaks(recording))
    with pytest.raises(ParameterError, match=r"2500 channels of 1 samples.*transpose"):
        detect_peaks(recording.data.T, 250.0)
    with pytest.raises(ParameterError, match="nothing to fuse"):
        detect_peaks(two, channel="ch1", fuse_channels=True)
    with pytest.raises(ParameterError, match="nothing to fuse"):
        detect_peaks(two, method="ppg", fuse_channels=True)
    with pytest.raises(UnknownNameError, match="'ppg' finds"):
        detect_peaks(two, method="pgg")


def test_masked_samples_are_missing():
    recording = noisy(duration=30.0)
    masked = np.ma.masked_array(recording.data[0], mask=False)
    masked[2500:4500] = np.ma.masked
    found = detect_peaks(masked, 250.0)
    assert not ((found.times > 10.1) & (found.times < 17.9)).any()
    assert len(found) > 20


def test_an_empty_channel_neither_votes_nor_is_named():
    recording = noisy(duration=20.0)
    two = Recording(np.concatenate([recording.data, np.full_like(recording.data, np.nan)]), 250.0)
    alone, fused = detect_peaks(two), detect_peaks(two, fuse_channels=True)
    assert fused.channel == "ch1"
    np.testing.assert_array_equal(fused.confidence, alone.confidence)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.zeros(5000), "360"), "sampling_rate is '360'"),
        ((np.zeros(5000), [360]), r"sampling_rate is \[360\]"),
    ],
)
def test_what_is_no_signal_is_said(arguments, words):
    with pytest.raises(ParameterError, match=words):
        detect_peaks(*arguments)
    with pytest.raises(ReadError, match="record/100: no such file"):
        detect_peaks("record/100")
    with pytest.raises(ParameterError, match=r"channel is 0\.5"):
        detect_peaks(noisy(duration=5.0), channel=0.5)


def test_an_empty_segment_holds_no_beat():
    recording = noisy(duration=12.0)
    spans = [Span(0, 1500, 0.0), Span(1500, 1500, 6.0), Span(1500, 3000, 6.0)]
    found = detect_peaks(recording.replace(spans=spans))
    assert match_beats(truth(recording), found.times, 0.05).f1 > 0.9


def test_rr_does_not_reach_across_missing_or_flat_samples():
    recording = noisy(duration=60.0)
    for value in (np.nan, 0.0):
        data = recording.data.copy()
        data[0, 5000:5600] = value
        found = detect_peaks(recording.replace(data=data))
        assert np.isnan(found.rr).sum() == 1
        assert np.nanmax(found.rr) < 1.5


def test_kernels_are_compiled_for_one_kind_of_array():
    from sigsimnet.peaks import _kernels

    recording = noisy(duration=30.0)
    gap = recording.data.copy()
    gap[0, 1000:1010] = np.nan
    kinds = []
    for samples in (
        recording.data,
        gap,
        np.asfortranarray(np.repeat(recording.data, 2, axis=0)),
        gap.astype(np.float64),
    ):
        detect_peaks(samples, 250.0)
        kinds.append(len(_kernels.decimate.signatures))
    assert len(set(kinds)) == 1


def test_unknown_method_lists_the_known():
    with pytest.raises(UnknownNameError, match=r"pan_tompkin.*did you mean 'pan_tompkins'.*christov.*wqrs"):
        detect_peaks(np.zeros(5000), 250, method="pan_tompkin")
    with pytest.raises(ParameterError, match="n_jobs"):
        detect_peaks(np.zeros(5000), 250, n_jobs=0)


def test_every_docstring_lists_its_departures():
    for name in DETECTORS:
        text = DETECTORS.get(name).__doc__
        assert "Departures:" in text or "Ours; no paper." in text, name


# -- several channels -------------------------------------------------------------------------------------------------


def test_fusion_survives_channels_that_fail_at_different_times():
    recording = simulate_one(2, duration=120, leads=("I", "II", "V5"), noise=0.5)
    data = recording.data.copy()
    rng = np.random.default_rng(0)
    for row, start in enumerate((10, 45, 80)):
        part = slice(start * 250, (start + 30) * 250)
        data[row, part] += rng.normal(0, 1.5, 30 * 250).astype(np.float32)
    spoilt = recording.replace(data=data)
    fused = match_beats(truth(recording), detect_peaks(spoilt, fuse_channels=True).times, 0.05).f1
    singles = [match_beats(truth(recording), detect_peaks(spoilt, channel=k).times, 0.05).f1 for k in range(3)]
    assert fused > max(singles)
    assert fused >= 0.98


def test_the_clearest_channel_is_taken_and_threads_agree():
    recording = simulate_one(2, duration=60, leads=("I", "II"), noise=0.5)
    data = recording.data.copy()
    data[0] = np.random.default_rng(0).normal(0, 1, data.shape[1])
    mixed = recording.replace(data=data)
    found = detect_peaks(mixed)
    assert found.channel == "II"
    np.testing.assert_array_equal(found.times, detect_peaks(mixed, n_jobs=2).times)


def test_a_lead_left_alone_is_enough():
    recording = simulate_one(2, duration=120, leads=("I", "II", "V5"), noise=0.3)
    data = recording.data.copy()
    data[1:, 40 * 250 : 80 * 250] = np.nan
    found = detect_peaks(recording.replace(data=data), fuse_channels=True)
    assert match_beats(truth(recording), found.times, 0.05).f1 >= 0.98


def test_leads_that_mark_one_beat_far_apart():
    t, at = np.arange(5000) / 250, np.arange(0.6, 19.5, 0.8)
    early, late = (np.exp(-0.5 * ((t[:, None] - at - d) / 0.012) ** 2).sum(axis=1) for d in (0.0, 0.12))
    noise = 0.01 * np.random.default_rng(0).normal(size=(2, len(t)))
    found = detect_peaks(np.stack([early, late]) + noise, 250.0, fuse_channels=True)
    assert len(found) == len(at)


def test_one_of_two_channels_alone_is_no_majority():
    recording = simulate_one(2, duration=60, leads=("I", "II"), noise=0.2)
    data = recording.data.copy()
    between = int(np.mean([mark.sample for mark in recording.annotations[10:12]]))
    data[0, between - 10 : between + 10] += 2 * np.hanning(20).astype(np.float32)
    found = detect_peaks(recording.replace(data=data), fuse_channels=True)
    assert not (np.abs(found.times - between / 250) < 0.05).any()


def test_fusion_does_not_reach_across_a_pause():
    recording = simulate_one(2, duration=60, leads=("I", "II"), noise=0.2)
    cut = recording.annotations[30].sample + 5
    spans = [Span(0, cut, 0.0), Span(cut, recording.n_samples, 500.0)]
    found = detect_peaks(recording.replace(spans=spans), fuse_channels=True)
    first = found.samples < cut
    np.testing.assert_array_equal(found.span, np.where(first, 0, 1))


# -- pauses, the end of the scale, files that are mapped --------------------------------------------------------------


def test_no_beat_is_made_up_in_a_pause(method):
    """The heart stands still for 5 s again and again, with noise of a hundredth of a beat in between."""
    rate = 250.0
    at = np.concatenate([start + np.arange(0, 6, 0.8) for start in range(1, 110, 11)])
    t = np.arange(int(106.5 * rate)) / rate  # at the end of a record the usual beat is not known so well
    x = np.exp(-0.5 * ((t[:, None] - at) / 0.012) ** 2).sum(axis=1)
    x += 0.01 * np.random.default_rng(0).normal(size=len(t))
    found = detect_peaks(x, rate, method=method)
    score = match_beats(at, found.times, 0.03)
    assert score.sensitivity >= 0.98
    assert score.ppv >= 0.98


def test_a_saturated_half_second_holds_no_beat(method):
    recording = noisy(duration=60.0)
    data = recording.data.copy()
    top = float(data.max()) + 1
    for at in (10.0, 25.4, 41.0):
        data[0, int(at * 250) : int((at + 0.6) * 250)] = top
    before, after = detect_peaks(recording, method=method), detect_peaks(recording.replace(data=data), method=method)
    for at in (10.0, 25.4, 41.0):
        assert not ((after.times > at + 0.05) & (after.times < at + 0.55)).any()
    far = [
        p.times[np.all([np.abs(p.times - at - 0.3) > 1.3 for at in (10.0, 25.4, 41.0)], axis=0)]
        for p in (before, after)
    ]
    assert match_beats(*far, 0.01).f1 >= 0.98


@pytest.mark.parametrize("shape", ["R", "PRT"])
@pytest.mark.parametrize("rr", [0.6, 0.8, 1.0, 1.1, 1.2, 1.4, 1.6])
def test_a_made_up_ecg_that_rests_at_one_value_has_beats(rr, shape):
    at, t = np.arange(0.5, 30, rr), np.arange(3000) / 100
    x = np.exp(-0.5 * ((t[:, None] - at) / 0.012) ** 2).sum(axis=1)
    if shape == "PRT":
        for height, when, width in ((0.12, -0.16, 0.02), (0.3, 0.28, 0.05)):
            x += height * np.exp(-0.5 * ((t[:, None] - at - when) / width) ** 2).sum(axis=1)
    x = np.round(x / 0.005) * 0.005
    for method in DETECTORS:
        assert match_beats(at, detect_peaks(x, 100.0, method=method).times, 0.05).f1 >= 0.95, method


def test_many_short_gaps_are_bridged(method):
    recording = noisy(duration=60.0)
    data = recording.data.copy()
    for start in range(300, 14900, 400):
        data[0, start : start + 10] = np.nan  # 40 ms
    before, after = detect_peaks(recording, method=method), detect_peaks(recording.replace(data=data), method=method)
    assert match_beats(before.times, after.times, 0.03).f1 >= 0.98
    assert set(after.span) == {0}


def test_a_lone_step_is_no_beat_for_engzee():
    recording = noisy(duration=60.0, noise=0.3)
    data = recording.data.copy()
    marks = [mark.sample for mark in recording.annotations]
    for k in range(10, 60, 10):
        data[0, (marks[k] + marks[k + 1]) // 2 :] += 2.0
    assert len(detect_peaks(recording.replace(data=data), method="engzee")) == len(marks)


@pytest.mark.parametrize("name", ["christov", "engzee"])
def test_a_quiet_start_does_not_set_the_threshold_for_good(name):
    recording = noisy(duration=120.0)
    data = recording.data.copy()
    data[0, : 8 * 250] *= 0.02
    found = detect_peaks(recording.replace(data=data), method=name).times
    there = truth(recording)
    assert match_beats(there[there > 12], found[found > 12], 0.05).f1 >= 0.99


def test_seams_cost_no_beat(monkeypatch):
    recording = noisy(duration=300.0, rate=200.0, noise=0.3)
    whole = detect_peaks(recording)
    for chunk in (5, 7, 11):
        monkeypatch.setattr(channel_module, "CHUNK", chunk)
        assert same_beats(detect_peaks(recording), whole)


def test_a_mapped_file_gives_the_same_beats(tmp_path):
    recording = noisy(duration=60.0)
    np.save(tmp_path / "x.npy", recording.data[0])
    expected = detect_peaks(recording).times
    for mode in ("r", "c"):
        mapped = np.load(tmp_path / "x.npy", mmap_mode=mode)
        np.testing.assert_array_equal(detect_peaks(mapped, 250.0).times, expected)
    changed = np.load(tmp_path / "x.npy", mmap_mode="c")
    changed[:100] = 7.0
    detect_peaks(changed, 250.0)
    assert (changed[:100] == 7.0).all()
