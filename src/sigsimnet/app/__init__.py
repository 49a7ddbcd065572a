"""The page and the service: everything in a browser, on one's own machine."""

from __future__ import annotations

from sigsimnet.app._service import make_app, serve
from sigsimnet.app._settings import Settings

__all__ = ["Settings", "make_app", "serve"]
