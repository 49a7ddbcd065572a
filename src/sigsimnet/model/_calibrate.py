"""Calibration: what a score is worth, learnt on people that the network has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sigsimnet._utils.sampling import subsample_evenly
from sigsimnet.errors import ParameterError
from sigsimnet.metrics import CALIBRATIONS, Calibration, threshold_at_far
from sigsimnet.model._scoring import Scoring
from sigsimnet.segments import LabelledSegments

__all__ = ["FULL", "Calibrated", "LeadCalibrations", "calibrate"]

CHUNK = {"beats": 16, "windows": 4, "cycles": 16}  # segments in a trial: of beats, windows, pulses about 15 s
FEW = (1, 4)  # segments a side whose scores have a calibration of their own: few carry less, and scatter more
MOST_CHUNKS = 4  # of one recording
MOST_IMPOSTORS = 40_000  # 30,000 carry a threshold at FAR 0.1 %
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
        number of trials cannot carry (`sigsimnet.metrics.tar_at_far`) is left out.
    by_count : dict of int to Calibration
        Calibrations of sides of so few segments, from the same trials.
    """

    calibration: Calibration | None = None
    description: str = ""
    thresholds: dict[str, float] = field(default_factory=dict)
    by_count: dict[int, Calibration] = field(default_factory=dict)


def calibrate(
    embeddings: NDArray[np.float32],
    scoring: Scoring,
    data: LabelledSegments,
    quality: NDArray[np.float64],
    *,
    kind: str,
    seed: int,
    between_people: bool = False,
    lead: NDArray[np.int64] | None = None,
    method: str = "logistic",
    within: bool = False,
    fold: NDArray[np.int64] | None = None,
) -> Calibrated:
    """Fit score to log-likelihood ratio, by one of `CALIBRATIONS`, on chunks of about 15 s of held-out recordings.

    Classes weigh alike among the genuine trials: no single person decides. Genuine trials are taken across
    recordings wherever a class has several; else between chunks of one recording, which are closer than two sittings
    would be. The sentence that is returned says which. With ``lead``, the number of the lead of each segment, only
    chunks of one lead are compared, where there are enough of them: impostors of unlike leads are easier than any that
    a user will bring.

    With ``fold``, the number of the training that each segment was held out of, only segments of one fold are
    compared: embeddings of two trainings have nothing in common.

    With ``within``, classes of one recording give trials too, whatever there is across recordings: their first chunk
    against their last. Both kinds of class then weigh the same, and impostors are paired within their kind.

    Raises
    ------
    ParameterError
        If there is no such method.
    """
    if method not in CALIBRATIONS:
        raise ParameterError(f"unknown calibration {method!r} (known: {', '.join(CALIBRATIONS)})")
    chunks = _chunks(data, kind)
    several = _several(chunks)
    genuine, inside, impostor = _trials(
        chunks, several, data, between_people=between_people, lead=_both(lead, fold), within=within
    )
    across = len(genuine)
    # Trials within one recording are easier than any that a user will make: only where there are no others.
    if within or len(genuine) < LEAST_TRIALS:
        genuine += inside
    if min(len(genuine), len(impostor)) < LEAST_TRIALS:
        if lead is not None:  # every file names its lead in its own way
            return calibrate(
                embeddings,
                scoring,
                data,
                quality,
                kind=kind,
                seed=seed,
                between_people=between_people,
                method=method,
                within=within,
                fold=fold,
            )
        return Calibrated()
    if len(impostor) > MOST_IMPOSTORS:
        chosen = np.random.default_rng([seed, 5]).choice(len(impostor), MOST_IMPOSTORS, replace=False)
        impostor = [impostor[k] for k in np.sort(chosen)]
    pairs = np.array(genuine + impostor)

    def scored(rows: list[NDArray[np.int64]]) -> NDArray[np.float64]:
        return scoring.pairs([embeddings[own] for own in rows], [quality[own] for own in rows], pairs)

    scores = scored([chunk.rows for chunk in chunks])
    labels = np.repeat([1, 0], [len(genuine), len(impostor)])
    of_class = np.array([chunks[i].label for i, _ in genuine + impostor])
    weights = _even(labels == 1, of_class, np.isin(of_class, list(several)) if within else np.zeros(len(labels), bool))
    calibration = CALIBRATIONS[method].fit(scores, labels, weights=weights)
    thresholds = {f"{far:g}": threshold_at_far(scores, labels, far, weights) for far in FARS}
    by_count: dict[int, Calibration] = {
        n: CALIBRATIONS[method].fit(
            scored([subsample_evenly(chunk.rows, n) for chunk in chunks]), labels, weights=weights
        )
        for n in FEW
        if n < CHUNK.get(kind, 4)
    }
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
        f"{len(genuine)} genuine trials ({how}) and {len(impostor)} impostor trials of {n_groups} people "
        + ("held out of the training" if fold is None else "each held out of a training on the others"),
        {far: score for far, score in thresholds.items() if np.isfinite(score)},
        by_count,
    )


FULL = 0  # stands for as many segments as a chunk holds


