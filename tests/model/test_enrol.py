"""Templates of leads: what is kept, how they are fused, and what their scores are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import trim_mean

from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.model import SigSimNet, Template, load_model, n_independent
from sigsimnet.model._adapt import calibrate_leads
from sigsimnet.model._template import fused
from sigsimnet.segments import BeatCutter
from sigsimnet.simulation import simulate_one

TWELVE = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]


@pytest.fixture(scope="module")
def model():
    return load_model("ecg")


@pytest.fixture(scope="module")
def people():
    sessions = (1, 2)
    return [[simulate_one(person, n, duration=12, leads=TWELVE) for n in sessions] for person in range(31, 37)]


def test_a_template_has_a_vector_for_each_lead(model, people):
    found = model.enrol(people[0][0])
    assert set(found.leads) == {*LIMB_LEADS, *CHEST_LEADS}
    assert found.vectors.shape == (12, 128)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert found.n_segments >= 8
    single = model.enrol(people[0][0], "V2")
    assert single.leads == ("V2",)


def test_two_limb_leads_are_as_good_as_six(model, people):
    """III and the augmented leads follow from I and II: recorded ones differ by their own noise only."""
    two, six = (model.enrol(people[0][0].pick(names)) for names in (["I", "II"], TWELVE[:6]))
    other = model.enrol(people[0][1].pick(TWELVE[:6]))
    assert set(two.leads) == set(six.leads)
    assert model.similarity(two, other)[0, 0] == pytest.approx(model.similarity(six, other)[0, 0], abs=0.03)


def test_scores_of_templates(model, people):
    first, second = ([model.enrol(one[k]) for one in people] for k in (0, 1))
    scores = model.similarity(first, second)
    assert scores.shape == (6, 6)
    assert (scores.argmax(axis=1) == np.arange(6)).all()
    np.testing.assert_allclose(scores, model.similarity(second, first).T, atol=1e-6)
    pair = [[model.embed(model.cut_good(side)[0]) for side in people[0]]]
    assert model.score_pairs(pair[0], np.array([[0, 1]]))[0] == pytest.approx(scores[0, 0], abs=1e-6)


def test_one_lead_against_twelve(model, people):
    one, twelve = model.enrol(people[0][0].pick("I")), model.enrol(people[0][1])
    alone = model.enrol(people[0][1].pick("I"))
    # The beats of twelve leads were found in all of them: they need not be the same to the sample.
    assert model.similarity(one, twelve)[0, 0] == pytest.approx(model.similarity(one, alone)[0, 0], abs=0.02)
    with pytest.raises(SignalError, match="no common lead"):
        model.similarity(one, model.enrol(people[0][1], "V5"))
    with pytest.raises(ParameterError, match="templates are compared with templates"):
        model.similarity(one, np.zeros((1, 128)))


def test_several_recordings_of_a_person(model, people):
    monday, friday = people[0]
    both = model.enrol([monday, friday])
    parts = [model.enrol(monday), model.enrol(friday)]
    assert both.n_segments == sum(one.n_segments for one in parts)
    assert both.sources == (monday.source, friday.source)
    assert model.similarity(both, parts).min() >= model.similarity(*parts)[0, 0]
    with pytest.raises(ParameterError, match="at least one recording"):
        model.enrol([])


def test_a_lead_on_another_place_does_not_decide():
    """Of twelve leads one that agrees with nobody moves the fused score by less than its share."""
    leads = (*LIMB_LEADS, *CHEST_LEADS)
    scores, weights = np.full(12, 0.9), np.ones(12)
    assert fused(scores, weights, leads) == pytest.approx(0.9)
    scores[11] = -0.5
    assert fused(scores, weights, leads) > 0.85
    three = np.array([0.2, 0.5, 0.8])
    assert fused(three, np.ones(3), ("V1", "V2", "V3")) == pytest.approx(0.5)
    assert np.isnan(fused(three, np.zeros(3), ("V1", "V2", "V3")))


def test_chest_leads_are_fused_by_a_trimmed_mean():
    scores = np.random.default_rng(0).uniform(-1, 1, (20, 6))
    np.testing.assert_allclose(fused(scores, np.ones((20, 6)), CHEST_LEADS), trim_mean(scores, 1 / 6, axis=1))


def test_limb_leads_count_as_two():
    leads, scores = (*LIMB_LEADS, "V1", "V2"), np.array([0.5] * 6 + [0.9] * 2)
    few = fused(scores[[0, 1, 6, 7]], np.ones(4), ("I", "II", "V1", "V2"))
    assert few == pytest.approx(0.7)
    assert fused(scores, np.ones(8), leads) == pytest.approx(0.7)
    assert n_independent(leads) == 4


def test_templates_that_make_no_sense_are_refused():
    with pytest.raises(ParameterError, match="named twice"):
        Template(("I", "I"), np.zeros((2, 4), np.float32), np.ones(2), 3)
    with pytest.raises(ParameterError, match="vectors of shape"):
        Template(("I",), np.zeros((2, 4), np.float32), np.ones(2), 3)


def test_models_that_see_one_lead_only():
    assert not SigSimNet(segments=BeatCutter(rhythm=True)).takes_leads
    assert not SigSimNet(channels=["V1"]).takes_leads
    assert not SigSimNet(segments="windows").takes_leads


def test_calibration_by_leads_and_beats(model, people, tmp_path):
    own = load_model("ecg")
    own.calibration_by_leads = {}
    sets = [own.embed(own.cut_good(side)[0]) for one in people for side in one]
    lines = calibrate_leads(own, sets, [str(k) for k in range(len(people)) for _ in (1, 2)])
    assert sorted(lines) == [2, 4, 8]
    assert all(sorted(by_count) == [0, 1, 4] for by_count in lines.values())
    own.calibration_by_leads = lines
    own.save(tmp_path / "own")
    again = load_model(tmp_path / "own")
    for n_leads in (1, 2, 3, 8, 12):
        assert again.probability(0.9, n_leads=n_leads) == pytest.approx(own.probability(0.9, n_leads=n_leads))
    assert own.probability(0.9, n_leads=2) == pytest.approx(float(lines[2][0].probability([0.9], 0.5)[0]))
    assert own.probability(0.9, n_leads=12) == own.probability(0.9, n_leads=8)
    between = sorted(own.probability(0.9, n_leads=n) for n in (2, 4))
    assert between[0] <= own.probability(0.9, n_leads=3) <= between[1]
