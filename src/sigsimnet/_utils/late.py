"""Work that methods of early rooms leave to later rooms, such as `Recording.plot`.

A room imports only from rooms before it. So a room says in a `Protocol` what it wants done, `sigsimnet._wiring`, which
stands after all rooms, provides it when the package is imported, and a method asks for it when it is called.
Nothing is named by an import path in a string, and mypy checks both ends against the protocol.
"""

from __future__ import annotations

from typing import Any

__all__ = ["provide", "provided"]

_PROVIDED: dict[str, object] = {}


def provide(room: str, services: object) -> None:
    """Set what does the later work of a room; its functions import the rooms they need when they are called.

    Examples
    --------
    >>> provide("doctest", 42)
    >>> provided("doctest")
    42
    """
    _PROVIDED[room] = services


def provided(room: str) -> Any:
    """Return what does the later work of a room; the caller gives it the type of its protocol."""
    return _PROVIDED[room]
