"""Protocols: what is paired with what, and that nothing leaks."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import ManifestError, ParameterError, UnknownNameError
from sigsimnet.evaluation import IDENTITY_PROTOCOLS, PROTOCOLS, evaluate, evaluate_identity
from sigsimnet.model import Embedded
from sigsimnet.segments import Segments


def embedded(n=9):
    data = np.arange(n, dtype=np.float32)[:, None, None] * np.ones((1, 1, 4), np.float32)
    return Embedded(Segments(data, 1.0, np.arange(n, dtype=float), np.ones(n), "beats", ("x",)), data[:, 0])


def rows(*people, label=""):
    """Return a row for each (person, session), in a shuffled order of sessions."""
    return [Entry(f"{p}-{s}.csv", p, s, label) for p, s in people]


PEOPLE = rows(("anna", "10"), ("anna", "2"), ("bert", "1"), ("anna", "1"), ("cleo", "1"), ("bert", "1"))


def made(name, entries=PEOPLE, same="subject", n=9):
    protocol = PROTOCOLS.get(name)()
    items = protocol.items([embedded(n) for _ in entries], entries)
    return items, protocol.trials(items, same)


@pytest.mark.parametrize("name", ["cross_record", "cross_session", "beats"])
def test_the_enrolment_is_never_later_and_never_the_probe(name):
    items, trials = made(name)
    session = np.array([int(entry.session) for entry in items.entries])
    assert (session[trials.enrol] <= session[trials.probe]).all()
    for i, j in zip(trials.enrol, trials.probe, strict=True):
        assert items.entries[i] is not items.entries[j]
    person = np.array([entry.person for entry in items.entries])
    np.testing.assert_array_equal(trials.genuine, person[trials.enrol] == person[trials.probe])


def test_cross_session_takes_the_first_and_the_last():
    items, trials = made("cross_session")
    assert [entry.path for entry in items.entries] == ["anna-1.csv", "anna-10.csv", "bert-1.csv", "cleo-1.csv"]
    assert trials.genuine.sum() == 1
    assert items.whole
    with pytest.raises(ManifestError, match="has no session"):
        made("cross_session", [Entry("a.csv", "anna")])


def test_single_beats_of_different_recordings():
    items, trials = made("beats")
    assert not items.whole
    assert [len(s) for s in items.sets] == [1] * 12
    assert sorted(float(s.embeddings[0, 0]) for s in items.sets[:2]) == [2.0, 6.0]
    # anna: 3 pairs of recordings × 4 pairs of beats; bert: 1 × 4.
    assert trials.genuine.sum() == 16
    assert len(trials) == 15 * 4


def test_same_record_leaves_a_gap_between():
    items, trials = made("same_record")
    first, last = items.sets[0], items.sets[1]
    assert first.segments.times.tolist() == [0, 1, 2]
    assert last.segments.times.tolist() == [6, 7, 8]
    assert last.embeddings[:, 0].tolist() == [6, 7, 8]
    assert trials.genuine.sum() == len(PEOPLE)
    person = np.array([entry.person for entry in items.entries])
    impostors = ~trials.genuine
    assert (person[trials.enrol[impostors]] != person[trials.probe[impostors]]).all()
    with pytest.raises(ManifestError, match="three segments"):
        made("same_record", n=2)


def test_cross_state_joins_unlike_labels():
    entries = rows(("anna", "1"), ("bert", "1"), label="rest") + rows(("anna", "1"), ("bert", "1"), label="task")
    _, trials = made("cross_state", entries)
    assert len(trials) == 4
    assert trials.genuine.sum() == 2
    with pytest.raises(ManifestError, match="one label"):
        made("cross_state", rows(("anna", "1"), ("bert", "1"), label="rest"))
    with pytest.raises(ParameterError, match="same='subject'"):
        made("cross_state", entries, same="label")


def test_no_genuine_pair_is_said():
    with pytest.raises(ManifestError, match="no genuine pair"):
        made("cross_session", rows(("anna", "1"), ("bert", "1")))


def test_every_protocol_of_identity(tiny, strangers):
    manifest = Manifest.of(strangers)
    found = evaluate_identity(tiny, manifest, n_resamples=0)
    assert list(found) == [
        "same_record", "beats", "cross_record", "cross_session",
        "single_cross_session", "single_shot_long_term", "leave_last_out_long_term",
    ]  # fmt: skip
    assert set(found) | set(found.protocols_left_out) == set(IDENTITY_PROTOCOLS) == set(PROTOCOLS)
    assert "one label" in found.protocols_left_out["cross_state"]
    for name, one in found.items():
        assert one.model.protocol["protocol"] == name
        assert one.baselines["pearson"].n_genuine == one.model.n_genuine
        json.dumps(one.to_dict(), allow_nan=False)
    assert found["beats"].model.protocol["median_segments"] == 1
    alone = evaluate(tiny, manifest, n_resamples=0)
    assert alone.to_dict() == found["cross_record"].to_dict()
    ranks = found["cross_record"].identification["model"]
    assert ranks["n_gallery"] == ranks["n_probes"] == 4
    assert 0 <= ranks["rank_1"] <= ranks["rank_5"] <= 1
    assert ranks["dir_at_far_5pct"] is None  # four strangers do not tell 5 %


def test_ranks_by_hand(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers), n_resamples=0)
    sets = [tiny.cut(r) for r in strangers]
    first, later = sets[::2], sets[1::2]
    likeness = np.array([[tiny.score(a, b) for a in first] for b in later])
    assert found.identification["model"]["rank_1"] == np.mean(likeness.argmax(axis=1) == np.arange(len(first)))


def test_known_protocols(tiny, strangers):
    with pytest.raises(UnknownNameError, match=r"cross_recort.*did you mean 'cross_record'"):
        evaluate(tiny, Manifest.of(strangers), protocol="cross_recort")


def test_more_beats_are_no_other_trials(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers), n_resamples=0)
    assert list(found.by_count["model"])[:3] == [1, 2, 4]
    assert list(found.by_count["pearson"]) == list(found.by_count["model"])
    assert found.baseline_scores["pearson"].shape == found.genuine.shape == found.probabilities.shape
    single = evaluate(tiny, Manifest.of(strangers), protocol="beats", n_resamples=0)
    assert single.by_count == {}


def test_all_protocols_in_one_table_and_on_one_page(tiny, strangers):
    found = evaluate_identity(tiny, strangers, n_resamples=0)
    table = found.to_dataframe()
    assert list(dict.fromkeys(table["protocol"])) == list(found)
    assert len(table) == sum(len(one.trials) for one in found.values())
    assert len(found.plot().axes) == 4 * len(found)
    assert len(found.plot_map().axes) == 1
    assert found._repr_html_().count("<table>") == len(found)
    json.dumps(found.to_dict(), allow_nan=False)
