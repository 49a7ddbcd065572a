from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import match_beats


def test_counts_by_hand():
    score = match_beats([1.0, 2.0, 3.0, 4.0], [1.05, 2.2, 3.0, 3.5, 4.01], 0.15)
    assert (score.n_true, score.n_found, score.n_matched) == (4, 5, 3)
    assert score.sensitivity == pytest.approx(3 / 4)
    assert score.ppv == pytest.approx(3 / 5)
    assert score.f1 == pytest.approx(6 / 9)


def test_the_nearer_of_two_marks_belongs_to_the_beat():
    score = match_beats([1.0], [0.9, 1.02], 0.15)
    assert score.n_matched == 1
    assert score.differences[0] == pytest.approx(0.02)


def test_jf_takes_the_lag_off():
    true = np.arange(100) * 0.8
    late = match_beats(true, true + 0.03)
    assert late.lag == pytest.approx(0.03)
    assert late.mad == pytest.approx(0.0, abs=1e-12)
    assert late.jf == pytest.approx(100.0)
    jitter = match_beats(true, true + np.where(np.arange(100) % 2, 0.01, -0.01))
    assert jitter.mad == pytest.approx(0.01, rel=0.02)
    assert jitter.jf == pytest.approx(50.0, rel=0.02)


def test_nothing_found_and_nothing_there():
    assert match_beats([1.0, 2.0], []).f1 == 0
    assert match_beats([1.0], []).jf == 0
    assert np.isnan(match_beats([], []).f1)
    with pytest.raises(ParameterError, match="tolerance"):
        match_beats([1.0], [1.0], 0)


def test_a_mark_belongs_to_the_nearer_of_two_beats():
    score = match_beats([0.9, 1.02], [1.0], 0.15)
    assert score.n_matched == 1
    assert score.differences[0] == pytest.approx(-0.02)


def test_who_is_called_true_does_not_matter():
    rng = np.random.default_rng(0)
    for _ in range(50):
        a, b = np.sort(rng.uniform(0, 20, 40)), np.sort(rng.uniform(0, 20, 45))
        there, back = match_beats(a, b, 0.1), match_beats(b, a, 0.1)
        assert there.n_matched == back.n_matched
        np.testing.assert_allclose(np.sort(there.differences), np.sort(-back.differences))


def test_a_beat_at_the_tolerance_is_within_it():
    beats = np.arange(1, 500) * 300 / 360
    assert match_beats(beats, beats + 18 / 360, 0.05).f1 == 1.0
    assert match_beats(beats, beats + 19 / 360, 0.05).f1 == 0.0
