"""The fixed part of MiniRocket: 84 kernels, their dilations, and which quantiles the biases are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["KERNELS", "MOST_DILATIONS", "bias_quantiles", "dilations_of", "kernel_weights"]

KERNELS = np.array(list(combinations(range(9), 3)))
"""84 rows: where a kernel of length 9 is 2; elsewhere it is −1 (Dempster, Schmidt & Webb 2021)."""
MOST_DILATIONS = 32


def kernel_weights() -> NDArray[np.float32]:
    """Return the weights of the kernels, shape (84, 9).

    Examples
    --------
    >>> kernel_weights()[0].tolist()
    [2.0, 2.0, 2.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0]
    """
    weights = np.full((len(KERNELS), 9), -1.0, dtype=np.float32)
    weights[np.arange(len(KERNELS))[:, None], KERNELS] = 2.0
    return weights


def dilations_of(length: int, per_kernel: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the dilations for segments of a length, and how many biases each has; together ``per_kernel``.

    Examples
    --------
    >>> dilations, biases = dilations_of(100, 12)
    >>> dilations.tolist(), int(biases.sum())
    ([1, 2, 3, 4, 6, 7, 9, 12], 12)
    """
    n_dilations = min(per_kernel, MOST_DILATIONS)
    exponents = np.linspace(0, np.log2(max(1, (length - 1) / 8)), n_dilations)
    dilations, counts = np.unique((2**exponents).astype(int), return_counts=True)
    # As many biases for a dilation as its share of the exponents; what is left goes to the smallest.
    n_biases = (counts * per_kernel) // n_dilations
    for k in range(per_kernel - int(n_biases.sum())):
        n_biases[k % len(n_biases)] += 1
    return dilations, n_biases


def bias_quantiles(per_kernel: int) -> NDArray[np.float64]:
    """Return which quantile of a kernel's responses each bias is: multiples of the golden ratio, modulo 1.

    Examples
    --------
    >>> bias_quantiles(1).shape
    (84,)
    """
    found: NDArray[np.float64] = (np.arange(1, len(KERNELS) * per_kernel + 1) * (np.sqrt(5) + 1) / 2) % 1.0
    return found
