from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from sigsimnet.errors import MissingExtraError, SignalError
from sigsimnet.peaks import detect_peaks

THERE = importlib.util.find_spec("neurokit2") is not None


def pulses(duration=60.0, rate=100.0):
    """Return a pulse wave whose feet are known: a steep rise of 0.15 s, then a slow fall."""
    feet = np.arange(0.5, duration - 1.5, 0.85)
    t = np.arange(int(duration * rate)) / rate
    wave = np.zeros_like(t)
    for foot in feet:
        since = t - foot
        wave += np.where(since > 0, (since / 0.12) ** 2 * np.exp(-since / 0.06), 0.0)
    return wave, feet, rate


@pytest.mark.skipif(THERE, reason="NeuroKit2 is installed")
def test_without_neurokit_the_line_to_type_is_said():
    with pytest.raises(MissingExtraError, match=r"pip install 'sigsimnet\[ppg\]'"):
        detect_peaks(np.zeros(5000), 100, method="ppg")


@pytest.mark.skipif(not THERE, reason="NeuroKit2 is not installed: pip install 'sigsimnet[ppg]'")
@pytest.mark.filterwarnings("ignore")
def test_onsets_of_pulses():
    wave, feet, rate = pulses()
    found = detect_peaks(wave, rate, method="ppg")
    nearest = np.abs(found.times[:, None] - feet[None, :]).min(axis=1)
    assert abs(len(found) - len(feet)) <= 2
    assert np.median(nearest) < 0.06
    assert found.heart_rate == pytest.approx(60 / 0.85, abs=1)
    gap = wave.copy()
    gap[2000:2600] = np.nan
    assert not (
        (detect_peaks(gap, rate, method="ppg").times > 20) & (detect_peaks(gap, rate, method="ppg").times < 26)
    ).any()


@pytest.mark.skipif(not THERE, reason="NeuroKit2 is not installed: pip install 'sigsimnet[ppg]'")
def test_too_short_for_pulses():
    with pytest.raises(SignalError, match="too short"):
        detect_peaks(np.ones(300), 100, method="ppg")
