"""Networks in PyTorch: encoders from segments to embeddings, heads from two embeddings to a score, attention.

Nothing here is needed to apply a saved model. The classes live in `sigsimnet.networks.encoders` and
`sigsimnet.networks.heads`, which import PyTorch; the names below can be asked for without it.
"""

from __future__ import annotations

from sigsimnet.networks.registries import ENCODERS, HEADS, build_encoder, build_head, check_encoder_options

__all__ = ["ENCODERS", "HEADS", "build_encoder", "build_head", "check_encoder_options"]
