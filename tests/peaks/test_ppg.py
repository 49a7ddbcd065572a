"""Beats of pulse waves whose feet are known."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import SignalError
from sigsimnet.metrics import match_beats
from sigsimnet.peaks import clean_rr, detect_peaks
from sigsimnet.recording import Recording, Span


def wave_of(t, feet, dicrotic):
    """Return pulse waves: a systolic rise of 0.15 s, a dicrotic wave, a slow fall; all as the root of RR wide."""
    wave = np.zeros_like(t)
    for foot, rr in zip(feet, np.append(np.diff(feet), feet[-1] - feet[-2]), strict=True):
        root, since = np.sqrt(rr), t - foot
        for centre, before, after, height in (
            (0.19, 0.062, 0.085, 1.0),
            (0.49, 0.09, 0.12, dicrotic),
            (0.34, 0.1, 0.25, 0.25),
        ):
            width = np.where(since < centre * root, before, after) * root
            wave += height * np.exp(-0.5 * ((since - centre * root) / width) ** 2)
    return wave


def pulses(per_minute=70.0, rate=100.0, dicrotic=0.4, duration=40.0, noise=0.01, seed=0):
    """Return samples, and the times of the feet (s)."""
    rng = np.random.default_rng(seed)
    rr = 60.0 / per_minute
    feet = 0.5 + np.cumsum(rr * (1 + 0.03 * rng.standard_normal(int((duration - 2) / rr))))
    t = np.arange(int(duration * rate)) / rate
    x = wave_of(t, feet, dicrotic) + 0.2 * np.sin(2 * np.pi * 0.2 * t)
    return x + noise * rng.standard_normal(len(t)), feet


def score(feet, found):
    """Match after the lag is taken off: a foot is where the rise begins, by one definition or another."""
    lag = np.median([(found - foot)[np.abs(found - foot).argmin()] for foot in feet])
    assert abs(lag) < 0.1
    return match_beats(feet, found - lag, 0.1)


@pytest.mark.parametrize("dicrotic", [0.2, 0.6, 0.85])
@pytest.mark.parametrize("per_minute", [45, 60, 98, 130, 160])
def test_dicrotic_waves_are_no_beats(per_minute, dicrotic):
    x, feet = pulses(per_minute, dicrotic=dicrotic)
    found = detect_peaks(x, 100.0, method="ppg")
    assert score(feet, found.times).f1 >= 0.98
    assert found.heart_rate == pytest.approx(per_minute, abs=3)


@pytest.mark.parametrize("rate", [25.0, 32.0, 64.0, 128.0, 250.0, 1000.0])
def test_of_any_sampling_rate_and_between_samples(rate):
    x, feet = pulses(80, rate)
    found = detect_peaks(x, rate, method="ppg")
    assert score(feet, found.times).f1 >= 0.98
    rmssd = [np.sqrt(np.nanmean(np.diff(rr) ** 2)) for rr in (np.diff(feet), found.rr)]
    assert rmssd[1] == pytest.approx(rmssd[0], rel=0.15)


def test_inverted_raw_counts():
    x, feet = pulses(75, dicrotic=0.6)
    there, back = (detect_peaks(118000 + sign * 800 * x, 100.0, method="ppg") for sign in (1, -1))
    assert (there.polarity, back.polarity) == (1, -1)
    np.testing.assert_allclose(there.times, back.times, atol=0.005)
    assert score(feet, back.times).f1 >= 0.98


@pytest.mark.parametrize("level", [0.0, 0.02])
@pytest.mark.parametrize("gaps", [True, False])
def test_a_stretch_without_pulse_costs_nothing_else(level, gaps):
    rate = 32.0
    x, feet = pulses(80, rate, duration=100.0)
    dead = slice(int(51 * rate), int(60 * rate))
    x[dead] = level * np.random.default_rng(1).standard_normal(dead.stop - dead.start)
    if gaps:
        x[int(50 * rate) : dead.start] = x[dead.stop : int(61 * rate)] = np.nan
    found = detect_peaks(x, rate, method="ppg")
    assert not ((found.times > 51.5) & (found.times < 59.5)).any()
    there = feet[(feet < 49) | (feet > 62)]
    assert score(there, found.times[(found.times < 49.5) | (found.times > 61.5)]).f1 >= 0.98
    assert np.nanmax(found.rr) < 1.5
    if level or not gaps:
        assert any("no clear pulse waves" in said for said in found.warnings)


def test_movement_that_hides_the_pulse_is_left_out_and_said():
    rate = 64.0
    x, feet = pulses(70, rate, duration=120.0)
    rng = np.random.default_rng(2)
    part = slice(int(50 * rate), int(58 * rate))
    x[part] += 4 * np.convolve(rng.standard_normal(part.stop - part.start), np.ones(12) / 12, mode="same")
    found = detect_peaks(x, rate, method="ppg")
    normal = clean_rr(found).normal
    true = np.diff(feet[(feet < 48) | (feet > 60)])
    rmssd = [np.sqrt(np.nanmean(np.diff(rr[rr < 1.5]) ** 2)) for rr in (true, normal[np.isfinite(normal)])]
    assert rmssd[1] == pytest.approx(rmssd[0], rel=0.2)
    assert any("no clear pulse waves" in said for said in found.warnings)


def test_no_two_marks_in_one_pulse_and_pauses_are_kept():
    x, _ = pulses(75, 1000.0, duration=20.0)
    two = Recording(np.concatenate([x, x])[None], 1000.0, spans=[Span(0, len(x), 0.0), Span(len(x), 2 * len(x), 100.0)])
    found = detect_peaks(two, method="ppg")
    assert np.diff(found.times).min() > 0.5
    assert np.isnan(found.rr).sum() == 1
    assert set(found.span) == {0, 1}
    assert found.warnings == ()
    assert ((found.confidence > 0.5) & (found.confidence <= 1)).all()


def test_missing_samples():
    x, _ = pulses(70, duration=60.0)
    x[2000:2600] = np.nan
    x[3000:3008] = np.nan  # bridged
    found = detect_peaks(x, 100.0, method="ppg")
    assert not ((found.times > 20) & (found.times < 26)).any()
    assert np.isnan(found.rr).sum() == 1


def test_noise_is_said_to_repeat_nothing():
    found = detect_peaks(np.random.default_rng(0).normal(size=6000), 100.0, method="ppg")
    assert any("is it a PPG" in said for said in found.warnings)


def test_a_pulse_that_no_human_has_is_questioned():
    x, _ = pulses(120, 100.0)
    assert not detect_peaks(x, 100.0, method="ppg").warnings
    said = " ".join(detect_peaks(x, 200.0, method="ppg").warnings)
    assert "is the rate of 200 Hz right?" in said


def test_what_cannot_be_searched_is_said():
    with pytest.raises(SignalError, match="too short"):
        detect_peaks(np.ones(300), 100, method="ppg")
    with pytest.raises(SignalError, match="pulse waves need 20 Hz"):
        detect_peaks(np.ones(300), 10, method="ppg")


def test_a_real_pulse_wave(shared_data):
    """BioSPPy's PPG: 31 pulses in 20 s."""
    path = shared_data / "biosppy" / "ppg.txt"
    if not path.is_file():
        pytest.skip(f"no {path}")
    found = detect_peaks(np.loadtxt(path), 1000.0, method="ppg")
    assert len(found) == 31
    assert found.rr.min() > 0.55
