"""Calibration: what a score is worth, learnt on people that the network has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sigsimnet.encoders import Encoder
from sigsimnet.errors import ParameterError
from sigsimnet.evaluate import CALIBRATIONS, Calibration, threshold_at_far
from sigsimnet.siamese._templates import Scoring
from sigsimnet.training import TrainingData
from sigsimnet.training.loop import encode_array

__all__ = ["Calibrated", "calibrate"]

CHUNK = {"beats": 16, "windows": 4}  # segments in a trial: about 15 s of either
MOST_CHUNKS = 4  # of one recording
MOST_IMPOSTORS = 20_000
LEAST_TRIALS = 4  # of each kind; fewer cannot carry two parameters
FARS = (0.01, 0.001)  # false accept rates whose thresholds are kept, as far as the impostor trials allow


@dataclass(frozen=True)
class Calibrated:
    """What calibration found.

    Attributes
    ----------
    calibration : Calibration or None
        None when there are too few trials of either kind.
    description : str
        What it was fitted to; empty for None.
    thresholds : dict of str to float
        Score to accept at, by the false accept rate it keeps among the impostor trials (``"0.01"``); a rate that the
        number of trials cannot carry (`sigsimnet.evaluate.tar_at_far`) is left out.
    """

    calibration: Calibration | None = None
    description: str = ""
    thresholds: dict[str, float] = field(default_factory=dict)


def calibrate(
    encoder: Encoder,
    scoring: Scoring,
    data: TrainingData,
    quality: NDArray[np.float64],
    *,
    kind: str,
    seed: int,
    between_people: bool = False,
    lead: NDArray[np.int64] | None = None,
    method: str = "logistic",
) -> Calibrated:
    """Fit score to log-likelihood ratio, by one of `CALIBRATIONS`, on chunks of about 15 s of held-out recordings.

    Genuine trials are taken across recordings wherever a class has several; else between the first and the last
    chunk of one recording, which are closer than two sittings would be. The sentence that is returned says which. With
    ``lead``, the number of the lead of each segment, only chunks of one lead are compared, where there are enough of
    them: impostors of unlike leads are easier than any that a user will bring.

    Raises
    ------
    ParameterError
        If there is no such method.
    """
    if method not in CALIBRATIONS:
        raise ParameterError(f"unknown calibration {method!r} (known: {', '.join(CALIBRATIONS)})")
    embeddings = encode_array(encoder, data.segments).numpy()
    chunks: list[tuple[int, int, NDArray[np.int64]]] = []
    for recording in np.unique(data.recordings):
        index = np.flatnonzero(data.recordings == recording)
        label = int(data.labels[index[0]])
        size = CHUNK.get(kind, 4)
        n = int(np.clip(len(index) // size, 1, MOST_CHUNKS))
        chunks += [(label, int(recording), piece) for piece in np.array_split(index, n) if len(piece)]
    group_of = {int(r): int(data.groups[np.flatnonzero(data.recordings == r)[0]]) for r in np.unique(data.recordings)}
    # A person resembles herself whatever she does: labels are compared between people, as in the evaluation.
    apart = between_people and len(set(group_of.values())) > 1
    lead_of = {int(r): int(lead[np.flatnonzero(data.recordings == r)[0]]) for r in group_of} if lead is not None else {}
    several = {label for label, _, _ in chunks if len({r for other, r, _ in chunks if other == label}) > 1}
    genuine, within, impostor, across = [], [], [], 0
    for i, j in combinations(range(len(chunks)), 2):
        (label_a, recording_a, _), (label_b, recording_b, _) = chunks[i], chunks[j]
        if lead_of and lead_of[recording_a] != lead_of[recording_b]:
            continue
        if apart and recording_a != recording_b and group_of[recording_a] == group_of[recording_b]:
            continue
        if label_a != label_b:
            impostor.append((i, j))
        elif recording_a != recording_b:
            genuine.append((i, j))
            across += 1
        elif label_a not in several:
            within.append((i, j))
    # Trials within one recording are easier than any that a user will make: only where there are no others.
    if len(genuine) < LEAST_TRIALS:
        genuine += within
    if min(len(genuine), len(impostor)) < LEAST_TRIALS:
        if lead is not None:  # every file names its lead in its own way
            return calibrate(
                encoder, scoring, data, quality, kind=kind, seed=seed, between_people=between_people, method=method
            )
        return Calibrated()
    if len(impostor) > MOST_IMPOSTORS:
        chosen = np.random.default_rng([seed, 5]).choice(len(impostor), MOST_IMPOSTORS, replace=False)
        impostor = [impostor[k] for k in np.sort(chosen)]
    scores = scoring.pairs(
        [embeddings[index] for _, _, index in chunks],
        [quality[index] for _, _, index in chunks],
        np.array(genuine + impostor),
    )
    labels = np.repeat([1, 0], [len(genuine), len(impostor)])
    calibration = CALIBRATIONS[method].fit(scores, labels)
    thresholds = {f"{far:g}": threshold_at_far(scores, labels, far) for far in FARS}
    n_groups = len(np.unique(data.groups))
    how = (
        "across recordings"
        if across == len(genuine)
        else f"{across} across recordings, the rest within one"
        if across
        else "within one recording, which is easier than across sittings"
    )
    return Calibrated(
        calibration,
        f"{len(genuine)} genuine trials ({how}) and {len(impostor)} impostor trials of {n_groups} people held out of "
        "the training",
        {far: score for far, score in thresholds.items() if np.isfinite(score)},
    )
