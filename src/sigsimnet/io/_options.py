"""What the user asked `read` for, handed from `read` to the module of the format as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Found", "Layout", "Options"]

Layout = Literal["auto", "columns", "rows"]


@dataclass
class Found:
    """What comes to light while a file is read and has no place in a recording; readers fill it.

    Attributes
    ----------
    rates : dict of str to float
        The sampling rate of each channel of the file in Hz, where they may differ.
    lines : list of (str, str)
        What was taken from where: the clock, the array, the sheet.
    """

    rates: dict[str, float] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)

    def say(self, what: str, where: str) -> None:
        """Keep where something was taken from, once."""
        if (what, where) not in self.lines:
            self.lines.append((what, where))


@dataclass(frozen=True)
class Options:
    """Arguments of `sigsimnet.io.read`; see there."""

    sampling_rate: float | None = None
    channels: Sequence[str | int] | None = None
    units: str | Sequence[str] | None = None
    time_column: str | int | None = None
    resample_to: float | None = None
    layout: Layout = "auto"
    key: str | None = None
    annotator: str | None = None
    max_unpacked: int | None = None
    day_first: bool | None = None
    prefer: str = ""
    """Channel whose rate is taken where a file has several."""
    each_rate: bool = False
    """Whether named channels of several rates are read one rate after the other, and no fault."""
    found: Found = field(default_factory=Found, compare=False)
