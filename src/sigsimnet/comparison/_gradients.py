"""Integrated gradients: how much each sample of each channel adds to a score, where PyTorch is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.comparison._why import reference
from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.model import SigSimNet
    from sigsimnet.segments import Segments

__all__ = ["integrated_gradients"]

_MOST = 24  # segments of a side


def integrated_gradients(
    model: SigSimNet, a: Segments, b: Segments, *, steps: int = 32
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much each sample adds to the cosine of two sides (Sundararajan et al. 2017, arXiv:1703.01365).

    Each segment goes in steps from what says nothing of anybody (the mean beat of other people; zeros of a window) to
    what it is; the gradients on the way, times the way, sum to what the cosine with the other side's template rises by.

    Parameters
    ----------
    model : SigSimNet
        With the cosine head.
    a, b : Segments
        What `SigSimNet.cut` returns.
    steps : int, default 32
        Of the way; the sum is exact to about 1 % with 32.

    Returns
    -------
    of_a, of_b : ndarray, shape (n_channels, n_samples)
        Means over up to 24 segments of either side.

    Raises
    ------
    MissingExtraError
        If PyTorch is not installed.
    ParameterError
        If the head is another, a side has no segments, or ``steps`` is less than 1.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("torch")
    >>> from sigsimnet import load_model, simulate
    >>> model = load_model("ecg")
    >>> a, b = (model.cut(one) for one in simulate(1, 2, duration=20, seed=1))
    >>> of_a, of_b = integrated_gradients(model, a, b)
    >>> of_a.shape == a.data.shape[1:]
    True
    """
    from sigsimnet.model._fit import modules_of

    if model.head != "cosine":
        raise ParameterError(f"integrated gradients are of the cosine head, not of {model.head!r}")
    if not len(a) or not len(b) or steps < 1:
        raise ParameterError(f"{len(a)} and {len(b)} segments, {steps} steps: at least one of each")
    network = modules_of(model)  # needs PyTorch
    from sigsimnet.networks.gradients import path_gradients

    few_a, few_b = (side.take(np.unique(np.linspace(0, len(side) - 1, _MOST).astype(int))) for side in (a, b))
    templates = [model.template(side) for side in (few_a, few_b)]
    return (
        path_gradients(network.encoder, few_a.data, reference(few_a), templates[1], steps),
        path_gradients(network.encoder, few_b.data, reference(few_b), templates[0], steps),
    )
