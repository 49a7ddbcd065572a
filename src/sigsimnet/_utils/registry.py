"""Choices by name: one small registry for each kind of part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import Generic, TypeVar, cast

from sigsimnet.errors import UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Map names to objects that are imported when they are first asked for.

    Parameters
    ----------
    kind : str
        What the objects are, for messages: ``"encoder"``.
    entries : dict of str to str
        Name to ``"package.module:attribute"``. A new part is a new file and one line here.
    """

    def __init__(self, kind: str, entries: dict[str, str]) -> None:
        self.kind = kind
        self._entries = dict(entries)
        self._loaded: dict[str, T] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._entries, *self._loaded}))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._entries or name in self._loaded)

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that adds an object of the user's own under ``name``."""

        def add(part: T) -> T:
            self._loaded[name] = part
            return part

        return add

    def check(self, name: str) -> None:
        """Refuse an unknown name, which lists the known ones; nothing is imported."""
        if name not in self:
            close = get_close_matches(str(name), list(self), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise UnknownNameError(f"unknown {self.kind} {name!r}{hint} (known: {', '.join(self)})")

    def get(self, name: str) -> T:
        """Return the object called ``name``; an unknown name lists the known ones."""
        self.check(name)
        if name not in self._loaded:
            module, _, attribute = self._entries[name].partition(":")
            self._loaded[name] = cast("T", getattr(import_module(module), attribute))
        return self._loaded[name]
