"""Beats of one person lie alike, whatever a detector calls their R peak and however fast the heart beats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, beats, cutter_from_dict
from sigsimnet.simulation import simulate_one

RATE = 500.0


def ecg(r, s, *, rr=0.8, seconds=30, t_after=0.26, seed=0):
    """Return an ECG whose R (up, at the beat) and S (down, 30 ms later) have these heights, and its beats."""
    at = np.arange(int(seconds * RATE)) / RATE
    rng, x, times = np.random.default_rng(seed), np.zeros(int(seconds * RATE)), np.arange(0.7, seconds - 1, rr)

    def wave(centre, width, height):
        return height * np.exp(-0.5 * ((at - centre) / width) ** 2)

    for beat in times:
        x += wave(beat - 0.16, 0.02, 0.12) + wave(beat, 0.009, r) - wave(beat + 0.03, 0.009, s)
        x += wave(beat + t_after, 0.04, 0.25)
    return Recording(x + 0.005 * rng.standard_normal(len(x)), RATE, units="mV", channel_names=["I"]), times


def mean_beat(cut):
    return cut.data[:, 0].mean(axis=0)


def test_r_and_s_of_equal_height_have_one_fiducial():
    """One sitting has R 5 % higher, the next S: R peaks are 30 ms apart, the beats are not."""
    first, second = (ecg(1.0, 0.95)[0], ecg(0.95, 1.0)[0])
    old, new = (
        [mean_beat(beats(one, fiducial=rule, normalise="zscore")) for one in (first, second)]
        for rule in ("r_peak", "qrs")
    )
    assert np.corrcoef(*new)[0, 1] > 0.99
    assert np.corrcoef(*new)[0, 1] >= np.corrcoef(*old)[0, 1]
    assert abs(int(new[0].argmax()) - int(new[1].argmax())) <= 1


@pytest.mark.parametrize("moved", [0.0, 0.03])
def test_peaks_on_s_do_not_move_the_beats(moved):
    """A detector that names S instead of R, in all beats or in every other, cuts the same beats."""
    recording, _ = ecg(1.0, 0.9)
    peaks = detect_peaks(recording)
    wrong = replace(peaks, times=peaks.times + moved * (np.arange(len(peaks)) % 2 if moved else 1))
    cut, right = BeatCutter().cut(recording, wrong), BeatCutter().cut(recording, peaks)
    assert len(cut) >= len(right) - 1
    assert np.corrcoef(mean_beat(cut), mean_beat(right))[0, 1] > 0.995
    assert cut.quality.min() > 0.95


def test_a_turned_lead_has_the_same_fiducial():
    recording, _ = ecg(1.0, 0.9)
    turned = recording.replace(data=-recording.data)
    peaks = detect_peaks(recording)
    one, other = (BeatCutter().cut(side, peaks).data for side in (recording, turned))
    np.testing.assert_allclose(one, -other, atol=1e-5)


def test_times_stay_those_of_the_r_peaks():
    recording, _ = ecg(0.95, 1.0)
    peaks = detect_peaks(recording)
    cut = BeatCutter().cut(recording, peaks)
    assert set(cut.times.tolist()) <= set(peaks.times.tolist())


def test_t_that_is_earlier_than_root_rr_says_is_brought_nearer():
    """After effort T stays early when the rate is back: half of the difference (in logarithms) is taken out."""
    rest, after = ecg(1.0, 0.3)[0], ecg(1.0, 0.3, t_after=0.215)[0]

    def apart(qt):
        cutter = BeatCutter(qt=qt, normalise="none")
        tops = [mean_beat(cutter.cut(one))[80:].argmax() for one in (rest, after)]
        return abs(int(tops[0]) - int(tops[1])) / 200

    assert apart("bazett") >= 0.045
    assert apart("measured") <= 0.03


def test_no_t_wave_leaves_root_rr():
    recording, _ = ecg(1.0, 0.3)
    flat = ecg(1.0, 0.3, t_after=0.26)[0]
    at = np.arange(flat.n_samples) / RATE
    for beat in np.arange(0.7, 29, 0.8):
        flat = flat.replace(data=flat.data - (0.25 * np.exp(-0.5 * ((at - beat - 0.26) / 0.04) ** 2))[None])
    peaks = detect_peaks(recording)
    one, other = (BeatCutter(qt=qt).cut(flat, peaks).data for qt in ("measured", "bazett"))
    np.testing.assert_allclose(one, other)


def test_long_recordings_and_gaps():
    recording = simulate_one(1, duration=120)
    data = recording.data.copy()
    data[:, 5000:5600] = np.nan  # 20.0 to 22.4 s
    cut = BeatCutter().cut(recording.replace(data=data))
    assert not np.isnan(cut.data).any()
    assert np.median(cut.quality) > 0.9
    assert not ((cut.times > 19.7) & (cut.times < 22.5)).any()


def test_models_saved_before_cut_as_they_did():
    old = BeatCutter(fiducial="r_peak", qt="bazett")
    settings = {k: v for k, v in old.to_dict().items() if k not in ("fiducial", "qt")}
    assert cutter_from_dict(settings) == old
    assert cutter_from_dict(BeatCutter().to_dict()) == BeatCutter()


@pytest.mark.parametrize("setting", [{"fiducial": "t_peak"}, {"qt": "fridericia"}])
def test_unknown_rules_are_refused(setting):
    with pytest.raises(ParameterError, match="known"):
        BeatCutter(**setting)
