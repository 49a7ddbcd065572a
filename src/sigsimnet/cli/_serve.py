"""`sigsimnet serve`: the page and the service."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    *,
    root: Annotated[str, typer.Option(help="Folder of recordings; nothing outside it can be read or written.")] = ".",
    index: Annotated[str | None, typer.Option(help="An index to search (sigsimnet index add).")] = None,
    port: Annotated[int, typer.Option(help="0 for any that is free.", min=0, max=65535)] = 8765,
    host: Annotated[
        str, typer.Option(help="Another one than this machine needs --certificate and --key.")
    ] = "127.0.0.1",
    certificate: Annotated[str | None, typer.Option(help="PEM file: speak TLS.")] = None,
    key: Annotated[str | None, typer.Option(help="PEM file: the key of the certificate.")] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve a page to look at, compare, search and clean recordings, and an interface for programs, on this machine."""
    from sigsimnet.app import serve as serve_folder

    serve_folder(root, index=index, host=host, port=port, browser=browser, certificate=certificate, key=key)
