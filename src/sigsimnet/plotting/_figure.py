"""Figures without global state: no pyplot, no window, nothing to close."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigsimnet._utils.files import write_whole
from sigsimnet._utils.producer import made_by_words, seal
from sigsimnet.errors import MissingExtraError, WriteError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BLUE", "GREY", "ORANGE", "figure_of", "new_axes", "new_figure", "save_figure"]

# Okabe & Ito's blue and vermilion: distinguished by people with any kind of colour vision.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8a8f98"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> new_figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("plotting", "plots") from error
    return Figure(figsize=(width, height), layout="constrained")


def new_axes(ax: Axes | None, width: float = 9.0, height: float = 3.0) -> Axes:
    """Return the axes given, or those of a new figure."""
    return ax if ax is not None else new_figure(width, height).subplots()


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes belong to."""
    from matplotlib.figure import Figure

    figure = ax.get_figure()
    while not isinstance(figure, Figure):
        assert figure is not None  # noqa: S101 - axes belong to a figure
        figure = figure.figure
    return figure


def save_figure(figure: Figure, path: str | Path, *, dpi: int = 120) -> None:
    """Write a figure as PNG, SVG or PDF by the ending of ``path``, whole or not at all.

    Raises
    ------
    WriteError
        If the kind of file is unknown, or the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.png"
    >>> save_figure(new_figure(2, 1), path)
    >>> path.read_bytes()[1:4]
    b'PNG'
    """
    ending = Path(path).suffix.lstrip(".").lower()
    known = sorted(figure.canvas.get_supported_filetypes())
    if ending not in known:
        raise WriteError(f"{path}: unknown kind of picture {ending!r} (known: {', '.join(known)})")
    with write_whole(path) as temporary:
        key = {"png": "Software", "svg": "Creator", "pdf": "Creator"}.get(ending)
        about = {key: made_by_words()} if key else None
        figure.savefig(temporary, dpi=dpi, format=ending, metadata=about)
        temporary.write_bytes(seal(temporary.read_bytes()))
