"""Many segments on each side, one score: fusion into templates, and normalisation against a cohort. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.sampling import subsample_evenly
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.model._network import Network

__all__ = [
    "FUSIONS",
    "MOST_PAIRED",
    "NORMALISATIONS",
    "ScoreNormalisation",
    "Scoring",
    "template_of",
]

MOST_PAIRED = 64  # segments a side whose pairs are averaged: 4,096 pairs; more do not move the mean
FUSIONS = ("quality", "mean", "attention")
NORMALISATIONS = ("none", "z", "t", "s", "as")

LEAST_COHORT = 10  # other people; fewer give no spread to divide by

Floats = NDArray[np.float32]
Quality = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreNormalisation:
    """Move and scale a score by what its sides score against other people.

    Parameters
    ----------
    kind : {"z", "t", "s", "as"}
        By the enrolment's scores (Z-norm), by the probe's (T-norm; Auckenthaler 2000, doi:10.1006/dspr.1999.0360), by
        the mean of both (S-norm; Kenny 2010), or by both with the nearest of the cohort only (AS-norm; Matějka 2017,
        doi:10.21437/Interspeech.2017-803).
    cohort : ndarray, shape (n, dim)
        Templates of the other people.
    top : int, default 200
        Templates that the AS-norm looks at: the nearest.
    """

    kind: str
    cohort: Floats = field(repr=False)
    top: int = 200

    def __post_init__(self) -> None:
        if self.kind not in NORMALISATIONS[1:]:
            raise ParameterError(f"unknown score normalisation {self.kind!r} (known: {', '.join(NORMALISATIONS)})")
        if len(self.cohort) < LEAST_COHORT or self.top < LEAST_COHORT:
            raise ParameterError(
                f"a cohort of {len(self.cohort)} (nearest {self.top}): mean and spread take at least 10"
            )

    def of_side(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation of the scores of sides against the cohort, (n_sides, n_cohort)."""
        if self.kind == "as" and scores.shape[1] > self.top:
            scores = np.partition(scores, -self.top, axis=1)[:, -self.top :]
        return scores.mean(axis=1), np.maximum(scores.std(axis=1), 1e-6)

    def __call__(
        self,
        raw: NDArray[np.float64],
        enrol: tuple[NDArray[np.float64], NDArray[np.float64]],
        probe: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Return the normalised scores of trials, whose sides' mean and standard deviation are given."""
        by_enrol, by_probe = (raw - enrol[0]) / enrol[1], (raw - probe[0]) / probe[1]
        if self.kind == "z":
            return np.asarray(by_enrol)
        return np.asarray(by_probe if self.kind == "t" else 0.5 * (by_enrol + by_probe))


@dataclass(frozen=True, eq=False)
class Scoring:
    """How two sets of embeddings become one score.

    The cosine head compares templates. Any other head was trained on pairs of segments and sees such pairs: its
    scores are averaged over pairs of up to 64 evenly chosen segments a side, and ``fusion`` does not matter.

    Attributes
    ----------
    network : Network
    head : str
        Name of the head.
    fusion : {"quality", "mean", "attention"}
        How segments become a template.
    normalisation : ScoreNormalisation or None

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> model = load_model("ecg")
    >>> a, b = (model.encode(recording) for recording in simulate(1, 2, duration=20, seed=1))
    >>> -1 <= model.scoring()(a, b) <= 1
    True
    """

    network: Network
    head: str
    fusion: str = "quality"
    normalisation: ScoreNormalisation | None = None

    def template(self, embeddings: Floats, quality: Quality | None = None) -> Floats:
        """Return the template of a recording, shape (dim,), at unit length."""
        if self.fusion == "attention" and self.network.has_attention and len(embeddings):
            return self.network.template(embeddings, quality)
        return template_of(embeddings, None if self.fusion == "mean" else quality)

    def pairs(
        self, sets: Sequence[Floats], qualities: Sequence[Quality | None], pairs: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the score of each pair (positions in ``sets``), shape (n_pairs,)."""
        pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        empty = [k for k, e in enumerate(sets) if not len(e)]
        if empty:
            raise SignalError(f"side {empty[0]} of the comparison has no segments: there is nothing to score")
        if self.head == "cosine":
            templates = np.stack([self.template(e, q) for e, q in zip(sets, qualities, strict=True)])
            raw = np.einsum("ij,ij->i", templates[pairs[:, 0]], templates[pairs[:, 1]]).astype(np.float64)
        else:
            few = [subsample_evenly(e, MOST_PAIRED) for e in sets]
            raw = np.array([float(self.network.score_matrix(few[i], few[j]).mean()) for i, j in pairs.tolist()])
        if self.normalisation is None:
            return np.asarray(raw)
        cohort = self.normalisation.cohort
        if self.head == "cosine":
            against = (templates @ cohort.T).astype(np.float64)
        else:
            against = np.stack([self.network.score_matrix(e, cohort).mean(axis=0) for e in few]).astype(float)
        mean, spread = self.normalisation.of_side(against)
        left, right = pairs[:, 0], pairs[:, 1]
        return self.normalisation(raw, (mean[left], spread[left]), (mean[right], spread[right]))

    def __call__(
        self, a: Floats, b: Floats, quality_a: Quality | None = None, quality_b: Quality | None = None
    ) -> float:
        """Return the score of two sets of embeddings."""
        return float(self.pairs([a, b], [quality_a, quality_b], np.array([[0, 1]]))[0])

    def against(self, embeddings: Floats, whole: Floats, quality: Quality, *, most: int) -> NDArray[np.float64]:
        """Return the score of each embedding against the whole of another side, shape (n,), without normalisation.

        The whole is the template for the cosine head; for others the mean over up to ``most`` of its embeddings.
        """
        other = self.template(whole, quality)[None] if self.head == "cosine" else subsample_evenly(whole, most)
        return np.asarray(self.network.score_matrix(embeddings, other).mean(axis=1, dtype=np.float64))


def template_of(embeddings: Floats, quality: Quality | None = None) -> Floats:
    """Return the average embedding of an enrolment, at unit length.

    Parameters
    ----------
    embeddings : ndarray, shape (n_segments, dim)
    quality : ndarray, shape (n_segments,), optional
        Weights; a segment that does not look like the others of its recording counts little.
    """
    if not len(embeddings):
        return np.zeros(embeddings.shape[1], dtype=np.float32)
    weights = np.ones(len(embeddings)) if quality is None or not np.any(quality > 0) else quality
    mean = (embeddings * (weights / weights.sum())[:, None]).sum(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)
