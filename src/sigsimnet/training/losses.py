"""Losses by name. Each takes what a batch gave and returns one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet._registry import Registry
from sigsimnet.heads import Head

__all__ = ["LOSSES", "Loss", "PairMSE", "SupCon", "balanced_pairs"]


class Loss(Protocol):
    """Loss of a batch of embeddings, shape (batch, dim), with labels, shape (batch,)."""

    def __call__(self, embeddings: Tensor, labels: Tensor, head: Head) -> Tensor:
        """Return the loss, a scalar."""


def balanced_pairs(labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return positions of pairs and whether they are the same: every genuine pair and as many impostors.

    Impostors are drawn with torch's generator. Both lists are empty when a batch holds only one kind.
    """
    n = len(labels)
    left, right = torch.triu_indices(n, n, offset=1, device=labels.device)
    same = labels[left] == labels[right]
    genuine, impostor = torch.nonzero(same).squeeze(1), torch.nonzero(~same).squeeze(1)
    n_each = min(len(genuine), len(impostor))
    genuine = genuine[torch.randperm(len(genuine), device=labels.device)[:n_each]]
    impostor = impostor[torch.randperm(len(impostor), device=labels.device)[:n_each]]
    chosen = torch.cat([genuine, impostor])
    return left[chosen], right[chosen], same[chosen].to(torch.float32)


class PairMSE:
    """The article's loss: squared error of the head's score against 1 for *same* and 0 for *different* pairs.

    Parameters
    ----------
    temperature : float
        Not used; every loss is made with the same settings.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        del temperature

    def __call__(self, embeddings: Tensor, labels: Tensor, head: Head) -> Tensor:
        """Return the mean over as many genuine as impostor pairs of the batch."""
        left, right, target = balanced_pairs(labels)
        if not len(left):
            return embeddings.sum() * 0.0
        return functional.mse_loss(head(embeddings[left], embeddings[right]), target)


class SupCon:
    """Supervised contrastive loss (Khosla 2020, arXiv:2004.11362) from pytorch-metric-learning.

    A head with weights of its own is trained along with the encoder, by the article's `PairMSE`.

    Parameters
    ----------
    temperature : float, default 0.1
        As in the paper.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        from pytorch_metric_learning.losses import SupConLoss

        self._loss: nn.Module = SupConLoss(temperature=temperature)
        self._pairs = PairMSE()

    def __call__(self, embeddings: Tensor, labels: Tensor, head: Head) -> Tensor:
        """Return the loss of the batch."""
        loss: Tensor = self._loss(embeddings, labels)
        if any(True for _ in head.parameters()):
            loss = loss + self._pairs(embeddings, labels, head)
        return loss


LOSSES: Registry[Callable[..., Loss]] = Registry(
    "loss",
    {"mse": "sigsimnet.training.losses:PairMSE", "supcon": "sigsimnet.training.losses:SupCon"},
)
