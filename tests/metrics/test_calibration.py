"""Calibration and Cllr against Gaussians, whose likelihood ratio is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import IsotonicCalibration, LogisticCalibration, calibration_from_dict, cllr, min_cllr


def gaussians(distance, n_genuine=20_000, n_impostor=20_000, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.r_[np.ones(n_genuine, int), np.zeros(n_impostor, int)]
    return rng.normal(distance * labels), labels


def true_ratio(scores, distance):
    return distance * scores - distance**2 / 2


@pytest.mark.parametrize(("n_genuine", "n_impostor"), [(20_000, 20_000), (2_000, 60_000)])
@pytest.mark.parametrize("prior", [0.5, 0.1])
def test_fit_finds_the_true_ratio_whatever_the_shares(n_genuine, n_impostor, prior):
    scores, labels = gaussians(2.0, n_genuine, n_impostor)
    fitted = LogisticCalibration.fit(scores, labels, prior=prior)
    assert fitted.slope == pytest.approx(2.0, abs=0.15)
    assert fitted.intercept == pytest.approx(-2.0, abs=0.2)


def test_cllr_of_true_ratios_is_near_min_cllr_and_of_wrong_ones_is_not():
    scores, labels = gaussians(2.0)
    ratios = true_ratio(scores, 2.0)
    assert min_cllr(ratios, labels) <= cllr(ratios, labels) <= min_cllr(ratios, labels) + 0.01
    assert cllr(ratios + 3, labels) > cllr(ratios, labels) + 0.2
    assert cllr(4 * ratios, labels) > cllr(ratios, labels) + 0.2
    fitted = LogisticCalibration.fit(scores / 7 + 3, labels)
    assert cllr(fitted.log_likelihood_ratio(scores / 7 + 3), labels) == pytest.approx(cllr(ratios, labels), abs=0.002)


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=0, max_size=30))
def test_min_cllr_is_the_least_over_rising_calibrations(pairs):
    scores = np.array([0, 0, *[score for score, _ in pairs]], dtype=float)
    labels = np.array([1, 0, *[label for _, label in pairs]])
    least = min_cllr(scores, labels)
    assert 0 <= least <= 1 + 1e-12
    for slope, intercept in ((0, 0), (1, 0), (0.3, -0.5), (3, 1)):
        assert least <= cllr(slope * scores + intercept, labels) + 1e-9


def test_cllr_of_certain_ratios():
    assert cllr([np.inf, -np.inf], [1, 0]) == 0
    assert cllr([-np.inf, -np.inf], [1, 0]) == np.inf
    assert cllr([1000.0, -1000.0], [1, 0]) == 0


def test_probability_follows_the_prior():
    calibration = LogisticCalibration(2.0, -1.0)
    assert calibration.probability(0.5) == pytest.approx(0.5)
    assert calibration.probability([0.5], prior=0.01)[0] == pytest.approx(0.01)
    ratio = calibration.log_likelihood_ratio([[1.0, 2.0]])
    assert ratio.tolist() == [[1.0, 3.0]]


def test_probabilities_are_shares():
    scores, labels = gaussians(1.5, seed=3)
    fitted = LogisticCalibration.fit(scores, labels)
    fresh, truth = gaussians(1.5, seed=4)
    probability = fitted.probability(fresh)
    for low in (0.1, 0.4, 0.7):
        inside = (probability >= low) & (probability < low + 0.2)
        assert truth[inside].mean() == pytest.approx(probability[inside].mean(), abs=0.03)


def test_separated_scores_give_a_finite_slope_that_grows_with_evidence():
    few = LogisticCalibration.fit([0.9, 0.1], [1, 0])
    many = LogisticCalibration.fit([0.9, 0.1] * 500, [1, 0] * 500)
    assert 0 < few.slope < many.slope < np.inf
    assert few.probability([0.9])[0] == pytest.approx(2 / 3, abs=1e-6)  # Platt: (1 + 1) / (1 + 2)


def test_scale_and_direction_of_scores():
    scores, labels = gaussians(1.0, 500, 700)
    plain = LogisticCalibration.fit(scores, labels)
    for factor, shift in ((1e-6, 0.0), (1e6, 5e6), (-1.0, 0.0)):
        other = LogisticCalibration.fit(factor * scores + shift, labels)
        ratios = other.log_likelihood_ratio(factor * scores + shift)
        assert np.allclose(ratios, plain.log_likelihood_ratio(scores), atol=1e-6)


def test_constant_scores_say_nothing():
    calibration = LogisticCalibration.fit([0.3] * 10, [1] * 3 + [0] * 7)
    assert calibration.probability([0.3, 9.0]).tolist() == [0.5, 0.5]


def test_weights_leave_trials_out():
    scores, labels = gaussians(1.0, 300, 300)
    kept = np.random.default_rng(0).random(600) < 0.5
    whole = LogisticCalibration.fit(scores, labels, weights=kept.astype(float))
    part = LogisticCalibration.fit(scores[kept], labels[kept])
    assert whole.slope == pytest.approx(part.slope)


def test_round_trip_through_json():
    calibration = LogisticCalibration(1.25, -0.5, 0.1)
    assert LogisticCalibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration


@pytest.mark.parametrize(
    "values", [{}, {"slope": 1}, {"slope": "x", "intercept": 0, "prior": 0.5}, {"slope": 1, "intercept": 0, "prior": 2}]
)
def test_bad_dictionary(values):
    with pytest.raises(ParameterError):
        LogisticCalibration.from_dict(values)


def test_bad_parameters():
    with pytest.raises(ParameterError):
        LogisticCalibration(np.inf, 0.0)
    with pytest.raises(ParameterError):
        LogisticCalibration.fit([1, 2], [0, 1], prior=0)
    with pytest.raises(ParameterError):
        LogisticCalibration.fit([1, np.inf], [0, 1])
    with pytest.raises(ParameterError):
        LogisticCalibration(1.0, 0.0).probability([1.0], prior=1.0)


def test_isotonic_finds_the_true_ratio_and_never_falls():
    scores, labels = gaussians(2.0)
    calibration = IsotonicCalibration.fit(scores, labels)
    grid = np.linspace(-1, 3, 21)
    found = calibration.log_likelihood_ratio(grid)
    np.testing.assert_allclose(found, true_ratio(grid, 2.0), atol=0.5)
    assert (np.diff(found) >= 0).all()
    assert cllr(calibration.log_likelihood_ratio(scores), labels) == pytest.approx(min_cllr(scores, labels), abs=0.01)


def test_isotonic_bends_where_a_line_cannot():
    """A score whose ratio saturates: beyond 1 it says no more."""
    scores, labels = gaussians(2.0)
    bent = np.tanh(scores)
    line, stairs = LogisticCalibration.fit(bent, labels), IsotonicCalibration.fit(bent, labels)
    cost = [cllr(c.log_likelihood_ratio(bent), labels) for c in (line, stairs)]
    assert cost[1] < cost[0]


def test_isotonic_is_as_sure_as_its_trials_allow():
    calibration = IsotonicCalibration.fit([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0])
    assert calibration.ratios == pytest.approx((-np.log(3), np.log(3)))


@pytest.mark.parametrize("kind", [LogisticCalibration, IsotonicCalibration])
def test_either_kind_survives_json(kind):
    scores, labels = gaussians(1.0, 200, 200)
    calibration = kind.fit(scores, labels)
    again = calibration_from_dict(json.loads(json.dumps(calibration.to_dict())))
    assert again == calibration
    with pytest.raises(ParameterError, match="not a calibration"):
        calibration_from_dict({"scores": [0.0]})
    with pytest.raises(ParameterError, match="must rise"):
        calibration_from_dict({"scores": [1.0, 0.0], "ratios": [0.0, 1.0]})
