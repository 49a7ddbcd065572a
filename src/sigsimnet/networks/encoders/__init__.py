"""Encoders: a segment becomes an embedding. One a file, chosen by name (`sigsimnet.networks.ENCODERS`)."""

from __future__ import annotations

from sigsimnet.networks.encoders._base import ClosedForm, Encoder

__all__ = ["ClosedForm", "Encoder"]
