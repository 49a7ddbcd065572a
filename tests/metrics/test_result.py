"""The whole answer, and the article's figures in it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from sklearn import metrics

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import (
    LogisticCalibration,
    cllr,
    eer,
    mean_cosine_similarity,
    pair_metrics,
    tar_at_far,
    verification,
)


def trials(n_people=20, seed=0):
    rng = np.random.default_rng(seed)
    a, b = (side.ravel() for side in np.meshgrid(np.arange(n_people), np.arange(n_people)))
    return rng.normal(2.5 * (a == b)), a == b, a, b


def test_figures_are_those_of_the_parts():
    scores, labels, a, b = trials()
    calibration = LogisticCalibration.fit(*trials(seed=1)[:2])
    probabilities = calibration.probability(scores)
    result = verification(scores, labels, a, b, probabilities=probabilities, n_resamples=50, protocol={"leads": ["I"]})
    assert result.eer == eer(scores, labels) == result.intervals["eer"].estimate
    assert result.cllr == pytest.approx(cllr(calibration.log_likelihood_ratio(scores), labels), abs=1e-6)
    assert result.min_cllr <= result.cllr
    assert (result.n_genuine, result.n_impostor, result.n_people) == (20, 380, 20)
    assert np.isnan(result.tar_at_far_1pct)
    assert set(result.intervals) == {"eer", "auc", "d_prime", "cllr", "min_cllr"}
    assert result.protocol["leads"] == ["I"]
    assert result.mse == pytest.approx(np.mean((probabilities - labels) ** 2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.eer = 0.0


def test_tar_has_an_interval_when_there_are_enough_impostors():
    scores, labels, a, b = trials(60)
    result = verification(scores, labels, a, b, n_resamples=30)
    assert result.tar_at_far_1pct == tar_at_far(scores, labels, 0.01)
    assert result.intervals["tar_at_far_1pct"].n_failed == 0
    assert result.intervals["tar_at_far_1pct"].low <= result.tar_at_far_1pct


def test_json_has_no_nan():
    scores, labels, a, b = trials(5)
    protocol = {"seed": np.int64(3), "share": np.float32(0.5), "nothing": float("nan"), "people": {1}}
    result = verification(scores, labels, a, b, n_resamples=0, protocol=protocol)
    values = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert values["cllr"] is values["mape"] is values["tar_at_far_1pct"] is values["protocol"]["nothing"] is None
    assert values["intervals"] == {}
    assert values["eer"] == result.eer
    full = verification(scores, labels, a, b, probabilities=labels.astype(float), n_resamples=20)
    values = json.loads(json.dumps(full.to_dict(), allow_nan=False))
    assert values["intervals"]["eer"]["level"] == 0.95
    assert values["cllr"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("probabilities", [[0.5], [0.5, 1.5, 0.1, 0.1], [np.nan, 0, 0, 1]])
def test_bad_probabilities(probabilities):
    with pytest.raises(ParameterError):
        verification([1, 2, 3, 4], [0, 1, 0, 1], list("abab"), list("bbaa"), probabilities=probabilities)


def test_pair_metrics_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    predictions = rng.uniform(size=200)
    found = pair_metrics(predictions, labels)
    assert found.mse == pytest.approx(metrics.mean_squared_error(labels, predictions))
    assert found.mae == pytest.approx(metrics.mean_absolute_error(labels, predictions))
    genuine = labels == 1
    percent = 100 * metrics.mean_absolute_percentage_error(labels[genuine], predictions[genuine])
    assert found.mape == pytest.approx(percent)
    assert found.mape_fraction == genuine.mean()
    assert found.cosine == pytest.approx(metrics.pairwise.cosine_similarity([labels], [predictions])[0, 0])


def test_pair_metrics_without_genuine_pairs():
    found = pair_metrics([0.1, 0.2], [0, 0])
    assert np.isnan(found.mape)
    assert np.isnan(found.cosine)
    assert found.mape_fraction == 0
    with pytest.raises(ParameterError):
        pair_metrics([], [])


def test_mean_cosine_similarity():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9, 4))
    expected = np.mean(np.diag(metrics.pairwise.cosine_similarity(a, b)))
    assert mean_cosine_similarity(a, b) == pytest.approx(expected)
    assert mean_cosine_similarity(3 * a, a) == pytest.approx(1)
    assert mean_cosine_similarity(np.zeros((2, 3)), np.ones((2, 3))) == 0
    for bad in (a[:3], a[0]):
        with pytest.raises(ParameterError):
            mean_cosine_similarity(bad, b)


def test_one_in_a_thousand_is_claimed_only_with_enough_trials():
    rng = np.random.default_rng(0)
    people = np.arange(180)
    a, b = (side.ravel() for side in np.meshgrid(people, people))
    genuine = a == b
    scores = rng.normal(4.0 * genuine)
    result = verification(scores, genuine, a, b, n_resamples=20)
    assert result.n_impostor >= 30_000
    assert result.tar_at_far_01pct == tar_at_far(scores, genuine, 0.001)
    assert result.intervals["tar_at_far_01pct"].low <= result.tar_at_far_01pct <= result.tar_at_far_1pct
    few = np.arange(len(a)) % 2 == 0
    assert np.isnan(verification(scores[few], genuine[few], a[few], b[few], n_resamples=0).tar_at_far_01pct)
