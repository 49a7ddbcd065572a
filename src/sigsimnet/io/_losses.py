"""What a file lost of a recording: both compared, so that no list of rules has to keep up with the writers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import shorten_list
from sigsimnet.io.units import canonical_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Annotation, Recording

__all__ = ["differences"]

_SMALLEST = 2e-6  # s: what files that write times as text round to
_LONGEST = 30  # letters of a name or label in a message
_COARSE = 0.01  # of the median difference of neighbours: an error that analyses of small waves begin to see


def differences(before: Recording, back: Recording) -> list[str]:
    """Return what is not the same in a recording that was written and read again, as ends of sentences.

    Samples may be off by 1 % of the median absolute difference of neighbours: more is said.

    Parameters
    ----------
    before, back : Recording
        What was written, and what `read` makes of the file.

    Examples
    --------
    >>> from sigsimnet.recording import Annotation, Recording
    >>> one = Recording([[0.0] * 9], 250, annotations=[Annotation(3, "N", 0.5)])
    >>> differences(one, one), differences(one, one.replace(annotations=[Annotation(3, "N")]))
    ([], ['durations of annotations are not kept: 1 is 0'])
    """
    return [
        *_changed("channel names", before.channel_names, back.channel_names),
        *_changed("units", before.units, back.units),
        *_of_clock(before, back),
        *_of_annotations(before.annotations, back.annotations),
        *_of_metadata(before.metadata, back.metadata),
        *_of_warnings(before, back),
        *_of_samples(before, back),
    ]


def _changed(what: str, before: Iterable[str], back: Iterable[str]) -> list[str]:
    """Return what became of texts that stand in the same order."""
    pairs = [f"{_short(a)} became {_short(b)}" for a, b in dict.fromkeys(zip(before, back, strict=False)) if a != b]
    return [f"{what} are not kept: {shorten_list(pairs)}"] if pairs else []


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _of_clock(before: Recording, back: Recording) -> list[str]:
    found = []
    if abs(back.sampling_rate / before.sampling_rate - 1) > 1e-9:
        found.append(f"the sampling rate became {back.sampling_rate:.9g} Hz instead of {before.sampling_rate:.9g} Hz")
    a, b = before.start_time, back.start_time
    if a is not None and a.tzinfo is not None and b is not None and b.tzinfo is None:
        found.append(f"time zones are not kept: the start is that of {a:%z}")
        a = a.replace(tzinfo=None)
    if a != b:
        found.append(f"the start became {b} instead of {a}")
    if [(s.start, s.stop) for s in before.spans] != [(s.start, s.stop) for s in back.spans]:
        found.append(f"{len(before.spans)} spans became {len(back.spans)}")
    elif (moved := max(abs(s.time - t.time) for s, t in zip(before.spans, back.spans, strict=True))) > _SMALLEST:
        found.append(f"pauses are kept to the nearest sample: spans moved by up to {1000 * moved:.3g} ms")
    return found


def _of_annotations(before: Iterable[Annotation], back: Iterable[Annotation]) -> list[str]:
    wanted = sorted(before, key=lambda mark: mark.sample)
    found = sorted(back, key=lambda mark: mark.sample)
    if len(wanted) != len(found):
        lost = Counter(mark.label for mark in wanted)
        lost.subtract(mark.label for mark in found)
        labels = [_short(label) for label, n in lost.items() if n > 0]
        return [f"annotations are not all kept: {len(wanted)} became {len(found)} (missing: {shorten_list(labels)})"]
    pairs = list(zip(wanted, found, strict=True))
    moved = sum(a.sample != b.sample for a, b in pairs)
    shorter = sum(abs(a.duration - b.duration) > _SMALLEST for a, b in pairs)
    loose = sum(a.channel != b.channel for a, b in pairs)
    return [
        *([f"places of annotations are not kept: {moved} moved"] if moved else []),
        *([f"durations of annotations are not kept: {shorter} {_are(shorter)} 0"] if shorter else []),
        *([f"channels of annotations are not kept: {loose} {_are(loose)} of all channels"] if loose else []),
        *_changed("labels of annotations", [a.label for a, _ in pairs], [b.label for _, b in pairs]),
    ]


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _of_metadata(before: Any, back: Any) -> list[str]:
    """Return keys only: values may tell who somebody is."""
    lost = [key for key in before if key not in back]
    changed = [key for key in before if key in back and not _same(before[key], back[key])]
    added = [key for key in back if key not in before]
    return [
        f"metadata {what}: {shorten_list(map(str, keys))}"
        for what, keys in (("left out", lost), ("that came back as other text or numbers", changed), ("added", added))
        if keys
    ]


def _same(a: Any, b: Any) -> bool:
    if not isinstance(b, type(a)):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    both_nan = isinstance(a, float) and math.isnan(a) and math.isnan(b)
    return both_nan or bool(a == b)


def _of_warnings(before: Recording, back: Recording) -> list[str]:
    kept = {" ".join(note.split()) for note in back.warnings}
    lost = sum(" ".join(note.split()) not in kept for note in before.warnings)
    return [f"warnings of the recording are not kept: {lost} left out"] if lost else []


def _of_samples(before: Recording, back: Recording) -> list[str]:
    if before.data.shape != back.data.shape:
        return [f"{before.n_channels} × {before.n_samples} samples became {back.n_channels} × {back.n_samples}"]
    if before.data is back.data:
        return []
    coarse = []
    for name, unit, shown, x, y in zip(
        before.channel_names, before.units, back.units, before.data, back.data, strict=True
    ):
        own, factor = canonical_unit(unit)
        error, typical = _error(x, y, factor if own == shown != unit else 1.0)
        if error > _COARSE * typical:
            percent = "" if not typical else f", {100 * error / typical:.2g} % of the median step between samples"
            coarse.append(f"{name} is off by up to {error:.2g} {shown}{percent}".replace(" ,", ","))
    return [f"samples are kept in 16 bits: {'; '.join(coarse)}"] if coarse else []


def _error(x: NDArray[np.float32], y: NDArray[np.float32], factor: float) -> tuple[float, float]:
    """Return the largest error of a channel that came back (infinite if samples went missing), and its usual step."""
    if not np.array_equal(np.isnan(x), np.isnan(y)):
        return float("inf"), 0.0
    there = ~np.isnan(x)
    if not there.any():
        return 0.0, 0.0
    wanted = x[there] * np.float32(factor)
    steps = np.abs(np.diff(wanted))
    steps = steps[steps > 0]
    # What single precision itself rounds is no loss of the file.
    finest = 4 * float(np.spacing(np.abs(wanted).max()))
    error = float(np.abs(wanted.astype(np.float64) - y[there]).max())
    return (error if error > finest else 0.0), float(np.median(steps)) if len(steps) else float(np.abs(wanted).max())
