"""Who is answered: known hosts, the token, the own origin for every change; and what a browser may do with answers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sigsimnet.app._settings import Settings

__all__ = ["COOKIE", "Guard", "problem"]

COOKIE = "sigsimnet"
_OPEN = ("/static/", "/favicon.ico")  # nothing of anybody's data
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Pages of reports carry pictures, styles and scripts with them. They run apart from this origin, and reach nothing.
_REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'"
)
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def problem(status: int, title: str, detail: str) -> dict[str, Any]:
    """Return problem details (RFC 9457).

    Examples
    --------
    >>> problem(404, "not found", "a.csv: no such file")["status"]
    404
    """
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


class Guard:
    """ASGI middleware before everything else.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web sockets
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, method = str(scope["path"]), str(scope["method"])
        refused = self._refusal(headers, path, method)
        if refused is None and not path.startswith(_OPEN):
            given = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            if method == "GET" and self._is_token(given.get("token", "")):
                await self._welcome(scope, given, send)
                return
            if not self._knows(headers):
                refused = 401, "not signed in", "open the address that sigsimnet serve has printed, token and all"
        if refused is not None:
            await _answer(send, refused[0], problem(*refused))
            return
        is_report = path.startswith("/report/")

        async def guarded(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    (name, value)
                    for name, value in message.get("headers", [])
                    if not name.lower().startswith(b"access-control")
                ]
                policy = _REPORT_POLICY if is_report else _POLICY
                cache = "max-age=3600" if path.startswith("/static/") else "no-store"
                message["headers"] = [*kept, *_headers(policy, cache)]
            await send(message)

        await self.app(scope, receive, guarded)

    def _refusal(self, headers: dict[str, str], path: str, method: str) -> tuple[int, str, str] | None:
        if headers.get("host", "").lower() not in self.settings.hosts:
            return 400, "unknown host", "this service answers to its own address alone"
        if "\\" in path or "/../" in f"{path}/" or "\0" in path:
            return 400, "bad path", "that is no path of this service"
        if method in _CHANGES:
            origin = headers.get("origin")
            signed = headers.get("authorization", "").startswith("Bearer ")
            if origin is not None and origin not in self.settings.origins:
                return 403, "foreign origin", "pages of other places may not change anything here"
            if origin is None and not signed:
                return 403, "no origin", "a change needs the header Origin, or the token as Authorization: Bearer"
        return None

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.settings.token.encode())

    def _knows(self, headers: dict[str, str]) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind == "Bearer" and self._is_token(given.strip()):
            return True
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except Exception:  # noqa: BLE001 - what a client sends is not known beforehand
            return False
        return COOKIE in cookies and self._is_token(cookies[COOKIE].value)

    async def _welcome(self, scope: Scope, given: dict[str, str], send: Send) -> None:
        """Keep the token in a cookie that scripts cannot read, and take it out of the address."""
        rest = urlencode({name: value for name, value in given.items() if name != "token"})
        secure = "; Secure" if self.settings.secure else ""
        cookie = f"{COOKIE}={self.settings.token}; Path=/; HttpOnly; SameSite=Strict{secure}"
        path = "/" + str(scope["path"]).lstrip("/")  # never another host
        location = quote(path) + (f"?{rest}" if rest else "")
        extra = [(b"location", location.encode()), (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": [*_headers(_POLICY, "no-store"), *extra]})
        await send({"type": "http.response.body", "body": b""})


def _headers(policy: str, cache: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy.encode()),
        (b"cache-control", cache.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]


async def _answer(send: Send, status: int, body: dict[str, Any]) -> None:
    import json

    headers = [(b"content-type", b"application/problem+json"), *_headers(_POLICY, "no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
