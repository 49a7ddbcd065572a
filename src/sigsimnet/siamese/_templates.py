"""Many segments on each side, one score."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet.heads import Cosine, Head

__all__ = ["MOST_PAIRED", "evenly", "set_score", "template_of"]

MOST_PAIRED = 64  # segments a side whose pairs are averaged: 4,096 pairs; more do not move the mean


def evenly(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return at most `MOST_PAIRED` embeddings, evenly chosen."""
    return np.asarray(embeddings[np.unique(np.linspace(0, len(embeddings) - 1, MOST_PAIRED).round().astype(int))])


def template_of(embeddings: NDArray[np.float32], quality: NDArray[np.float64] | None = None) -> NDArray[np.float32]:
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


def set_score(
    head: Head,
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    quality_a: NDArray[np.float64] | None = None,
    quality_b: NDArray[np.float64] | None = None,
) -> float:
    """Return the score of two sets of embeddings.

    The cosine head compares the templates. Any other head was trained on pairs of segments and sees such pairs: its
    scores are averaged over pairs of up to 64 evenly chosen segments a side.
    """
    if isinstance(head, Cosine):
        return float(template_of(a, quality_a) @ template_of(b, quality_b))
    with torch.inference_mode():
        scores = head.matrix(torch.from_numpy(evenly(a)), torch.from_numpy(evenly(b)))
    return float(scores.mean())
