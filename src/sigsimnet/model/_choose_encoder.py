"""`encoder="auto"`: which encoder suits the windows at hand, by people who are held out of a short training."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.metrics import roc_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.model._model import SigSimNet
    from sigsimnet.model._prepare import Prepared
    from sigsimnet.segments import LabelledSegments
    from sigsimnet.training import TrainingConfig

__all__ = ["TRIED", "choose_encoder"]

LOG = logging.getLogger(__name__)
TRIED = ("rocket", "cnn")
_FOLDS = 3
_MOST = 1500  # segments of a fold that are learnt from, and that are compared
_EPOCHS, _STEPS, _LEAST_STEPS = 4, 25, 6
_SHORT = 500  # samples of a segment; longer ones get fewer steps


def choose_encoder(model: SigSimNet, prepared: Prepared, config: TrainingConfig) -> dict[str, float]:
    """Return how well each encoder that was tried tells pairs of held-out people: mean AUC over three folds.

    Pairs are of segments of two recordings. Where no fold of people has two labels and two segments of one, recordings
    are held out instead, or else labels. An encoder that learns by gradients gets a hundred steps, of long windows
    fewer: enough to see which way it goes. Where there is too little to hold any out, the first of `TRIED` is taken.
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
        return {TRIED[0]: float("nan")}
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
            values.append(_auc(network.encode(test.segments), test))
        found[name] = round(float(np.nanmean(values)), 4)
    said = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    LOG.info("encoder, by the AUC of pairs of held-out segments: %s", said)
    return found


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


def _auc(embeddings: NDArray[np.float32], test: LabelledSegments) -> float:
    """Return the AUC of cosines of pairs of recordings; of segments, where each label is of one recording."""
    first, second = np.triu_indices(len(test), 1)
    apart = test.recordings[first] != test.recordings[second]
    same = test.labels[first] == test.labels[second]
    if (same & apart).any() and (~same & apart).any():
        first, second, same = first[apart], second[apart], same[apart]
    scores = (embeddings @ embeddings.T)[first, second]
    return roc_auc(scores, same) if same.any() and not same.all() else float("nan")
