from __future__ import annotations

import numpy as np

from sigsimnet.peaks import Peaks, clean_rr


def of(times, span=None, gap_free_span=None):
    times = np.asarray(times, dtype=float)
    n = len(times)
    return Peaks(
        samples=(times * 250).astype(int),
        times=times,
        confidence=np.ones(n),
        method="given",
        channel="I",
        polarity=1,
        lag=0.0,
        sampling_rate=250.0,
        span=np.zeros(n, dtype=int) if span is None else np.asarray(span),
        gap_free_span=np.zeros(n, dtype=int) if gap_free_span is None else np.asarray(gap_free_span),
    )


def regular(n=60):
    return np.arange(n) * 0.8 + 0.02 * np.sin(np.arange(n) / 3)


def test_regular_beats_are_normal():
    series = clean_rr(of(regular()))
    assert (series.kind == "normal").all()
    np.testing.assert_allclose(series.normal, np.diff(regular()))


def test_a_premature_beat_and_its_pause_are_ectopic():
    times = regular()
    times[30] -= 0.25
    series = clean_rr(of(times))
    assert series.kind[29] == series.kind[30] == "ectopic"
    assert (series.kind == "normal").sum() == len(series) - 2
    assert np.isnan(series.normal[[29, 30]]).all()
    np.testing.assert_allclose(series.interpolated()[[29, 30]], 0.8, atol=0.05)


def test_a_missed_and_an_extra_beat():
    missed = np.delete(regular(), 30)
    assert clean_rr(of(missed)).kind[29] == "missed"
    extra = np.sort(np.append(regular(), regular()[30] + 0.4))
    kinds = clean_rr(of(extra)).kind
    assert kinds[30] == kinds[31] == "extra"


def test_a_pause_of_the_recording_is_no_interval():
    times = np.concatenate([regular(), regular() + 100])
    series = clean_rr(of(times, np.repeat([0, 1], 60)))
    assert series.kind[59] == "pause"
    assert np.isnan(series.rr[59])
    assert (np.delete(series.kind, 59) == "normal").all()


def test_too_few_beats():
    assert len(clean_rr(of([]))) == 0
    assert len(clean_rr(of([1.0]))) == 0
    assert list(clean_rr(of([1.0, 1.8])).kind) == ["normal"]


def test_a_short_interval_before_a_pause_is_not_judged_by_what_comes_after():
    times = np.concatenate([regular(), [regular()[-1] + 0.4], regular() + 100.3])
    kinds = clean_rr(of(times, np.repeat([0, 1], [61, 60]))).kind
    assert kinds[59] == "short"
    assert kinds[60] == "pause"


def test_nothing_is_measured_across_a_gap_within_a_segment():
    series = clean_rr(of([0.0, 0.8, 7.2, 8.0], gap_free_span=[0, 0, 1, 1]))
    assert series.kind.tolist() == ["normal", "pause", "normal"]
    assert np.isnan(series.rr[1])
    assert np.nanmax(series.normal) < 1
