"""What was left out of a set of recordings, counted by reason, in sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sigsimnet._utils.text import shorten_list

__all__ = ["UNUSABLE", "LeftOut", "Row"]

UNUSABLE = "cannot be read or cut"
MOST_NAMES = 4


@dataclass(frozen=True)
class Row:
    """A recording of which all or some segments were left out.

    Attributes
    ----------
    name : str
        The path, with the interval of the file where it is one.
    reasons : tuple of str
        Why, the most frequent reason first: `sigsimnet.signal_quality.REASONS`, or what else was wrong.
    n_segments : int
        How many segments were left out for their quality.
    dropped : bool
        Nothing of it is used.

    Examples
    --------
    >>> Row("a.csv", ("clipped",), 12, dropped=True).reasons
    ('clipped',)
    """

    name: str
    reasons: tuple[str, ...]
    n_segments: int
    dropped: bool


@dataclass(frozen=True)
class LeftOut:
    """What was left out of some recordings, and why.

    Attributes
    ----------
    n_recordings : int
        All that were tried.
    n_segments : int
        All that were cut, good and poor.
    kind : str
        ``"beats"`` or ``"windows"``.
    rows : tuple of Row
        Recordings of which something was left out.

    Examples
    --------
    >>> rows = Row("a.csv", ("clipped",), 9, dropped=True), Row("b.csv", ("step", "flat"), 3, dropped=False)
    >>> for sentence in LeftOut(4, 40, "windows", rows).sentences():
    ...     print(sentence)
    1 of 4 recordings was left out: clipped 1 (a.csv)
    12 of 40 windows were left out, in seconds of low quality (main reason by recording: clipped 1, step 1)
    """

    n_recordings: int = 0
    n_segments: int = 0
    kind: str = "segments"
    rows: tuple[Row, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Return how many recordings and segments were left out, by reason, with the first few names."""
        found = []
        dropped = [row for row in self.rows if row.dropped]
        if dropped:
            verb = "was" if len(dropped) == 1 else "were"
            names: dict[str, list[str]] = {}
            for row in dropped:
                names.setdefault(_main(row), []).append(Path(row.name).name)
            by_reason = "; ".join(
                f"{reason} {len(own)} ({shorten_list(own, MOST_NAMES)})"
                for reason, own in sorted(names.items(), key=lambda item: -len(item[1]))
            )
            found.append(f"{len(dropped)} of {self.n_recordings} recordings {verb} left out: {by_reason}")
        poor = [row for row in self.rows if row.n_segments]
        n = sum(row.n_segments for row in poor)
        if n:
            counts = ", ".join(f"{reason} {times}" for reason, times in Counter(map(_main, poor)).most_common())
            found.append(
                f"{n} of {self.n_segments} {self.kind} were left out, in seconds of low quality (main reason by "
                f"recording: {counts})"
            )
        return tuple(found)


def _main(row: Row) -> str:
    return row.reasons[0] if row.reasons else UNUSABLE
