"""Small animals, and sampling rates that are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError, SignalError, UnknownNameError
from sigsimnet.metrics import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks
from sigsimnet.recording import Recording, Span
from sigsimnet.simulation import simulate_one


def fast(per_minute, qrs, rate, duration=15.0, seed=0):
    """Return an ECG with narrow complexes (``qrs``: width in s) and the times of R."""
    rng = np.random.default_rng(seed)
    rr = 60.0 / per_minute
    at = 0.1 + np.cumsum(rr * (1 + 0.02 * rng.standard_normal(int((duration - 0.3) / rr))))
    t = np.arange(int(duration * rate)) / rate
    x = 0.02 * rng.standard_normal(len(t))
    for centre, width, height in ((0.0, qrs, 1.0), (1.8 * qrs, qrs, -0.25), (0.35 * rr, 0.07 * rr, 0.15)):
        x += height * np.exp(-0.5 * ((t[:, None] - at - centre) / width) ** 2).sum(axis=1)
    return x, at


ANIMALS = [("mouse", 600, 0.0018, 1000.0), ("mouse", 480, 0.002, 2000.0), ("rat", 360, 0.003, 1000.0)]


@pytest.mark.parametrize(("species", "per_minute", "qrs", "rate"), ANIMALS)
def test_beats_of_small_animals(species, per_minute, qrs, rate):
    x, at = fast(per_minute, qrs, rate)
    for method in DETECTORS:
        found = detect_peaks(x, rate, method=method, species=species)
        assert match_beats(at, found.times, 0.02).f1 >= 0.98, method
        assert found.sampling_rate == rate
        assert found.heart_rate == pytest.approx(per_minute, rel=0.02)
        assert abs(found.lag) < 0.02
        assert found.warnings == ()


@pytest.mark.parametrize(("species", "per_minute", "qrs", "rate"), ANIMALS)
def test_without_the_species_it_is_said(species, per_minute, qrs, rate):
    x, _ = fast(per_minute, qrs, rate)
    (said,) = detect_peaks(x, rate).warnings
    assert species in said
    number = float(said.split("an ECG of ")[1].split()[0])
    assert number == pytest.approx(per_minute, rel=0.03)
    assert "Above 300/min" in said


@pytest.mark.parametrize("factor", [4.0, 0.25])
def test_a_wrong_sampling_rate_is_said(factor):
    """Several rates may do: the one that makes it a heart at rest is named."""
    recording = simulate_one(1, duration=60, sampling_rate=400.0)
    (said,) = detect_peaks(recording.data[0], 400.0 * factor).warnings
    true = detect_peaks(recording).heart_rate
    assert float(said.split("an ECG of ")[1].split()[0]) == pytest.approx(true * factor, abs=1)
    assert "400 Hz instead of" in said


def test_nothing_is_said_of_what_is_no_ecg_and_of_what_is_found():
    rng = np.random.default_rng(0)
    t = np.arange(30000) / 1000
    for x in (rng.normal(size=30000), rng.normal(size=30000).cumsum(), np.sin(60 * t), np.sin(1.6 * t)):
        assert detect_peaks(x, 1000.0).warnings == ()
    assert detect_peaks(simulate_one(3, duration=30)).warnings == ()


def test_pauses_are_those_of_the_recording():
    x, at = fast(600, 0.0018, 1000.0, duration=8.0)
    two = Recording(np.concatenate([x, x])[None], 1000.0, spans=[Span(0, 8000, 0.0), Span(8000, 16000, 100.0)])
    found = detect_peaks(two, species="mouse")
    assert match_beats(np.concatenate([at, at + 100.0]), found.times, 0.02).f1 >= 0.98
    assert np.isnan(found.rr).sum() == 1
    fused = detect_peaks(
        Recording(np.repeat(two.data, 2, axis=0), 1000.0, spans=two.spans), fuse_channels=True, species="mouse"
    )
    assert len(fused) == len(found)


def test_what_does_not_go_together():
    with pytest.raises(UnknownNameError, match=r"no species 'cow'; there are: human, rabbit"):
        detect_peaks(np.zeros(5000), 1000, species="cow")
    with pytest.raises(ParameterError, match="pulse waves are those of humans"):
        detect_peaks(np.zeros(5000), 1000, method="ppg", species="rat")
    with pytest.raises(SignalError, match=r"sampled at 250 Hz: R peaks need 640 to 40000 Hz"):
        detect_peaks(np.zeros(5000), 250, species="mouse")
