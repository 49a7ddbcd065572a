"""How a model comes to be: from recordings to a trained and calibrated network. Needs PyTorch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.extras import require_torch
from sigsimnet.datasets import Manifest
from sigsimnet.errors import LeakageError, ModelError, ParameterError
from sigsimnet.model._adapt import cohort_of
from sigsimnet.model._calibrate import Calibrated, calibrate
from sigsimnet.model._card import Card, known_under, salt_of
from sigsimnet.model._crossed import folds_for
from sigsimnet.model._learnt import card_of, card_of_people, started_from
from sigsimnet.model._prepare import Prepared, prepare
from sigsimnet.model._scoring import LEAST_COHORT
from sigsimnet.model._state import AUTO
from sigsimnet.segments import LabelledSegments

if TYPE_CHECKING:
    from sigsimnet.model._choose_encoder import Tried
    from sigsimnet.model._model import SigSimNet
    from sigsimnet.networks.encoders import ClosedForm
    from sigsimnet.networks.network import TorchNetwork
    from sigsimnet.training import Augment, TrainingConfig

__all__ = ["Evaluator", "build", "fit", "fit_prepared", "modules_of", "settings_of"]

LOG = logging.getLogger(__name__)
WHAT = "training a model"
USUAL = "cnn"
VIEWS = 4  # changed copies of a segment, where nothing else says what is the same
Evaluator = Callable[["SigSimNet"], Mapping[str, float]]


def build(model: SigSimNet, n_channels: int, *, seed: int) -> TorchNetwork:
    """Give a model a network of random weights (`SigSimNet.build`)."""
    require_torch("building a network")
    from sigsimnet.networks.network import build_network

    if model.encoder == AUTO:
        model.encoder = USUAL  # nothing is known yet that one could choose by
    network = build_network(
        model.encoder, model.head, n_channels, model.cutter.n_samples, options=model.encoder_options, seed=seed
    )
    forget(model)
    model.network, model.n_channels = network, n_channels
    return network


def forget(model: SigSimNet) -> None:
    """Drop whatever a model learnt."""
    model.network, model.n_channels, model.channels_ = None, 0, None
    model.card, model.calibration, model.cohort = Card(), None, None
    model.calibration_by_count, model.calibration_by_leads = {}, {}
    model._fast = None  # noqa: SLF001 - of this room


def modules_of(model: SigSimNet) -> TorchNetwork:
    """Return a model's network as PyTorch modules, whatever computes it now.

    Raises
    ------
    MissingExtraError
        If PyTorch is not installed.
    ModelError
        If the model has no network, or its encoder is not known here.
    """
    require_torch(WHAT)
    from sigsimnet.networks.network import TorchNetwork, build_network

    network = model.network
    if network is None:
        raise ModelError("this model has no network yet: call fit, build or load")
    if isinstance(network, TorchNetwork):
        return network
    made = build_network(model.encoder, model.head, model.n_channels, model.cutter.n_samples, options=network.options)
    made.load_weights(network.weights())
    return made


def fit(
    model: SigSimNet,
    recordings: Any,
    *,
    settings: dict[str, Any],
    same: str,
    min_good_fraction: float,
    start: SigSimNet | str | Path | None,
    progress: bool,
    description: str,
    **options: Any,
) -> None:
    """Train a model in place (`SigSimNet.fit`)."""
    require_torch(WHAT)
    from sigsimnet.model._model import SigSimNet

    if model.encoder != AUTO:
        build(model.clone(), 1, seed=0)  # an unknown option shows before anything is read
    every = Manifest.of(recordings)
    manifest = every.split("train")
    if len(manifest) < len(every):
        LOG.info("%d of %d rows have split 'train'; the others are left out", len(manifest), len(every))
    config = settings_of(settings)
    source = start if isinstance(start, SigSimNet) or start is None else SigSimNet.load(start)
    prepared = prepare(
        manifest,
        model.cutter,
        same=same,
        channels=model.channels,
        min_good_fraction=min_good_fraction,
        progress=progress,
    )
    for sentence in prepared.left_out:
        LOG.warning("%s", sentence)
    named = Path(manifest.source).name if manifest.source else "recordings given in memory"
    fit_prepared(
        model,
        prepared,
        config,
        same=same,
        start=source,
        progress=progress,
        description=description or named,
        **options,
    )


def fit_prepared(
    model: SigSimNet,
    prepared: Prepared,
    config: TrainingConfig,
    *,
    same: str,
    min_template_correlation: float = 0.5,
    validation: float = 0.25,
    augment: bool | Augment = True,
    calibration: str = "logistic",
    start: SigSimNet | None = None,
    freeze: bool = False,
    evaluator: Evaluator | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
    description: str = "",
) -> None:
    """Train a model in place on segments that were cut before."""
    from sigsimnet.networks.encoders import ClosedForm
    from sigsimnet.training import train
    from sigsimnet.training._attention import fit_attention
    from sigsimnet.training.data import split_groups

    data = prepared.data
    chosen = _settle_encoder(model, prepared, config, same=same, start=start)
    network = build(model, data.segments.shape[1], seed=config.seed)
    extra = len(model.cutter.extra_channels)
    if model.n_channels - extra > 1:
        model.channels_ = prepared.channels[: model.n_channels - extra]
    if start is not None:
        _start_from(model, network, start)
    elif freeze:
        raise ParameterError("freeze keeps the encoder of another model: name it with start")
    learn, held = split_groups(data, validation, config.seed)
    if start is not None and len(held):
        _refuse_known(start, prepared, held)
    if model.normalisation != "none" and len(np.unique(learn.recordings)) < LEAST_COHORT:
        raise ParameterError(
            f"normalisation={model.normalisation!r} takes at least {LEAST_COHORT} training recordings for its cohort"
        )
    # Segments unlike the others of their recording teach nothing; calibration sees them, as every comparison will.
    good = prepared.quality[np.isin(data.groups, learn.groups)]
    learn, weight = learn.take(good >= min_template_correlation), good[good >= min_template_correlation]
    change = _augmentation(model, augment, extra)
    seen = _views(learn, change) if same == "view" else learn
    folds, vectors = None, None
    model.card = card_of_people(prepared, start)  # an evaluator refuses them from the first epoch on
    if isinstance(network.encoder, ClosedForm):
        view = change if same == "view" else None
        if start is None and isinstance(augment, bool) and same != "view":
            folds = folds_for(data, network, validation, config.seed)
        if folds is not None:  # everybody teaches, and everybody is held out once
            usable: NDArray[np.bool_] = prepared.quality >= min_template_correlation
            vectors = network.encoder.cross_rows(data.segments, data.labels, folds, usable, seed=config.seed)
            learn, weight, held = data.take(usable), prepared.quality[usable], data
            seen = learn
        history = _fit_rows(network, network.encoder, seen, config, augment=augment, view=view)
    else:
        history = train(
            network.encoder,
            network.head,
            seen,
            held,
            config,
            augment=change,
            checkpoint=checkpoint,
            progress=progress,
            freeze=freeze,
            after_epoch=None if evaluator is None else lambda: evaluator(model),
        )
    if model.fusion == "attention":
        network.attention = fit_attention(network.encoder, learn, weight, augment=change, seed=config.seed)
    if model.normalisation != "none":
        embeddings = network.encode(learn.segments)
        model.cohort = cohort_of(embeddings, model.scoring(normalised=False), learn, weight, seed=config.seed)
    found = Calibrated()
    if len(held):
        found = calibrate(
            network.encode(held.segments) if vectors is None else vectors,
            model.scoring(),
            held,
            prepared.quality[np.isin(data.groups, held.groups)],
            fold=folds,
            kind=model.cutter.kind,
            seed=config.seed,
            between_people=same == "label",
            method=calibration,
        )
    model.calibration, model.calibration_by_count = found.calibration, found.by_count
    model.calibration_by_leads = {}
    training = asdict(config) | {"augment": change.to_dict() if change else None, "validation": validation}
    model.card = card_of(
        model,
        prepared,
        learn,
        held,
        found,
        history,
        training=training,
        same=same,
        description=description,
        # People of the model that training started from stay known: under the same salt.
        salt=start.card.salt if start is not None else salt_of(prepared.fingerprints),
        tried=chosen,
    )
    if start is not None:
        model.card = started_from(model.card, start, freeze=freeze)


def _settle_encoder(
    model: SigSimNet, prepared: Prepared, config: TrainingConfig, *, same: str, start: SigSimNet | None
) -> Tried | None:
    """Choose the encoder of a model that leaves it open; return what was tried, and how well it did."""
    if model.encoder != AUTO:
        return None
    if start is not None:
        model.encoder = start.encoder
        model.encoder_options = start.network.options if start.network is not None else None
        return None
    if same == "view":  # no label to choose by
        model.encoder = USUAL
        return None
    from sigsimnet.model._choose_encoder import choose_encoder

    tried = choose_encoder(model, prepared, config)
    model.encoder = tried.chosen
    return tried


def _fit_rows(
    network: TorchNetwork,
    encoder: ClosedForm,
    seen: LabelledSegments,
    config: TrainingConfig,
    *,
    augment: bool | Augment,
    view: Augment | None,
) -> list[dict[str, float]]:
    """Fit an encoder that is learnt in closed form; changed copies of its rows are added where they were asked for.

    Where the views of a segment are all that is known, four changed copies of each are its class.
    """
    from sigsimnet.training.augment import changed_copies

    change, n_copies = (view, VIEWS) if view is not None else (augment, 1)
    segments, labels = seen.segments, seen.labels
    if not isinstance(change, bool):
        copies = changed_copies(change, segments, n_copies, seed=config.seed)
        segments, labels = np.concatenate([segments, *copies]), np.tile(labels, n_copies + 1)
    # A head with weights of its own was built for one length of embedding.
    encoder.fit_rows(segments, labels, seed=config.seed, resize=not any(True for _ in network.head.parameters()))
    return []


def _views(learn: LabelledSegments, change: Augment | None) -> LabelledSegments:
    """Return segments of which each is like nothing but its own changed copies."""
    if change is None:
        raise ParameterError('same="view" asks two changed copies of a segment to be alike: give an Augment')
    return replace(learn, labels=np.arange(len(learn)))


def _augmentation(model: SigSimNet, augment: bool | Augment, extra: int) -> Augment | None:
    """Return what changes segments while training; None leaves them as they are."""
    from sigsimnet.training import Augment

    z_scored = getattr(model.cutter, "normalise", "") == "zscore"
    change = augment if isinstance(augment, Augment) else Augment() if augment and z_scored else None
    return replace(change, n_passthrough=extra) if change is not None and change.n_passthrough < extra else change


def _start_from(model: SigSimNet, network: TorchNetwork, start: SigSimNet) -> None:
    """Take over the encoder's weights, and the head's where it is of the same kind."""
    if start.network is None:
        raise ParameterError("the model to start from has no network yet")
    weights = start.network.weights()
    own = network.weights()
    theirs = {name: value.shape for name, value in weights.items() if name.startswith("encoder.")}
    mine = {name: value.shape for name, value in own.items() if name.startswith("encoder.")}
    if start.encoder != model.encoder or theirs != mine:
        raise ParameterError(
            f"the encoder to start from ({start.encoder} of {start.n_channels} channels, options "
            f"{start.network.options}) is not like this one ({model.encoder} of {model.n_channels} channels, "
            f"options {network.options})"
        )
    if start.cutter.to_dict() != model.cutter.to_dict():
        raise ParameterError("the model to start from cuts its segments otherwise: give the same segments")
    taken = ("encoder.", "head.") if start.head == model.head else ("encoder.",)
    network.load_weights(own | {name: value for name, value in weights.items() if name.startswith(taken)})


def _refuse_known(start: SigSimNet, prepared: Prepared, held: LabelledSegments) -> None:
    """Refuse to hold out people whom the model that we start from has seen: their scores would flatter."""
    for number in np.unique(held.recordings):
        person = prepared.people[number]
        known = any(d in start.card.people for d in known_under(person[0], person[1], start.card.salt))
        if known or prepared.fingerprints[number] in start.card.recordings:
            raise LeakageError(
                f"{person[0] or 'a recording'} would be held out, but the model to start from was trained or "
                "calibrated on that person; bring other people or set validation to 0"
            )


def settings_of(values: dict[str, Any]) -> TrainingConfig:
    """Return a `TrainingConfig`, or say which setting there is not."""
    from sigsimnet.training import TrainingConfig

    try:
        return TrainingConfig(**values)
    except TypeError as error:
        raise ParameterError(f"training has no such setting: {error}") from error
