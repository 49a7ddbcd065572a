"""What a model is made of: the arguments of its constructor, and what it learnt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sigsimnet.errors import ModelError, ParameterError
from sigsimnet.metrics import Calibration
from sigsimnet.model._card import Card
from sigsimnet.model._embedded import Embeddings
from sigsimnet.model._network import Graph, Network
from sigsimnet.model._params import HasParams
from sigsimnet.model._scoring import FUSIONS, NORMALISATIONS
from sigsimnet.networks import ENCODERS, HEADS, check_encoder_options
from sigsimnet.segments import Cutter, cutter_for

__all__ = ["AUTO", "State", "usual_encoder"]

AUTO = "auto"
"""The name of an encoder that is chosen when it is known what it is to learn from."""


def usual_encoder(segments: str | Cutter, encoder_options: Mapping[str, Any] | None) -> str:
    """Return what encodes where nobody said: of beats, and where options are given, a CNN; else what fits best.

    Examples
    --------
    >>> usual_encoder("beats", None), usual_encoder("windows", None), usual_encoder("windows", {"dim": 8})
    ('cnn', 'auto', 'cnn')
    """
    return "cnn" if cutter_for(segments).kind == "beats" or encoder_options else AUTO


class State(HasParams):
    """Arguments and learnt state of a `SigSimNet`, which documents them."""

    def __init__(
        self,
        encoder: str | None = None,
        head: str = "cosine",
        segments: str | Cutter = "beats",
        *,
        channels: Sequence[str] | None = None,
        encoder_options: Mapping[str, Any] | None = None,
        fusion: str = "quality",
        normalisation: str = "none",
    ) -> None:
        encoder = encoder or usual_encoder(segments, encoder_options)
        if encoder != AUTO:
            ENCODERS.check(encoder)
        elif encoder_options:
            raise ParameterError(f"encoder={AUTO!r} chooses among encoders: name one to give it encoder_options")
        HEADS.check(head)
        cutter_for(segments)
        check_encoder_options(encoder_options or {})
        if fusion not in FUSIONS:
            raise ParameterError(f"unknown fusion {fusion!r} (known: {', '.join(FUSIONS)})")
        if normalisation not in NORMALISATIONS:
            raise ParameterError(f"unknown score normalisation {normalisation!r} (known: {', '.join(NORMALISATIONS)})")
        if fusion != "quality" and head != "cosine":
            raise ParameterError(f"fusion={fusion!r} makes templates, which only the cosine head compares")
        self.encoder, self.head, self.segments = encoder, head, segments
        self.channels, self.encoder_options = channels, encoder_options
        self.fusion, self.normalisation = fusion, normalisation
        self.network: Network | None = None
        self.n_channels = 0
        self.channels_: tuple[str, ...] | None = None
        self.calibration: Calibration | None = None
        self.calibration_by_count: dict[int, Calibration] = {}
        self.calibration_by_leads: dict[int, dict[int, Calibration]] = {}
        self.cohort: Embeddings | None = None
        self.card = Card()
        self.name = "unnamed"
        self._fast: Graph | None = None

    def __repr__(self) -> str:
        learnt = f"same {self.card.same}" if self.card.same else "untrained"
        return f"<{type(self).__name__} {self.encoder} + {self.head} on {self.cutter.kind}, {learnt}>"

    @property
    def cutter(self) -> Cutter:
        """How segments are made of a recording."""
        return cutter_for(self.segments)

    @property
    def digest(self) -> str:
        """What tells two models apart by what they make of a recording: a hash of the weights and of the cutter.

        Examples
        --------
        >>> from sigsimnet import load_model
        >>> load_model("ecg").digest == load_model("ecg").digest
        True
        """
        digest = hashlib.sha256(json.dumps(self.cutter.to_dict(), sort_keys=True).encode())
        for name, values in sorted(self._require_network().weights().items()):
            digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()[:16]

    def _require_network(self) -> Network:
        if self.network is None:
            raise ModelError("this model has no network yet: call fit, build or load")
        return self.network
