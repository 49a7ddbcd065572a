"""What a caller of `sigsimnet.read` asks for: checked, and refused where a format does not know it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from sigsimnet._utils.checks import check_sampling_rate
from sigsimnet.errors import ParameterError, ReadError, UnknownNameError
from sigsimnet.io._options import Layout, Options
from sigsimnet.io._sizes import bytes_of

if TYPE_CHECKING:
    from sigsimnet.io._formats import Format

__all__ = ["asked_for", "refuse_both_rates", "refuse_what_is_not_taken", "source_of"]


def asked_for(
    sampling_rate: float | None = None,
    channels: Sequence[str | int] | str | int | None = None,
    units: str | Sequence[str] | None = None,
    time_column: str | int | None = None,
    resample_to: float | None = None,
    layout: Layout = "auto",
    key: str | None = None,
    annotator: str | None = None,
    day_first: bool | None = None,
    max_unpacked: float | str | None = None,
) -> Options:
    """Return the arguments of `sigsimnet.read`, checked.

    Raises
    ------
    ParameterError
        If one is no such argument.

    Examples
    --------
    >>> asked_for(channels="ECG").channels
    ['ECG']
    """
    wanted: Sequence[str | int] | None = [channels] if isinstance(channels, str | int) else channels
    if wanted is not None and not isinstance(wanted, Sequence):
        raise ParameterError(f"channels is {channels!r}: expected names or positions")
    if not isinstance(layout, str) or layout not in get_args(Layout):
        raise UnknownNameError(f"unknown layout {layout!r} (known: {', '.join(get_args(Layout))})")
    return Options(
        None if sampling_rate is None else check_sampling_rate(sampling_rate),
        wanted,
        units,
        time_column,
        None if resample_to is None else check_sampling_rate(resample_to, "resample_to"),
        layout,
        key,
        annotator,
        None if max_unpacked is None else bytes_of(max_unpacked),
        None if day_first is None else bool(day_first),
    )


def source_of(path: str | os.PathLike[str]) -> str:
    """Return a path as text, as the user gave it.

    Raises
    ------
    ParameterError
        If it is no path.
    ReadError
        If no file can have this name.
    """
    source = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(source, str):
        raise ParameterError(f"a path is a str or a Path, not {type(path).__name__}: {path!r}")
    if not source:
        raise ReadError("the path is empty; name a file")
    if "\0" in source:
        raise ReadError(f"{source!r}: no such file")
    return source


def refuse_what_is_not_taken(known: Format, options: Options, source: str) -> None:
    """Refuse arguments that mean nothing for a format, rather than leave them out unsaid.

    Raises
    ------
    ParameterError
        If one was given; the message names those that the format takes.
    """
    nothing = Options()
    for name in ("key", "annotator", "time_column", "layout", "day_first"):
        if name not in known.takes and getattr(options, name) != getattr(nothing, name):
            others = ", ".join(f"{other}=" for other in known.takes)
            raise ParameterError(
                f"{source}: {name}= has no meaning for {known.name}" + (f"; it takes {others}" if others else "")
            )


def refuse_both_rates(options: Options, source: str) -> None:
    """Refuse two rates for a format whose channels have rates of their own: those are resampled while it is read.

    Raises
    ------
    ParameterError
        If both were given.
    """
    if options.sampling_rate is not None and options.resample_to is not None:
        raise ParameterError(f"{source}: states its own rates; pass sampling_rate= or resample_to=, not both")
