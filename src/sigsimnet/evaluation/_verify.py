"""The trials of one protocol: scores, probabilities and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.channels import lead_name
from sigsimnet.errors import ManifestError
from sigsimnet.evaluation._baseline_scores import ChosenBaselines, baseline_scores
from sigsimnet.evaluation._labels import labels_of
from sigsimnet.evaluation._people import figures_of_people, strata_of
from sigsimnet.evaluation._ranks import identification_of
from sigsimnet.evaluation._result import Evaluation
from sigsimnet.evaluation._scorer import Scorer
from sigsimnet.evaluation.protocols import Items, Protocol
from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import VerificationResult, eer, paired_difference, verification
from sigsimnet.model import Embedded, SigSimNet, Template, n_independent
from sigsimnet.segments import LoadedSegments

__all__ = ["EmbeddedRecordings", "evaluate_protocol", "figures_of_protocol"]

COUNTS = (1, 2, 4, 8, 16, 32, 64)  # segments on each side
FIGURES = ("eer", "auc", "tar_at_far_1pct", "tar_at_far_01pct", "d_prime", "min_cllr", "cllr")
RANKS = ("rank_1_people", "rank_5_people")


@dataclass(frozen=True, eq=False)
class EmbeddedRecordings:
    """The recordings of an evaluation: read and cut once for all models that cut alike, encoded once for each.

    Attributes
    ----------
    loaded : LoadedSegments
    sets : tuple of Embedded
        Segments of each recording with their embeddings.
    model : SigSimNet or None
        What makes templates of them.
    """

    loaded: LoadedSegments
    sets: tuple[Embedded, ...]
    model: SigSimNet | None = None

    @cached_property
    def templates(self) -> NDArray[np.float32] | None:
        """Template of each recording, shape (n_recordings, dim); None where the model makes none."""
        if self.model is None:
            return None
        if any(one.segments.cut_apart for one in self.sets):
            return _templates_of_leads([self.model.template_of(one) for one in self.sets])
        return np.stack([self.model.template(one) for one in self.sets])


def _templates_of_leads(templates: list[Template]) -> NDArray[np.float32] | None:
    """Return the vectors of the leads that all have, one after another; None where there is none."""
    common = [lead for lead in templates[0].leads if all(lead in one.leads for one in templates)]
    if not common:
        return None
    return np.stack([np.concatenate([one.vectors[one.leads.index(lead)] for lead in common]) for one in templates])


def figures_of_protocol(
    model: Scorer, recordings: EmbeddedRecordings, protocol: Protocol, *, same: str
) -> dict[str, float]:
    """Return the figures of the model alone, without intervals; those that cannot be given are left out."""
    items, trials = _trials(recordings, protocol, same)
    scores, probabilities = _scores(model, items, trials)
    people = trials.people_a, trials.people_b
    result = verification(scores, trials.genuine, *people, probabilities=probabilities, n_resamples=0)
    found: dict[str, float | int | None] = {name: getattr(result, name) for name in FIGURES}
    gallery = protocol.gallery(items, same)
    if gallery is not None:
        ranks = identification_of(scores, trials, *gallery)
        found |= {name: ranks.get(name) for name in RANKS}
    return {name: float(value) for name, value in found.items() if value is not None and np.isfinite(value)}


def evaluate_protocol(
    model: Scorer,
    recordings: EmbeddedRecordings,
    protocol: Protocol,
    baselines: ChosenBaselines,
    *,
    same: str,
    n_resamples: int,
    seed: int,
) -> Evaluation:
    """Score the trials of one protocol with the model and with baselines that have learnt what they had to."""
    loaded = recordings.loaded
    items, trials = _trials(recordings, protocol, same)
    pairs = _pairs(trials)
    scores, probabilities = _scores(model, items, trials)
    about = _about(loaded, protocol, items, trials, baselines.n_learnt)

    def figures(values: NDArray[np.float64], sure: NDArray[np.float64] | None) -> VerificationResult:
        return verification(
            values,
            trials.genuine,
            trials.people_a,
            trials.people_b,
            probabilities=sure,
            n_resamples=n_resamples,
            seed=seed,
            protocol=about,
        )

    others = {name: baselines.scores(name, model, items, loaded, pairs) for name in baselines.of_items(items)}
    gallery = protocol.gallery(items, same)
    methods = {"model": scores, **others}
    return Evaluation(
        model=figures(scores, probabilities),
        baselines={name: figures(values, None) for name, values in others.items()},
        scores=scores,
        trials=trials,
        recordings=items.paths,
        failed=loaded.skipped,
        dropped=loaded.sentences(),
        paired={
            name: paired_difference(
                scores, values, trials.genuine, trials.people_a, trials.people_b, n_resamples=n_resamples, seed=seed
            )
            for name, values in others.items()
        },
        left_out=dict(baselines.left_out),
        probabilities=probabilities,
        baseline_scores=others,
        by_count=_by_count(model, items, trials, baselines) if items.whole else {},
        identification=(
            {}
            if gallery is None
            else {name: identification_of(values, trials, *gallery) for name, values in methods.items()}
        ),
        people={name: figures_of_people(values, trials) for name, values in methods.items()},
        strata=strata_of(methods, trials, items),
        labels=(
            labels_of(
                methods,
                trials,
                [entry.label for entry in items.entries],
                probabilities,
                learnt=_labels_learnt(model),
                n_resamples=n_resamples,
                seed=seed,
            )
            if same == "label" and items.whole
            else None
        ),
        templates=recordings.templates,
        template_names=tuple(
            entry.label if same == "label" else entry.person or entry.path for entry in loaded.entries
        ),
    )


def _labels_learnt(model: Scorer) -> list[str]:
    learnt = model.card.extra.get("labels", ()) if isinstance(model, SigSimNet) and model.card.same == "label" else ()
    return list(learnt)


def _trials(recordings: EmbeddedRecordings, protocol: Protocol, same: str) -> tuple[Items, Trials]:
    items = protocol.items(recordings.sets, recordings.loaded.entries)
    if not items.sets:
        raise ManifestError(f"{protocol.name}: no recording is long enough")
    return items, protocol.trials(items, same)


def _pairs(trials: Trials) -> NDArray[np.int64]:
    return np.column_stack([trials.enrol, trials.probe])


def _scores(model: Scorer, items: Items, trials: Trials) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the score of every trial, and its probability where the model is calibrated."""
    pairs = _pairs(trials)
    scores = np.asarray(model.score_pairs(items.sets, pairs))
    counts = np.array([len(one) for one in items.sets])[pairs].min(axis=1)
    leads = _n_leads(items, pairs) if isinstance(model, SigSimNet) and model.takes_leads else None
    guesses = [
        model.probability(float(s), n_segments=int(n), **({} if leads is None else {"n_leads": int(leads[k])}))
        for k, (s, n) in enumerate(zip(scores, counts, strict=True))
    ]
    known = [p for p in guesses if p is not None]
    return scores, np.array(known) if len(known) == len(guesses) else None


