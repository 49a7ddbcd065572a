"""One template, sections put into it, one file out."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.files import write_whole
from sigsimnet._utils.producer import made_by_words, seal
from sigsimnet._utils.version import __version__
from sigsimnet.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Section", "Table", "render_page", "write_html", "write_page"]


@dataclass(frozen=True)
class Table:
    """Rows under column names; floats are shown with three decimals, None as a dash.

    Examples
    --------
    >>> Table(("method", "EER"), [("pearson", 0.25), ("ours", None)]).columns
    ('method', 'EER')
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title : str
    paragraphs : sequence of str
    figures : sequence of (caption, Figure)
        Kept inside the page as PNG.
    table : Table, optional
    code : str
        Commands, shown as they are.
    html : str
        A part of a page, put in unescaped: ours alone, never text from a file.
    more : sequence of Table
        Tables after the first.
    folded : bool
        Whether it is shut until somebody opens it.

    Examples
    --------
    >>> Section("What to type", ("One line does it.",), code="sigsimnet compare a.csv b.dat").title
    'What to type'
    """

    title: str
    paragraphs: Sequence[str] = ()
    figures: Sequence[tuple[str, Figure]] = ()
    table: Table | None = None
    code: str = ""
    html: str = ""
    more: Sequence[Table] = ()
    folded: bool = False

    @property
    def images(self) -> list[tuple[str, str]]:
        """The figures with their captions, as PNG in base64.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> [(caption, png[:4]) for caption, png in Section("Empty", figures=[("nothing", Figure())]).images]
        [('nothing', 'iVBO')]
        """
        found = []
        for caption, figure in self.figures:
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=110)
            found.append((caption, base64.b64encode(buffer.getvalue()).decode()))
        return found


def write_page(path: str | Path, title: str, sections: Sequence[Section], *, lead: str = "", head: str = "") -> None:
    """Write a page, whole or not at all; ``head`` is put into its head unescaped.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "page.html"
    >>> write_page(path, "A page", [Section("Answer", ("It depends.",))])
    >>> "It depends." in path.read_text(encoding="utf-8")
    True
    """
    write_html(render_page(title, sections, lead=lead, head=head), path)


def write_html(page: str, path: str | Path) -> None:
    """Write a page that is there as text, whole or not at all.

    Raises
    ------
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> write_html("<p>It depends.</p>", Path(tempfile.mkdtemp()) / "page.html")
    """
    with write_whole(path) as temporary:
        temporary.write_bytes(seal(page.encode("utf-8")))


def render_page(title: str, sections: Sequence[Section], *, lead: str = "", head: str = "") -> str:
    """Return a page that carries everything with it; ``head`` is put into its head unescaped.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.

    Examples
    --------
    >>> "It depends." in render_page("A page", [Section("Answer", ("It depends.",))])
    True
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise MissingExtraError("writing pages", "plots") from error
    environment = Environment(
        loader=PackageLoader("sigsimnet.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        made_by=made_by_words(), title=title, lead=lead, sections=sections, head=head, version=__version__
    )
