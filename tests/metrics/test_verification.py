"""Error rates against closed forms, scikit-learn, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn import metrics

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import cllr, d_prime, det_curve, eer, min_cllr, roc_auc, roc_curve, tar_at_far

STATISTICS = {
    "eer": eer,
    "roc_auc": roc_auc,
    "d_prime": d_prime,
    "cllr": cllr,
    "min_cllr": min_cllr,
    "tar": lambda s, y, w=None: tar_at_far(s, y, 0.2, w, min_false_accepts=0),
}


def gaussians(distance, n=40_000, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat([1, 0], n)
    return rng.normal(distance * labels), labels


@st.composite
def trials(draw, levels=8):
    n = draw(st.integers(2, 40))
    scores = draw(st.lists(st.integers(-levels, levels), min_size=n, max_size=n))
    labels = [1, 0, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))]
    return np.array(scores, dtype=float), np.array(labels)


@pytest.mark.parametrize("distance", [0.0, 1.0, 2.5, 4.0])
def test_two_gaussians(distance):
    scores, labels = gaussians(distance)
    assert eer(scores, labels) == pytest.approx(norm.cdf(-distance / 2), abs=0.005)
    assert roc_auc(scores, labels) == pytest.approx(norm.cdf(distance / np.sqrt(2)), abs=0.005)
    assert d_prime(scores, labels) == pytest.approx(distance, abs=0.03)
    assert tar_at_far(scores, labels, 0.01) == pytest.approx(norm.sf(norm.isf(0.01) - distance), abs=0.015)


@given(trials())
def test_auc_and_roc_agree_with_scikit_learn(trial):
    scores, labels = trial
    assert roc_auc(scores, labels) == pytest.approx(metrics.roc_auc_score(labels, scores))
    far, tar, thresholds = roc_curve(scores, labels)
    far_sk, tar_sk, thresholds_sk = metrics.roc_curve(labels, scores, drop_intermediate=False)
    assert np.allclose(far, far_sk)
    assert np.allclose(tar, tar_sk)
    assert np.array_equal(thresholds, thresholds_sk)


@given(trials())
def test_det_curve_counts_errors(trial):
    scores, labels = trial
    curve = det_curve(scores, labels)
    for far, frr, threshold in zip(curve.far, curve.frr, curve.thresholds, strict=True):
        assert far == pytest.approx(np.mean(scores[labels == 0] >= threshold))
        assert frr == pytest.approx(np.mean(scores[labels == 1] < threshold))
    assert np.allclose(curve.tar, 1 - curve.frr)
    assert (curve.far[0], curve.frr[0], curve.far[-1], curve.frr[-1]) == (0, 1, 1, 0)


@given(trials())
def test_eer_lies_on_the_roc(trial):
    scores, labels = trial
    curve = det_curve(scores, labels)
    value = eer(scores, labels)
    steps = range(len(curve.far) - 1)
    between = [
        min(curve.far[i], curve.frr[i + 1]) - 1e-12 <= value <= max(curve.far[i + 1], curve.frr[i]) + 1e-12
        for i in steps
        if curve.far[i] <= value + 1e-12 <= curve.far[i + 1] + 2e-12
    ]
    assert any(between)


@given(trials(), st.sampled_from([np.exp, np.arctan, lambda x: 3 * x - 7, lambda x: x**3]))
def test_rank_figures_do_not_change_with_a_rising_transform(trial, rising):
    scores, labels = trial
    for figure in ("eer", "roc_auc", "min_cllr", "tar"):
        assert STATISTICS[figure](rising(scores), labels) == pytest.approx(STATISTICS[figure](scores, labels))


@given(trials())
def test_turning_scores_round_mirrors_auc_and_eer(trial):
    scores, labels = trial
    assert roc_auc(-scores, labels) == pytest.approx(1 - roc_auc(scores, labels))
    assert eer(-scores, labels) == pytest.approx(1 - eer(scores, labels))
    assert eer(-scores, 1 - labels) == pytest.approx(eer(scores, labels))


@settings(max_examples=60)
@given(trials(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("name", sorted(STATISTICS))
def test_weights_are_repeats(name, trial, random):
    scores, labels = trial
    weights = np.array([random.randint(0, 3) for _ in scores])
    weights[:2] += 1  # both kinds stay
    statistic = STATISTICS[name]
    repeated = statistic(np.repeat(scores, weights), np.repeat(labels, weights))
    assert statistic(scores, labels, weights) == pytest.approx(repeated, nan_ok=True)


def test_order_of_trials_does_not_matter():
    scores, labels = gaussians(1.0, n=200)
    shuffle = np.random.default_rng(1).permutation(len(scores))
    for statistic in STATISTICS.values():
        assert statistic(scores[shuffle], labels[shuffle]) == pytest.approx(statistic(scores, labels))


def test_perfect_wrong_and_constant():
    assert (eer([1, 2, 3, 4], [0, 0, 1, 1]), roc_auc([1, 2, 3, 4], [0, 0, 1, 1])) == (0, 1)
    assert (eer([4, 3, 2, 1], [0, 0, 1, 1]), roc_auc([4, 3, 2, 1], [0, 0, 1, 1])) == (1, 0)
    assert (eer([1, 1, 1], [0, 0, 1]), roc_auc([1, 1, 1], [0, 0, 1]), min_cllr([1, 1, 1], [0, 0, 1])) == (0.5, 0.5, 1)
    assert np.isnan(d_prime([1, 1, 1], [0, 0, 1]))
    assert np.isnan(d_prime([0.3, 0.0, 0.3, 0.0], [1, 0, 1, 0], [1, 1, 2, 3]))


def test_tar_at_far_keeps_its_promise_and_asks_for_enough_impostors():
    scores, labels = gaussians(2.0, n=3000)
    assert tar_at_far(scores, labels, 0.01) == tar_at_far(scores, labels, 0.01, min_false_accepts=0)
    assert np.isnan(tar_at_far(scores[:-1], labels[:-1], 0.01))  # 2,999 impostors
    assert np.isnan(tar_at_far(scores, labels, 0.001))
    # A tie at the threshold must not let through more than asked for.
    assert tar_at_far([1, 2, 2, 2, 2, 3], [0, 0, 0, 0, 1, 1], 0.5, min_false_accepts=0) == 0.5


@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)
@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        ([1, 2], [1, 1]),
        ([1, 2], [0, 0]),
        ([], []),
        ([1, 2, 3], [0, 1]),
        ([1, np.nan], [0, 1]),
        ([1, 2], [0, 2]),
        ([[1, 2]], [[0, 1]]),
    ],
)
def test_bad_trials(statistic, scores, labels):
    with pytest.raises(ParameterError):
        statistic(scores, labels)


@pytest.mark.parametrize("weights", [[1, -1], [1, np.nan], [1], [1, 0]])
def test_bad_weights(weights):
    with pytest.raises(ParameterError):
        eer([1, 2], [0, 1], weights)


@pytest.mark.parametrize("far", [0, 1, -0.1, 2])
def test_bad_far(far):
    with pytest.raises(ParameterError):
        tar_at_far([1, 2], [0, 1], far)
