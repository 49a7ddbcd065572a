"""Positive pairs of one recording, made to count less than those of two."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["subsample_pairs", "within_recording_pairs"]


def within_recording_pairs(labels: Tensor, recordings: Tensor) -> Tensor:
    """Return which pairs are of one recording though their anchor has a positive from another, shape (batch, batch).

    Two beats of one recording are alike because nothing changed between them: filter, electrodes, posture. What is to
    be learnt is what stays between recordings. An anchor with no positive from another recording has nothing better.

    Examples
    --------
    >>> within_recording_pairs(torch.tensor([0, 0, 0, 1, 1]), torch.tensor([7, 7, 8, 9, 9])).nonzero().tolist()
    [[0, 1], [1, 0]]
    """
    same = labels[:, None] == labels[None, :]
    together = recordings[:, None] == recordings[None, :]
    easy = same & together & (same & ~together).any(dim=1, keepdim=True)
    return easy & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)


def subsample_pairs(anchors: Tensor, positives: Tensor, easy: Tensor, share: float) -> Tensor:
    """Return which positive pairs of a batch to keep: all but the easy ones, and a share of those.

    Parameters
    ----------
    anchors, positives : Tensor of int, shape (n_pairs,)
        Positions of positive pairs in the batch.
    easy : Tensor of bool, shape (batch, batch)
        From `within_recording_pairs`.
    share : float
        0–1. Torch's generator draws.

    Returns
    -------
    Tensor of bool, shape (n_pairs,)

    Examples
    --------
    >>> easy = within_recording_pairs(torch.zeros(3), torch.tensor([7, 7, 8]))
    >>> subsample_pairs(torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]), easy, 0.0).tolist()
    [False, True, True]
    """
    return ~easy[anchors, positives] | (torch.rand(len(anchors), device=anchors.device) < share)
