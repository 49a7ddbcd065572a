"""Figures of classes, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import MIN_PEOPLE, classification


def test_figures_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth = rng.choice(list("abcd"), 300, p=[0.6, 0.2, 0.15, 0.05])
    given = np.where(rng.random(300) < 0.6, truth, rng.choice(list("abcde"), 300))
    found = classification(truth, given, np.arange(300) % 20, n_resamples=0)
    assert found.accuracy == pytest.approx(sklearn.accuracy_score(truth, given))
    with pytest.warns(UserWarning, match="y_pred contains classes"):
        assert found.balanced_accuracy == pytest.approx(sklearn.balanced_accuracy_score(truth, given))
    assert found.macro_f1 == pytest.approx(sklearn.f1_score(truth, given, average="macro"))
    np.testing.assert_array_equal(found.confusion, sklearn.confusion_matrix(truth, given))
    assert found.intervals == {}


def test_intervals_are_over_people():
    """Twenty people of whom each is all right or all wrong: the interval is that of 20 tosses, not of 2,000."""
    people = np.repeat(np.arange(20), 100)
    right = people % 2 == 0
    truth = np.tile(["a", "b"], 1000)
    given = np.where(right, truth, np.where(truth == "a", "b", "a"))
    found = classification(truth, given, people, n_resamples=500, seed=1).intervals["accuracy"]
    assert found.estimate == 0.5
    assert 0.25 < found.low < 0.35
    assert 0.65 < found.high < 0.75
    few = classification(truth, given, people % (MIN_PEOPLE - 1), n_resamples=500)
    assert few.intervals == {}


def test_what_does_not_fit_is_refused():
    for arguments in ((["a"], ["a", "b"], ["p"]), ([], [], []), ([["a"]], [["a"]], [["p"]])):
        with pytest.raises(ParameterError, match="one"):
            classification(*arguments)
