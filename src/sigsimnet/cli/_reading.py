"""Options of every command that reads a recording: those of `sigsimnet.read`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from sigsimnet.recording import Recording

__all__ = ["Reading", "as_options", "with_reading"]

_OPTIONS: dict[str, Any] = {
    "channels": Annotated[
        str | None, typer.Option(help="Channels with commas between, by name or number from 0. [all of one rate]")
    ],
    "sampling_rate": Annotated[float | None, typer.Option(help="In Hz, for files that do not say.")],
    "resample_to": Annotated[float | None, typer.Option(help="In Hz: bring all channels to this rate.")],
    "units": Annotated[str | None, typer.Option(help="Unit of the samples, for files that do not say.")],
    "time_column": Annotated[str | None, typer.Option(help="Of a table: name or number of the column of times.")],
    "layout": Annotated[
        str | None, typer.Option(help="Of tables and arrays: whether channels are columns or rows. [auto]")
    ],
    "key": Annotated[
        str | None, typer.Option(help="Of files that hold several: array, path in a struct, sheet or record number.")
    ],
    "annotator": Annotated[str | None, typer.Option(help="Of a WFDB record: ending of the annotation file. [atr]")],
    "day_first": Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first", help="Of dates in text, where the file leaves it open.", show_default=False
        ),
    ],
}


# Ends of the options of the command that is running; None where it has no such options.
_ENDS: ContextVar[tuple[str, ...] | None] = ContextVar("ends", default=None)
_KEYWORD = re.compile(rf"(?<![\w-])({'|'.join(_OPTIONS)})=(?:…)?")


def as_options(text: str, end: str | None = None) -> str:
    """Return what a message of Python says with the options of the command line in place of keywords.

    Examples
    --------
    >>> as_options("a.npy: cannot tell the sampling rate; pass sampling_rate=…", "_a")
    'a.npy: cannot tell the sampling rate; pass --sampling-rate-a'
    """
    ends = _ENDS.get()
    if end is None and ends is None:
        return text
    ending = end if end is not None else "" if ends == ("",) else "_a"  # of notes nobody says whose they are

    def option(found: re.Match[str]) -> str:
        more = (
            "" if found.end() >= len(text) or not (text[found.end()].isalnum() or text[found.end()] in "'\"") else " "
        )
        return f"--{found[1]}{ending}".replace("_", "-") + more

    return _KEYWORD.sub(option, text)


@dataclass(frozen=True)
class Reading:
    """How the user wants a file to be read: arguments of `sigsimnet.read` that were given."""

    options: dict[str, Any] = field(default_factory=dict)
    end: str = ""

    def read(self, path: str, channel: str | None = None, **more: Any) -> Recording:
        """Return the recording; of a file with several rates those channels that are as fast as ``channel``.

        Raises
        ------
        ReadError, ParameterError
            As `sigsimnet.read`.
        """
        from sigsimnet.io import read
        from sigsimnet.io._read import read_preferring
        from sigsimnet.io._request import asked_for

        options = self.options | more
        with self._spelt():
            if channel is not None and "channels" not in options:
                return read_preferring(path, channel, asked_for(**options))
            return read(path, **options)

    def read_told(self, path: str) -> tuple[list[Recording], list[tuple[str, str]]]:
        """Return a recording for each sampling rate of a file, and what was taken from where.

        Raises
        ------
        ReadError, ParameterError
            As `sigsimnet.io.read_by_rate`.
        """
        from sigsimnet.io._read import read_told
        from sigsimnet.io._request import asked_for

        with self._spelt():
            recordings, found = read_told(path, replace(asked_for(**self.options), each_rate=True))
        return recordings, found.lines

    @contextmanager
    def _spelt(self) -> Iterator[None]:
        """Spell what errors say about arguments as options of the command line."""
        from sigsimnet.errors import SigSimNetError

        try:
            yield
        except SigSimNetError as error:
            error.args = (as_options(str(error), self.end),)
            raise

    def words(self) -> dict[str, str]:
        """Return what was given as options of the command line."""
        return {f"--{name.replace('_', '-')}": _said(value) for name, value in self.options.items()}


def with_reading(*sides: str, leave_out: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of reading; it gets them as ``reading``, or one for each side as ``reading_a`` ….

    Parameters
    ----------
    *sides : str
        Ends of the options where a command reads several files, such as ``"a"`` for ``--units-a``.
    leave_out : tuple of str
        Options that the command has in another form.
    """
    ends = [f"_{side}" for side in sides] or [""]
    names = [name for name in _OPTIONS if name not in leave_out]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command)
        hints = get_type_hints(command, include_extras=True)
        own = [p.replace(annotation=hints[p.name]) for p in signature.parameters.values() if p.name in hints]
        own = [p for p in own if not p.name.startswith("reading")]
        added = [
            inspect.Parameter(f"{name}{end}", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_of(name, end))
            for end in ends
            for name in names
        ]
        last = [p for p in own if p.name == "json"]

        @wraps(command)
        def run(*args: Any, **kwargs: Any) -> None:
            for end in ends:
                given = {name: kwargs.pop(f"{name}{end}", None) for name in names}
                kwargs[f"reading{end}"] = Reading(
                    {name: _parsed(name, value) for name, value in given.items() if value is not None}, end
                )
            before = _ENDS.set(tuple(ends))
            try:
                command(*args, **kwargs)
            finally:
                _ENDS.reset(before)

        parameters = [*(p for p in own if p not in last), *added, *last]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
        del run.__wrapped__  # typer looks at the hints of this function
        return run

    return decorate


def _of(name: str, end: str) -> Any:
    """Return the type of an option; of one side its help says of which."""
    if not end:
        return _OPTIONS[name]
    kind, option = _OPTIONS[name].__args__[0], _OPTIONS[name].__metadata__[0]
    spelt = [option.default] if isinstance(option.default, str) else []  # typer's place for it in Annotated
    spelt = ["/".join(f"{one}-{end[1:]}" for one in both.split("/")) for both in spelt]
    return Annotated[kind, typer.Option(*spelt, help=f"{option.help} ({end[1:].upper()})", show_default=False)]


def _parsed(name: str, value: Any) -> Any:
    if name == "channels":
        from sigsimnet.cli._output import names_in

        return names_in(value)
    if name == "time_column" and value.isdecimal():
        return int(value)
    return value


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