def _n_leads(items: Items, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many independent leads each pair has in common."""
    kinds = [frozenset(lead_name(name) for name in one.segments.channel_names) for one in items.sets]
    counted = {(a, b): max(n_independent(tuple(a & b)), 1) for a in set(kinds) for b in set(kinds)}
    return np.array([counted[kinds[i], kinds[j]] for i, j in pairs.tolist()], dtype=np.int64)


def _about(loaded: LoadedSegments, protocol: Protocol, items: Items, trials: Trials, n_learnt: int) -> dict[str, Any]:
    """Return what was tested, in words and numbers."""
    everybody = {entry.person or entry.path for entry in loaded.entries}
    return trials.protocol | {
        "protocol": protocol.name,
        "n_people_left_out": len(everybody - set(trials.people)),
        "n_failed_to_acquire": len(loaded.skipped),
        "min_good_fraction": loaded.min_good_fraction,
        "n_low_quality": loaded.n_low_quality,
        "median_segments": float(np.median([len(one) for one in items.sets])),
        "segments": items.sets[0].segments.kind,
        "channels": sorted({name for segments in loaded.sets for name in segments.channel_names}),
        # Those who were seen were refused before; without names there is nobody to look for.
        "people_seen_in_training": 0 if all(entry.subject for entry in items.entries) else None,
        "people_baselines_learnt_from": n_learnt,
    }


def _by_count(model: Scorer, items: Items, trials: Trials, baselines: ChosenBaselines) -> dict[str, dict[int, float]]:
    """Return the EER by the number of segments a side, evenly taken, as far as half of the sides have so many."""
    pairs = _pairs(trials)
    longest = float(np.median([len(one) for one in items.sets]))
    found: dict[str, dict[int, float]] = {name: {} for name in ("model", *baselines.methods)}
    for n in (count for count in COUNTS if count <= longest):
        few = [one.take(evenly_spaced(len(one), n)) if len(one) > n else one for one in items.sets]
        found["model"][n] = float(eer(model.score_pairs(few, pairs), trials.genuine))
        for name, method in baselines.methods.items():
            if not method.cutter_overrides:
                values = baseline_scores(method, [one.segments for one in few], pairs)
                found[name][n] = float(eer(values, trials.genuine))
    return {name: rates for name, rates in found.items() if rates}
