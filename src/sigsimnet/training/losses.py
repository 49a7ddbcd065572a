"""Losses by name. Each takes what a batch gave and returns one number."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet._utils.registry import Registry
from sigsimnet.networks.heads import Head
from sigsimnet.training._pair_weights import subsample_pairs, within_recording_pairs

__all__ = [
    "LOSSES",
    "ArcFace",
    "Contrastive",
    "CosFace",
    "Loss",
    "MetricLoss",
    "MultiSimilarity",
    "NTXent",
    "PairMSE",
    "ProxyAnchor",
    "SupCon",
    "Triplet",
    "balanced_pairs",
]


class Loss(nn.Module, ABC):
    """Loss of a batch. Some have weights of their own (a direction for each class), which are trained along.

    Parameters
    ----------
    temperature : float, default 0.1
        Of the softmax, where the loss has one.
    n_classes : int, default 0
        Classes of the training data, for losses with a direction for each.
    dim : int, default 0
        Length of an embedding, for the same.
    within_recording_weight : float, default 1
        Weight of a positive pair from one recording, where its segment has positives from another one too: the share
        of such pairs that a batch keeps. Losses with a direction for each class see no pairs and know no weight.
    """

    def __init__(
        self, temperature: float = 0.1, *, n_classes: int = 0, dim: int = 0, within_recording_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.temperature, self.n_classes, self.dim, self.within_recording_weight = (
            temperature,
            n_classes,
            dim,
            within_recording_weight,
        )

    @abstractmethod
    def forward(self, embeddings: Tensor, labels: Tensor, head: Head, recordings: Tensor | None = None) -> Tensor:
        """Return the loss, a scalar, of embeddings of shape (batch, dim).

        Classes 0 … and, where pairs of one recording are to count less, recordings are of shape (batch,).
        """


def balanced_pairs(
    labels: Tensor, recordings: Tensor | None = None, within_recording_weight: float = 1.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Return positions of pairs and whether they are the same: every genuine pair and as many impostors.

    Impostors are drawn with torch's generator. Both lists are empty when a batch holds only one kind. With recordings,
    genuine pairs of one recording are subsample_pairs to a share of ``within_recording_weight``.
    """
    n = len(labels)
    left, right = torch.triu_indices(n, n, offset=1, device=labels.device)
    same = labels[left] == labels[right]
    if (
        recordings is not None
        and within_recording_weight < 1
        and (easy := within_recording_pairs(labels, recordings)).any()
    ):
        kept = subsample_pairs(left[same], right[same], easy, within_recording_weight)
        workers = torch.nonzero(same).squeeze(1)[kept]
        left, right = torch.cat([left[workers], left[~same]]), torch.cat([right[workers], right[~same]])
        same = labels[left] == labels[right]
    genuine, impostor = torch.nonzero(same).squeeze(1), torch.nonzero(~same).squeeze(1)
    n_each = min(len(genuine), len(impostor))
    genuine = genuine[torch.randperm(len(genuine), device=labels.device)[:n_each]]
    impostor = impostor[torch.randperm(len(impostor), device=labels.device)[:n_each]]
    chosen = torch.cat([genuine, impostor])
    return left[chosen], right[chosen], same[chosen].to(torch.float32)


class PairMSE(Loss):
    """The article's loss: squared error of the head's score against 1 for *same* and 0 for *different* pairs."""

    def forward(self, embeddings: Tensor, labels: Tensor, head: Head, recordings: Tensor | None = None) -> Tensor:
        """Return the mean over as many genuine as impostor pairs of the batch."""
        left, right, target = balanced_pairs(labels, recordings, self.within_recording_weight)
        if not len(left):
            return embeddings.sum() * 0.0
        return functional.mse_loss(head(embeddings[left], embeddings[right]), target)


