"""A finished model on other recordings: calibrated anew, or normalised by a cohort. No PyTorch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Manifest
from sigsimnet.errors import ModelError, ParameterError, SignalError
from sigsimnet.model._calibrate import calibrate
from sigsimnet.model._card import Card, digests_of_person
from sigsimnet.model._prepare import Prepared, prepare
from sigsimnet.model._scoring import NORMALISATIONS, ScoreNormalisation, Scoring
from sigsimnet.segments import LabelledSegments

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["calibrate_on", "cohort_of", "normalise_by", "require_unseen"]

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
    model.card = replace(
        _card_with(model.card, prepared),
        calibrated_on=found.description,
        n_calibrated=len(np.unique(data.groups)),
        thresholds=found.thresholds,
    )


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
    model.calibration_by_count = {}
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
