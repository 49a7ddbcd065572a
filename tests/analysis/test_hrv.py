"""Heart rate variability against formulas, and what must not be in it."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.analysis import hrv
from sigsimnet.errors import SignalError
from sigsimnet.peaks import Peaks

pytest.importorskip("neurokit2")


def peaks_at(times, rate=250.0):
    times = np.asarray(times, dtype=float)
    zeros = np.zeros(len(times), dtype=np.int64)
    return Peaks(
        samples=np.round(times * rate).astype(np.int64),
        times=times,
        confidence=np.ones(len(times)),
        method="made",
        channel="I",
        polarity=1,
        lag=0.0,
        sampling_rate=rate,
        span=zeros,
        gap_free_span=zeros,
    )


def breathing(n=500, rate=0.25, depth=0.03, mean=0.8):
    times = [0.0]
    for _ in range(n):
        times.append(times[-1] + mean + depth * np.sin(2 * np.pi * rate * times[-1]))
    return np.array(times)


def test_the_time_domain_by_hand():
    times = breathing()
    rr = 1000 * np.diff(times)
    found = hrv(peaks_at(times))
    assert found.mean_nn == pytest.approx(rr.mean())
    assert found.heart_rate == pytest.approx(60_000 / rr.mean())
    assert found.sdnn == pytest.approx(rr.std(ddof=1), rel=1e-3)
    assert found.rmssd == pytest.approx(np.sqrt((np.diff(rr) ** 2).mean()), rel=0.01)
    assert found.n_normal == found.n_intervals == 500


def test_breathing_is_high_frequency_and_slow_waves_are_low():
    fast, slow = hrv(peaks_at(breathing(rate=0.25))), hrv(peaks_at(breathing(rate=0.1)))
    assert fast.hf > 10 * fast.lf
    assert slow.lf > 10 * slow.hf
    assert fast.hf == pytest.approx(30**2 / 2, rel=0.35)  # ms², of a wave of 30 ms; Hann windows leak
    assert fast.lf_hf < 0.1


def test_a_premature_beat_is_no_variability():
    times = breathing()
    early = times.copy()
    early[250] -= 0.3
    found, clean = hrv(peaks_at(early)), hrv(peaks_at(times))
    assert found.n_normal < found.n_intervals
    assert found.rmssd == pytest.approx(clean.rmssd, rel=0.05)


def test_two_minutes_are_needed_for_frequencies():
    assert hrv(peaks_at(breathing(100))).n_windows == 0
    assert np.isnan(hrv(peaks_at(breathing(100))).hf)
    assert hrv(peaks_at(breathing(180))).n_windows == 1
    assert hrv(peaks_at(breathing(800))).n_windows == 2


def test_few_beats():
    with pytest.raises(SignalError, match="4 normal RR intervals"):
        hrv(peaks_at(np.arange(5) * 0.8))
    with pytest.raises(SignalError, match="0 normal"):
        hrv(peaks_at([]))
