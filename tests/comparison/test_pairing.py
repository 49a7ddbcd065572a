"""Electrodes that were swapped on one side are named, and strangers are not paired into likeness."""

from __future__ import annotations

import pytest

from sigsimnet import compare
from sigsimnet.simulation import simulate_one

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]


def of(person, session=1):
    return simulate_one(person, session, duration=15, leads=LEADS)


def exchanged(recording, a, b):
    data = recording.data.copy()
    i, j = (recording.channel_index(name) for name in (a, b))
    data[[i, j]] = data[[j, i]]
    return recording.replace(data=data)


@pytest.mark.parametrize(("a", "b"), [("V1", "V5"), ("V1", "V6"), ("V2", "V6")])
def test_swapped_electrodes_are_named(a, b):
    found = compare(of(21), exchanged(of(21, 2), a, b))
    said = [reason for reason in found.reasons if "electrodes may be swapped" in reason]
    assert said, found.leads
    assert f"{a} of A is like {b} of B" in said[0]
    assert found.verdict != "different"
    paired = float(said[0].rsplit(" ", 1)[1])
    assert paired == pytest.approx(compare(of(21), of(21, 2)).probability, abs=0.02)
    assert paired > found.probability


def test_names_that_tell_the_truth_are_left_alone():
    for person in (21, 22, 23):
        assert not any("may be swapped" in reason for reason in compare(of(person), of(person, 2)).reasons)


def test_strangers_stay_strangers():
    for person in range(24, 30):
        assert not any("is like" in reason for reason in compare(of(21), of(person)).reasons)
