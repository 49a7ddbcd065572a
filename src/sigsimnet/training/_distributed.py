"""Several processes, one training: what torchrun starts, each with a share of every batch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["WorkerGroup", "worker_group"]


class WorkerGroup:
    """The processes of a training; alone by default.

    Every process draws the same batch, encodes its share of it, and is given the embeddings of the others, so that
    the loss sees all pairs of the batch, as one process would. Gradients are averaged. Batch statistics are those of
    each share (PyTorch's synchronised ones need a GPU); the running ones are the first process's.

    Examples
    --------
    >>> WorkerGroup(0, 1).share(np.arange(4)).tolist()
    [0, 1, 2, 3]
    >>> WorkerGroup(1, 2).share(np.arange(5)).tolist()
    [2, 3]
    """

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and talks."""
        return self.rank == 0

    def share(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this process's part of a batch; what does not divide evenly is left out."""
        each = len(index) // self.size
        return index[self.rank * each : (self.rank + 1) * each]

    def all_of(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the batch without what `share` leaves out."""
        return index[: len(index) // self.size * self.size]

    def gathered(self, embeddings: Tensor) -> Tensor:
        """Return the embeddings of all processes in order; gradients flow back to each."""
        if self.size == 1:
            return embeddings
        from torch.distributed.nn.functional import all_gather

        return torch.cat(list(all_gather(embeddings)))  # type: ignore[no-untyped-call]

    def average(self, parameters: Sequence[nn.Parameter]) -> None:
        """Average the gradients over the processes."""
        if self.size == 1:
            return
        from torch import distributed

        for parameter in parameters:
            if parameter.grad is not None:
                distributed.all_reduce(parameter.grad)
                parameter.grad /= self.size

    def broadcast(self, modules: Sequence[nn.Module]) -> None:
        """Give every process the weights and running statistics of the first."""
        if self.size == 1:
            return
        from torch import distributed

        for module in modules:
            for value in module.state_dict().values():
                distributed.broadcast(value, 0)


@contextmanager
def worker_group(device: torch.device) -> Iterator[WorkerGroup]:
    """Join the processes that torchrun started; without it, be alone."""
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    if size == 1:
        yield WorkerGroup(0, 1)
        return
    from torch import distributed

    mine = not distributed.is_initialized()
    if mine:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield WorkerGroup(rank, size)
    finally:
        if mine:
            distributed.destroy_process_group()
