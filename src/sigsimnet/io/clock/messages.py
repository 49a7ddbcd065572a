"""What `sigsimnet.io.clock.fit` found, in sentences for the user."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigsimnet.recording import Span

__all__ = ["describe_pauses", "describe_rate", "describe_stamps"]

_FloatArray = NDArray[np.float64]


def describe_stamps(
    times: _FloatArray, quantum: float, local: float, packet: int, borders: Sequence[int], jitter: float, step: float
) -> list[str]:
    """Say what is wrong with the stamps; all in s, ``packet`` and ``borders`` in samples.

    Examples
    --------
    >>> describe_stamps(np.array([0.0, 0.004, 0.002, 0.008]), 0.0, 0.004, 0, (), 0.0, 0.004)
    ['time stamps run backwards at 1 place; the order of the file was kept']
    """
    steps = np.diff(times)
    notes: list[str] = []
    repeats = len(times) - len(np.unique(np.round(times, 9)))
    backwards = int(np.count_nonzero(steps < -1e-9))
    if not local:
        notes.append(
            f"time stamps are rounded to {quantum:g} s, coarser than a sample: "
            "the sampling rate comes from the whole record"
        )
    if packet:
        jumps = steps[np.array(borders) - 1] * 1e3
        inside = f"inside a packet they count steps of {local * 1e3:.3g} ms, " if local else ""
        notes.append(
            f"samples came in packets of {packet}, stamped by the host when they arrived: {inside}at the borders of "
            f"packets the stamps jump by {_signed(jumps.min())} … {_signed(jumps.max())} ms"
        )
    elif jitter > 0.1 * step and local:
        notes.append(f"time stamps jitter by ±{jitter * 1e3:.3g} ms around a steady clock")
    if backwards:
        places = "places" if backwards > 1 else "place"
        notes.append(f"time stamps run backwards at {backwards:,} {places}; the order of the file was kept")
    if repeats and local:
        notes.append(f"{repeats:,} time stamps repeat an earlier one; all samples were kept")
    return notes


def describe_rate(found: float, stated: float | None, local: float, uncertainty: float) -> list[str]:
    """Say how the rate was found, unless there is nothing to say; rates in Hz, uncertainty as a fraction.

    Examples
    --------
    >>> describe_rate(250.0, 500.0, 0.004, 0.0)
    ['sampling rate 500 Hz as stated, but the time stamps fit 250.00 Hz']
    """
    spread = f" ± {found * uncertainty:.1g}" if found * uncertainty > 0.05 else ""
    if stated:
        if abs(found / stated - 1) > max(2e-3, uncertainty):
            return [f"sampling rate {stated:g} Hz as stated, but the time stamps fit {found:.2f}{spread} Hz"]
        return []
    if local and abs(found * local - 1) > 1e-3:
        return [
            (
                f"neighbouring time stamps count {1 / local:.4g} Hz but the whole record fits {found:.2f}{spread} Hz "
                f"({(found * local - 1) * 100:+.2f} %): the fitted clock is used; pass sampling_rate= for another"
            )
        ]
    if not local:
        return [f"sampling rate {found:.2f}{spread} Hz fitted through coarse time stamps; pass sampling_rate= if known"]
    return []


def describe_pauses(spans: Sequence[Span], rate: float) -> list[str]:
    """Say how many pauses there are and how long they are.

    Examples
    --------
    >>> from sigsimnet.recording import Span
    >>> describe_pauses([Span(0, 250, 0.0), Span(250, 500, 3.0)], 250)
    ['1 pause in the time stamps (2 to 2 s, 2 s in all): kept as 2 segments with their true times']
    """
    if len(spans) < 2:
        return []
    gaps = [b.time - a.time - (a.stop - a.start) / rate for a, b in pairwise(spans)]
    number = len(gaps)
    return [
        (
            f"{number:,} pause{'s' if number > 1 else ''} in the time stamps ({min(gaps):.3g} to {max(gaps):.3g} s, "
            f"{sum(gaps):.3g} s in all): kept as {number + 1:,} segments with their true times"
        )
    ]


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")
