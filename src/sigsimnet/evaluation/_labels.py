"""Which label? Each recording gets that of the most similar recording of another person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import ClassificationResult, classification

__all__ = ["NOTHING_KNOWN", "LabelAnswers", "labels_of"]

NOTHING_KNOWN = "nothing is known"
LEAST_PROBABILITY = 0.5


@dataclass(frozen=True, eq=False)
class LabelAnswers:
    """What labels recordings get, and what that is worth.

    Attributes
    ----------
    methods : dict of str to ClassificationResult
        Of the model and each baseline: each recording has the label of the most similar one that it makes a trial with,
        which is another person's. Recordings whose label no other person has are left out.
    n_unseen : int
        Such recordings: nobody can find their label.
    refused : float or None
        Share of the recordings whose label somebody else has, of which a calibrated model says that nothing is known:
        the nearest recording has a probability below 0.5.
    refused_unseen : float or None
        The same of those whose label nobody else has: here it is the right answer.
    never_learnt : tuple of str
        Labels of the test that the model has not learnt.

    Examples
    --------
    >>> LabelAnswers({}, 0).refused is None
    True
    """

    methods: dict[str, ClassificationResult]
    n_unseen: int
    refused: float | None = None
    refused_unseen: float | None = None
    never_learnt: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "methods": {name: one.to_dict() for name, one in self.methods.items()},
            "n_unseen": self.n_unseen,
            "refused": self.refused,
            "refused_unseen": self.refused_unseen,
            "never_learnt": list(self.never_learnt),
        }

    def notes(self) -> tuple[str, ...]:
        """Return what a reader should know of labels that were never seen."""
        found = []
        if self.never_learnt:
            found.append(
                f"{NOTHING_KNOWN} of {', '.join(self.never_learnt)}: the model has never seen "
                f"{'that label' if len(self.never_learnt) == 1 else 'these labels'}"
            )
        if self.n_unseen:
            found.append(f"{self.n_unseen} recordings have a label that nobody else has: they cannot be classified")
        return tuple(found)


def labels_of(
    methods: Mapping[str, NDArray[np.float64]],
    trials: Trials,
    labels: Sequence[str],
    probabilities: NDArray[np.float64] | None,
    *,
    learnt: Sequence[str] = (),
    n_resamples: int = 1000,
    seed: int = 0,
) -> LabelAnswers:
    """Give each recording the label of its nearest, by the scores of each method.

    Parameters
    ----------
    methods : mapping of str to ndarray of shape (n_trials,)
        The model's under ``"model"``.
    trials : Trials
    labels : sequence of str
        Of each recording.
    probabilities : ndarray, shape (n_trials,), or None
        Of the model.
    learnt : sequence of str
        Labels that the model learnt; empty when unknown.
    """
    truth, people = np.asarray(labels, dtype=str), np.asarray(trials.people, dtype=str)
    n = len(truth)
    paired = np.zeros((n, n), dtype=bool)
    paired[trials.enrol, trials.probe] = paired[trials.probe, trials.enrol] = True
    alike = truth[:, None] == truth
    asked, seen = paired.any(axis=1), (paired & alike).any(axis=1)
    found = {}
    for name, scores in methods.items():
        nearest, _ = _nearest(scores, trials, n)
        if seen.any():
            found[name] = classification(
                truth[seen], truth[nearest[seen]], people[seen], n_resamples=n_resamples, seed=seed
            )
    refused = unseen = None
    if probabilities is not None:
        _, sure = _nearest(methods["model"], trials, n, probabilities)
        doubtful = sure < LEAST_PROBABILITY
        refused = float(doubtful[seen].mean()) if seen.any() else None
        strangers = asked & ~seen
        unseen = float(doubtful[strangers].mean()) if strangers.any() else None
    known = set(learnt)
    never = tuple(sorted(set(truth.tolist()) - known)) if known else ()
    return LabelAnswers(found, int((asked & ~seen).sum()), refused, unseen, never)


def _nearest(
    scores: NDArray[np.float64], trials: Trials, n: int, values: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the most similar recording of each, and the value of that trial."""
    similarity = np.full((n, n), -np.inf)
    similarity[trials.enrol, trials.probe] = similarity[trials.probe, trials.enrol] = np.nan_to_num(scores, nan=-np.inf)
    nearest = similarity.argmax(axis=1)
    of_trial = np.zeros((n, n))
    of_trial[trials.enrol, trials.probe] = of_trial[trials.probe, trials.enrol] = scores if values is None else values
    return nearest, of_trial[np.arange(n), nearest]
