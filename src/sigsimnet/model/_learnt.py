"""What a training writes on the card of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.model._calibrate import Calibrated
from sigsimnet.model._card import Card, digests_of_person, salt_of
from sigsimnet.model._channels import covariance_of
from sigsimnet.model._prepare import Prepared
from sigsimnet.segments import LabelledSegments

if TYPE_CHECKING:
    from sigsimnet.model._choose_encoder import Tried
    from sigsimnet.model._model import SigSimNet

__all__ = ["card_of", "card_of_people", "started_from"]

MOST_LABELS = 1000  # that a card names


def card_of(
    model: SigSimNet,
    prepared: Prepared,
    learn: LabelledSegments,
    held: LabelledSegments,
    found: Calibrated,
    history: list[dict[str, float]],
    *,
    training: dict[str, Any],
    same: str,
    description: str,
    salt: str,
    tried: Tried | None,
) -> Card:
    """Return the card of a model that was just trained."""
    n_learn, n_held = len(np.unique(learn.groups)), len(np.unique(held.groups))
    n_recordings = len({prepared.fingerprints[i] for i in np.unique(learn.recordings)})
    return Card(
        same=same,
        trained_on=f"{description}: {n_learn} people, {n_recordings} recordings",
        n_people=n_learn,
        n_recordings=n_recordings,
        n_segments=len(learn),
        n_held_out=n_held,
        people=tuple(sorted({d for person in prepared.people for d in digests_of_person(*person, salt)})),
        recordings=tuple(sorted(prepared.digests)),
        salt=salt,
        calibrated_on=found.description,
        n_calibrated=n_held if found.calibration else 0,
        thresholds=found.thresholds,
        min_segments=1 if model.cutter.kind == "windows" else 3,
        training=training,
        history=tuple(history),
        extra=_extra(model, prepared, learn, same=same, tried=tried),
    )


def _extra(
    model: SigSimNet, prepared: Prepared, learn: LabelledSegments, *, same: str, tried: Tried | None
) -> dict[str, Any]:
    """Return what else is worth knowing: what was left out, which labels were learnt, how channels go together."""
    found: dict[str, Any] = {"n_low_quality": prepared.n_low_quality}
    if prepared.left_out:
        found["left_out"] = list(prepared.left_out)
    if prepared.skipped:
        found["skipped"] = list(prepared.skipped)
    if model.channels_:
        found["channel_covariance"] = covariance_of(learn.segments[:, : len(model.channels_)])
    if same == "label":
        found["labels"] = sorted({prepared.labels[k] for k in np.unique(learn.recordings)})[:MOST_LABELS]
    if tried is not None:
        found["encoders_tried"] = {name: value if np.isfinite(value) else None for name, value in tried.values.items()}
        found["encoder_chosen_by"] = tried.by
    return found


def card_of_people(prepared: Prepared, start: SigSimNet | None) -> Card:
    """Return a card that says only who must not be tested on."""
    before = start.card if start is not None else Card()
    salt = before.salt or salt_of(prepared.fingerprints)
    people = {digest for person in prepared.people for digest in digests_of_person(*person, salt)}
    return Card(
        people=tuple(sorted({*people, *before.people})),
        recordings=tuple(sorted({*prepared.digests, *before.recordings})),
        salt=salt,
    )


def started_from(card: Card, start: SigSimNet, *, freeze: bool) -> Card:
    """Return the card of a model that went on from another one, whose people stay known."""
    before = start.card
    return replace(
        card,
        trained_on=f"{card.trained_on}; started from {start.name} ({before.trained_on})",
        people=tuple(sorted({*card.people, *before.people})),
        recordings=tuple(sorted({*card.recordings, *before.recordings})),
        training=card.training | {"start": start.name, "freeze": freeze},
    )
