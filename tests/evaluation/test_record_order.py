"""The record-order regimes: who is enrolled, who is the probe, and that enrolments come first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation import PROTOCOLS, evaluate
from sigsimnet.evaluation.protocols import protocol_named
from sigsimnet.model import Embedded, load_model
from sigsimnet.segments import Segments
from sigsimnet.simulation import simulate_one

REGIMES = (
    "single_cross_session",
    "single_shot_short_term",
    "leave_last_out_short_term",
    "single_shot_long_term",
    "leave_last_out_long_term",
)


def embedded(number, n=3):
    data = np.full((n, 1, 4), number, np.float32)
    return Embedded(Segments(data, 1.0, np.arange(n, dtype=float), np.ones(n), "beats", ("x",)), data[:, 0])


def made(name, entries, same="subject"):
    protocol = PROTOCOLS.get(name)()
    items = protocol.items([embedded(k) for k in range(len(entries))], entries)
    return items, protocol.trials(items, same)


def rows(text):
    """Return a row for each word ``person-day-number``; the path is the word."""
    return [Entry(word, word.split("-")[0], f"day{word.split('-')[1]}") for word in text.split()]


# anna: three days; bert: one day of three; cleo: two days of one; dora: one recording. Days in a shuffled order.
TABLE = rows(
    "anna-10-1 anna-2-1 anna-2-2 anna-1-1 anna-1-2 anna-1-3 bert-1-1 bert-1-2 bert-1-3 cleo-2-1 cleo-1-1 dora-1-1"
)
EXPECTED = {
    "single_cross_session": {
        "anna": ("anna-1-1", "anna-1-2"),
        "bert": ("bert-1-1", "bert-1-2"),
        "cleo": ("cleo-1-1", "cleo-2-1"),
    },
    "single_shot_short_term": {
        "anna": ("anna-1-1", "anna-1-2 anna-1-3"),
        "bert": ("bert-1-1", "bert-1-2 bert-1-3"),
    },
    "leave_last_out_short_term": {
        "anna": ("anna-1-1 anna-1-2", "anna-1-3"),
        "bert": ("bert-1-1 bert-1-2", "bert-1-3"),
    },
    "single_shot_long_term": {
        "anna": ("anna-1-1 anna-1-2 anna-1-3", "anna-2-1 anna-2-2 anna-10-1"),
        "cleo": ("cleo-1-1", "cleo-2-1"),
    },
    "leave_last_out_long_term": {
        "anna": ("anna-1-1 anna-1-2 anna-1-3 anna-2-1 anna-2-2", "anna-10-1"),
        "cleo": ("cleo-1-1", "cleo-2-1"),
    },
}


@pytest.mark.parametrize("name", REGIMES)
def test_who_is_enrolled_and_who_is_the_probe(name):
    items, trials = made(name, TABLE)
    n = items.n_enrolments
    enrolled = {item[0].subject: " ".join(row.path for row in item) for item in items.rows[:n]}
    probes: dict[str, str] = {}
    for item in items.rows[n:]:
        assert len(item) == 1
        probes[item[0].subject] = f"{probes.get(item[0].subject, '')} {item[0].path}".strip()
    assert {person: (enrolled[person], probes[person]) for person in enrolled} == EXPECTED[name]
    # Every probe meets everybody's enrolment, its own among them.
    assert len(trials) == n * (len(items.sets) - n)
    assert trials.genuine.sum() == len(items.sets) - n
    assert (trials.genuine == (trials.people_a == trials.people_b)).all()
    assert set(trials.enrol) == set(range(n))
    assert trials.protocol["n_people"] == n
    long_term = name.endswith("long_term")
    across = trials.protocol["genuine_across_sessions"]
    assert across == (trials.genuine.sum() if long_term else 1 if name == "single_cross_session" else 0)


@pytest.mark.parametrize("name", REGIMES)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4)), min_size=4, max_size=14))
def test_every_enrolment_comes_before_its_probes_and_is_none_of_them(name, people_and_days):
    entries = [Entry(f"{k}", person, str(day)) for k, (person, day) in enumerate(people_and_days)]
    try:
        items, trials = made(name, entries)
    except ManifestError:
        return
    place = {id(entry): (int(entry.session), k) for k, entry in enumerate(entries)}
    for i, j in zip(trials.enrol[trials.genuine], trials.probe[trials.genuine], strict=True):
        assert max(place[id(row)] for row in items.rows[i]) < min(place[id(row)] for row in items.rows[j])


def test_enrolled_recordings_are_one_template():
    items, _ = made("leave_last_out_short_term", TABLE)
    anna = items.sets[0]
    assert len(anna) == 6
    assert sorted(set(anna.embeddings[:, 0].tolist())) == [3, 4]  # rows 3 and 4 of the table
    np.testing.assert_array_equal(anna.segments.data[:, 0, 0], anna.embeddings[:, 0])
    assert items.paths[0] == "anna-1-1 + anna-1-2"


def test_scores_are_those_of_the_fused_template():
    model = load_model("ecg")
    people = [simulate_one(person, session, duration=20) for person in (31, 32, 33) for session in (1, 2, 3)]
    found = evaluate(model, people, protocol="leave_last_out_long_term", n_resamples=0)
    assert found.model.n_genuine == 3
    first, second, last = model.embed(people[:3])
    joint = model.scoring().template(
        np.concatenate([first.embeddings, second.embeddings]), np.concatenate([first.quality, second.quality])
    )
    own = found.scores[found.genuine & (found.trials.people_a == people[0].metadata["subject"])]
    assert own.tolist() == pytest.approx([float(joint @ model.template(last))], abs=1e-6)
    assert found.model.protocol["n_people_left_out"] == 0
    assert found.identification["model"]["n_gallery"] == 3


def test_dates_make_the_days():
    days = ("24.05.2005", "01.06.2005")
    entries = [Entry(f"{p}{k}", p, day) for p in ("anna", "bert") for k, day in enumerate(reversed(days))]
    items, _ = made("single_shot_long_term", entries)
    assert [row.session for item in items.rows for row in item] == [days[0], days[0], days[1], days[1]]


def test_without_sessions_the_table_gives_the_order_where_days_do_not_matter():
    entries = [Entry(f"{p}{k}", p) for p in ("anna", "bert") for k in range(3)]
    items, trials = made("single_cross_session", entries)
    assert items.paths == ("anna0", "bert0", "anna1", "bert1")
    assert trials.protocol["genuine_across_sessions"] == 0
    for name in REGIMES[1:]:
        with pytest.raises(ManifestError, match="anna0: has no session"):
            made(name, entries)
    with pytest.raises(ManifestError, match="anna0: has no session"):
        made("single_cross_session", [*entries, Entry("anna9", "anna", "2")])


def test_people_without_what_a_regime_asks_for():
    with pytest.raises(ManifestError, match="nobody has recordings for"):
        made("single_shot_long_term", rows("anna-1-1 anna-1-2 bert-1-1"))
    with pytest.raises(ManifestError, match="no impostor pair: only 'anna'"):
        made("single_shot_long_term", rows("anna-1-1 anna-2-1 bert-1-1"))
    with pytest.raises(ParameterError, match="same='subject'"):
        made("single_shot_long_term", TABLE, same="label")


def test_names_as_the_paper_writes_them():
    assert [protocol_named(name.replace("_", "-")).name for name in REGIMES] == list(REGIMES)
