"""Cleaning: each step does what it says on signals whose truth is known, and heart beats survive."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.cleaning import (
    OUTLIERS,
    PRESETS,
    Chain,
    bandpass,
    fill_missing,
    find_clipped,
    find_flat,
    find_gaps,
    find_mains,
    find_outliers,
    median_baseline,
    notch,
    preset,
    remove_mains,
    repair_steps,
    replace_outliers,
    savitzky_golay,
    wavelet_denoise,
)
from sigsimnet.cleaning.steps import Bandpass, Baseline, Gaps, Wavelet
from sigsimnet.errors import ParameterError
from sigsimnet.io import read, write
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording, Span
from sigsimnet.simulation import simulate_one

RATE = 250.0
NAN = np.nan


@pytest.fixture(scope="module")
def ecg():
    return simulate_one(3, duration=30, noise=0.02)


# -- gaps -------------------------------------------------------------------------------------------------------------


def test_the_gap_table_counts_gaps_and_pauses():
    recording = Recording(
        [[1, NAN, NAN, 4, 5, 6], [1, 2, 3, 4, NAN, 6]],
        2,
        channel_names=["a", "b"],
        spans=[Span(0, 4), Span(4, 6, 10.0)],
    )
    found = [(gap.channel, gap.time, gap.duration, gap.n_samples) for gap in find_gaps(recording)]
    assert found == [("a", 0.5, 1.0, 2), ("", 2.0, 8.0, 0), ("b", 10.0, 0.5, 1)]


@pytest.mark.parametrize(("method", "tolerance"), [("linear", 0.07), ("pchip", 0.03), ("cubic", 0.001)])
def test_curves_are_bridged_closely(method, tolerance):
    truth = np.sin(2 * np.pi * np.arange(500) / 100)
    x = truth.copy()
    x[210:220] = NAN
    filled, invented = fill_missing(Recording(x, 100), method=method, max_gap=0.1)
    assert invented[0].tolist() == np.isnan(x).tolist()
    np.testing.assert_allclose(filled.data[0], truth, atol=tolerance)


@pytest.mark.parametrize(("method", "value"), [("mean", 3.0), ("median", 2.0), ("zero", 0.0), ("forward", 1.0)])
def test_constants_are_what_they_say(method, value):
    filled, _ = fill_missing(Recording([1, NAN, 2, 6], 1), method=method, max_gap=1)
    assert filled.data[0, 1] == value


def test_long_gaps_ends_and_pauses_stay():
    x = [NAN, 1, NAN, NAN, 4, NAN, 6, NAN]
    filled, invented = fill_missing(Recording(x, 10), max_gap=0.1)
    assert np.isnan(filled.data[0]).tolist() == [True, False, True, True, False, False, False, True]
    assert invented[0].sum() == 1
    everything, _ = fill_missing(Recording(x, 10), max_gap=np.inf)
    assert np.isnan(everything.data[0]).sum() == 2
    paused = Recording([1, NAN, NAN, 4], 10, spans=[Span(0, 2), Span(2, 4, 9.0)])
    assert np.isnan(fill_missing(paused, max_gap=np.inf).recording.data).sum() == 2
    with pytest.raises(ParameterError, match="linear, pchip"):
        fill_missing(paused, method="guess")


# -- outliers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(OUTLIERS))
def test_a_spike_stands_out_by_every_method(method):
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    x[700] = 60.0
    x[50:60] = NAN
    found = find_outliers(Recording(x, 100), method=method)
    assert found[0, 700]
    assert not found[0, 50:60].any()
    assert found.sum() < 20


def test_beats_survive_whatever_shift_and_scale(ecg):
    tips = detect_peaks(ecg).samples
    for factor, offset in ((1.0, 0.0), (1000.0, 0.0), (-1.0, 0.0), (1.0, 50.0)):
        found = find_outliers(ecg.replace(data=ecg.data * factor + offset))
        assert not found.any()
    dirty = ecg.data.copy()
    dirty[0, 3333] += 20.0
    found = find_outliers(ecg.replace(data=dirty))
    assert np.flatnonzero(found[0]).tolist() == [3333]
    assert not np.isin(tips, np.flatnonzero(found[0])).any()


def test_beats_of_real_hearts_survive(shared_data):
    touched = n_beats = 0
    for name in ("100", "105", "200", "203", "223"):
        if not (shared_data / "mitdb" / f"{name}.hea").is_file():
            continue
        recording = read(shared_data / "mitdb" / name)
        found = find_outliers(recording.pick(recording.channel_names[0]))[0]
        marks = np.array([a.sample for a in recording.annotations if a.label in "NLRejAaJSVEFQ"])
        n_beats += len(marks)
        touched += sum(found[max(0, k - 3) : k + 4].any() for k in marks.tolist())
    assert n_beats > 0
    assert touched <= 0.001 * n_beats


def test_outliers_are_bridged_or_become_missing():
    x = np.sin(np.arange(300) / 20)
    x[100:103] = 80.0
    x[200:260] = -80.0
    recording = Recording(x, 100)
    mask = np.abs(recording.data) > 2
    mended, invented = replace_outliers(recording, mask)
    assert invented[0, 100:103].all()
    np.testing.assert_allclose(mended.data[0, 100:103], np.sin(np.arange(100, 103) / 20), atol=0.01)
    assert np.isnan(mended.data[0, 200:260]).all()
    assert mended.n_samples == recording.n_samples


def test_flat_and_clipped():
    x = np.sin(np.arange(1000) / 10) * 2
    x[400:500] = x[400]
    recording = Recording([np.clip(x, -1, 1), np.zeros(1000)], 100)
    flat, clipped = find_flat(recording), find_clipped(recording)
    assert flat[0, 400:500].all()
    assert flat[1].all()
    assert not clipped[1].any()
    at_limit = np.abs(x) > 1.2
    assert clipped[0][at_limit & ~flat[0]].mean() > 0.95
    assert not clipped[0][np.abs(x) < 0.8].any()


def test_packets_are_rejoined_and_beats_keep_their_height(ecg):
    rng = np.random.default_rng(1)
    broken = ecg.data[0].astype(float).copy()
    every = 500
    for start in range(every, len(broken), every):
        broken[start:] += rng.choice([-1, 1]) * rng.uniform(1.0, 4.0)
    for options in ({}, {"every": every}):
        mended, steps = repair_steps(ecg.replace(data=broken[None]), **options)
        assert {sample % every for _, sample, _ in steps} == {0}
        assert len(steps) >= len(broken) // every - 2
        jumps = np.abs(np.diff(mended.data[0]))
        assert np.median(jumps[every - 1 :: every]) < 1.5 * np.median(jumps) + 0.02
        height = [
            x[k - 10 : k + 10].max() - np.median(x[k - 60 : k + 60])
            for x in (ecg.data[0], mended.data[0])
            for k in (2100,)
        ]
        assert height[1] == pytest.approx(height[0], rel=0.05, abs=0.02)
    with pytest.raises(ParameterError, match="at least 2"):
        repair_steps(ecg, every=1)


# -- filters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_is_found_and_taken_out_and_beats_stay(ecg, mains):
    t = np.arange(ecg.n_samples) / ecg.sampling_rate
    hum = 0.3 * np.sin(2 * np.pi * (mains + 0.04) * t + 0.4) + 0.1 * np.sin(2 * np.pi * 2 * mains * t)
    dirty = ecg.replace(data=(ecg.data + hum).astype(np.float32))
    assert find_mains(dirty) == mains
    assert find_mains(ecg) is None
    left = remove_mains(dirty.data[0], ecg.sampling_rate, mains) - ecg.data[0]
    inner = slice(500, -500)
    assert np.std(left[inner]) < 0.1 * np.std(hum)
    tips = detect_peaks(ecg).samples[2:-2]
    assert np.abs(left[tips]).max() < 0.1 * np.abs(ecg.data[0, tips]).max()


def test_a_clean_signal_has_no_hum_and_nothing_is_taken():
    x = np.random.default_rng(0).normal(size=20_000)
    assert find_mains(Recording(x, 500)) is None
    assert find_mains(Recording(np.zeros(5000), 500)) is None
    assert find_mains(Recording(np.full(5000, NAN), 500)) is None


def test_zero_phase_has_no_delay_and_causal_has(ecg):
    x = ecg.data[0]
    both, forwards = (bandpass(x, ecg.sampling_rate, 0.5, 40, causal=causal) for causal in (False, True))
    lag = [int(np.argmax(np.correlate(y - y.mean(), x - x.mean(), "full"))) - (len(x) - 1) for y in (both, forwards)]
    assert lag[0] == 0
    assert lag[1] > 0
    later = x.copy()
    later[4000:] += 5.0  # a causal filter does not know what comes
    np.testing.assert_array_equal(
        bandpass(later, 250, 0.5, 40, causal=True)[:4000], bandpass(x, 250, 0.5, 40, causal=True)[:4000]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda x: bandpass(x, RATE, 0.5, 40),
        lambda x: median_baseline(x, RATE),
        lambda x: wavelet_denoise(x, RATE),
        lambda x: wavelet_denoise(x, RATE, rule="sure"),
        lambda x: savitzky_golay(x, RATE),
        lambda x: notch(x, RATE, 50),
        lambda x: remove_mains(x, RATE, 50),
    ],
)
def test_filters_scale_and_skip_what_is_missing(ecg, change):
    x = ecg.data[0].astype(np.float64).copy()
    x[2000:2300] = NAN
    once = change(x)
    assert np.isnan(once).tolist() == np.isnan(x).tolist()
    np.testing.assert_allclose(change(1000 * x), 1000 * once, rtol=1e-6, atol=1e-6)
    # What lies beyond the gap does not matter on this side of it.
    other = x.copy()
    other[2300:] = 7.0
    np.testing.assert_array_equal(change(other)[:2000], once[:2000])


def test_wavelets_quieten_and_keep_the_beats(ecg):
    rng = np.random.default_rng(0)
    truth = ecg.data[0].astype(np.float64)
    noisy = truth + 0.1 * rng.normal(size=len(truth))
    for rule in ("universal", "sure"):
        quiet = wavelet_denoise(noisy, ecg.sampling_rate, rule=rule)
        assert np.std(quiet - truth) < 0.75 * np.std(noisy - truth)
        tips = detect_peaks(ecg).samples[1:-1]
        kept = wavelet_denoise(truth, ecg.sampling_rate, rule=rule)[tips]
        assert np.median(kept / truth[tips]) == pytest.approx(1.0, abs=0.05)


# -- chains -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_run_on_what_recordings_hold(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 6000)).astype(np.float32)
    x[0, 100:110] = NAN
    x[1] = NAN
    x[2] = 3.0
    recording = Recording(x, 1000, spans=[Span(0, 3000), Span(3000, 6000, 5.0)])
    cleaned = preset(name).apply(recording)
    assert cleaned.recording.n_samples == recording.n_samples
    assert np.isnan(cleaned.recording.data[1]).all()
    assert cleaned.invented[0, 100:110].all()
    assert not (cleaned.invented & np.isnan(cleaned.recording.data)).any()
    again = Chain.from_dict(json.loads(json.dumps(preset(name).to_dict())))
    np.testing.assert_array_equal(again.apply(recording).recording.data, cleaned.recording.data)


def test_channel_order_does_not_matter(ecg):
    two = Recording(np.stack([ecg.data[0], -2 * ecg.data[0]]), ecg.sampling_rate, channel_names=["a", "b"])
    straight, turned = (preset("ecg").apply(r).recording for r in (two, two.pick(["b", "a"])))
    np.testing.assert_array_equal(straight.data, turned.data[::-1])


def test_unknown_steps_and_settings_are_refused():
    with pytest.raises(ParameterError, match="unknown preset"):
        preset("meg")
    with pytest.raises(ParameterError, match="colour"):
        Chain.from_dict({"steps": [{"step": "bandpass", "colour": 1}]})
    with pytest.raises(ParameterError, match="bandpass"):
        Chain.from_dict({"steps": [{"step": "bandpas"}]})
    with pytest.raises(ParameterError, match="high corner"):
        Chain([Bandpass(40, 5)]).apply(Recording(np.zeros(500), 250))
    with pytest.raises(ParameterError, match="at least 3 samples"):
        Chain([Baseline(0.001, 0.6)]).apply(Recording(np.zeros(500), 250))
    with pytest.raises(ParameterError, match="universal, sure"):
        Chain([Wavelet(rule="hard")]).apply(Recording(np.zeros(500), 250))


def test_the_command_writes_a_clean_file_and_its_log(run_cli, tmp_path, ecg):
    dirty = ecg.data.copy()
    dirty[0, 1000:1010] = NAN
    dirty[0, 2000] = 40.0
    source, out = tmp_path / "dirty.npz", tmp_path / "clean.csv"
    write(ecg.replace(data=dirty), source)
    ran = run_cli("clean", source, "-o", out, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["invented_samples"] == {ecg.channel_names[0]: 11}
    assert [item["step"] for item in told["done"]] == [
            "gaps", "steps", "outliers", "mains", "bandpass", "bandpass",
        ]  # fmt: skip
    clean = read(out)
    assert not np.isnan(clean.data).any()
    assert np.abs(clean.data).max() < 5
    # The log repeats the cleaning.
    second = run_cli("clean", source, "-o", tmp_path / "again.csv", "--chain", f"{out}.log.json")
    assert second.code == 0, second.err
    assert (tmp_path / "again.csv").read_bytes() == out.read_bytes()
    for wrong in (
        ["--preset", "meg"],
        ["--steps", "gaps,foo"],
        ["--steps", "gaps", "--preset", "ecg"],
        ["--chain", source],
    ):
        bad = run_cli("clean", source, "-o", tmp_path / "bad.csv", *wrong)
        assert bad.code == 2, wrong
        assert len(bad.err.strip().splitlines()) == 1
        assert not (tmp_path / "bad.csv").exists()


def test_gaps_step_is_told(ecg):
    dirty = ecg.data.copy()
    dirty[0, 500:505] = NAN
    note = Chain([Gaps()]).apply(ecg.replace(data=dirty)).log[0].note
    assert note == "bridged 5 samples, 0 stay missing"


# -- packets ----------------------------------------------------------------------------------------------------------


def packed(size=250, n=5000, seed=0):
    """Return a slow wave in packets with offsets of their own, and the wave."""
    rng = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * np.arange(n) / 500) + rng.normal(0, 0.01, n)
    offsets = np.repeat(rng.normal(0, 0.3, n // size + 1), size)[:n]
    return wave + offsets, wave


@pytest.mark.parametrize("cut", [0, 1, 130, 249])
def test_packets_that_the_reader_found_are_rejoined_wherever_the_recording_was_cut(cut):
    broken, wave = packed()
    recording = Recording(broken, 500, metadata={"samples_per_packet": 250})
    recording = recording.crop(cut / 500)
    fixed, steps = repair_steps(recording, packets_only=True)
    assert {(at + cut) % 250 for _, at, _ in steps} == {0}
    assert len(steps) == 19
    left = fixed.data[0] - wave[cut:]
    assert np.ptp(left) < 0.25  # a tenth of the offsets: each border keeps the noise of a few samples


def test_without_packets_nothing_is_rejoined_by_the_preset():
    broken, _ = packed()
    fixed, steps = repair_steps(Recording(broken, 500), packets_only=True)
    assert steps == ()
    np.testing.assert_array_equal(fixed.data[0], broken.astype(np.float32))
    smooth = Recording(np.sin(np.arange(5000) / 80), 500, metadata={"samples_per_packet": 250})
    assert repair_steps(smooth, packets_only=True).steps == ()


def test_beats_are_no_packets():
    """A heart as regular as a clock has steep slopes at equal distances; they stay."""
    recording = simulate_one(3, duration=30)
    marked = recording.replace(metadata={"samples_per_packet": 200})
    assert repair_steps(marked, packets_only=True).steps == ()


def test_the_articles_recordings(shared_data):
    """Packets of 500 re-joined to within 1.5 of the normal step, R waves kept, mains at 50 Hz, stamps reported."""
    folder = shared_data / "deepxf" / "raw"
    for name in ("Sitting_data", "walking_fast_pace", "walking_normal_pace", "stairs_normal_pace"):
        recording = read(folder / f"{name}.csv")
        assert recording.metadata["samples_per_packet"] == 500
        fixed = repair_steps(recording, packets_only=True).recording
        borders = np.arange(500, recording.n_samples, 500) - 1
        for x, y in zip(recording.data, fixed.data, strict=True):
            jump, usual = np.abs(np.diff(y)), np.nanmedian(np.abs(np.diff(x)))
            assert np.nanmedian(jump[borders]) < 1.5 * usual, name
        # Height of each QRS complex of the clearest channel after the filters, over what it was before.
        peaks = detect_peaks(fixed)
        row, half = fixed.channel_names.index(peaks.channel), round(0.06 * fixed.sampling_rate)
        cleaned = preset("ecg").apply(recording).recording
        inside = peaks.samples[(peaks.samples > half) & (peaks.samples < fixed.n_samples - half)]
        before, after = (
            np.array([np.ptp(x[k - half : k + half]) for k in inside]) for x in (fixed.data[row], cleaned.data[row])
        )
        assert np.nanmedian(after / before) > 0.95, name
    sitting = read(folder / "Sitting_data.csv")
    assert find_mains(sitting) == 50.0
    assert any("run backwards at 15 places" in warning for warning in sitting.warnings)


# -- what must not change a cleaning ----------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(scale=st.sampled_from([1e-3, 0.5, 40.0]), shift=st.floats(-5, 5), swap=st.booleans())
def test_scale_shift_and_order_pass_through_the_preset(scale, shift, swap):
    record = simulate_one(2, duration=12, leads=("I", "II"))
    order = [1, 0] if swap else [0, 1]
    changed = record.replace(
        data=(scale * (record.data + shift))[order], channel_names=[record.channel_names[k] for k in order]
    )
    one, other = (preset("ecg").apply(r).recording.data for r in (record, changed))
    size = float(np.ptp(one))
    np.testing.assert_allclose(other / scale, one[order], atol=2e-3 * size)


def test_a_piece_is_cleaned_as_the_whole_is_away_from_its_borders():
    record = simulate_one(2, duration=60)
    whole = preset("ecg").apply(record).recording
    part = preset("ecg").apply(record.crop(20, 40)).recording
    inside = slice(5 * 250, 15 * 250)
    np.testing.assert_allclose(
        part.data[0, inside], whole.crop(20, 40).data[0, inside], atol=0.02 * float(np.ptp(whole.data))
    )


def test_flat_and_clipped_samples_become_missing():
    x = np.sin(np.arange(2000) / 9).astype(np.float32)
    x[300:700] = 0.25
    x[1000:1010] = 5.0
    cleaned = Chain.from_dict({"steps": [{"step": "flat"}, {"step": "clipped"}]}).apply(Recording(x, 200))
    missing = np.isnan(cleaned.recording.data[0])
    assert missing[300:700].all()
    assert missing[1000:1010].all()
    assert missing.sum() == 410
    assert [entry.note for entry in cleaned.log] == ["400 samples, now missing", "10 samples, now missing"]


def test_a_flat_segment_is_not_clipped():
    x = np.concatenate([np.ones(100), np.sin(np.arange(100))])
    assert not find_clipped(Recording(x, 100, spans=[Span(0, 100), Span(100, 200, 9.0)]))[0, :100].any()
    assert not find_clipped(Recording([1, 1, 1, NAN, 1, 1, 1], 100)).any()


def test_means_of_long_recordings_are_taken_once_and_of_the_segment():
    x = np.concatenate([np.zeros(50), np.full(50, 10.0)])
    x[[20, 70]] = NAN
    recording = Recording(x, 100, spans=[Span(0, 50), Span(50, 100, 5.0)])
    filled, _ = fill_missing(recording, method="mean", max_gap=0.1)
    assert filled.data[0, [20, 70]].tolist() == [0.0, 10.0]


def test_the_log_says_which_samples_are_invented(tmp_path, run_cli):
    x = np.sin(np.arange(2000) / 40)
    x[[500, 501, 900]] = NAN
    write(Recording(x, 200, channel_names=["I"]), tmp_path / "a.npz")
    ran = run_cli("clean", tmp_path / "a.npz", "-o", tmp_path / "b.npz", "--steps", "gaps")
    assert ran.code == 0, ran.err
    log = json.loads((tmp_path / "b.npz.log.json").read_text(encoding="utf-8"))
    assert log["invented"] == {"I": [[500, 502], [900, 901]]}
    again = Chain.load(tmp_path / "b.npz.log.json")
    assert [step.name for step in again.steps] == ["gaps"]


def test_causal_chains_know_no_later_sample(tmp_path, run_cli):
    chain = Chain([Bandpass(0.5, 40)]).causal()
    x = np.random.default_rng(0).normal(size=2000)
    changed = x.copy()
    changed[1500:] += 5.0
    a, b = (chain.apply(Recording(v, 200)).recording.data[0] for v in (x, changed))
    np.testing.assert_array_equal(a[:1500], b[:1500])
    assert chain.looks_ahead == ()
    assert preset("ecg").causal().looks_ahead == ("gaps", "steps", "outliers", "mains")
    write(Recording(x, 200, channel_names=["I"]), tmp_path / "a.npz")
    ran = run_cli("clean", tmp_path / "a.npz", "-o", tmp_path / "b.npz", "--causal")
    assert ran.code == 0, ran.err
    assert "need later samples all the same: gaps, steps, outliers, mains" in ran.err


@pytest.mark.parametrize("frequency", [1e-12, 0.5 * RATE])
@pytest.mark.parametrize("change", [notch, remove_mains])
def test_a_hum_that_cannot_be(change, frequency):
    with pytest.raises(ParameterError, match=r"below half the sampling rate|in a window"):
        change(np.ones(1000), RATE, frequency)
