"""Cycles: pulse waves and breaths whose onsets are known."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import CycleCutter, cut_by_quality, cutter_from_dict, why_no_segments
from sigsimnet.segments._breaths import find_breaths


def pulse_wave(phase):
    """Return a pulse of phase 0 to 1: a steep rise, a slow fall, a dicrotic wave."""
    return np.exp(-0.5 * ((phase - 0.15) / 0.06) ** 2) + 0.35 * np.exp(-0.5 * ((phase - 0.45) / 0.1) ** 2)


def ppg(periods, rate=100.0, **about):
    """Return a recording of pulses of these periods in s, and the time at which each begins."""
    edges = np.concatenate([[0.0], np.cumsum(periods)])
    t = np.arange(round(edges[-1] * rate)) / rate
    k = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, len(periods) - 1)
    wave = pulse_wave((t - edges[k]) / np.asarray(periods)[k])
    return Recording(wave, rate, channel_names=["PPG"], **about), edges[:-1]


def breathing(per_minute, seconds, rate=25.0, name="Resp"):
    t = np.arange(round(seconds * rate)) / rate
    return Recording(-np.cos(2 * np.pi * per_minute / 60 * t), rate, channel_names=[name])


def test_each_pulse_is_one_segment_and_begins_with_its_rise():
    recording, edges = ppg([0.8] * 30)
    cut = CycleCutter().cut(recording)
    assert len(cut) in (28, 29)
    assert cut.heart_rate == pytest.approx(75, abs=0.5)
    assert np.diff(cut.times) == pytest.approx(0.8, abs=0.01)
    # The foot of the rise lies about 0.02 periods into a pulse, and at a tenth of the segment.
    late = cut.times[:, None] - edges
    assert np.abs(late).min(axis=1) == pytest.approx(0.016, abs=0.01)
    assert abs(int(cut.data.mean(axis=0)[0].argmax()) - 20) < 4
    assert np.median(cut.quality) > 0.99


@pytest.mark.parametrize("rate", [50.0, 125.0, 500.0])
def test_the_shape_does_not_depend_on_the_pulse_rate(rate):
    slow, fast = (CycleCutter().cut(ppg([period] * 25, rate)[0]) for period in (1.1, 0.65))
    together = np.corrcoef(np.median(slow.data[:, 0], axis=0), np.median(fast.data[:, 0], axis=0))[0, 1]
    assert together > 0.97
    kept = CycleCutter(rate_normalise=False)
    slow, fast = (kept.cut(ppg([period] * 25, rate)[0]) for period in (1.1, 0.65))
    apart = np.corrcoef(np.median(slow.data[:, 0], axis=0), np.median(fast.data[:, 0], axis=0))[0, 1]
    assert apart < together - 0.05


def test_pulses_that_point_down_are_found_and_said():
    recording, _ = ppg([0.8] * 30)
    down = CycleCutter().cut(recording.replace(data=-recording.data))
    assert down.polarity == -1
    assert len(down) in (28, 29)


def test_a_gap_costs_the_cycles_around_it_only():
    recording, _ = ppg([0.8] * 40)
    data = recording.data.copy()
    data[:, 1500:1600] = np.nan
    cut = CycleCutter().cut(recording.replace(data=data))
    whole = CycleCutter().cut(recording)
    assert len(whole) - 5 <= len(cut) < len(whole)
    assert not ((cut.times > 14.3) & (cut.times < 16.0)).any()
    assert not np.isnan(cut.data).any()
    assert cut.n_rejected > 0


def test_no_cycle_straddles_a_pause():
    recording, _ = ppg([0.8] * 40)
    paused = recording.replace(spans=[Span(0, 1600, 0.0), Span(1600, 3200, 100.0)])
    cut = CycleCutter().cut(paused)
    assert not ((cut.times > 15.99) & (cut.times < 99.99)).any()
    assert (cut.rr < 2).all()
    assert (cut.times > 100).sum() > 15


def test_other_channels_are_cut_at_the_same_times():
    recording, _ = ppg([0.8] * 30)
    both = Recording(np.concatenate([np.arange(2400.0)[None] / 100, recording.data]), 100, channel_names=["x", "PLETH"])
    cut = CycleCutter(band=(None, None), normalise="none").cut(both)
    assert cut.channel_names == ("x", "PLETH")
    # A ramp says where it was cut: a tenth of a period before the onset.
    assert cut.data[2:-2, 0, 0] == pytest.approx(cut.times[2:-2] - 0.08, abs=0.03)


@pytest.mark.parametrize("per_minute", [6, 12, 15, 30, 50])
def test_breaths_are_counted_and_begin_in_the_middle_of_their_rise(per_minute):
    recording = breathing(per_minute, 120)
    found = find_breaths(recording)
    assert abs(len(found.times) - 2 * per_minute) <= 1
    period = 60 / per_minute
    middle = np.abs((found.times - period / 4) / period - np.round((found.times - period / 4) / period))
    assert np.median(middle) < 0.05
    cut = CycleCutter.for_modality("resp").cut(recording)
    assert cut.heart_rate == pytest.approx(per_minute, rel=0.02)
    assert np.median(cut.quality) > 0.95


def test_ripples_on_a_breath_are_no_breaths():
    t = np.arange(3000) / 25
    wave = np.sin(2 * np.pi * 0.2 * t) + 0.1 * np.sin(2 * np.pi * 0.9 * t)
    assert abs(len(find_breaths(Recording(wave, 25)).times) - 24) <= 1


def test_what_has_no_cycles_says_why():
    flat = Recording(np.zeros(3000), 100, channel_names=["PPG"])
    cut = CycleCutter().cut(flat)
    assert len(cut) == 0
    assert "no pulse waves found in 30.0 s of PPG" in why_no_segments(flat, cut, CycleCutter())
    short = breathing(15, 10)
    breaths = CycleCutter.for_modality("resp")
    assert "no breaths found in 10.0 s of Resp" in why_no_segments(short, breaths.cut(short), breaths)
    with pytest.raises(SignalError, match="pulse waves need 20 Hz"):
        CycleCutter().cut(Recording(np.zeros(600), 10))


def test_movement_is_left_out_by_quality():
    recording, _ = ppg([0.8] * 40)
    data = recording.data.copy()
    data[:, 1000:1400] = 0.0  # the finger out of the clip
    every, good = cut_by_quality(recording.replace(data=data), CycleCutter())
    assert len(good) <= len(every) < 40
    assert not ((good.times > 10.5) & (good.times < 13.2)).any()


def test_settings_are_checked_and_kept():
    cutter = CycleCutter.for_modality("resp", normalise="none")
    assert cutter_from_dict(cutter.to_dict()) == cutter
    assert cutter.reach == pytest.approx((0.4, 3.6))
    for wrong, said in (
        ({"anchor": "blink"}, "unknown anchor"),
        ({"before": 1.0}, "a share of a cycle"),
        ({"length": 0.001}, "2 to"),
        ({"length": -1}, "length of cycles"),
        ({"band": (5, 1)}, "low corner"),
    ):
        with pytest.raises(ParameterError, match=said):
            CycleCutter(**wrong)
    with pytest.raises(ParameterError, match="has no cycles"):
        CycleCutter.for_modality("emg")
