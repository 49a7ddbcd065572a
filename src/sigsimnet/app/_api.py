"""The interface under ``/api/v1``: the functions of the command line, with its sentences where something fails."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import secrets
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from sigsimnet._utils.files import write_whole
from sigsimnet.app import _models as models
from sigsimnet.app._paths import UPLOAD, allowed, listed, upload_folder
from sigsimnet.app._settings import Settings
from sigsimnet.app._signals import Opened, opened, window
from sigsimnet.app._tasks import kept_in
from sigsimnet.app._worker import Refused
from sigsimnet.errors import ParameterError, ReadError

__all__ = ["Place", "make_router", "part"]

_CHUNK_FILE = 1 << 20
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": models.Problem, "description": said}
    for status, said in (
        (401, "No token, or an old one"),
        (404, "No such file"),
        (413, "Too large an upload"),
        (422, "Bad input, in one sentence"),
        (504, "It took too long"),
    )
}
_MODELS = ("ecg",)
_DECIDED = ".decisions.json"


class Place:
    """What requests share: settings, worker, jobs.

    Parameters
    ----------
    settings : Settings
    worker : Worker
        Answers questions.
    reader : Worker
        Opens recordings, so that looking does not wait behind a question.
    jobs : Jobs
    """

    def __init__(self, settings: Settings, worker: Any, reader: Any, jobs: Any) -> None:
        self.settings = settings
        self.worker = worker
        self.reader = reader
        self.jobs = jobs

    async def open(self, path: str) -> Opened:
        """Return a recording in the form to move about in."""
        file = allowed(self.settings, path)
        there = opened(kept_in(str(self.settings.work), str(file), path))
        if there is None:
            await self.reader.call("open", {"path": str(file), "name": path})
            there = opened(kept_in(str(self.settings.work), str(file), path))
        if there is None:
            raise ReadError(f"{path}: has changed while it was read; open it again")
        return there

    def index(self, name: str | None) -> str:
        """Return the index that is asked."""
        if name:
            return str(allowed(self.settings, name))
        if not self.settings.index:
            raise ParameterError("name an index; the service was started without one (--index)")
        return self.settings.index

    def model(self, name: str) -> str:
        """Return a model by its name or folder."""
        return name if name in _MODELS else str(allowed(self.settings, name, folder=True))

    def target(self, name: str) -> str:
        """Return a new name below the root."""
        parent, _, own = name.rpartition("/")
        place = allowed(self.settings, parent, folder=True)
        if not own or own.startswith((".", "-")) or any(sign in own for sign in "\\\0:"):
            raise ParameterError(f"{name!r} is no name of a new file below the folder that is served")
        return (place / own).relative_to(self.settings.root).as_posix()


def part(place: Place, one: models.Part) -> list[Any]:
    """Return a part of a recording as the worker takes it: path, name, start and stop."""
    if not all(isfinite(value) for value in (one.start, one.stop) if value is not None):
        raise ParameterError(f"{one.path}: start and stop are numbers of s")
    if one.start is not None and one.stop is not None and one.stop <= one.start:
        raise ParameterError(f"{one.path}: nothing lies between {one.start:g} and {one.stop:g} s")
    return [str(allowed(place.settings, one.path)), one.path, one.start, one.stop]


def make_router(place: Place) -> APIRouter:  # noqa: C901 - a list of routes
    """Return the routes of the interface."""
    router = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
    settings, worker, jobs = place.settings, place.worker, place.jobs

    @router.get("/files", tags=["files"])
    def files(path: str = "") -> dict[str, Any]:
        """List a folder below the root: folders, recordings, tables, indexes, models."""
        return listed(settings, path)

    @router.put("/uploads/{drop}/{name}", tags=["files"], status_code=201)
    async def upload(drop: str, name: str, request: Request) -> dict[str, str]:
        """Upload a file (the body is its bytes); files of one drop, such as .hea and .dat, lie together."""
        folder = upload_folder(settings, drop)
        if not name or name.startswith(".") or "/" in name or "\\" in name or len(name.encode()) > 200:
            raise ParameterError("that is no name of a file")
        if int(request.headers.get("content-length") or 0) > settings.most_upload:
            raise Refused(413, "too large", f"{name}: is larger than {settings.most_upload / 1e6:g} MB")
        folder.mkdir(parents=True, exist_ok=True)
        await _receive(request, folder / name, settings, settings.most_uploads - _uploaded(settings))
        return {"path": f"{UPLOAD}{drop}/{name}"}

    @router.get("/download", tags=["files"])
    def download(path: str) -> FileResponse:
        """Return a file that was uploaded or made here."""
        if not path.startswith(UPLOAD):
            raise ParameterError("only what was made here is given out; other files lie in the folder that is served")
        file = allowed(settings, path)
        return FileResponse(file, filename=file.name, media_type="application/octet-stream")

    @router.get("/recording", tags=["signals"])
    async def recording(path: str) -> dict[str, Any]:
        """Say what is in a recording: channels, rate, duration, pauses, notes."""
        return (await place.open(path)).about

    @router.get("/signal", tags=["signals"], response_class=Response)
    async def signal(
        path: str,
        start: Annotated[float, Query(ge=0, allow_inf_nan=False)] = 0.0,
        stop: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
        points: Annotated[int, Query(ge=2, le=4000)] = 1200,
        channels: Annotated[list[int] | None, Query()] = None,
        form: Annotated[str, Query(pattern="^(packed|npy|json|arrow)$", alias="format")] = "packed",
    ) -> Response:
        """Return a stretch of a recording: its samples, or of more than ``points`` least and greatest of each step.

        ``packed``: 4 bytes with the length of the JSON that follows, then 16-bit numbers (value = number × scale +
        middle; −32768 where nothing was recorded). ``npy``: float32 (n_channels, n) or (n_channels, n, 2). ``json``
        and ``arrow``: a column for each channel, or two, and ``time`` in s.
        """
        one = await place.open(path)
        end = one.about["duration"] if stop is None else stop
        if not (isfinite(start) and isfinite(end) and max(start, 0.0) < min(end, one.about["duration"])):
            raise ParameterError(f"{path}: nothing lies between {start:g} and {end:g} s")
        known = len(one.about["channels"])
        if wrong := [k for k in channels or () if not 0 <= k < known]:
            raise ParameterError(f"{path}: has no channel {wrong[0]}; its channels are 0 to {known - 1}")
        data = await asyncio.to_thread(window, one, start, end, points, channels)
        return _in_form(data, form)

    @router.get("/marks", tags=["signals"])
    async def marks(path: str) -> dict[str, Any]:
        """Return the beats, the seconds of low quality with reasons, and the annotations."""
        file = allowed(settings, path)
        found: dict[str, Any] = await place.reader.call("marks", {"path": str(file), "name": path})
        return found

    @router.post("/compare", tags=["questions"], response_model=models.Answer)
    async def compare(asked: models.CompareRequest) -> Any:
        """Say how alike two recordings are: score, probability, verdict, reasons."""
        return await worker.call("compare", {
            "a": part(place, asked.a), "b": part(place, asked.b), "model": place.model(asked.model),
            "channel_a": asked.channel_a, "channel_b": asked.channel_b, "why": asked.why,
        })  # fmt: skip

    @router.post("/compare-all", tags=["questions"], response_model=models.Answer)
    async def compare_all(asked: models.CompareAllRequest) -> Any:
        """Say of several recordings, or stretches of them, how alike each two are."""
        files = [part(place, one) for one in asked.files]
        return await worker.call("compare_all", {"files": files, "model": place.model(asked.model)})

    @router.post("/change", tags=["questions"], response_model=models.Answer)
    async def change(asked: models.ChangeRequest) -> Any:
        """Say what changed since the baselines."""
        return await worker.call("change", {"files": [part(place, one) for one in [*asked.baselines, asked.now]]})

    @router.post("/search", tags=["questions"], response_model=models.Answer)
    async def search(asked: models.SearchRequest) -> Any:
        """Find what is most similar in an index."""
        return await worker.call("search", search_arguments(place, asked))

    @router.post("/identify", tags=["questions"], response_model=models.Answer)
    async def identify(asked: models.IdentifyRequest) -> Any:
        """Say who it is among the people of an index, or that it is none of them."""
        return await worker.call("identify", {
            "index": place.index(asked.index), "query": part(place, asked.query), "fpir": asked.fpir, "k": asked.k,
        })  # fmt: skip

    @router.get("/index", tags=["questions"], response_model=models.Answer)
    async def index(name: str | None = None) -> Any:
        """Say what is in an index."""
        return await worker.call("index_info", {"index": place.index(name)})

    @router.post("/profile", tags=["questions"], response_model=models.Answer)
    async def profile(asked: models.Part) -> Any:
        """Say all about a recording."""
        return await worker.call("profile", {"file": part(place, asked)})

    @router.post("/clean", tags=["signals"], response_model=models.Answer)
    async def clean(asked: models.CleanRequest) -> Any:
        """Clean a recording; the result can be looked at and downloaded under the path that is given."""
        arguments = {"file": part(place, asked.file), "preset": asked.preset, "ending": asked.ending}
        return await worker.call("clean", arguments)

    @router.get("/jobs", tags=["long work"])
    def all_jobs() -> list[dict[str, Any]]:
        """List what was started: running, done, failed, stopped."""
        found: list[dict[str, Any]] = jobs.listed()
        return found

    @router.get("/jobs/{name}", tags=["long work"])
    def one_job(name: str) -> dict[str, Any]:
        """Say how far a job is, and the end of what it says."""
        found: dict[str, Any] = jobs.shown(jobs[name])
        return found

    @router.post("/jobs", tags=["long work"], status_code=202)
    async def start_job(asked: models.JobRequest) -> dict[str, Any]:
        """Start a training, an evaluation, an audit or an indexing; one runs at a time, others wait."""
        arguments = job_arguments(place, asked)
        await worker.call("check_source", {"path": str(settings.root / asked.source), "name": asked.source})
        found: dict[str, Any] = jobs.shown(jobs.start(asked.command, arguments))
        return found

    @router.post("/jobs/{name}/stop", tags=["long work"])
    def stop_job(name: str) -> dict[str, Any]:
        """Stop a job; what is done stays."""
        found: dict[str, Any] = jobs.shown(jobs.stop(name))
        return found

    @router.post("/jobs/{name}/go-on", tags=["long work"])
    def go_on(name: str) -> dict[str, Any]:
        """Go on with a job that was stopped."""
        found: dict[str, Any] = jobs.shown(jobs.again(name))
        return found

    @router.post("/audit/decisions", tags=["long work"])
    def decide(asked: models.Accepted) -> dict[str, Any]:
        """Accept or reject a finding of an audit; that is kept in a file beside the table."""
        table = allowed(settings, asked.table)
        return {"decisions": decided(table, asked.row, asked.decision)}

    return router


def search_arguments(place: Place, asked: models.SearchRequest) -> dict[str, Any]:
    """Return what the worker needs for a search."""
    if (asked.query is None) == (asked.person is None):
        raise ParameterError("ask with a recording, or with a person of the index: one of the two")
    return {
        "index": place.index(asked.index),
        "query": part(place, asked.query) if asked.query is not None else None,
        "person": asked.person,
        "k": asked.k,
        "level": asked.level,
        "where": asked.where,
        "exclude_same": asked.exclude_same,
        "channel": asked.channel,
    }


def job_arguments(place: Place, asked: models.JobRequest) -> list[str]:
    """Return a command line; every path was looked at, and no text of a client becomes an option."""
    settings = place.settings
    if asked.source.startswith(UPLOAD):
        raise ParameterError("long work reads what lies in the folder that is served; an upload goes with the service")
    is_folder = asked.command in ("audit", "index add") and (settings.root / asked.source).is_dir()
    source = allowed(settings, asked.source, folder=is_folder)
    shown = "./" + source.relative_to(settings.root).as_posix() if source != settings.root else "."
    options: list[str] = []
    for name, value in (("--same", asked.same), ("--seed", asked.seed)):
        options += [name, str(value)] if value is not None and asked.command in ("train", "evaluate") else []
    if asked.command == "evaluate":
        model = place.model(asked.model or "ecg")
        options += ["--protocol", asked.protocol] if asked.protocol else []
        options += ["--baselines", asked.baselines] if asked.baselines else []
        return [model, shown, *options]
    target = f"./{place.target(asked.target)}"
    if asked.command == "train":
        options += ["--epochs", str(asked.epochs)] if asked.epochs else []
        return [shown, "-o", target, *options]
    if asked.command == "index add":
        return [shown, "--index", target]
    page = str(Path(target).with_suffix(".html"))
    options += ["--people", "folder"] if asked.people else []
    return [shown, "-o", str(Path(target).with_suffix(".csv")), "--page", f"./{page}", *options]


def decisions_of(table: Path) -> dict[str, str]:
    """Return what was decided of the findings of a table."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(Path(f"{table}{_DECIDED}").read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {str(key): str(value) for key, value in found.items()}
    return {}


