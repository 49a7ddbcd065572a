"""Figures that no single person decides."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.datasets import Entry, Manifest
from sigsimnet.evaluation import evaluate
from sigsimnet.evaluation._people import figures_of_people
from sigsimnet.evaluation.trials import cross_record_trials
from sigsimnet.metrics import eer
from sigsimnet.model import load_model
from sigsimnet.simulation import simulate_one

DAYS = {1: "2020-01-01", 2: "2020-01-05", 3: "2021-06-01"}


def trials_of(records):
    """Return trials of people with so many recordings each."""
    rows = [Entry(f"{who}{k}.csv", str(who), f"{k}") for who, n in enumerate(records) for k in range(n)]
    return cross_record_trials(rows, "subject")


def test_one_person_of_many_recordings_does_not_decide():
    """A person whose 45 genuine pairs all fail makes the pooled EER bad; she is one of six people."""
    trials = trials_of([10, 2, 2, 2, 2, 2])
    scores = np.where(trials.genuine & (trials.people_a != "0"), 1.0, 0.0)
    scores += np.random.default_rng(0).uniform(0, 0.01, len(scores))
    found = figures_of_people(scores, trials)
    assert eer(scores, trials.genuine) > 0.4
    assert found["macro_eer"] < 0.2
    assert found["one_pair_eer"] < 0.2
    assert found["n_genuine_people"] == 6


def test_equal_people_change_nothing():
    trials = trials_of([2] * 8)
    scores = np.random.default_rng(1).normal(trials.genuine.astype(float), 1.0)
    pooled = eer(scores, trials.genuine)
    assert figures_of_people(scores, trials)["macro_eer"] == pytest.approx(pooled, abs=0.03)


def test_rows_by_heart_rate_and_days():
    recordings = [
        simulate_one(person, session, duration=12, activity="walking" if session == 3 else "rest")
        for person in (1, 2, 3)
        for session in (1, 2, 3)
    ]
    rows = tuple(
        Entry(f"{k}", recording.metadata["subject"], DAYS[1 + k % 3], recording=recording)
        for k, recording in enumerate(recordings)
    )
    found = evaluate(load_model("ecg"), Manifest(rows, "rows"), n_resamples=0, progress=False)
    days = {row["band"]: row for row in found.strata if row["by"] == "days"}
    assert {band: row["genuine"] for band, row in days.items()} == {"1–7": 3, "366 and more": 6}
    rates = [row for row in found.strata if row["by"] == "heart rate"]
    assert sum(int(row["genuine"]) for row in rates) == found.model.n_genuine == 9
    assert all(0 <= row["model"] <= 1 and 0 <= row["pearson"] <= 1 for row in found.strata)
    assert set(found.people) == {"model", "pearson"}
    assert found.to_dict()["strata"]
