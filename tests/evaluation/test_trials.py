"""Trials that do not leak: the earlier session is enrolled, people are crossed where they must be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation import cross_record_trials


def entries(rows):
    return [Entry(f"{k}.csv", **row) for k, row in enumerate(rows)]


def people(*pairs):
    return entries([{"subject": subject, "session": session} for subject, session in pairs])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 12)), min_size=2, max_size=15))
def test_the_enrolment_is_never_later_than_its_probe(pairs):
    rows = people(*((subject, str(session)) for subject, session in pairs))
    try:
        trials = cross_record_trials(rows, "subject")
    except ManifestError:
        counts = [sum(s == x for s, _ in pairs) for x in "abcd"]
        assert max(counts) == len(pairs) or max(counts) == 1
        return
    n = len(rows)
    assert len(trials) == n * (n - 1) // 2
    assert len({frozenset(p) for p in zip(trials.enrol.tolist(), trials.probe.tolist(), strict=True)}) == len(trials)
    assert all(pairs[i][1] <= pairs[j][1] for i, j in zip(trials.enrol, trials.probe, strict=True))
    assert (trials.genuine == (trials.people_a == trials.people_b)).all()
    genuine = [
        pairs[i][1] != pairs[j][1] for i, j, g in zip(trials.enrol, trials.probe, trials.genuine, strict=True) if g
    ]
    assert trials.protocol["genuine_across_sessions"] == sum(genuine)
    assert trials.protocol["genuine_within_session_or_unknown"] == len(genuine) - sum(genuine)


def test_what_is_said():
    trials = cross_record_trials(people(("a", "1"), ("a", ""), ("b", "2")), "subject")
    assert trials.protocol["n_people"] == 2
    assert trials.protocol["n_recordings"] == 3
    assert trials.protocol["same"] == "subject"
    assert trials.protocol["genuine_within_session_or_unknown"] == 1
    json.dumps(trials.protocol)
    assert trials.people == ("a", "a", "b")


def test_subjects_of_two_databases_are_two_people():
    rows = entries([{"subject": "1", "database": d} for d in ("x", "x", "y")])
    assert cross_record_trials(rows, "subject").genuine.sum() == 1


def test_label_trials_cross_people():
    rows = entries([{"subject": s, "label": label} for s in "abc" for label in ("rest", "walk")])
    trials = cross_record_trials(rows, "label")
    assert (trials.people_a != trials.people_b).all()
    assert len(trials) == 12
    label = np.array(["rest", "walk"] * 3)
    assert (trials.genuine == (label[trials.enrol] == label[trials.probe])).all()
    assert "different people" in trials.protocol["trials"]


def test_labels_of_one_person():
    rows = entries([{"subject": "a", "label": label} for label in ("rest", "rest", "walk")])
    trials = cross_record_trials(rows, "label")
    assert trials.genuine.sum() == 1
    assert len(trials) == 3


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([("a", "1"), ("b", "1")], "no genuine pair.*two recordings of one subject"),
        ([("a", "1"), ("a", "2")], "no impostor pair.*two different subject"),
        ([("a", "1")], "no genuine pair among 1"),
        ([], "no genuine pair among 0"),
    ],
)
def test_both_kinds_of_trial_are_needed(pairs, says):
    with pytest.raises(ManifestError, match=says):
        cross_record_trials(people(*pairs), "subject")


def test_other_relations_are_refused():
    with pytest.raises(ParameterError, match="subject, label"):
        cross_record_trials(people(("a", "1")), "recording")
