"""Butterworth filters as second-order sections: designed, run forwards, and run both ways without delay.

The numbers are those of `scipy.signal.butter`, `sosfilt` and `sosfiltfilt` (tests compare them). The import of
`scipy.signal` alone takes longer than everything that a comparison of two short records computes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["butterworth", "filter_forwards", "filter_zero_phase"]

Floats = NDArray[np.float64]


@lru_cache(maxsize=128)
def butterworth(order: int, low: float | None, high: float | None, sampling_rate: float) -> Floats:
    """Design a Butterworth filter.

    By the bilinear transform of the analogue prototype, corners warped beforehand, poles paired with the nearest zeros
    and the poles nearest to the unit circle last (Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed. 2010).

    Parameters
    ----------
    order : int
        Of the low-pass prototype: a band-pass has twice as many poles.
    low, high : float or None
        Corner frequencies (−3 dB) in Hz, at least one of them, below half the sampling rate.
    sampling_rate : float
        In Hz.

    Returns
    -------
    ndarray, shape (n_sections, 6)
        Rows ``b0, b1, b2, 1, a1, a2``. Read-only.

    Examples
    --------
    >>> butterworth(2, None, 10, 100).round(3).tolist()
    [[0.067, 0.135, 0.067, 1.0, -1.143, 0.413]]
    """
    corners = np.array([corner for corner in (low, high) if corner is not None], dtype=np.float64)
    warped = 4.0 * np.tan(np.pi * (corners / (sampling_rate / 2)) / 2.0)
    poles = -np.exp(1j * np.pi * np.arange(-order + 1, order, 2, dtype=np.float64) / (2 * order))
    zeros, gain = np.empty(0), 1.0
    if low is not None and high is not None:
        width, centre = float(warped[1] - warped[0]), float(np.sqrt(warped[0] * warped[1]))
        half = poles * width / 2
        shift = np.sqrt(half**2 - centre**2)
        poles, zeros, gain = np.concatenate([half + shift, half - shift]), np.zeros(order), width**order
    elif low is not None:
        gain = float(np.real(1.0 / np.prod(-poles)))
        poles, zeros = float(warped[0]) / poles, np.zeros(order)
    else:
        poles, gain = float(warped[0]) * poles, float(warped[0]) ** order
    gain *= np.real(np.prod(4.0 - zeros) / np.prod(4.0 - poles))
    zeros = np.concatenate([(4.0 + zeros) / (4.0 - zeros), -np.ones(len(poles) - len(zeros))])
    sections = _sections(zeros, (4.0 + poles) / (4.0 - poles))
    sections[0, :3] *= gain
    sections.flags.writeable = False
    return sections


def _sections(zeros: Floats, poles: NDArray[np.complex128]) -> Floats:
    """Group real zeros and complex poles (with their conjugates) into second-order sections."""
    real = np.abs(poles.imag) <= 100 * np.finfo(np.float64).eps * np.abs(poles)
    upper = poles[~real & (poles.imag > 0)]
    left = [*upper[np.lexsort((upper.imag, upper.real))].tolist(), *np.sort(poles[real].real).tolist()]
    free = np.sort(zeros).tolist()
    if len(poles) % 2:
        left.append(0.0)
        free.append(0.0)
    rows = []
    while left:
        first = left.pop(int(np.argmin(np.abs(1 - np.abs(left)))))
        if isinstance(first, complex):
            second: complex = first.conjugate()
        else:
            others = [pole for pole in left if not isinstance(pole, complex)]
            second = others[int(np.argmin(np.abs(1 - np.abs(others))))]
            left.remove(second)
        pair = [free.pop(int(np.argmin(np.abs(np.array(free) - first)))) for _ in range(2)]
        rows.append(np.concatenate([np.poly(pair), np.poly([first, second])]))
    return np.array(rows[::-1])


def filter_forwards(sections: Floats, x: NDArray[np.floating]) -> Floats:
    """Filter as an instrument does, as if the first sample had always been.

    Parameters
    ----------
    sections : ndarray, shape (n_sections, 6)
        Of `butterworth`.
    x : ndarray, shape (n_samples,)
        At least one sample, none missing.

    Examples
    --------
    >>> filter_forwards(butterworth(2, None, 10, 100), np.ones(3)).round(9).tolist()
    [1.0, 1.0, 1.0]
    """
    from sigsimnet.cleaning._kernels import run_sections

    return np.asarray(run_sections(sections, np.ascontiguousarray(x, dtype=np.float64), _steady_state(sections) * x[0]))


def filter_zero_phase(
    sections: Floats, x: NDArray[np.floating], extension: int, ends: Literal["odd", "even"] = "odd"
) -> Floats:
    """Filter forwards and backwards, which leaves no delay and doubles the order.

    Parameters
    ----------
    sections : ndarray, shape (n_sections, 6)
        Of `butterworth`.
    x : ndarray, shape (n_samples,)
        None missing.
    extension : int
        Samples added at each end so that the filter settles: fewer than there are.
    ends : {"odd", "even"}
        Whether what is added is the signal turned about its end (a slope goes on), or mirrored (a level stays).

    Examples
    --------
    >>> x = np.sin(2 * np.pi * 2 * np.arange(200) / 100)
    >>> bool(np.abs(filter_zero_phase(butterworth(2, None, 20, 100), x, 50) - x).max() < 0.01)
    True
    """
    from sigsimnet.cleaning._kernels import run_sections

    x = np.asarray(x, dtype=np.float64)
    before, after = x[extension:0:-1], x[-2 : -extension - 2 : -1]
    if ends == "odd":
        before, after = 2 * x[0] - before, 2 * x[-1] - after
    longer = np.concatenate([before, x, after])
    start = _steady_state(sections)
    forwards = run_sections(sections, longer, start * longer[0])
    backwards = run_sections(sections, np.ascontiguousarray(forwards[::-1]), start * forwards[-1])
    return np.asarray(backwards[::-1][extension : extension + len(x)])


def _steady_state(sections: Floats) -> Floats:
    """Return the state of each section, (n_sections, 2), when a constant 1 has always been its input."""
    state = np.empty((len(sections), 2))
    scale = 1.0
    for row, (b0, b1, b2, _, a1, a2) in enumerate(sections.tolist()):
        state[row] = scale * np.linalg.solve([[1.0 + a1, -1.0], [a2, 1.0]], [b1 - a1 * b0, b2 - a2 * b0])
        scale *= ((b0 + b1) + b2) / ((1.0 + a1) + a2)
    return state
