"""Retrieval protocols: what they refuse, and figures that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sigsimnet.errors import LeakageError, ParameterError
from sigsimnet.evaluation import BeatTypeRetrieval, NearestNeighbour
from sigsimnet.evaluation.retrieval import DS1, DS2, wilson
from sigsimnet.metrics import map_at_r


def test_de_chazals_sets():
    assert len(DS1) == len(DS2) == 22
    assert not set(DS1) & set(DS2)
    assert not {"102", "104", "107", "217"} & {*DS1, *DS2}  # paced
    assert "202" not in BeatTypeRetrieval().test


@pytest.mark.parametrize(
    ("learn", "test", "says"),
    [(("100", "101"), ("101",), "101 on both sides"), (("201",), ("202",), "202 is the person of 201")],
)
def test_people_on_both_sides_are_refused(learn, test, says):
    with pytest.raises(LeakageError, match=says):
        BeatTypeRetrieval(learn=learn, test=test)


def test_beats_of_a_record_to_learn_from_are_refused():
    with pytest.raises(LeakageError, match="beats of 101, which is not to test on"):
        BeatTypeRetrieval().evaluate(np.eye(2), ["N", "N"], ["100", "101"])


def test_classes_of_the_aami():
    of = BeatTypeRetrieval().label_of
    assert [of(mark) for mark in ("N", "L", "e", "A", "S", "V", "E", "F", "/", "Q", "+")] == [
        "N", "N", "N", "S", "S", "V", "V", "F", "", "", "",
    ]  # fmt: skip


def test_as_many_of_each_class_as_there_are_up_to_the_most():
    types = np.array(["N"] * 30 + ["V"] * 3)
    drawn = BeatTypeRetrieval(most=10).draw(types, seed=3)
    assert np.unique(types[drawn], return_counts=True)[1].tolist() == [10, 3]
    assert (np.diff(drawn) > 0).all()
    assert drawn.tolist() == BeatTypeRetrieval(most=10).draw(types, seed=3).tolist()


def test_figures_are_those_of_map_at_r():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 4))
    types, records = rng.choice(["N", "V"], 60), rng.choice(BeatTypeRetrieval().test[:12], 60)
    for among, owners in (("all", None), ("others", records)):
        found = BeatTypeRetrieval().evaluate(vectors @ vectors.T, types, records, among=among, n_resamples=200)
        count = np.array([np.sum(types == name) for name in found.by_class])
        estimates = np.array([interval.estimate for interval in found.by_class.values()])
        whole = map_at_r(vectors @ vectors.T, types, owners=owners)
        assert (estimates * count).sum() / count.sum() == pytest.approx(whole)
        assert found.mean.estimate == pytest.approx(estimates.mean())
        assert found.mean.low <= found.mean.estimate <= found.mean.high
        assert found.mean.n_people == 12


def test_a_persons_own_beats_are_not_found_among_others():
    # 100's two beats are twins; 103's are far off. Among all they find each other, among others they find 103's.
    vectors = np.array([[1.0, 0.0], [1.0, 0.01], [-1.0, 0.0], [0.0, 1.0]])
    types, records = ["N", "N", "N", "V"], ["100", "100", "103", "103"]
    every = BeatTypeRetrieval().evaluate(vectors @ vectors.T, types, records, among="all")
    others = BeatTypeRetrieval().evaluate(vectors @ vectors.T, types, records, among="others")
    assert every.by_class["N"].estimate > others.by_class["N"].estimate
    assert "V" not in others.by_class  # nobody else has one


def test_bad_questions():
    with pytest.raises(ParameterError, match="unknown gallery 'mine'"):
        BeatTypeRetrieval().evaluate(np.eye(2), ["N", "N"], ["100", "103"], among="mine")
    with pytest.raises(ParameterError, match="no beat has another"):
        BeatTypeRetrieval().evaluate(np.eye(2), ["N", "V"], ["100", "103"])
    with pytest.raises(ParameterError, match="at least 2"):
        BeatTypeRetrieval(most=1)


def test_rows_on_both_sides_are_refused():
    learn = np.arange(6.0).reshape(3, 2)
    NearestNeighbour().check(learn, learn + 0.5)
    with pytest.raises(LeakageError, match="1 test rows are training rows too"):
        NearestNeighbour().check(learn, learn[:1])


def test_nearest_neighbour_agrees_with_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(1)
    x, y, test, truth = (
        rng.normal(size=(40, 3)),
        rng.integers(0, 3, 40),
        rng.normal(size=(25, 3)),
        rng.integers(0, 3, 25),
    )
    distance = np.linalg.norm(test[:, None] - x[None], axis=2)
    expected = KNeighborsClassifier(1).fit(x, y).score(test, truth)
    assert NearestNeighbour().evaluate(-distance, y, truth).estimate == pytest.approx(expected)


def test_similarities_that_are_missing_or_misshapen():
    with pytest.raises(ParameterError, match="1 similarities are NaN"):
        NearestNeighbour().evaluate([[math.nan, 1.0]], [0, 1], [1])
    with pytest.raises(ParameterError, match="for 2 test and 1 known"):
        NearestNeighbour().evaluate([[1.0]], [0], [1, 1])


def test_wilson_against_scipy():
    from scipy.stats import binomtest

    for hits, trials in ((0, 5), (7, 9), (50, 100)):
        ours, theirs = wilson(hits, trials), binomtest(hits, trials).proportion_ci(0.95, "wilson")
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_equal_rows_of_other_types_are_found():
    for learn, test in (
        ([[0, 1]], [[0.0, 1.0]]),
        (np.float32([[0.1, 2]]), [[0.1, 2.0]]),
        ([[0.0, 1.0]], [[-0.0, 1.0]]),
    ):
        with pytest.raises(LeakageError, match="1 test rows"):
            NearestNeighbour().check(learn, test)
