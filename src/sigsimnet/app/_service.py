"""The service: pages and interface behind the guard; on one's own machine unless asked otherwise."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import shutil
import signal
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet.app._settings import Settings
from sigsimnet.errors import MissingExtraError, ParameterError, SigSimNetError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.responses import Response

__all__ = ["make_app", "serve"]

STATIC = Path(__file__).parent / "static"
_PLAIN = (
    "body{font:16px/1.5 system-ui,sans-serif;color-scheme:light dark;margin:1rem}h1{font-size:1.3rem}"
    ".sorry{border-left:4px solid #b34700;padding:.4rem .9rem}"
)
_PREFIX, _OWNER = "sigsimnet-serve-", "owner"  # of the temporary folder: its name, and the file that says whose it is


def make_app(settings: Settings) -> Any:
    """Return the service as an ASGI application, for a server of one's own.

    Parameters
    ----------
    settings : Settings
        `work` must be a folder of this service alone.

    Returns
    -------
    ASGI application
        Everything behind the guard: `app.app` is the FastAPI application.

    Raises
    ------
    MissingExtraError
        If FastAPI is not installed.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> service = make_app(Settings(folder, folder / "work"))
    >>> service.app.title
    'SigSimNet'
    """
    try:
        from fastapi import FastAPI
        from fastapi.exceptions import RequestValidationError
        from fastapi.responses import HTMLResponse, JSONResponse
        from fastapi.staticfiles import StaticFiles
        from starlette.exceptions import HTTPException
    except ImportError as error:
        raise MissingExtraError("the service", "app") from error
    from sigsimnet._utils.version import __version__
    from sigsimnet.app._api import Place, make_router
    from sigsimnet.app._guard import Guard, problem
    from sigsimnet.app._jobs import Jobs
    from sigsimnet.app._pages import make_pages
    from sigsimnet.app._worker import Refused, Worker

    worker, reader, jobs = Worker(settings), Worker(settings), Jobs(settings)

    @contextlib.asynccontextmanager
    async def lifetime(_: FastAPI) -> AsyncIterator[None]:
        yield
        worker.close()
        reader.close()
        jobs.close()

    app = FastAPI(
        title="SigSimNet", version=__version__, lifespan=lifetime, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        description="How alike are two biomedical signals, where, and why? The functions of the command line.",
    )  # fmt: skip
    place = Place(settings, worker, reader, jobs)
    app.include_router(make_router(place))
    app.include_router(make_pages(place))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    def answer(request: Request, status: int, title: str, detail: str) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse(problem(status, title, detail), status, media_type="application/problem+json")
        return HTMLResponse(_sorry(title, detail, alone=not request.url.path.startswith("/report/")), status)

    @app.exception_handler(SigSimNetError)
    async def bad_input(request: Request, error: SigSimNetError) -> Response:
        missing = str(error).endswith(("no such file", "no such folder", "no such job"))
        return answer(request, 404 if missing else 422, "not found" if missing else "bad input", str(error))

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return answer(request, error.status, error.title, str(error))

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first.get("loc", ())[1:])
        if first.get("type") == "json_invalid":
            return answer(request, 422, "bad input", f"the body is no JSON: character {where} is not expected")
        if not where and "json" not in request.headers.get("content-type", ""):
            return answer(request, 422, "bad input", "the body is JSON: send the header Content-Type: application/json")
        return answer(request, 422, "bad input", f"{where or 'request'}: {first.get('msg', 'is not valid')}")

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return answer(request, 500, "failed", f"the service failed ({type(error).__name__}); its log says where")

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        return answer(request, error.status_code, "not found" if error.status_code == 404 else "refused", error.detail)

    return Guard(app, settings)


def _sorry(title: str, detail: str, *, alone: bool) -> str:
    """Return a page that says a fault; one that stands alone has the way to the others."""
    from html import escape

    from sigsimnet.app._pages import PAGES

    links = "".join(f'<li><a href="{address}">{escape(name)}</a></li>' for address, name in PAGES)
    # A report stands in a frame that may not load anything.
    style = '<link rel="stylesheet" href="/static/app.css">' if alone else f"<style>{_PLAIN}</style>"
    others = f'<nav aria-label="Pages"><ul>{links}</ul></nav>' if alone else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>SigSimNet</title>'
        f'{style}</head><body class="plain"><main>'
        f'<h1>{escape(title.capitalize())}</h1><p class="sorry" role="alert">{escape(detail)}</p>'
        f"{others}</main></body></html>"
    )


def serve(
    root: str | Path = ".",
    *,
    index: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    browser: bool = False,
    certificate: str | None = None,
    key: str | None = None,
) -> None:
    """Serve a folder until Ctrl-C; print the address, with the token that opens it.

    Parameters
    ----------
    root : str or Path
        Folder that recordings are served from; nothing outside it can be read or written.
    index : str, optional
        An index to search.
    host : str, default "127.0.0.1"
        Another one than this machine needs ``certificate`` and ``key``.
    port : int, default 8765
        0 for any that is free.
    browser : bool, default False
        Open the address.
    certificate, key : str, optional
        PEM files: the service speaks TLS.

    Raises
    ------
    ParameterError
        If there is no such folder or index, the port is taken, or others could listen.
    MissingExtraError
        If FastAPI or uvicorn is not installed.

    Examples
    --------
    >>> serve("holters", index="archive.index", browser=True)  # doctest: +SKIP
    """
    import socket

    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError("the service", "app") from error
    folder = Path(root).resolve()
    if not folder.is_dir():
        raise ParameterError(f"{root}: no such folder")
    if index is not None and "://" not in index:
        _check_index(index)
    secure = _check_certificate(certificate, key)
    if not _is_here(host) and not secure:
        raise ParameterError(
            f"--host {host}: others on the network could listen; name --certificate and --key, or leave --host out and "
            "use a tunnel (ssh -L 8765:127.0.0.1:8765)"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its number asyncio knows TCP, and sends answers at once (TCP_NODELAY): 40 ms less for each.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except socket.gaierror as error:
            raise ParameterError(f"--host {host}: is no address of this machine") from error
        except OSError as error:
            said = f"--port {port}: is taken, or may not be used; name another one"
            if error.errno == errno.EADDRNOTAVAIL:
                said = f"--host {host}: is no address of this machine"
            raise ParameterError(said) from error
        line.listen(256)
        _sweep()
        work = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (work / _OWNER).write_text(str(os.getpid()), encoding="ascii")
        settings = Settings(
            folder, work, host=host, port=line.getsockname()[1], secure=secure,
            index=index if index and "://" in index else str(Path(index).resolve()) if index else "",
        )  # fmt: skip
        address = f"{settings.origins[0]}/?token={settings.token}"
        print(f"SigSimNet serves {folder}\nopen {address}\nCtrl-C ends it", flush=True)
        if browser:
            webbrowser.open(address)
        config = uvicorn.Config(
            make_app(settings), log_level="warning", access_log=False, server_header=False, ssl_certfile=certificate,
            ssl_keyfile=key, timeout_keep_alive=10, backlog=256,
        )  # fmt: skip
        # uvicorn gives a signal on once it has ended; at the usual handler of SIGTERM nothing would be swept up.
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            with contextlib.suppress(KeyboardInterrupt):  # how a service ends
                uvicorn.Server(config).run(sockets=[line])
        finally:
            signal.signal(signal.SIGTERM, before)
            shutil.rmtree(work, ignore_errors=True)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _check_index(index: str) -> None:
    if not Path(index).is_file():
        raise ParameterError(f"{index}: no such index; make one with: sigsimnet index add FOLDER --index {index}")
    with Path(index).open("rb") as file:  # opening it takes a second of imports, which the worker does when it is asked
        if file.read(12)[8:] != b"DUCK":
            raise ParameterError(f"{index}: is no index of sigsimnet index add")


def _check_certificate(certificate: str | None, key: str | None) -> bool:
    """Return whether the service speaks TLS."""
    import ssl

    if certificate is None and key is None:
        return False
    if certificate is None or key is None:
        raise ParameterError("--certificate and --key: a certificate needs its key; name both")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ParameterError(f"--certificate {certificate}: cannot be used with {key} ({error})") from error
    return True


def _sweep() -> None:
    """Remove the folders of services that were killed: recordings of people lie in them."""
    for owner in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_OWNER}"):
        try:
            number = int(owner.read_text(encoding="ascii"))
            mine = owner.stat().st_uid == os.getuid() if hasattr(os, "getuid") else True
        except (OSError, ValueError):
            continue
        if mine and not _runs(number):
            shutil.rmtree(owner.parent, ignore_errors=True)


def _runs(number: int) -> bool:
    if os.name == "nt":  # where signal 0 would end it
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
