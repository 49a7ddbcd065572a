"""Encoders: a segment becomes an embedding. One a file, chosen by name."""

from __future__ import annotations

from sigsimnet.networks.encoders._base import ENCODERS, Encoder, build_encoder

__all__ = ["ENCODERS", "Encoder", "build_encoder"]
