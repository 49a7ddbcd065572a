"""P, QRS and T of beats whose waves are where they were put."""

from __future__ import annotations

import numpy as np
import pytest

from heart_waves import P, Q, R, S, T, ecg, recording
from sigsimnet import delineate, measure
from sigsimnet.delineation import QT_FORMULAS, Delineation, median_beat, qtc
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording, Span

pytest.importorskip("openecg", reason="openecg is not installed: sigsimnet[delineate]")


@pytest.mark.parametrize("rate", [100, 128, 250, 360, 500, 1000])
def test_waves_are_where_they_were_put(rate):
    x, beats = ecg(rate)
    found = delineate(recording(x, rate))
    assert len(found) == len(beats)
    away = found.of("II") / rate - beats[:, None, None]
    p, qrs, t = (np.nanmedian(away[:, k], axis=0) for k in range(3))
    # Two and a half widths to either side a Gaussian is gone.
    np.testing.assert_allclose(p, [P[0] - 0.055, P[0], P[0] + 0.055], atol=0.025)
    np.testing.assert_allclose(qrs[[0, 2]], [-0.045, 0.05], atol=0.025)
    np.testing.assert_allclose(t[1], T[0], atol=0.015)
    np.testing.assert_allclose(t[2], T[0] + 2.2 * T[1], atol=0.035)
    assert found.share_found("II")["QRS"] == 1.0


def test_without_p_waves_none_are_made_up():
    found = delineate(recording(ecg(waves=(Q, R, S, T))[0]))
    assert found.share_found("II")["P"] < 0.3
    assert any("P was found in less than half" in note for note in found.warnings)
    table = found.to_dataframe()
    assert table[table.wave == "P"]["onset"].isna().mean() > 0.7
    assert len(table) == 3 * len(found)


def test_aberrant_beats_are_told_apart_and_not_measured():
    x, _ = ecg(seconds=20, odd=(5, 12))
    found = delineate(recording(x))
    assert [k for k, kind in enumerate(found.kinds) if kind == "aberrant"] == [5, 12]
    assert measure(recording(x))["QRS"].value == pytest.approx(
        measure(recording(ecg(seconds=20)[0]))["QRS"].value, abs=8
    )


def test_pauses_and_missing_samples():
    x, beats = ecg(seconds=12)
    x[2500:3100] = np.nan
    one = Recording(
        np.concatenate([x, x])[None], 500, channel_names=["II"], units="mV",
        spans=[Span(0, len(x), 0.0), Span(len(x), 2 * len(x), 60.0)],
    )  # fmt: skip
    found = delineate(one)
    inside = (found.marks[0] > 2510) & (found.marks[0] < 3090)
    assert not inside.any()
    second = found.of("II")[found.r_peaks >= len(x)]
    assert np.nanmin(second) >= len(x)
    assert len(second) == pytest.approx(len(beats) - 1, abs=1)
    assert measure(one)["heart rate"].value == pytest.approx(60 / 0.85, abs=1)


def test_long_recordings_are_the_same_as_short_ones():
    x, _ = ecg(seconds=47)
    whole, begin = delineate(recording(x)), delineate(recording(x[: 500 * 12]))
    first = min(len(begin), 10)
    np.testing.assert_allclose(whole.of("II")[:first, 1], begin.of("II")[:first, 1], atol=6)


def test_nothing_to_delineate():
    with pytest.raises(SignalError, match="made: no ECG among EEG Fp1"):
        delineate(recording(ecg()[0], names=["EEG Fp1"]))
    with pytest.raises(SignalError):
        delineate(recording(np.zeros(5000)))


