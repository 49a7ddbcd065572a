"""Pages: each is a form and its answer, whose address holds the state, so that it can be shared and gone back to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from sigsimnet._utils.version import __version__
from sigsimnet.app import _models as models
from sigsimnet.app._api import Place, decisions_of, finding_key, findings_of, part, search_arguments
from sigsimnet.app._paths import allowed, known, listed
from sigsimnet.errors import ParameterError

__all__ = ["PAGES", "make_pages"]

PAGES = (
    ("/", "Open"),
    ("/look", "Look"),
    ("/compare", "Compare"),
    ("/change", "Change"),
    ("/search", "Search"),
    ("/profile", "Profile"),
    ("/clean", "Clean"),
    ("/audit", "Audit"),
    ("/work", "Train and evaluate"),
)
"""Address and name of each page."""
_FORMS = ("compare.html", "change.html", "search.html", "profile.html", "clean.html", "work.html")  # offer files
Text = Annotated[str, Query(max_length=2000)]
Maybe = Annotated[float | None, Query(ge=0, allow_inf_nan=False)]


class _Given(dict[str, str]):
    """What an address gives; empty where it says nothing."""

    def __missing__(self, name: str) -> str:
        return ""


def _more(request: Request) -> list[dict[str, str]]:
    """Return the recordings beyond the second that an address names, with their stretches."""
    given = request.query_params
    names, starts, stops = (given.getlist(name) for name in ("more", "more_start", "more_stop"))
    starts += [""] * len(names)
    stops += [""] * len(names)
    return [
        {"path": path, "start": start, "stop": stop}
        for path, start, stop in zip(names, starts, stops, strict=False)
        if path
    ]


def make_pages(place: Place) -> APIRouter:  # noqa: C901 - a list of routes
    """Return the pages, and the reports that they show."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    router = APIRouter(include_in_schema=False)
    environment = Environment(
        loader=PackageLoader("sigsimnet.app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    settings, worker = place.settings, place.worker

    def shown(request: Request, name: str, **values: Any) -> HTMLResponse:
        shared = {
            "pages": PAGES, "here": request.url.path, "query": _Given(request.query_params), "version": __version__,
            "root": settings.root.name or str(settings.root), "has_index": bool(settings.index),
        }  # fmt: skip
        offered = {"known": known(settings)} if name in _FORMS else {}
        return HTMLResponse(environment.get_template(name).render(shared | offered | values))

    @router.get("/")
    def front(request: Request, path: Text = "") -> Response:
        return shown(request, "open.html", listing=listed(settings, path), title="Open")

    @router.get("/favicon.ico")
    def favicon() -> Response:
        return FileResponse(Path(__file__).parent / "static" / "favicon.svg", media_type="image/svg+xml")

    @router.get("/look")
    async def look(request: Request, path: Text = "") -> Response:
        about = (await place.open(path)).about if path else None
        return shown(request, "look.html", about=about, path=path, title="Look")

    @router.get("/compare")
    def compare(request: Request) -> Response:
        return shown(request, "compare.html", title="Compare", more=_more(request))

    @router.get("/change")
    def change(request: Request) -> Response:
        return shown(
            request,
            "change.html",
            title="Change",
            baselines=request.query_params.getlist("baseline"),
            known=known(settings),
        )

    @router.get("/search")
    def search(request: Request) -> Response:
        return shown(
            request,
            "search.html",
            title="Search",
            levels=("recording", "stretch", "beat", "person"),
            known=known(settings),
        )

    @router.get("/profile")
    def profile(request: Request) -> Response:
        return shown(request, "profile.html", title="Profile")

    @router.get("/clean")
    async def clean(request: Request, path: Text = "", preset: Text = "") -> Response:
        from sigsimnet.cleaning import PRESETS

        done = None
        if path:
            asked = [str(allowed(settings, path)), path, None, None]
            done = (await worker.call("clean", {"file": asked, "preset": preset or None}))["answer"]
            await place.open(path)
        return shown(request, "clean.html", title="Clean", done=done, path=path, presets=tuple(PRESETS))

    @router.get("/audit")
    def audit(request: Request, table: Text = "") -> Response:
        rows: list[dict[str, Any]] = []
        if table:
            file = allowed(settings, table)
            known = decisions_of(file)
            rows = [{**row, "decision": known.get(finding_key(row), "open")} for row in findings_of(file)]
        return shown(request, "audit.html", title="Audit", rows=rows[:2000], table=table, n=len(rows))

    @router.get("/work")
    def work(request: Request) -> Response:
        return shown(request, "work.html", title="Train and evaluate")

    # -- reports: pages of the command line, shown in a frame of their own ------------------------------------------

    @router.get("/report/compare")
    async def compared(
        a: Text, b: Text, a_start: Maybe = None, a_stop: Maybe = None, b_start: Maybe = None, b_stop: Maybe = None,
        why: bool = False, model: Text = "ecg", channel_a: Text = "", channel_b: Text = "",
    ) -> Response:  # fmt: skip
        first = part(place, models.Part(path=a, start=a_start, stop=a_stop))
        second = part(place, models.Part(path=b, start=b_start, stop=b_stop))
        made = await worker.call("compare", {
            "a": first, "b": second, "why": why, "page": True, "model": place.model(model or "ecg"),
            "channel_a": channel_a or None, "channel_b": channel_b or None,
        })  # fmt: skip
        return HTMLResponse(made["page"])

    @router.get("/report/change")
    async def changed(now: Text, baseline: Annotated[list[str], Query()]) -> Response:
        parts = [part(place, models.Part(path=one, start=None, stop=None)) for one in [*baseline, now]]
        return HTMLResponse((await worker.call("change", {"files": parts, "page": True}))["page"])

    @router.get("/report/search")
    async def searched(
        path: Text = "", person: Text = "", start: Maybe = None, stop: Maybe = None, level: Text = "recording",
        where: Text = "", exclude_same: Text = "", k: Annotated[int, Query(ge=1, le=200)] = 10, index: Text = "",
    ) -> Response:  # fmt: skip
        if exclude_same not in ("", "recording", "subject") or level not in ("recording", "stretch", "beat", "person"):
            raise ParameterError("unknown level, or unknown rows to leave out")
        asked = models.SearchRequest.model_validate({
            "query": {"path": path, "start": start, "stop": stop} if path else None, "person": person or None,
            "index": index or None, "k": k, "level": level, "where": where or None,
            "exclude_same": exclude_same or None,
        })  # fmt: skip
        made = await worker.call("search", search_arguments(place, asked) | {"page": True})
        return HTMLResponse(made["page"])

    @router.get("/report/map")
    async def mapped(index: Text = "", where: Text = "") -> Response:
        made = await worker.call("map", {"index": place.index(index or None), "where": where or None})
        return HTMLResponse(made["page"])

    @router.get("/report/groups")
    async def grouped(path: Text) -> Response:
        file = part(place, models.Part(path=path, start=None, stop=None))
        return HTMLResponse((await worker.call("groups", {"file": file}))["page"])

    @router.get("/report/profile")
    async def profiled(path: Text, start: Maybe = None, stop: Maybe = None) -> Response:
        file = part(place, models.Part(path=path, start=start, stop=stop))
        return HTMLResponse((await worker.call("profile", {"file": file, "page": True}))["page"])

    return router
