"""Attention over segments, learnt after the encoder."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet.networks.attention import Attention
from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Cosine
from sigsimnet.segments import LabelledSegments
from sigsimnet.training.augment import Augment
from sigsimnet.training.data import balanced_batches
from sigsimnet.training.losses import LOSSES

__all__ = ["fit_attention"]

ATTENTION_STEPS = 200
ATTENTION_SET = 8  # segments of a template while the attention learns


def fit_attention(
    encoder: Encoder,
    data: LabelledSegments,
    quality: NDArray[np.float64],
    *,
    augment: Augment | None,
    seed: int,
    steps: int = ATTENTION_STEPS,
) -> Attention:
    """Learn which segments a template should trust, with the encoder left as it is.

    Two templates are drawn of each class, of segments spread over its recordings, and the supervised contrastive loss
    asks them to be alike and unlike those of other classes.
    """
    loss_of = LOSSES.get("supcon")(temperature=0.1)
    classes = torch.from_numpy(np.unique(data.labels, return_inverse=True)[1].astype(np.int64))
    rng = np.random.default_rng([seed, 6])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        attention = Attention(encoder.dim)
        optimizer = torch.optim.AdamW(attention.parameters(), lr=5e-3)
        batches = balanced_batches(data, n_classes=48, per_class=2 * ATTENTION_SET, n_batches=steps, rng=rng)
        head = Cosine(encoder.dim)
        for index in batches:
            x = torch.from_numpy(data.segments[index])
            if augment is not None:
                x = augment(x)
            with torch.no_grad():
                embeddings = encoder(x)
            # Rows of a class alternate between its recordings: even ones make one template, odd ones the other.
            sets = embeddings.reshape(-1, ATTENTION_SET, 2, encoder.dim).transpose(1, 2).flatten(0, 1)
            trust = torch.from_numpy(quality[index]).float().reshape(-1, ATTENTION_SET, 2).transpose(1, 2).flatten(0, 1)
            templates = attention(sets, trust)
            labels = classes[index].reshape(-1, ATTENTION_SET, 2)[:, 0].flatten()
            loss = loss_of(templates, labels, head)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return attention.eval()
