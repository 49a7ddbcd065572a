"""Tall T waves are no beats; wide, alternating and early beats are."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.metrics import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks

DURATION = 30.0  # s
NOISE = 0.012  # of R
SHAPES = {  # centre (s), width (s) and height of the waves of a QRS complex
    "qRs": ((-0.025, 0.008, -0.12), (0.0, 0.011, 1.0), (0.028, 0.009, -0.2)),
    "R": ((0.0, 0.012, 1.0),),
    "rS": ((-0.02, 0.009, 0.35), (0.012, 0.011, -1.0)),
}


@pytest.fixture(params=sorted(DETECTORS))
def method(request):
    return request.param


def waves(t, at, parts):
    return sum(
        height * np.exp(-0.5 * ((t[:, None] - at - centre) / width) ** 2).sum(axis=1) for centre, width, height in parts
    )


def ecg(per_minute, t_wave, rate=250.0, shape="qRs", seed=0):
    """Return samples and the times of R; T peaks and widens with the root of RR, as it does with the heart rate."""
    rng = np.random.default_rng(seed)
    rr = 60.0 / per_minute
    at = 0.5 + np.cumsum(rr * (1 + 0.02 * rng.standard_normal(int((DURATION - 1.2) / rr))))
    t = np.arange(int(DURATION * rate)) / rate
    root = np.sqrt(rr)
    x = waves(t, at, SHAPES[shape]) + waves(t, at, ((0.28 * root, 0.047 * root, t_wave), (-0.16 * root, 0.02, 0.1)))
    return x + NOISE * rng.standard_normal(len(t)), at


@pytest.mark.parametrize("t_wave", [0.8, 1.3, 1.7])
@pytest.mark.parametrize("per_minute", [65, 110, 140, 170])
def test_a_tall_t_wave_is_no_beat(method, per_minute, t_wave):
    x, at = ecg(per_minute, t_wave)
    found = detect_peaks(x, 250.0, method=method)
    assert match_beats(at, found.times, 0.05).f1 >= 0.98
    assert found.heart_rate == pytest.approx(per_minute, rel=0.03)


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("rate", [100.0, 360.0, 1000.0])
def test_of_any_lead_sampling_rate_and_polarity(method, rate, shape):
    x, at = ecg(110, 1.5, rate, shape, seed=1)
    found = detect_peaks(x, rate, method=method)
    assert match_beats(at, found.times, 0.05).f1 >= 0.98
    np.testing.assert_array_equal(detect_peaks(-x, rate, method=method).samples, found.samples)


def test_t_waves_that_grow_tall_for_a_while(method):
    """A minute of small T waves, one of tall ones, one of small ones."""
    parts = [ecg(105, height, seed=k) for k, height in enumerate((0.2, 0.2, 1.5, 1.5, 0.2, 0.2))]
    x = np.concatenate([part for part, _ in parts])
    at = np.concatenate([beats + k * DURATION for k, (_, beats) in enumerate(parts)])
    found = detect_peaks(x, 250.0, method=method).times
    # Where they begin and end the 18 s around hold both kinds.
    settled = (
        [np.abs(times - 60.0) > 10.0 for times in (at, found)],
        [np.abs(times - 120.0) > 10.0 for times in (at, found)],
    )
    true, marked = (times[settled[0][k] & settled[1][k]] for k, times in enumerate((at, found)))
    assert match_beats(true, marked, 0.05).f1 >= 0.97


@pytest.mark.parametrize("coupling", [0.42, 0.48, 0.55])
def test_every_second_beat_wide_and_early_is_a_beat(coupling):
    """Bigeminy: ventricular beats with a notch, as real ones have."""
    rng = np.random.default_rng(2)
    t = np.arange(int(DURATION * 250)) / 250
    normal = np.arange(0.6, DURATION - 1.5, 1.3)
    x = waves(t, normal, (*SHAPES["qRs"], (0.27, 0.045, 0.2), (-0.16, 0.02, 0.1)))
    x += waves(t, normal + coupling, ((-0.02, 0.02, 1.0), (0.03, 0.016, 0.9), (0.28, 0.06, -0.5)))
    x += NOISE * rng.standard_normal(len(t))
    at = np.sort(np.concatenate([normal, normal + coupling]))
    for name in ("matched_filter", "pan_tompkins", "swt", "wqrs"):
        assert match_beats(at, detect_peaks(x, 250.0, method=name).times, 0.15).f1 >= 0.98, name


def test_fast_beats_without_tall_t_waves_are_untouched(method):
    x, at = ecg(210, 0.2, 500.0)
    assert match_beats(at, detect_peaks(x, 500.0, method=method).times, 0.05).f1 >= 0.99


def test_low_leads_with_much_t_are_counted_once(shared_data, method):
    """QTDB sele0111, channel 0: T as steep as R. Counted up to twice before."""
    folder = shared_data / "qtdb"
    if not (folder / "sele0111.hea").is_file():
        pytest.skip(f"no QTDB records in {folder}")
    from sigsimnet.io import read

    recording = read(folder / "sele0111", channels=[0])
    beats = recording.time_of([a.sample for a in recording.annotations if a.label == "N"])
    found = detect_peaks(recording, method=method).times
    inside = (found > beats[0] - 0.2) & (found < beats[-1] + 0.2)
    assert match_beats(beats, found[inside], 0.15).f1 >= 0.99
