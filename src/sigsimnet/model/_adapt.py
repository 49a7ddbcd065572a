"""A finished model on other recordings: calibrated anew, or normalised by a cohort. No PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS
from sigsimnet.datasets import Manifest
from sigsimnet.errors import ModelError, ParameterError, SignalError
from sigsimnet.metrics import CALIBRATIONS, Calibration
from sigsimnet.model._calibrate import FEW, FULL, LEAST_TRIALS, calibrate
from sigsimnet.model._card import Card, digests_of_person
from sigsimnet.model._embedded import Embedded
from sigsimnet.model._prepare import Prepared, prepare
from sigsimnet.model._scoring import NORMALISATIONS, ScoreNormalisation, Scoring
from sigsimnet.model._template import n_independent
from sigsimnet.segments import LabelledSegments

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["calibrate_leads", "calibrate_on", "cohort_of", "normalise_by", "require_unseen"]

LEAD_SETS = (LIMB_LEADS, (*LIMB_LEADS, "V1", "V5"), (*LIMB_LEADS, *CHEST_LEADS))
COHORT = 500  # templates; the mean of the nearest 200 is then known to a tenth of their spread


def calibrate_on(model: SigSimNet, recordings: Any, *, method: str, within: bool, seed: int) -> None:
    """Calibrate a model in place (`SigSimNet.calibrate`)."""
    scoring = model.scoring()
    if not model.card.same:
        raise ModelError("this model was never trained: its scores mean nothing that could be calibrated")
    prepared = require_unseen(model, recordings, same=model.card.same, purpose="calibrate")
    data = prepared.data
    found = calibrate(
        model.encode(data.segments),
        scoring,
        data,
        prepared.quality,
        kind=model.cutter.kind,
        seed=seed,
        between_people=model.card.same == "label",
        lead=prepared.lead_of_segment,
        method=method,
        within=within,
    )
    if found.calibration is None:
        raise SignalError("too few pairs of the same and of different kind to calibrate on")
    model.calibration, model.calibration_by_count = found.calibration, found.by_count
    model.calibration_by_leads = {}
    if model.takes_leads:
        model.calibration_by_leads = _by_leads(model, recordings, method)
    model.card = replace(
        _card_with(model.card, prepared),
        calibrated_on=found.description,
        n_calibrated=len(np.unique(data.groups)),
        thresholds=found.thresholds,
    )


def _by_leads(model: SigSimNet, recordings: Any, method: str) -> dict[int, dict[int, Calibration]]:
    """Return the lines of several leads, of the recordings whose rows do not name one channel."""
    sets, people = [], []
    for path, entry in {e.path: e for e in Manifest.of(recordings).split("train") if not e.channel}.items():
        recording = entry.read()
        if len(model.leads_of(recording)) > 1:
            segments, _ = model.cut_good(recording, min_good_fraction=0.0)
            if len(segments):
                sets.append(model.embed(segments))
                people.append(entry.person or path)
    return calibrate_leads(model, sets, people, method=method)


def calibrate_leads(
    model: SigSimNet, sets: Sequence[Embedded], people: Sequence[str], *, method: str = "logistic"
) -> dict[int, dict[int, Calibration]]:
    """Return lines from fused score to log-likelihood ratio, by the number of independent leads and of beats.

    All pairs of recordings are trials; people weigh alike among the genuine ones. A number of leads without enough
    trials is left out.

    Parameters
    ----------
    model : SigSimNet
    sets : sequence of Embedded
        Recordings whose leads were cut apart; those that lack a lead of a set are left out there.
    people : sequence of str
        Whose they are.
    method : {"logistic", "isotonic"}
    """
    found: dict[int, dict[int, Calibration]] = {}
    for leads in LEAD_SETS:
        mine = [k for k, one in enumerate(sets) if set(leads) <= set(one.segments.channel_names)]
        pairs = np.array(list(combinations(range(len(mine)), 2)), dtype=np.int64).reshape(-1, 2)
        person = np.asarray([people[k] for k in mine])
        same = person[pairs[:, 0]] == person[pairs[:, 1]]
        if min(same.sum(), (~same).sum()) < LEAST_TRIALS:
            continue
        _, owner, n_own = np.unique(person[pairs[same, 0]], return_inverse=True, return_counts=True)
        weights = np.ones(len(pairs))
        weights[same] = same.sum() / (len(n_own) * n_own[owner])
        chosen = [sets[k].pick(leads) for k in mine]
        found[n_independent(leads)] = {
            n: CALIBRATIONS[method].fit(
                model.score_pairs([one.take(evenly_spaced(len(one), n or len(one))) for one in chosen], pairs),
                same.astype(np.int64),
                weights=weights,
            )
            for n in (*FEW, FULL)
        }
    return found


def normalise_by(model: SigSimNet, recordings: Any, *, kind: str, seed: int) -> None:
    """Keep a cohort with a model (`SigSimNet.normalise`)."""
    scoring = model.scoring(normalised=False)
    if kind not in NORMALISATIONS[1:]:
        raise ParameterError(f"unknown score normalisation {kind!r} (known: {', '.join(NORMALISATIONS[1:])})")
    prepared = prepare(
        Manifest.of(recordings).split("train"),
        model.cutter,
        same="recording",
        channels=model.channels_ or model.channels,
    )
    embeddings = model.encode(prepared.data.segments)
    cohort = cohort_of(embeddings, scoring, prepared.data, prepared.quality, seed=seed)
    ScoreNormalisation(kind, cohort)
    model.normalisation, model.cohort, model.calibration = kind, cohort, None
    model.calibration_by_count, model.calibration_by_leads = {}, {}
    model.card = replace(_card_with(model.card, prepared), calibrated_on="", n_calibrated=0, thresholds={})


def require_unseen(model: SigSimNet, recordings: Any, *, same: str, purpose: str) -> Prepared:
    """Cut recordings, and refuse people and recordings that the model was trained or calibrated on.

    Raises
    ------
    LeakageError
        Naming the first person or recording.
    """
    manifest = Manifest.of(recordings).split("train")
    for entry in manifest:
        model.check_leakage(entry, purpose=purpose)
    return prepare(
        manifest,
        model.cutter,
        same=same,
        channels=model.channels_ or model.channels,
        check=lambda entry, fingerprint: model.check_leakage(entry, fingerprint, purpose=purpose),
    )


def cohort_of(
    embeddings: NDArray[np.float32],
    scoring: Scoring,
    data: LabelledSegments,
    quality: NDArray[np.float64],
    *,
    seed: int,
    most: int = COHORT,
) -> NDArray[np.float32]:
    """Return templates of up to ``most`` recordings, of as many classes as there are."""
    rng = np.random.default_rng([seed, 7])
    recordings = np.unique(data.recordings)
    first = np.searchsorted(np.sort(data.recordings), recordings)
    label = data.labels[np.argsort(data.recordings, kind="stable")[first]]
    order = rng.permutation(len(recordings))
    # One of each class before a second of any.
    turn = np.array([np.sum(label[order[:k]] == label[order[k]]) for k in range(min(len(order), 4 * most))])
    chosen = recordings[order[np.argsort(turn, kind="stable")[:most]]]
    templates = []
    for recording in np.sort(chosen):
        index = np.flatnonzero(data.recordings == recording)
        templates.append(scoring.template(embeddings[index], quality[index]))
    return np.stack(templates) if templates else np.empty((0, embeddings.shape[1]), np.float32)


def _card_with(card: Card, prepared: Prepared) -> Card:
    """Return the card with more people and recordings that the model must not be tested on."""
    people = {d for person in prepared.people for d in digests_of_person(*person, card.salt)}
    return replace(
        card,
        people=tuple(sorted({*card.people, *people})),
        recordings=tuple(sorted({*card.recordings, *prepared.digests})),
    )
