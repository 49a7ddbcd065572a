"""What the user asked `read` for, handed from `read` to the module of the format as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Layout", "Options"]

Layout = Literal["auto", "columns", "rows"]


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
    rates: dict[str, float] = field(default_factory=dict, compare=False)
    """Filled while a file is read: the rate of each of its channels in Hz, where they may differ."""
