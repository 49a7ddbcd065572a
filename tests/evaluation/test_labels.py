"""Labels of recordings by their nearest: by hand, and of a trained model."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.evaluation._labels import labels_of
from sigsimnet.evaluation.trials import Trials

PEOPLE = ("anna", "anna", "bert", "bert", "cleo")
LABELS = ("fist", "rest", "fist", "rest", "wave")


def trials():
    """Return all pairs of different people."""
    left, right = np.triu_indices(5, 1)
    kept = np.array([PEOPLE[i] != PEOPLE[j] for i, j in zip(left, right, strict=True)])
    left, right = left[kept], right[kept]
    genuine = np.array([LABELS[i] == LABELS[j] for i, j in zip(left, right, strict=True)])
    return Trials(left, right, genuine, PEOPLE)


def scores_of(pairs):
    """Return a score for each trial: those given, else 0."""
    made = trials()
    return np.array([pairs.get((int(i), int(j)), 0.0) for i, j in zip(made.enrol, made.probe, strict=True)])


def test_each_recording_gets_the_label_of_its_nearest():
    scores = scores_of({(0, 2): 0.9, (1, 3): 0.4, (1, 2): 0.5, (3, 4): 0.8})
    found = labels_of({"model": scores}, trials(), LABELS, None, n_resamples=0)
    own = found.methods["model"]
    # 0 -> 2 fist, 1 -> 2 fist (wrong), 2 -> 0 fist, 3 -> 4 wave (wrong); nobody else waves, so 4 is not counted.
    assert own.labels == ("fist", "rest", "wave")
    assert own.confusion.tolist() == [[2, 0, 0], [1, 0, 1], [0, 0, 0]]
    assert (own.accuracy, own.balanced_accuracy) == (0.5, 0.5)
    assert found.n_unseen == 1
    assert found.refused is None
    assert "1 recordings have a label that nobody else has" in found.notes()[0]


def test_what_resembles_nothing_is_refused():
    scores = scores_of({(0, 2): 0.9, (1, 3): 0.4, (3, 4): 0.3})
    found = labels_of({"model": scores}, trials(), LABELS, scores, learnt=["fist", "rest"], n_resamples=0)
    assert found.refused == 0.5  # 1 and 3 have no likely neighbour
    assert found.refused_unseen == 1.0  # nor has 4, which is right
    assert found.never_learnt == ("wave",)
    assert "nothing is known of wave: the model has never seen that label" in found.notes()


@pytest.mark.needs_torch
def test_a_model_of_labels_is_evaluated_as_a_classifier():
    from sigsimnet import Recording, evaluate
    from sigsimnet.model import SigSimNet
    from sigsimnet.segments import WindowCutter

    def one(person, label):
        rng = np.random.default_rng([person, len(label)])
        t = np.arange(600) / 100
        wave = np.sin(2 * np.pi * {"slow": 3, "quick": 9, "other one": 20}[label] * t + rng.uniform(0, 6))
        about = {"subject": f"p{person}", "label": label}
        return Recording(wave + 0.3 * rng.normal(size=600), 100, metadata=about, source=f"{label}-{person}")

    cutter = WindowCutter(length=2.0, step=1.0)
    model = SigSimNet("rocket", segments=cutter)
    model.fit([one(p, label) for p in range(8) for label in ("slow", "quick")], same="label", progress=False)
    assert model.card.extra["labels"] == ["quick", "slow"]
    test = [one(p, label) for p in range(20, 32) for label in ("slow", "quick", "other one")]
    found = evaluate(model, test, n_resamples=200, progress=False)
    answers = found.labels
    assert answers.methods["model"].labels == ("other one", "quick", "slow")
    recall = np.diag(answers.methods["model"].confusion)[1:] / 12
    assert recall.min() > 0.9
    low, high = found.to_dict()["labels"]["methods"]["model"]["intervals"]["balanced_accuracy"]
    assert low <= answers.methods["model"].balanced_accuracy <= high
    assert answers.never_learnt == ("other one",)
    assert any("nothing is known of other one" in note for note in found.notes)
    figure = found.plot()
    assert len(figure.axes) == 6
    assert evaluate(model, test, same="subject", n_resamples=0, progress=False).labels is None
