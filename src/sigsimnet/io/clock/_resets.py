"""A clock that was set back while it recorded: its steps go on as before, only the count begins anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["undo_resets"]

_USUAL = 8.0  # spreads: none in a million steps of a normal distribution lies farther off
_MOST_ODD = 1e-3  # share of steps that may be unlike the rest


def undo_resets(times: NDArray[np.float64], step: float, quantum: float) -> tuple[NDArray[np.float64], list[str]]:
    """Return stamps as they would be had nobody set the clock back, and what was found.

    Only where all but one step in a thousand agree: then what goes back is the clock's count, not its rate. Where the
    clock is set forward again by as much, both are undone. Steps forward alone are left: they are pauses.

    Parameters
    ----------
    times : ndarray, shape (n_samples,)
        In s.
    step : float
        Usual distance of neighbours, in s.
    quantum : float
        The smallest difference that the stamps can show, in s.

    Examples
    --------
    >>> times, notes = undo_resets(np.r_[0, 1, 2, 3, 1, 2, 3] / 10, 0.1, 0.0)
    >>> times.round(3).tolist(), notes
    ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], ['the clock was set back once, by 0.3 s: ...'])
    """
    excess = np.diff(times) - step
    # Stamps of a host jitter; their spread (by the median absolute deviation) says what a usual step is.
    spread = 1.4826 * float(np.median(np.abs(excess - np.median(excess)))) if len(excess) else 0.0
    odd = np.flatnonzero(np.abs(excess) > max(0.01 * step, _USUAL * spread, 1.01 * quantum, 1e-8))
    back = odd[excess[odd] < -step]
    if not len(back) or len(odd) > max(1, _MOST_ODD * len(excess)):
        return times, []
    undone = times.copy()
    sizes: list[float] = []
    done: set[int] = set()
    for place in back.tolist():
        size = -float(excess[place])
        before, after = odd[odd < place], odd[odd > place]
        if len(before) and int(before[-1]) not in done and abs(float(excess[before[-1]]) - size) < step:
            continue  # late stamps that come back to their line
        until = len(undone)
        if len(after) and abs(float(excess[after[0]]) - size) < step:
            until = int(after[0]) + 1
            done.add(int(after[0]))
        undone[place + 1 : until] += size
        sizes.append(size)
    if not sizes:
        return times, []
    often = "once" if len(sizes) == 1 else f"{len(sizes)} times"
    said = f"the clock was set back {often}, by {max(sizes):.3g} s"
    return undone, [f"{said}: its other steps agree, so the samples go on without a pause"]
