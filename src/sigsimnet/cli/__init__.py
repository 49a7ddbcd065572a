"""The command line. Each command is a file; heavy libraries are imported by the command that needs them."""

from __future__ import annotations

from sigsimnet.cli._app import app, run

__all__ = ["app", "run"]
