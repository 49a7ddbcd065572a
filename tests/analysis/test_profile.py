"""Profiles: complete, plain, the same however a recording is scaled or ordered, and calm about what is broken."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigsimnet as ssn
from sigsimnet.channels import by_modality, modality_of
from sigsimnet.errors import ParameterError, ReadError, SignalError
from sigsimnet.recording import Recording, Span
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def record():
    return simulate_one(3, duration=60, leads=("I", "II"))


@pytest.fixture(scope="module")
def found(record):
    return ssn.profile(record)


def test_what_an_ecg_has(found, record):
    assert found.modalities == {"ecg": ["I", "II"]}
    assert found.statistics.index.tolist() == ["I", "II"]
    assert set(found.normality) == set(found.stationarity) == {"I", "II"}
    assert found.peaks is not None
    assert found.hrv is not None
    assert sum(found.rr_kinds.values()) == len(found.peaks) - 1
    assert found.quality["ecg"].share_good.min() > 0.9
    assert [entry.name for entry in found.cleaned["ecg"].log] == [
        "gaps", "steps", "outliers", "mains", "bandpass", "bandpass",
    ]  # fmt: skip
    assert found.coherence is not None
    assert found.coherence[:2] == ("I", "II")
    assert found.excerpt == (0.0, pytest.approx(60.0))


def test_json_is_plain_and_holds_no_samples(found):
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["channels"]["I"]["modality"] == "ecg"
    assert values["beats"]["n"] == len(found.peaks)
    assert values["hrv"]["n_normal"] == found.hrv.n_normal
    assert values["cleaning"]["ecg"][0]["step"] == "gaps"
    assert len(json.dumps(values)) < 60_000


@settings(max_examples=5, deadline=None)
@given(scale=st.sampled_from([1e-3, 0.5, 200.0]), swap=st.booleans())
def test_units_and_order_change_no_judgement(scale, swap):
    record = simulate_one(3, duration=20, leads=("I", "II"))
    one = ssn.profile(record)
    order = ["II", "I"] if swap else ["I", "II"]
    other = ssn.profile(record.replace(data=scale * record.data).pick(order))
    for name in ("I", "II"):
        a, b = one.quality["ecg"], other.quality["ecg"]
        np.testing.assert_array_equal(a.good[a.channel_names.index(name)], b.good[b.channel_names.index(name)])
        assert one.normality[name][0].p == pytest.approx(other.normality[name][0].p, rel=1e-3)
    assert len(one.peaks) == len(other.peaks)
    assert one.mains == other.mains


def test_what_is_broken_is_named_and_ruins_nothing(record):
    data = np.vstack([record.data, np.full(record.n_samples, np.nan), np.full(record.n_samples, 3.0)])
    data[0, 3000:3500] = np.nan
    broken = Recording(
        data,
        record.sampling_rate,
        channel_names=["I", "II", "V1", "V2"],
        units="mV",
        spans=[Span(0, 9000), Span(9000, record.n_samples, 100.0)],
    )
    found = ssn.profile(broken)
    assert found.peaks is not None
    good = dict(zip(found.quality["ecg"].channel_names, found.quality["ecg"].share_good, strict=True))
    assert good["V1"] == good["V2"] == 0
    assert {(gap.channel, gap.n_samples) for gap in found.gaps} >= {("I", 500), ("", 0), ("V1", 9000)}
    assert set(found.normality) == {"I", "II"}
    assert any("V2: the signal is constant" in note for note in found.notes)
    assert any("V1: 0 samples" in note for note in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_second_of_signal():
    found = ssn.profile(Recording(np.random.default_rng(0).normal(size=100), 100, channel_names=["ECG"]))
    assert found.hrv is None
    assert found.spectrum is not None
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_handful_of_samples():
    found = ssn.profile(Recording([1.0, 2.0, 3.0], 100))
    assert found.spectrum is None
    assert any("at least 8" in note for note in found.notes)


def test_what_cannot_be_profiled():
    with pytest.raises(SignalError, match="holds no samples"):
        ssn.profile(Recording(np.empty((1, 0)), 100))
    with pytest.raises(ParameterError, match="unknown modality 'ekg'"):
        ssn.profile(Recording(np.arange(50.0), 100), modality="ekg")


def test_channels_by_their_names():
    names = ["EEG Fp1-Ref", "C3", "EOG left", "EMG chin", "Pleth", "RIP Thorax", "GSR", "ECG", "MLII", "aVR", "gyro x"]
    kinds = ["eeg", "eeg", "eog", "emg", "ppg", "resp", "eda", "ecg", "ecg", "ecg", ""]
    assert [modality_of(name) for name in names] == kinds
    one = Recording([[0.0, 1.0]], 100, channel_names=["0"], source="data/ppg.txt")
    assert by_modality(one) == {"ppg": ["0"]}
    assert by_modality(one, "resp") == {"resp": ["0"]}


def test_a_channel_without_a_name_is_of_unknown_kind():
    rate = 70 + np.cumsum(np.random.default_rng(0).normal(0, 0.1, 600))
    found = ssn.profile(Recording(rate, 2, source="t30_hr_series.txt"))
    assert repr(found) == "<Profile 1 channel × 300.0 s: unknown kind; 100 % without general faults>"
    assert any("ch1: the names do not say what kind of signal this is" in note for note in found.notes)
    assert found.peaks is None
    assert "unknown kind" in repr(found.quality[""])
    assert ssn.profile(Recording(rate, 2), modality="eda").modalities == {"eda": ["ch1"]}


def test_amplitudes_that_cannot_be_right_and_rates_are_said(record):
    assert any("is the unit right?" in w for w in ssn.profile(record.replace(data=record.data * 711)).warnings)
    fast = ssn.profile(Recording(np.sin(np.arange(500.0)), 1e6, channel_names=["ECG"]))
    assert any("quality is judged up to" in note for note in fast.notes)


def test_channels_of_every_kind_at_once(record):
    rng = np.random.default_rng(0)
    data = np.vstack([record.data[0], rng.normal(0, 20, (2, record.n_samples)), rng.normal(size=record.n_samples)])
    mixed = Recording(
        data, record.sampling_rate, channel_names=["ECG", "EEG Cz", "EEG Pz", "thing"], units=["mV", "µV", "µV", ""]
    )
    found = ssn.profile(mixed)
    assert found.modalities == {"ecg": ["ECG"], "eeg": ["EEG Cz", "EEG Pz"], "": ["thing"]}
    assert set(found.quality) == {"ecg", "eeg", ""}
    assert set(found.cleaned) == {"ecg", "eeg"}
    assert "alpha" in found.bands["EEG Cz"]
    assert "QRS" in found.bands["ECG"]
    assert found.peaks.channel == "ECG"


def test_a_long_recording_is_cleaned_in_an_excerpt():
    x = np.tile(simulate_one(3, duration=60).data, 15)
    found = ssn.profile(Recording(x, 250, channel_names=["I"], units="mV"))
    assert found.excerpt == (150.0, 750.0)
    assert found.cleaned["ecg"].recording.duration == pytest.approx(600.0)


def test_kinds_of_files_of_the_shared_data(shared_data):
    from sigsimnet import read

    expected = {
        "biosppy/ecg.txt": "ecg",
        "biosppy/emg.txt": "emg",
        "biosppy/eda.txt": "eda",
        "biosppy/ppg.txt": "ppg",
        "biosppy/resp.txt": "resp",
        "biosppy/eeg_ec.txt": "eeg",
        "ptb-xl/records100/00000/00001_lr": "ecg",
    }
    for name, kind in expected.items():
        found = ssn.profile(read(shared_data / name))
        assert list(found.modalities) == [kind], name
        assert found.quality[kind].share_good.mean() > 0.7, name
        assert (found.peaks is not None) == (kind in ("ecg", "ppg")), name


def test_slow_signals_are_seen_in_their_bands():
    t = np.arange(0, 600, 0.25)
    found = ssn.profile(Recording(5 + np.sin(2 * np.pi * 0.1 * t), 4, channel_names=["EDA"], units="µS"))
    assert found.bands["EDA"]["sympathetic"] == pytest.approx(0.5, rel=0.05)
    assert found.quality["eda"].share_good[0] == 1


def test_quantised_skin_conductance_at_rest_is_no_dead_lead():
    t = np.arange(0, 300, 0.25)
    x = np.round((2 + 0.02 * np.sin(2 * np.pi * 0.02 * t)) * 250) / 250  # µS, 4 nS a step
    found = ssn.profile(Recording(x, 4, channel_names=["EDA"], units="µS"))
    assert found.quality["eda"].share_good[0] > 0.9
    breath = np.round(20 * np.sin(2 * np.pi * 0.1 * np.arange(0, 120, 0.04)))
    assert ssn.profile(Recording(breath, 25, channel_names=["Resp"])).quality["resp"].share_good[0] > 0.9


def test_pulse_waves_stand_in_for_a_dead_ecg():
    pytest.importorskip("neurokit2")
    t = np.arange(0, 60, 0.01)
    pulse = np.maximum(np.sin(2 * np.pi * 1.2 * t), 0) ** 2 + 0.2 * np.sin(2 * np.pi * 2.4 * t)
    found = ssn.profile(Recording([np.zeros(len(t)), pulse], 100, channel_names=["ECG", "PPG"]))
    assert found.peaks is not None
    assert found.peaks.channel == "PPG"


def test_a_level_that_changes_over_a_pause_is_no_unit_root():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=3000), 50 + rng.normal(size=2000)])
    paused = Recording(x, 100, spans=[Span(0, 3000), Span(3000, 5000, 600.0)])
    adf, kpss = ssn.profile(paused).stationarity["ch1"]
    assert adf.p < 0.01
    assert kpss.p > 0.05
    assert adf.n == 3000


def test_what_is_no_recording():
    for thing, says in (
        (None, "None is no recording: expected a Recording, a path"),
        ({}, "dict .* is no recording"),
        (np.zeros(5), "an array has no sampling rate"),
    ):
        with pytest.raises(ParameterError, match=says):
            ssn.profile(thing)
    with pytest.raises(ReadError, match="x: no such file"):
        ssn.profile("x")
