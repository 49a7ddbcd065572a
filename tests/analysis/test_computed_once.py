"""A profile computes each number once: peaks, intervals, quality and mains, and its page computes none of them anew."""

from __future__ import annotations

import importlib
from collections import Counter

import numpy as np
import pytest

import sigsimnet as ssn
from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate_one

# Every place that a function is called from, by the name that it has there.
COUNTED = {
    "beats_of_channel": ["sigsimnet.peaks._detect"],
    "detect_peaks": ["sigsimnet.analysis._profile", "sigsimnet.signal_quality.features.median_beat",
                     "sigsimnet.segments._beats", "sigsimnet.plotting._signals"],
    "clean_rr": ["sigsimnet.analysis._profile", "sigsimnet.analysis._hrv"],
    "quality": ["sigsimnet.analysis._profile", "sigsimnet.plotting._bands"],
    "find_mains": ["sigsimnet.cleaning.steps", "sigsimnet.analysis._profile"],
    "spectrum": ["sigsimnet.analysis._profile", "sigsimnet.plotting._shape"],
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch):
    """Return a counter of calls by function, wherever they come from."""
    counted = Counter()

    def counting(name, function):
        def counted_function(*given, **settings):
            counted[name] += 1
            return function(*given, **settings)

        return counted_function

    for name, places in COUNTED.items():
        for place in places:
            module = importlib.import_module(place)
            monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    return counted


@pytest.fixture(scope="module")
def mixed():
    """Return two leads of ECG with hum and two channels of EEG without."""
    ecg = simulate_one(3, duration=40, leads=("I", "II"))
    t = ecg.times()
    eeg = np.random.default_rng(0).normal(0, 20, (2, ecg.n_samples))
    data = np.vstack([ecg.data + 0.3 * np.sin(2 * np.pi * 50 * t), eeg])
    names = ["I", "II", "EEG Cz", "EEG Pz"]
    return Recording(data, ecg.sampling_rate, channel_names=names, units=["mV", "mV", "µV", "µV"])


def test_a_profile_computes_each_number_once(calls, mixed):
    found = ssn.profile(mixed)
    assert calls["beats_of_channel"] == 2  # leads
    assert calls["detect_peaks"] == 0
    assert calls["clean_rr"] == 1
    assert calls["quality"] == 2  # kinds of channels
    assert calls["find_mains"] == 2
    assert calls["spectrum"] == 1
    assert found.mains == 50.0
    assert found.mains_by_modality == {"ecg": 50.0, "eeg": 0.0}
    notes = {kind: [e.note for e in cleaned.log if e.name == "mains"] for kind, cleaned in found.cleaned.items()}
    assert notes["ecg"][0].startswith("50 Hz: took away")
    assert notes["eeg"] == ["no hum at 50 or 60 Hz"]


def test_its_page_computes_none_of_them_anew(calls, mixed, tmp_path):
    pytest.importorskip("plotly")
    from sigsimnet.reports import profile_page

    found = ssn.profile(mixed)
    before = dict(calls)
    profile_page(found, tmp_path / "page.html")
    assert dict(calls) == before


def test_what_is_passed_in_changes_no_number(mixed):
    """Quality with peaks found before, HRV of intervals cleaned before, and a chain told the mains."""
    from sigsimnet.analysis import hrv
    from sigsimnet.cleaning import find_mains, preset
    from sigsimnet.peaks import clean_rr, detect_peaks, detect_peaks_by_channel
    from sigsimnet.signal_quality import quality

    ecg = simulate_one(3, duration=90, leads=("I", "II"))
    ecg = ecg.replace(data=ecg.data * np.array([[1.0], [-1.0]], dtype=np.float32))
    peaks = detect_peaks_by_channel(ecg)
    best, found = next(iter(peaks.values())), detect_peaks(ecg)
    assert best.channel == found.channel
    np.testing.assert_array_equal(best.times, found.times)
    one, other = quality(ecg), quality(ecg, peaks=peaks)
    np.testing.assert_array_equal(one.index, other.index)
    np.testing.assert_array_equal(one.reasons, other.reasons)
    assert one.warnings == other.warnings != ()
    assert str(hrv(found)) == str(hrv(clean_rr(found)))
    chain, ecg = preset("ecg"), mixed.pick(["I", "II"])
    mains = find_mains(ecg)
    np.testing.assert_array_equal(
        chain.apply(ecg).recording.data, chain.apply(ecg, mains=mains).recording.data, strict=True
    )
    assert chain.apply(ecg, mains=0.0).log[3].note == "no hum at 50 or 60 Hz"


def test_peaks_of_a_part_are_those_of_the_part():
    from sigsimnet.peaks import detect_peaks
    from sigsimnet.recording import Span
    from sigsimnet.segments import beats

    whole = simulate_one(2, duration=60)
    spans = [Span(0, 5000), Span(5000, 9000, 30.0), Span(9000, whole.n_samples, 60.0)]
    whole = whole.replace(spans=spans, annotations=())
    part = whole.crop(32.0, 70.0)
    found = detect_peaks(whole).crop(whole, 32.0, 70.0)
    np.testing.assert_allclose(found.times, part.time_of(found.samples), atol=0.003)
    assert set(found.span) == {0, 1}
    again = detect_peaks(part)
    assert abs(len(found) - len(again)) <= 2
    cut = beats(part, peaks=found)
    inner = (cut.times > 2) & (cut.times < 14)
    assert np.abs(cut.times[inner][:, None] - again.times).min(axis=1).max() < 0.01
