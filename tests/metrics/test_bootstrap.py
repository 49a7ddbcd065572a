"""The bootstrap over people: what it counts, and that it covers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import (
    MIN_PEOPLE,
    bootstrap_people,
    bootstrap_people_many,
    eer,
    paired_difference,
    person_weights,
    roc_auc,
)


def people_trials(n_people, seed, spread=0.7, n_repeats=1):
    """Every person against every person, some times each; each person shifts all scores of her own."""
    rng = np.random.default_rng(seed)
    a, b = (side.ravel() for side in np.meshgrid(np.arange(n_people), np.arange(n_people), indexing="ij"))
    a, b = np.tile(a, n_repeats), np.tile(b, n_repeats)
    shift = rng.normal(0, spread, n_people)
    labels = a == b
    scores = np.where(labels, 2.0 + 1.4 * shift[a], shift[a] + shift[b]) + rng.normal(size=len(a))
    return scores, labels, a, b


def test_weights_are_those_of_the_resampled_people():
    counts = np.array([2, 0, 1])
    first, second = (side.ravel() for side in np.meshgrid(range(3), range(3), indexing="ij"))
    drawn = np.repeat(np.arange(3), counts)  # [0, 0, 2]
    expected = np.zeros((3, 3))
    for position, i in enumerate(drawn):
        for other, j in enumerate(drawn):
            # Copies of one person meet each other in no trial; each copy meets itself.
            if i != j or position == other:
                expected[i, j] += 1
    assert person_weights(counts, first, second).tolist() == expected.ravel().tolist()


def test_same_seed_same_interval_and_names_of_people_do_not_matter():
    scores, labels, a, b = people_trials(15, 0)
    one, two, other = (bootstrap_people(eer, scores, labels, a, b, 100, seed=s) for s in (1, 1, 2))
    assert one == two
    assert one != other
    named = bootstrap_people(eer, scores, labels, [f"{i:03d}" for i in a], [f"{i:03d}" for i in b], 100, seed=1)
    assert named == one
    assert one.estimate == eer(scores, labels)
    assert one.low <= one.estimate <= one.high
    assert (one.n_people, one.n_failed, one.level) == (15, 0, 0.95)


def test_order_of_trials_does_not_matter():
    scores, labels, a, b = people_trials(12, 0)
    shuffle = np.random.default_rng(0).permutation(len(scores))
    plain = bootstrap_people(roc_auc, scores, labels, a, b, 50)
    shuffled = bootstrap_people(roc_auc, scores[shuffle], labels[shuffle], a[shuffle], b[shuffle], 50)
    assert plain.low == pytest.approx(shuffled.low)
    assert plain.high == pytest.approx(shuffled.high)


def test_a_wider_level_gives_a_wider_interval():
    scores, labels, a, b = people_trials(20, 1)
    narrow, wide = (bootstrap_people(roc_auc, scores, labels, a, b, 300, level) for level in (0.5, 0.95))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_resamples_without_one_kind_are_left_out_and_counted():
    # Two people: half of the resamples draw one of them twice and have no impostors.
    interval = bootstrap_people(eer, [3, 1, 2, 0], [1, 0, 1, 0], ["a", "a", "b", "b"], ["a", "b", "b", "a"], 400)
    assert 150 < interval.n_failed < 250
    always = bootstrap_people(lambda s, y, w=None: float("nan"), [3, 1, 2], [1, 0, 1], [0, 0, 1], [0, 1, 1], 10)
    assert always.n_failed == 10
    assert np.isnan(always.low)


def test_intervals_cover_the_truth_and_are_wider_than_those_over_pairs():
    # Genuine scores are N(2, 1 + (1.4 × 0.7)²), impostor scores N(0, 1 + 2 × 0.7²).
    truth = norm.cdf(2 / np.sqrt(1 + (1.4 * 0.7) ** 2 + 1 + 2 * 0.7**2))
    inside, wider = [], []
    for seed in range(100):
        scores, labels, a, b = people_trials(30, seed, n_repeats=4)
        interval = bootstrap_people(roc_auc, scores, labels, a, b, 150, seed=seed)
        inside.append(interval.low <= truth <= interval.high)
        # Every trial as a person of its own: what is often done, and wrong.
        trial = np.arange(len(scores))
        wrong = bootstrap_people(roc_auc, scores, labels, trial, trial, 40, seed=seed)
        wider.append((interval.high - interval.low) / (wrong.high - wrong.low))
    # Measured over 300 sets of 30 people: 0.88, as the docstring says; 100 sets scatter by 0.03.
    assert np.mean(inside) > 0.79
    assert np.median(wider) > 1.2


def test_many_statistics_share_the_resamples():
    scores, labels, a, b = people_trials(12, 3)
    both = bootstrap_people_many({"eer": eer, "auc": roc_auc}, scores, labels, a, b, n_resamples=60, seed=5)
    assert both["auc"] == bootstrap_people(roc_auc, scores, labels, a, b, 60, seed=5)


def test_interval_of_a_share_is_that_of_the_binomial_distribution():
    """Each of 20 people has one genuine trial, 8 of them a score of 1: drawing 20 anew gives Binomial(20, 0.4) ones."""
    people = np.arange(20)
    a = np.concatenate([people, people])
    b = np.concatenate([people, np.roll(people, 1)])
    genuine = a == b
    scores = (a < 8) & genuine

    def share(scores, labels, weights=None):
        return float(np.average(scores[labels > 0], weights=None if weights is None else weights[labels > 0]))

    interval = bootstrap_people(share, scores, genuine, a, b, 4000, 0.8)
    assert interval.estimate == 0.4
    # P(≤ 4) = 0.05, P(≤ 5) = 0.13; P(≤ 10) = 0.87, P(≤ 11) = 0.94: 4000 draws scatter by 0.005.
    assert [20 * interval.low, 20 * interval.high] == pytest.approx(binom.ppf([0.1, 0.9], 20, 0.4))


def test_a_trial_of_two_people_counts_as_often_as_both_were_drawn():
    """Counts of a multinomial draw: E c_i = 1 and E c_i c_j = 1 − 1/n."""
    a, b = (side.ravel() for side in np.meshgrid(np.arange(12), np.arange(12)))
    drawn = []

    def kept(scores, labels, weights=None):
        if weights is not None:
            drawn.append((weights[labels > 0].sum() / 12, weights[labels == 0].sum() / 132))
        return 0.0

    bootstrap_people(kept, np.zeros(144), a == b, a, b, 4000)
    np.testing.assert_allclose(np.mean(drawn, axis=0), [1.0, 11 / 12], atol=0.01)


def test_bad_parameters():
    scores, labels, a, b = people_trials(4, 0)
    for bad in ({"n_resamples": 0}, {"level": 1.0}, {"level": 0.0}):
        with pytest.raises(ParameterError):
            bootstrap_people(eer, scores, labels, a, b, **bad)
    with pytest.raises(ParameterError):
        bootstrap_people(eer, scores, labels, a[:-1], b)
    with pytest.raises(ParameterError, match="two or more people"):
        bootstrap_people(eer, [1, 2], [0, 1], ["a", "a"], ["a", "a"])


def test_few_people_get_no_interval():
    for n in (2, MIN_PEOPLE - 1, MIN_PEOPLE):
        scores, labels, a, b = people_trials(n, 0)
        interval = bootstrap_people(roc_auc, scores, labels, a, b, 50)
        assert np.isfinite([interval.low, interval.high]).all() == (n >= MIN_PEOPLE)
        assert interval.estimate == roc_auc(scores, labels)


def test_paired_difference():
    rng = np.random.default_rng(0)
    people = np.arange(30)
    a, b = (side.ravel() for side in np.meshgrid(people, people))
    genuine = a == b
    good, poor = rng.normal(3.0 * genuine), rng.normal(1.0 * genuine)
    found = paired_difference(good, poor, genuine, a, b, n_resamples=200, seed=0)
    assert found["low"] < found["difference"] < found["high"]
    assert found["low"] > 0
    assert found["p"] <= 0.02
    same = paired_difference(good, good, genuine, a, b, n_resamples=50, seed=0)
    assert same["difference"] == same["low"] == same["high"] == 0
    assert same["p"] == 1
    few = a < MIN_PEOPLE - 1
    few &= b < MIN_PEOPLE - 1
    found = paired_difference(good[few], poor[few], genuine[few], a[few], b[few], n_resamples=50)
    assert np.isnan([found["low"], found["high"], found["p"]]).all()
    assert found["difference"] == eer(poor[few], genuine[few]) - eer(good[few], genuine[few])


@pytest.mark.parametrize(("n", "beyond"), [(10, 0.308), (30, 0.116), (100, 0.036)])
def test_no_errors_among_few_people_do_not_mean_none_among_all(n, beyond):
    """By Clopper & Pearson; an interval of no width would promise that nobody is ever confused."""
    a, b = (side.ravel() for side in np.meshgrid(np.arange(n), np.arange(n)))
    same = (a == b).astype(int)
    none = bootstrap_people(eer, same, same, a, b, n_resamples=20)
    assert (none.estimate, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(beyond, abs=1e-3)
    all_ = bootstrap_people(roc_auc, same, same, a, b, n_resamples=20)
    assert (all_.estimate, all_.high) == (1.0, 1.0)
    assert all_.low == pytest.approx(1 - beyond, abs=1e-3)
