"""`encoder="auto"`: which encoder suits the windows at hand, by people who are held out of a short training."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sigsimnet.metrics import roc_auc
from sigsimnet.model._scoring import template_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.model._model import SigSimNet
    from sigsimnet.model._prepare import Prepared
    from sigsimnet.segments import LabelledSegments
    from sigsimnet.training import TrainingConfig

__all__ = ["TRIED", "Tried", "choose_encoder"]

LOG = logging.getLogger(__name__)
TRIED = ("rocket", "cnn")
_FOLDS = 3
_MOST = 1500  # segments of a fold that are learnt from, and that are compared
_EPOCHS, _STEPS, _LEAST_STEPS = 4, 25, 6
_SHORT = 500  # samples of a segment; longer ones get fewer steps
_MARGIN = 0.01  # by which a later one must be better: less lies within the chance of three folds
NEAREST = "the balanced accuracy of held-out recordings, each named by the nearest one learnt from"
PAIRS = "the AUC of pairs of held-out segments"


class Tried(NamedTuple):
    """Which encoder was chosen, what each reached (NaN: nothing to choose by), and of what that is."""

    chosen: str
    values: dict[str, float]
    by: str


def choose_encoder(model: SigSimNet, prepared: Prepared, config: TrainingConfig) -> Tried:
    """Try encoders on people who are held out of the training, and return the one that does best: the mean over folds.

    Where the labels of the held-out recordings are learnt from others, each gets the label of the nearest recording
    that was learnt from, as later on; else (another person is another label) pairs of segments of two recordings are
    told apart. Where no fold of people has two labels and two segments of one, recordings are held out instead, or else
    labels. An encoder that learns by gradients gets a hundred steps, of long windows fewer: enough to see which way it
    goes. A later one of `TRIED` must be better by a hundredth; where there is too little to hold any out, the first is
    taken.
    """
    from sigsimnet.networks.encoders import ClosedForm
    from sigsimnet.networks.network import build_network
    from sigsimnet.training import train

    data = prepared.data
    steps = round(np.clip(_STEPS * _SHORT / np.prod(data.segments.shape[1:]), _LEAST_STEPS, _STEPS))
    short = replace(config, epochs=min(config.epochs, _EPOCHS), steps=min(config.steps or steps, steps))
    found: dict[str, float] = {}
    folds = _folds(data, config.seed)
    if not folds:
        LOG.warning("too few people and recordings to choose an encoder by: %s was taken", TRIED[0])
        return Tried(TRIED[0], {TRIED[0]: float("nan")}, "")
    named = all(np.isin(data.labels[held], data.labels[~held]).all() for held in folds)
    for name in TRIED:
        values = []
        for held in folds:
            learn, test = data.take(_few(~held, config.seed)), data.take(_few(held, config.seed))
            network = build_network(name, model.head, *data.segments.shape[1:], seed=config.seed)
            if isinstance(network.encoder, ClosedForm):
                resize = not any(True for _ in network.head.parameters())
                network.encoder.fit_rows(learn.segments, learn.labels, seed=config.seed, resize=resize)
            else:
                train(network.encoder, network.head, learn, None, short, progress=False)
            new = network.encode(test.segments)
            values.append(_named(network.encode(learn.segments), learn, new, test) if named else _auc(new, test))
        found[name] = round(float(np.nanmean(values)), 4)
    chosen = TRIED[0]
    for name, value in found.items():
        if value > found[chosen] + _MARGIN or np.isnan(found[chosen]):
            chosen = name
    by = NEAREST if named else PAIRS
    LOG.info("encoder %s, by %s: %s", chosen, by, ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    return Tried(chosen, found, by)


def _folds(data: LabelledSegments, seed: int) -> list[NDArray[np.bool_]]:
    """Return which segments each fold holds out: those of some people, of some recordings, or of some labels."""
    rng = np.random.default_rng(seed)
    for names in (data.groups, data.recordings, data.labels):
        units = rng.permutation(np.unique(names)).tolist()
        # In order of their labels, so that each fold has its share of each.
        label_of = {unit: int(data.labels[np.flatnonzero(names == unit)[0]]) for unit in units}
        ordered = np.array(sorted(units, key=lambda unit: label_of[unit]))
        folds = [np.isin(names, ordered[k::_FOLDS]) for k in range(_FOLDS)]
        if usable := [held for held in folds if _can_be_told(data, held)]:
            return usable
    return []


def _can_be_told(data: LabelledSegments, held: NDArray[np.bool_]) -> bool:
    counts = np.unique(data.labels[held], return_counts=True)[1]
    return len(counts) > 1 and int(counts.max()) > 1 and len(np.unique(data.labels[~held])) > 1


def _few(which: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(which)
    if len(rows) <= _MOST:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, _MOST, replace=False))


def _templates(
    embeddings: NDArray[np.float32], data: LabelledSegments
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the template of each recording, and its label."""
    numbers, first = np.unique(data.recordings, return_index=True)
    found = [template_of(embeddings[data.recordings == number]) for number in numbers]
    return np.stack(found), data.labels[first]


def _named(
    known: NDArray[np.float32], learn: LabelledSegments, new: NDArray[np.float32], test: LabelledSegments
) -> float:
    """Return the share of recordings that get their label from the nearest one that was learnt from; labels alike."""
    (of_known, names), (of_new, truth) = _templates(known, learn), _templates(new, test)
    right = names[(of_new @ of_known.T).argmax(axis=1)] == truth
    return float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))


def _auc(embeddings: NDArray[np.float32], test: LabelledSegments) -> float:
    """Return the AUC of cosines of pairs of recordings; of segments, where each label is of one recording."""
    first, second = np.triu_indices(len(test), 1)
    apart = test.recordings[first] != test.recordings[second]
    same = test.labels[first] == test.labels[second]
    if (same & apart).any() and (~same & apart).any():
        first, second, same = first[apart], second[apart], same[apart]
    scores = (embeddings @ embeddings.T)[first, second]
    return roc_auc(scores, same) if same.any() and not same.all() else float("nan")