class MetricLoss(Loss):
    """A loss on the embeddings alone; a head with weights of its own is trained along with it, by `PairMSE`."""

    sees_pairs: ClassVar[bool] = True  # False: a direction for each class

    def __init__(
        self, temperature: float = 0.1, *, n_classes: int = 0, dim: int = 0, within_recording_weight: float = 1.0
    ) -> None:
        super().__init__(temperature, n_classes=n_classes, dim=dim, within_recording_weight=within_recording_weight)
        self.of_embeddings, self.miner = self.build()
        self.of_pairs = PairMSE(within_recording_weight=within_recording_weight)

    @abstractmethod
    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss, and what chooses the pairs or triplets that it sees (None: all)."""

    def forward(self, embeddings: Tensor, labels: Tensor, head: Head, recordings: Tensor | None = None) -> Tensor:
        """Return the loss of the batch."""
        chosen = None if self.miner is None else self.miner(embeddings, labels)
        if self.sees_pairs and recordings is not None and self.within_recording_weight < 1:
            chosen = self._thinned(chosen, labels, recordings)
        loss: Tensor = self.of_embeddings(embeddings, labels, *(() if chosen is None else (chosen,)))
        if any(True for _ in head.parameters()):
            loss = loss + self.of_pairs(embeddings, labels, head, recordings)
        return loss

    def _thinned(
        self, chosen: tuple[Tensor, ...] | None, labels: Tensor, recordings: Tensor
    ) -> tuple[Tensor, ...] | None:
        """Return pairs (anchor, positive, anchor, negative) or triplets, with fewer positives of one recording."""
        easy = within_recording_pairs(labels, recordings)
        if not easy.any():
            return chosen
        if chosen is None:
            from pytorch_metric_learning.utils.loss_and_miner_utils import get_all_pairs_indices

            chosen = get_all_pairs_indices(labels)
        kept = subsample_pairs(chosen[0], chosen[1], easy, self.within_recording_weight)
        whole = len(chosen) - (2 if len(chosen) == 4 else 0)  # negatives of pairs stay as they are
        return tuple(part[kept] if k < whole else part for k, part in enumerate(chosen))


class SupCon(MetricLoss):
    """Supervised contrastive loss (Khosla 2020, arXiv:2004.11362) from pytorch-metric-learning."""

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss."""
        from pytorch_metric_learning.losses import SupConLoss

        return SupConLoss(temperature=self.temperature), None


class NTXent(MetricLoss):
    """Normalised temperature-scaled cross entropy (Chen 2020, SimCLR, arXiv:2002.05709), each positive by itself."""

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss."""
        from pytorch_metric_learning.losses import NTXentLoss

        return NTXentLoss(temperature=self.temperature), None


class Contrastive(MetricLoss):
    """Contrastive loss (Hadsell 2006, doi:10.1109/CVPR.2006.100): like pairs to distance 0, others beyond a margin."""

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss; margin 1, the distance of unit vectors at 60°."""
        from pytorch_metric_learning.losses import ContrastiveLoss

        return ContrastiveLoss(pos_margin=0.0, neg_margin=1.0), None


class Triplet(MetricLoss):
    """Triplet loss with semi-hard triplets (Schroff 2015, FaceNet, arXiv:1503.03832), margin 0.2 as there."""

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss and the miner of triplets that are violated but not hopeless."""
        from pytorch_metric_learning.losses import TripletMarginLoss
        from pytorch_metric_learning.miners import TripletMarginMiner

        return TripletMarginLoss(margin=0.2), TripletMarginMiner(margin=0.2, type_of_triplets="semihard")


class MultiSimilarity(MetricLoss):
    """Multi-similarity loss with its miner (Wang 2019, arXiv:1904.06627), with the paper's constants."""

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss and the miner."""
        from pytorch_metric_learning.losses import MultiSimilarityLoss
        from pytorch_metric_learning.miners import MultiSimilarityMiner

        return MultiSimilarityLoss(alpha=2, beta=50, base=0.5), MultiSimilarityMiner(epsilon=0.1)


class ArcFace(MetricLoss):
    """Additive angular margin (Deng 2019, arXiv:1801.07698): a direction for each class, margin 0.5 rad, scale 1/T.

    Departure: the scale is 1 / ``temperature`` (10) instead of 64, which suits thousands of classes of few segments.
    """

    sees_pairs = False

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss."""
        from pytorch_metric_learning.losses import ArcFaceLoss

        margin = math.degrees(0.5)
        return ArcFaceLoss(self.n_classes, self.dim, margin=margin, scale=1.0 / self.temperature), None


class CosFace(MetricLoss):
    """Large margin cosine loss (Wang 2018, arXiv:1801.09414): a direction for each class, margin 0.35, scale 1/T."""

    sees_pairs = False

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss."""
        from pytorch_metric_learning.losses import CosFaceLoss

        return CosFaceLoss(self.n_classes, self.dim, margin=0.35, scale=1.0 / self.temperature), None


class ProxyAnchor(MetricLoss):
    """Proxy anchor loss (Kim 2020, arXiv:2003.13911): a direction for each class, with the paper's constants."""

    sees_pairs = False

    def build(self) -> tuple[nn.Module, nn.Module | None]:
        """Return the loss."""
        from pytorch_metric_learning.losses import ProxyAnchorLoss

        return ProxyAnchorLoss(self.n_classes, self.dim, margin=0.1, alpha=32), None


LOSSES: Registry[Callable[..., Loss]] = Registry(
    "loss",
    {
        "arcface": "sigsimnet.training.losses:ArcFace",
        "contrastive": "sigsimnet.training.losses:Contrastive",
        "cosface": "sigsimnet.training.losses:CosFace",
        "mse": "sigsimnet.training.losses:PairMSE",
        "multi_similarity": "sigsimnet.training.losses:MultiSimilarity",
        "ntxent": "sigsimnet.training.losses:NTXent",
        "proxy_anchor": "sigsimnet.training.losses:ProxyAnchor",
        "supcon": "sigsimnet.training.losses:SupCon",
        "triplet": "sigsimnet.training.losses:Triplet",
    },
)
