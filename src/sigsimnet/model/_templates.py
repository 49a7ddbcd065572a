"""Many segments on each side, one score: fusion into templates, and normalisation against a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.networks.heads import Cosine, Head

__all__ = [
    "FUSIONS",
    "MOST_PAIRED",
    "NORMALISATIONS",
    "Attention",
    "ScoreNormalisation",
    "Scoring",
    "subsample_evenly",
    "template_of",
]

MOST_PAIRED = 64  # segments a side whose pairs are averaged: 4,096 pairs; more do not move the mean
FUSIONS = ("quality", "mean", "attention")
NORMALISATIONS = ("none", "z", "t", "s", "as")

LEAST_COHORT = 10  # strangers; fewer give no spread to divide by

Floats = NDArray[np.float32]
Quality = NDArray[np.float64]


class Attention(nn.Module):
    """Weigh the segments of a recording by what they look like (Ilse 2018, arXiv:1802.04712).

    The weight of a segment is a softmax over the recording of the logarithm of its quality and a small network of its
    embedding. Untrained, the network gives 0 and the weights are the qualities.
    """

    def __init__(self, dim: int, width: int = 32) -> None:
        super().__init__()
        self.look, self.judge = nn.Linear(dim, width), nn.Linear(width, 1)
        self.trust = nn.Parameter(torch.ones(1))
        nn.init.zeros_(self.judge.weight)
        nn.init.zeros_(self.judge.bias)

    def forward(self, embeddings: Tensor, quality: Tensor) -> Tensor:
        """Return templates of unit length, (batch, dim), of (batch, n_segments, dim) and (batch, n_segments)."""
        logits = self.judge(torch.tanh(self.look(embeddings))).squeeze(-1)
        logits = logits + self.trust * quality.clamp_min(1e-3).log()
        weights = torch.softmax(logits, dim=-1)
        return functional.normalize((embeddings * weights[..., None]).sum(dim=-2), dim=-1)


@dataclass(frozen=True, eq=False)
class ScoreNormalisation:
    """Move and scale a score by what its sides score against strangers.

    Parameters
    ----------
    kind : {"z", "t", "s", "as"}
        By the enrolment's scores (Z-norm), by the probe's (T-norm; Auckenthaler 2000, doi:10.1006/dspr.1999.0360), by
        the mean of both (S-norm; Kenny 2010), or by both with the nearest strangers only (AS-norm; Matějka 2017,
        doi:10.21437/Interspeech.2017-803).
    cohort : ndarray, shape (n, dim)
        Templates of the strangers.
    top : int, default 200
        Nearest strangers of the AS-norm.
    """

    kind: str
    cohort: Floats = field(repr=False)
    top: int = 200

    def __post_init__(self) -> None:
        if self.kind not in NORMALISATIONS[1:]:
            raise ParameterError(f"unknown score normalisation {self.kind!r} (known: {', '.join(NORMALISATIONS)})")
        if len(self.cohort) < LEAST_COHORT or self.top < LEAST_COHORT:
            raise ParameterError(
                f"a cohort of {len(self.cohort)} (nearest {self.top}): mean and spread of strangers take at least 10"
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
    scores are averaged over pairs of up to 64 subsample_evenly chosen segments a side, and ``fusion`` does not matter.

    Attributes
    ----------
    head : Head
    fusion : {"quality", "mean", "attention"}
        How segments become a template.
    attention : Attention or None
        For the last of them.
    normalisation : ScoreNormalisation or None
    """

    head: Head
    fusion: str = "quality"
    attention: Attention | None = None
    normalisation: ScoreNormalisation | None = None

    def template(self, embeddings: Floats, quality: Quality | None = None) -> Floats:
        """Return the template of a recording, shape (dim,), at unit length."""
        if self.fusion == "attention" and self.attention is not None and len(embeddings):
            weight = torch.ones(len(embeddings)) if quality is None else torch.from_numpy(quality).float()
            with torch.inference_mode():
                found = self.attention(torch.from_numpy(embeddings)[None], weight[None])[0]
            return np.asarray(found.numpy(), dtype=np.float32)
        return template_of(embeddings, None if self.fusion == "mean" else quality)

    def pairs(
        self, sets: Sequence[Floats], qualities: Sequence[Quality | None], pairs: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the score of each pair (positions in ``sets``), shape (n_pairs,)."""
        pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        empty = [k for k, e in enumerate(sets) if not len(e)]
        if empty:
            raise SignalError(f"side {empty[0]} of the comparison has no segments: there is nothing to score")
        if isinstance(self.head, Cosine):
            templates = np.stack([self.template(e, q) for e, q in zip(sets, qualities, strict=True)])
            raw = np.einsum("ij,ij->i", templates[pairs[:, 0]], templates[pairs[:, 1]]).astype(np.float64)
        else:
            few = [torch.from_numpy(subsample_evenly(e)) for e in sets]
            with torch.inference_mode():
                raw = np.array([float(self.head.matrix(few[i], few[j]).mean()) for i, j in pairs.tolist()])
        if self.normalisation is None:
            return np.asarray(raw)
        cohort = self.normalisation.cohort
        if isinstance(self.head, Cosine):
            against = (templates @ cohort.T).astype(np.float64)
        else:
            with torch.inference_mode():
                strangers = torch.from_numpy(cohort)
                against = np.stack([self.head.matrix(e, strangers).mean(dim=0).numpy() for e in few]).astype(float)
        mean, spread = self.normalisation.of_side(against)
        left, right = pairs[:, 0], pairs[:, 1]
        return self.normalisation(raw, (mean[left], spread[left]), (mean[right], spread[right]))

    def __call__(
        self, a: Floats, b: Floats, quality_a: Quality | None = None, quality_b: Quality | None = None
    ) -> float:
        """Return the score of two sets of embeddings."""
        return float(self.pairs([a, b], [quality_a, quality_b], np.array([[0, 1]]))[0])

    def about(self) -> dict[str, Any]:
        """Return the settings in plain words, for a model's folder and for the protocol of an answer."""
        norm = self.normalisation
        return {
            "fusion": self.fusion,
            "normalisation": norm.kind if norm else "none",
            "cohort": len(norm.cohort) if norm else 0,
            "top": norm.top if norm else 0,
        }


def subsample_evenly(embeddings: Floats) -> Floats:
    """Return at most `MOST_PAIRED` embeddings, subsample_evenly chosen."""
    return np.asarray(embeddings[np.unique(np.linspace(0, len(embeddings) - 1, MOST_PAIRED).round().astype(int))])


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