class TestMeasurements:
    def test_intervals_and_amplitudes(self):
        found = measure(recording(ecg(seconds=30)[0]))
        assert found["heart rate"].value == pytest.approx(60 / 0.85, abs=0.5)
        assert found["RR irregularity"].value < 5
        assert found["PR"].value == pytest.approx(170, abs=25)
        assert found["QT"].value == pytest.approx(415, abs=35)
        for name, height in (("P", P[2]), ("R", 1.0), ("T", T[2])):
            assert found[f"{name} amplitude II"].value == pytest.approx(height, abs=0.06)
        assert found["S amplitude II"].value == pytest.approx(-0.17, abs=0.06)
        assert found["ST at J+80 II"].value == pytest.approx(0.0, abs=0.06)
        assert found["T symmetry II"].value == pytest.approx(1.0, abs=0.35)
        for one in found.items:
            assert not one.low > one.value
            assert not one.high < one.value

    def test_st_follows_what_was_put_in(self):
        level = 0.2
        x, beats = ecg(seconds=30)
        lifted = x.copy()
        time = np.arange(len(x)) / 500
        for beat in beats:
            lifted += np.interp(time - beat, [0.03, 0.05, 0.25, 0.4], [0, level, level, 0], left=0, right=0)
        step = measure(recording(lifted))["ST at J+80 II"].value - measure(recording(x))["ST at J+80 II"].value
        assert step == pytest.approx(level, abs=0.06)

    @pytest.mark.parametrize("axis", [-60, 0, 45, 120])
    def test_frontal_axis(self, axis):
        x, _ = ecg(seconds=20, waves=(P, R, T))
        leads = {"I": np.cos(np.radians(axis)), "aVF": np.sin(np.radians(axis)) * np.sqrt(3) / 2}
        found = measure(recording(np.stack([x * size for size in leads.values()]), names=list(leads)))
        assert abs((found["QRS axis"].value - axis + 180) % 360 - 180) < 8
        assert found["QRS-T angle"].value < 15

    def test_wander_of_the_baseline_does_not_count(self):
        x, _ = ecg(seconds=30)
        drift = 0.5 * np.sin(2 * np.pi * 0.15 * np.arange(len(x)) / 500)
        still, moved = measure(recording(x)), measure(recording(x + drift))
        for name in ("T amplitude II", "ST at J+80 II", "P amplitude II"):
            assert moved[name].value == pytest.approx(still[name].value, abs=0.05)

    def test_few_beats_give_no_interval(self):
        found = measure(recording(ecg(seconds=4.5)[0]))
        assert np.isnan(found["QT"].low)
        assert found.to_dict()["measurements"][0]["n_beats"] < 6

    def test_unknown_name_lists_what_there_is(self):
        with pytest.raises(KeyError, match="QTc fridericia"):
            measure(recording(ecg()[0]))["QTc fridricia"]


@pytest.mark.parametrize("formula", list(QT_FORMULAS))
def test_corrections_leave_a_rate_of_60_alone(formula):
    assert qtc(0.4, 1.0, formula) == pytest.approx(0.4)
    assert qtc(0.3, 0.6, formula) > 0.3


@pytest.mark.parametrize(
    ("formula", "ms"), [("bazett", 447.2), ("fridericia", 430.9), ("framingham", 430.8), ("hodges", 426.2)]
)
def test_corrections_by_hand(formula, ms):
    assert 1000 * qtc(0.4, 0.8, formula) == pytest.approx(ms, abs=0.1)


def test_unknown_correction():
    with pytest.raises(SignalError, match="known: bazett"):
        qtc(0.4, 1.0, "nobody")


def test_median_beat_and_annotations():
    one = recording(ecg(seconds=20)[0])
    found = delineate(one)
    times, beat = median_beat(one, found, "II")
    peak = times[np.nanargmax(beat)]
    assert 0.02 < peak < 0.08
    assert np.nanmax(beat) == pytest.approx(1.0, abs=0.05)
    marks = found.to_annotations()
    assert [mark.label for mark in marks[:3]] in (["(", "p", ")"], ["(", "N", ")"])
    assert [mark.sample for mark in marks] == sorted(mark.sample for mark in marks)


def test_missing_library_is_named(monkeypatch):
    from sigsimnet.delineation import _labels

    _labels._network.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "openecg", None)
    try:
        with pytest.raises(ImportError, match=r"pip install 'sigsimnet\[delineate\]'"):
            delineate(recording(ecg()[0]))
    finally:
        _labels._network.cache_clear()


def test_what_is_empty_is_empty():
    empty = Delineation(np.zeros((1, 0, 3, 3)), np.zeros(0, dtype=np.int64), (), ("II",), 500.0)
    assert empty.share_found("II") == {"P": 0.0, "QRS": 0.0, "T": 0.0}
    assert empty.to_dataframe().empty
