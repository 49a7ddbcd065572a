"""Networks: encoders from segments to embeddings, heads from two embeddings to a score."""

from __future__ import annotations

from sigsimnet.networks.encoders import ENCODERS, Encoder, build_encoder
from sigsimnet.networks.heads import HEADS, Cosine, Euclidean, Head, ThreePath, build_head

__all__ = [
    "ENCODERS",
    "HEADS",
    "Cosine",
    "Encoder",
    "Euclidean",
    "Head",
    "ThreePath",
    "build_encoder",
    "build_head",
]