def decided(table: Path, row: int, decision: str) -> dict[str, str]:
    """Keep what was decided of a finding, which is known by what it says: another audit may order them otherwise."""
    rows = findings_of(table)
    if row >= len(rows):
        raise ParameterError(f"{table.name}: has no finding {row}")
    found = decisions_of(table)
    key = finding_key(rows[row])
    if decision == "open":
        found.pop(key, None)
    else:
        found[key] = decision
    with write_whole(f"{table}{_DECIDED}") as temporary:
        temporary.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return found


def findings_of(table: Path) -> list[dict[str, str]]:
    """Return the rows of a table of findings."""
    from sigsimnet.audits import COLUMNS

    with table.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ReadError(f"{table.name}: is no table of findings of sigsimnet audit")
        return list(reader)


def finding_key(row: dict[str, str]) -> str:
    """Return what tells a finding from others."""
    return " | ".join(row[name] for name in ("kind", "path", "channel", "other"))


def _uploaded(settings: Settings) -> int:
    """Return how many bytes were uploaded and made here so far."""
    found = 0
    for file in (settings.work / "uploads").rglob("*"):
        with contextlib.suppress(OSError):  # gone in the meantime
            found += file.stat().st_size if file.is_file() else 0
    return found


async def _receive(request: Request, target: Path, settings: Settings, room: int) -> None:
    """Write the body of a request; one that is too large or too slow leaves nothing."""
    size = 0
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")  # another of that name may come at the same time
    stream = request.stream().__aiter__()
    try:
        with temporary.open("wb") as file:
            while True:
                try:
                    chunk = await asyncio.wait_for(anext(stream), settings.body_seconds)
                except StopAsyncIteration:
                    break
                except TimeoutError as error:
                    raise Refused(
                        408, "too slow", f"{target.name}: nothing came for {settings.body_seconds:g} s"
                    ) from error
                size += len(chunk)
                if size > settings.most_upload:
                    raise Refused(413, "too large", f"{target.name}: is larger than {settings.most_upload / 1e6:g} MB")
                if size > room:
                    most = f"{settings.most_uploads / 1e6:g} MB"
                    raise Refused(
                        413, "too large", f"{target.name}: uploads take {most} together; they go when the service ends"
                    )
                file.write(chunk)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _in_form(data: bytes, form: str) -> Response:
    import numpy as np

    if form == "packed":
        return Response(data, media_type="application/octet-stream")
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    shape = (len(header["channels"]), header["n"], *((2,) if header["kind"] == "range" else (1,)))
    numbers = np.frombuffer(data[4 + length :], "<i2").reshape(shape)
    scale = np.array([one["scale"] for one in header["channels"]], np.float64)[:, None, None]
    middle = np.array([one["middle"] for one in header["channels"]], np.float64)[:, None, None]
    values = np.where(numbers == -32768, np.nan, numbers * scale + middle).astype(np.float32)
    if header["kind"] == "samples":
        values = values[:, :, 0]
    buffer = io.BytesIO()
    if form == "npy":
        np.save(buffer, values)
        return Response(buffer.getvalue(), media_type="application/octet-stream")
    time = (header["start"] + header["step"] * np.arange(header["n"])).tolist()
    columns: dict[str, Any] = {"time": time}
    for k, one in enumerate(header["channels"]):
        if header["kind"] == "samples":
            columns[one["name"]] = values[k]
        else:
            columns[f"{one['name']} least"], columns[f"{one['name']} greatest"] = values[k, :, 0], values[k, :, 1]
    if form == "json":
        plain = {name: [None if v != v else round(float(v), 7) for v in column] for name, column in columns.items()}  # noqa: PLR0124 - NaN
        return Response(json.dumps({"header": header, "columns": plain}), media_type="application/json")
    try:
        import pyarrow as pa
    except ImportError as error:
        from sigsimnet.errors import MissingExtraError

        raise MissingExtraError("Arrow", "parquet") from error
    table = pa.table(columns)
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return Response(buffer.getvalue(), media_type="application/vnd.apache.arrow.stream")
