"""From cut segments to a trained and calibrated network."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet.errors import LeakageError, ParameterError
from sigsimnet.model._calibrate import Calibrated, calibrate
from sigsimnet.model._card import Card, digests_of_person, known_under, salt_of
from sigsimnet.model._prepare import Prepared
from sigsimnet.model._templates import LEAST_COHORT, Attention, Scoring
from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Cosine
from sigsimnet.training import LOSSES, Augment, TrainingConfig, TrainingData, train
from sigsimnet.training.data import balanced_batches, split_groups
from sigsimnet.training.loop import encode_array

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["cohort_of", "fit_attention", "fit_prepared", "settings_of"]

COHORT = 500  # templates; the mean of the nearest 200 is then known to a tenth of their spread
ATTENTION_STEPS = 200
ATTENTION_SET = 8  # segments of a template while the attention learns


def fit_prepared(
    model: SigSimNet,
    prepared: Prepared,
    config: TrainingConfig,
    *,
    same: str,
    min_template_correlation: float,
    validation: float,
    augment: bool | Augment,
    calibration: str,
    start: SigSimNet | None,
    freeze: bool,
    checkpoint: Path | None,
    progress: bool,
    description: str,
) -> None:
    """Train a model in place (`SigSimNet.fit_prepared`)."""
    data = prepared.data
    model.build(data.segments.shape[1], seed=config.seed)
    extra = len(model.cutter.extra_channels)
    if model.n_channels - extra > 1:
        model.channels = prepared.channels[: model.n_channels - extra]
    encoder, head = model.encoder, model.head
    assert encoder is not None  # noqa: S101 - built above
    assert head is not None  # noqa: S101
    if start is not None:
        _start_from(model, start)
    elif freeze:
        raise ParameterError("freeze keeps the encoder of another model: name it with start")
    learn, held = split_groups(data, validation, config.seed)
    if start is not None and len(held):
        _refuse_known(start, prepared, held)
    # Poor segments teach nothing; calibration sees them, as every comparison will.
    if model.normalisation != "none" and len(np.unique(learn.recordings)) < LEAST_COHORT:
        raise ParameterError(
            f"normalisation={model.normalisation!r} takes at least {LEAST_COHORT} training recordings for its cohort"
        )
    good = prepared.quality[np.isin(data.groups, learn.groups)]
    learn, weight = learn.take(good >= min_template_correlation), good[good >= min_template_correlation]
    z_scored = getattr(model.cutter, "normalise", "") == "zscore"
    change = augment if isinstance(augment, Augment) else Augment() if augment and z_scored else None
    if change is not None and change.n_passthrough < extra:
        change = replace(change, n_passthrough=extra)
    seen = learn
    if same == "view":
        if change is None:
            raise ParameterError('same="view" asks two changed copies of a segment to be alike: give an Augment')
        seen = replace(learn, labels=np.arange(len(learn)))
    history = train(
        encoder, head, seen, held, config, augment=change, checkpoint=checkpoint, progress=progress, freeze=freeze
    )
    if model.fusion == "attention":
        model.attention = fit_attention(encoder, learn, weight, augment=change, seed=config.seed)
    if model.normalisation != "none":
        model.cohort = cohort_of(encoder, model.scoring(normalised=False), learn, weight, seed=config.seed)
    found = Calibrated()
    if len(held):
        found = calibrate(
            encoder,
            model.scoring(),
            held,
            prepared.quality[np.isin(data.groups, held.groups)],
            kind=model.cutter.kind,
            seed=config.seed,
            between_people=same == "label",
            method=calibration,
        )
    model.calibration, model.calibration_by_count = found.calibration, found.by_count
    salt = start.card.salt if start is not None else salt_of(prepared.fingerprints)
    n_learn, n_held = len(np.unique(learn.groups)), len(np.unique(held.groups))
    n_recordings = len({prepared.fingerprints[i] for i in np.unique(learn.recordings)})
    trained_on = f"{description}: {n_learn} people, {n_recordings} recordings"
    card = Card(
        same=same,
        trained_on=trained_on,
        n_people=n_learn,
        n_recordings=n_recordings,
        n_segments=len(learn),
        n_held_out=n_held,
        people=tuple(sorted({d for person in prepared.people for d in digests_of_person(*person, salt)})),
        recordings=tuple(sorted(set(prepared.fingerprints))),
        salt=salt,
        calibrated_on=found.description,
        n_calibrated=n_held if found.calibration else 0,
        thresholds=found.thresholds,
        min_segments=3 if model.cutter.kind == "beats" else 1,
        training=asdict(config) | {"augment": change.to_dict() if change else None, "validation": validation},
        history=tuple(history),
        extra={"n_low_quality": prepared.n_low_quality}
        | ({"skipped": list(prepared.skipped)} if prepared.skipped else {}),
    )
    if start is not None:
        before = start.card
        card = replace(
            card,
            trained_on=f"{trained_on}; started from {start.name} ({before.trained_on})",
            people=tuple(sorted({*card.people, *before.people})),
            recordings=tuple(sorted({*card.recordings, *before.recordings})),
            training=card.training | {"start": start.name, "freeze": freeze},
        )
    model.card = card


def _start_from(model: SigSimNet, start: SigSimNet) -> None:
    """Take over the encoder's weights, and the head's where it is of the same kind."""
    if start.encoder is None or start.head is None or model.encoder is None or model.head is None:
        raise ParameterError("the model to start from has no weights")
    theirs = {key: tuple(value.shape) for key, value in start.encoder.state_dict().items()}
    mine = {key: tuple(value.shape) for key, value in model.encoder.state_dict().items()}
    if start.encoder_name != model.encoder_name or theirs != mine:
        raise ParameterError(
            f"the encoder to start from ({start.encoder_name} of {start.n_channels} channels, options "
            f"{start.encoder.options}) is not like this one ({model.encoder_name} of {model.n_channels} channels, "
            f"options {model.encoder.options})"
        )
    if start.cutter.to_dict() != model.cutter.to_dict():
        raise ParameterError("the model to start from cuts its segments otherwise: give the same segments")
    model.encoder.load_state_dict(start.encoder.state_dict())
    if start.head_name == model.head_name:
        model.head.load_state_dict(start.head.state_dict())


def _refuse_known(start: SigSimNet, prepared: Prepared, held: TrainingData) -> None:
    """Refuse to hold out people whom the model that we start from has seen: their scores would flatter."""
    for number in np.unique(held.recordings):
        person = prepared.people[number]
        known = any(d in start.card.people for d in known_under(person[0], person[1], start.card.salt))
        if known or prepared.fingerprints[number] in start.card.recordings:
            raise LeakageError(
                f"{person[0] or 'a recording'} would be held out, but the model to start from was trained or "
                "calibrated on that person; bring other people or set validation to 0"
            )


def fit_attention(
    encoder: Encoder,
    data: TrainingData,
    quality: NDArray[np.float64],
    *,
    augment: Augment | None,
    seed: int,
    steps: int = ATTENTION_STEPS,
) -> Attention:
    """Learn which segments a template should trust, with the encoder left as it is.

    Two templates are drawn of each class, of segments spread over its recordings, and the supervised contrastive loss
    asks them to be alike and unlike those of other classes.
    """
    loss_of = LOSSES.get("supcon")(temperature=0.1)
    classes = torch.from_numpy(np.unique(data.labels, return_inverse=True)[1].astype(np.int64))
    rng = np.random.default_rng([seed, 6])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        attention = Attention(encoder.dim)
        optimizer = torch.optim.AdamW(attention.parameters(), lr=5e-3)
        batches = balanced_batches(data, n_classes=48, per_class=2 * ATTENTION_SET, n_batches=steps, rng=rng)
        head = Cosine(encoder.dim)
        for index in batches:
            x = torch.from_numpy(data.segments[index])
            if augment is not None:
                x = augment(x)
            with torch.no_grad():
                embeddings = encoder(x)
            # Rows of a class alternate between its recordings: even ones make one template, odd ones the other.
            sets = embeddings.reshape(-1, ATTENTION_SET, 2, encoder.dim).transpose(1, 2).flatten(0, 1)
            trust = torch.from_numpy(quality[index]).float().reshape(-1, ATTENTION_SET, 2).transpose(1, 2).flatten(0, 1)
            templates = attention(sets, trust)
            labels = classes[index].reshape(-1, ATTENTION_SET, 2)[:, 0].flatten()
            loss = loss_of(templates, labels, head)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return attention.eval()


def cohort_of(
    encoder: Encoder,
    scoring: Scoring,
    data: TrainingData,
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
        templates.append(scoring.template(encode_array(encoder, data.segments[index]).numpy(), quality[index]))
    return np.stack(templates) if templates else np.empty((0, encoder.dim), np.float32)


def settings_of(values: dict[str, Any]) -> TrainingConfig:
    """Return a `TrainingConfig`, or say which setting there is not."""
    try:
        return TrainingConfig(**values)
    except TypeError as error:
        raise ParameterError(f"training has no such setting: {error}") from error
