"""Gradients of a cosine along the way from one input to another."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import normalize

__all__ = ["path_gradients"]


def path_gradients(
    encoder: nn.Module,
    data: NDArray[np.float32],
    start: NDArray[np.float32],
    other: NDArray[np.float32],
    steps: int,
) -> NDArray[np.float64]:
    """Return the mean over segments of the gradients on the way from ``start`` to each of them, times the way.

    Parameters
    ----------
    encoder : Module
        Of embeddings, (n, n_channels, n_samples) to (n, dim).
    data : ndarray, shape (n, n_channels, n_samples)
    start : ndarray, shape (n_channels, n_samples)
    other : ndarray, shape (dim,)
        At unit length: the cosine with it is what rises.
    steps : int

    Examples
    --------
    >>> linear = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> data, start = np.ones((3, 1, 4), dtype=np.float32), np.zeros((1, 4), dtype=np.float32)
    >>> path_gradients(linear, data, start, np.array([1.0, 0.0], dtype=np.float32), 4).shape
    (1, 4)
    """
    encoder.eval()
    target = torch.from_numpy(other)
    begin = torch.from_numpy(np.broadcast_to(start, data.shape).copy())
    way = torch.from_numpy(np.ascontiguousarray(data)) - begin
    total = torch.zeros_like(way)
    for step in range(steps):
        point = begin + (step + 0.5) / steps * way
        point.requires_grad = True
        cosines = normalize(encoder(point), dim=-1) @ target
        (gradient,) = torch.autograd.grad(cosines.sum(), point)
        total += gradient
    return np.asarray((total * way / steps).mean(dim=0).numpy(), dtype=np.float64)
