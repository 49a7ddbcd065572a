"""Evaluations as objects: every number once, and the same figures during a training and after it."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest

import sigsimnet.segments._beats as beats_module
import sigsimnet.segments._load as loading
import sigsimnet.segments._quality_filter as quality_filter
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, ParameterError, UnknownNameError
from sigsimnet.evaluation import IdentityEvaluator, VerificationEvaluator, evaluate_identity
from sigsimnet.model import SigSimNet
from sigsimnet.model._network import GraphNetwork
from sigsimnet.segments import BeatCutter
from sigsimnet.simulation import simulate_one

SMALL = {"dim": 16, "widths": [8, 16, 16]}


@pytest.fixture(scope="module")
def twelve():
    """Return six people in two sessions."""
    return [simulate_one(person, session, duration=20) for person in range(41, 47) for session in (1, 2)]


@pytest.fixture
def calls(monkeypatch):
    """Count what is done to recordings."""
    found: Counter[str] = Counter()

    def count(where, name, what):
        original = getattr(where, name)

        def counted(*arguments, **options):
            found[what] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(where, name, counted)

    count(Entry, "read", "read")
    count(BeatCutter, "cut", "cut")
    count(quality_filter, "quality_behind_filter", "quality")
    count(loading, "fingerprint_of", "hash")
    if find_spec("torch") is not None:
        from sigsimnet.networks.network import TorchNetwork

        count(TorchNetwork, "encode", "encode")  # of a model that was trained in this process
    count(GraphNetwork, "encode", "encode")
    count(beats_module, "preprocess", "filter")
    count(quality_filter, "preprocess", "filter")
    return found


ONCE = {"filter": 12, "read": 12, "cut": 12, "quality": 12, "hash": 12, "encode": 12}


def test_every_recording_is_read_cut_judged_hashed_and_encoded_once(tiny, twelve, calls):
    found = evaluate_identity(tiny, twelve, min_good_fraction=0.5, n_resamples=10)
    assert len(found) == 7
    assert found["cross_record"].by_count["model"]
    found.plot()
    found.plot_map()
    found.to_dataframe()
    assert calls == ONCE


def test_another_model_that_cuts_alike_runs_its_encoder_alone(tiny, twelve, calls):
    evaluator = VerificationEvaluator(twelve, min_good_fraction=0.5, n_resamples=0)
    first = evaluator(tiny)
    assert calls == ONCE
    other = SigSimNet(encoder_options=SMALL).build(1, seed=5)
    assert evaluator(other) != first
    assert evaluator(tiny) == first
    assert calls == ONCE | {"encode": 36}
    windows = SigSimNet(encoder_options=SMALL, segments="windows").build(1)
    evaluator(windows)  # cuts otherwise
    assert calls["read"] == 24


@pytest.mark.needs_torch
def test_during_a_training_and_after_it_the_figures_are_the_same(learners, strangers):
    evaluator = VerificationEvaluator(strangers, baselines=["pearson"], n_resamples=10, name="strangers")
    model = SigSimNet(encoder_options=SMALL).fit(
        learners, evaluator=evaluator, epochs=2, steps=4, validation=0, seed=1, progress=False
    )
    assert len(model.card.history) == 2
    after = evaluator(model)
    assert set(after) >= {"strangers_eer", "strangers_auc", "strangers_d_prime", "strangers_min_cllr"}
    assert {name: model.card.history[-1][name] for name in after} == after
    assert model.card.history[0]["strangers_d_prime"] != after["strangers_d_prime"]
    whole = evaluator.evaluate(model)
    assert whole.model.eer == after["strangers_eer"]
    assert whole.model.auc == after["strangers_auc"]
    assert whole.identification["model"]["rank_1_people"] == after["strangers_rank_1_people"]
    assert set(whole.baselines) == {"pearson"}


@pytest.mark.needs_torch
def test_a_training_watched_by_an_evaluator_ends_with_the_same_weights(learners, strangers):
    settings = {"epochs": 2, "steps": 4, "validation": 0, "seed": 1, "progress": False}
    watched, alone = (
        SigSimNet(encoder_options=SMALL).fit(learners, evaluator=evaluator, **settings)
        for evaluator in (IdentityEvaluator(strangers), None)
    )
    np.testing.assert_array_equal(watched.encode(strangers[0]), alone.encode(strangers[0]))


def test_names_of_figures(tiny, strangers):
    figures = VerificationEvaluator(strangers, protocol="same-record")(tiny)
    assert "same_record_eer" in figures
    assert "same_record_cllr" in figures  # tiny is calibrated
    assert all(np.isfinite(value) for value in figures.values())
    many = IdentityEvaluator(strangers, name="day")(tiny)
    assert {"day_cross_record_eer", "day_beats_auc", "day_single_shot_long_term_rank_1_people"} <= set(many)
    assert many["day_same_record_auc"] == figures["same_record_auc"]


def test_people_who_were_trained_on_are_refused_at_every_use(tiny, learners, strangers):
    evaluator = VerificationEvaluator([*learners, *strangers])
    other = SigSimNet(encoder_options=SMALL).build(1)
    evaluator(other)  # has learnt from nobody
    for use in (evaluator, evaluator.evaluate):
        with pytest.raises(LeakageError, match=r"^recordings: .* trained or calibrated on person"):
            use(tiny)


@pytest.mark.needs_torch
def test_people_who_are_being_trained_on_are_refused_after_the_first_epoch(learners, strangers):
    model = SigSimNet(encoder_options=SMALL)
    evaluator = VerificationEvaluator([*strangers, learners[0]])
    with pytest.raises(LeakageError, match=r"trained or calibrated on person 'S01'"):
        model.fit(learners, evaluator=evaluator, epochs=2, steps=2, validation=0, progress=False)


def test_what_cannot_be_is_said_before_anything_is_read(strangers, people_on_disk):
    with pytest.raises(UnknownNameError, match="did you mean 'cross_record'"):
        VerificationEvaluator(strangers, protocol="cross_recort")
    with pytest.raises(UnknownNameError, match=r"known: .*pearson"):
        VerificationEvaluator(strangers, baselines=["dtw9"])
    with pytest.raises(ParameterError, match="subject, label"):
        VerificationEvaluator(strangers, same="mood")
    with pytest.raises(ParameterError, match="n_resamples is -1"):
        IdentityEvaluator(strangers, n_resamples=-1)
    with pytest.raises(ManifestError, match="no label"):
        VerificationEvaluator(people_on_disk / "strangers.csv", same="label")
    with pytest.raises(ManifestError, match="no such manifest"):
        IdentityEvaluator("gone.csv")


def test_a_table_that_allows_no_protocol(tiny, strangers):
    one = Manifest.of([strangers[0].crop(0, 3)])
    for use in (IdentityEvaluator(one), IdentityEvaluator(one).evaluate):
        with pytest.raises(ManifestError, match=r"no protocol has trials.*cross_record: no genuine pair"):
            use(tiny)
