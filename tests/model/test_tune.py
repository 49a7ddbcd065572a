"""The search for settings: what it proposes can be trained, it goes on where it stopped, and repeats."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")

from sigsimnet.errors import ModelError, ParameterError
from sigsimnet.model import SigSimNet, toml_of, tune
from sigsimnet.training import Augment

pytest.importorskip("optuna")
QUICK = {"epochs": 1, "encoders": ["mlp"], "losses": ["supcon", "ntxent"]}


@pytest.mark.slow
def test_a_search_goes_on_where_it_stopped(learners, tmp_path):
    journal, seen = tmp_path / "journal", []
    tune(learners, trials=1, journal=journal, report=lambda *row: seen.append(row), **QUICK)
    best = tune(learners, trials=3, journal=journal, report=lambda *row: seen.append(row), **QUICK)
    assert [row[0] for row in seen] == [1, 2, 3]
    assert max(row[1] for row in seen) == seen[-1][2]
    with pytest.raises(ModelError, match="another training"):
        tune(learners, trials=3, journal=journal, seed=1, **QUICK)
    # The configuration is one that a training takes.
    again = tomllib.loads(toml_of(best))
    assert again == best
    model = SigSimNet(encoder=again["encoder"])
    model.fit(
        learners,
        loss=again["loss"],
        epochs=1,
        augment=Augment(**again["augment"]),
        seed=again["seed"],
        **again["settings"],
    )
    assert model.card.history


def test_bad_settings_are_refused(learners):
    with pytest.raises(ParameterError, match="at least 1"):
        tune(learners, trials=0)
    with pytest.raises(ParameterError, match="held out"):
        tune(learners, validation=0)


def test_what_the_gate_left_out_is_told(learners):
    rng, noisy = np.random.default_rng(0), []
    for record in learners:
        data = record.data.copy()
        data[:, 2500:5000] += rng.normal(0, 0.7, (len(data), 2500)).astype(np.float32)
        noisy.append(record.replace(data=data))
    notes: list[str] = []
    tune(noisy, trials=1, epochs=1, encoders=("mlp",), losses=("supcon",), note=notes.append)
    assert len(notes) == 1
    left, of = (int(word) for word in notes[0].split() if word.isdigit())
    assert 50 < left < of
    assert "beats were left out, in seconds of low quality" in notes[0]
