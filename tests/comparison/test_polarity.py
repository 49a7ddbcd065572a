"""R waves that point apart are tried both ways, and open no answer that is plain either way."""

from __future__ import annotations

from sigsimnet import compare, load_model, simulate
from sigsimnet.model import decide


def test_strangers_turned_over_are_different():
    ours = simulate(6, 1, duration=20, seed=30)
    found = [compare(a, b.replace(data=-b.data)) for a in ours[:3] for b in ours[3:]]
    turned = [one for one in found if one.a.polarity * one.b.polarity < 0]
    assert turned
    for one in turned:
        said = [reason for reason in one.reasons if "R waves point up" in reason]
        assert "turned over the probability is" in said[0]
        if one.probability <= 0.05 and "different either way" in said[0]:
            assert one.verdict == "different"


def test_one_person_turned_over_is_no_other_person():
    a, b = simulate(1, 2, duration=20, seed=1)
    found = compare(a, b.replace(data=-b.data))
    assert found.verdict != "different"


def test_more_beats_of_the_same_score_never_speak_less_for_same():
    model = load_model("ecg")
    for score in (0.9, 0.95, 0.974, 0.99):
        for leads in (1, 2, 8):
            values = [model.probability(score, n_segments=n, n_leads=leads) for n in range(1, 30)]
            if values[0] > 0.5:
                assert values == sorted(values)


def test_decision_of_both_ways():
    model = load_model("ecg")
    a, b = (model.cut(one) for one in simulate(1, 2, duration=20, seed=1))
    from dataclasses import replace

    over = replace(b, polarity=-a.polarity)
    assert decide(model.card, 0.1, 0.001, a, over, turned_over=0.002)[0] == "different"
    assert decide(model.card, 0.1, 0.001, a, over, turned_over=0.99)[0] == "cannot tell"
    assert decide(model.card, 0.1, 0.001, a, over)[0] == "cannot tell"