@dataclass(frozen=True)
class LeadCalibrations:
    """Lines from score to log-likelihood ratio, by independent leads and by segments of the side that has fewer.

    Attributes
    ----------
    lines : dict of int to dict of int to Calibration
        By the number of leads, and by the number of segments (`FULL`: as many as about 15 s bring, and more).
    """

    lines: dict[int, dict[int, Calibration]]

    def probability(self, kind: str, score: float, prior: float, n_segments: int | None, n_leads: int = 1) -> float:
        """Return the probability of *same* for a score.

        Between the counts that have a line, log-likelihood ratios are interpolated over the logarithm of the count;
        beyond the highest count its line holds.
        """
        counts = sorted(self.lines)
        ratios = [self._ratio(self.lines[leads], kind, score, n_segments) for leads in counts]
        ratio = np.interp(np.log(max(n_leads, 1)), np.log(counts), ratios)
        return float(expit(ratio + np.log(prior) - np.log1p(-prior)))

    @staticmethod
    def _ratio(lines: dict[int, Calibration], kind: str, score: float, n_segments: int | None) -> float:
        full = CHUNK.get(kind, 4)
        places = {full if count == FULL else count: line for count, line in lines.items()}
        ratios = [float(places[count].log_likelihood_ratio([score])[0]) for count in sorted(places)]
        n = full if n_segments is None else min(max(n_segments, 1), full)
        found = float(np.interp(np.log(n), np.log(sorted(places)), ratios))
        if found <= 0:
            return found
        # Where the score speaks for *same*, fewer segments of the same score never speak more for it: lines that were
        # fitted apart may cross, and the careful one counts.
        return min([found, *(r for count, r in zip(sorted(places), ratios, strict=True) if count >= n)])


def _both(lead: NDArray[np.int64] | None, fold: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Return one number for each pair of lead and fold; None where there is neither."""
    if lead is None or fold is None:
        return fold if lead is None else lead
    return fold * (int(lead.max()) + 1) + lead


class _Chunk(NamedTuple):
    label: int
    recording: int
    group: int
    rows: NDArray[np.int64]


def _chunks(data: LabelledSegments, kind: str) -> list[_Chunk]:
    """Return chunks of about 15 s of each recording, four at most."""
    found, size = [], CHUNK.get(kind, 4)
    for recording in np.unique(data.recordings):
        index = np.flatnonzero(data.recordings == recording)
        label, group = int(data.labels[index[0]]), int(data.groups[index[0]])
        n = int(np.clip(len(index) // size, 1, MOST_CHUNKS))
        found += [_Chunk(label, int(recording), group, rows) for rows in np.array_split(index, n) if len(rows)]
    return found


def _several(chunks: list[_Chunk]) -> set[int]:
    """Return the classes of more than one recording."""
    of_class: dict[int, set[int]] = {}
    for chunk in chunks:
        of_class.setdefault(chunk.label, set()).add(chunk.recording)
    return {label for label, recordings in of_class.items() if len(recordings) > 1}


Pairs = list[tuple[int, int]]


def _trials(
    chunks: list[_Chunk],
    several: set[int],
    data: LabelledSegments,
    *,
    between_people: bool,
    lead: NDArray[np.int64] | None,
    within: bool,
) -> tuple[Pairs, Pairs, Pairs]:
    """Return pairs of chunks: genuine across recordings, genuine inside of one, impostor."""
    lead_of = {chunk.recording: int(lead[chunk.rows[0]]) if lead is not None else 0 for chunk in chunks}
    # A person resembles herself whatever she does: labels are compared between people, as in the evaluation.
    apart = between_people and len(np.unique(data.groups)) > 1
    ends: dict[int, list[int]] = {}
    for number, chunk in enumerate(chunks):
        ends.setdefault(chunk.recording, []).append(number)
    first_and_last = {(numbers[0], numbers[-1]) for numbers in ends.values()}
    genuine: Pairs = []
    inside: Pairs = []
    impostor: Pairs = []
    for i, j in combinations(range(len(chunks)), 2):
        a, b = chunks[i], chunks[j]
        unlike = lead_of[a.recording] != lead_of[b.recording] or (
            within and (a.label in several) != (b.label in several)
        )
        if unlike or (apart and a.recording != b.recording and a.group == b.group):
            continue
        if a.label != b.label:
            impostor.append((i, j))
        elif a.recording != b.recording:
            genuine.append((i, j))
        elif a.label not in several and (not within or (i, j) in first_and_last):
            inside.append((i, j))
    return genuine, inside, impostor


def _even(genuine: NDArray[np.bool_], of_class: NDArray[np.int64], repeated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return weights by which classes weigh alike among the genuine trials, whatever number of trials each has.

    Classes of several recordings together count as much as those of one together, in both kinds of trial.
    """
    weights = np.ones(len(genuine))
    _, owner, count = np.unique(of_class[genuine], return_inverse=True, return_counts=True)
    weights[genuine] = 1.0 / count[owner]
    for kind in (genuine, ~genuine):
        groups = [mine for group in (repeated, ~repeated) if (mine := kind & group).any()]
        for mine in groups:
            weights[mine] *= kind.sum() / (len(groups) * weights[mine].sum())
    return weights
