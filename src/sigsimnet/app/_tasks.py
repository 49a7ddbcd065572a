"""What the worker computes: each function takes plain values, and returns plain values and pages."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sigsimnet._utils.json import to_jsonable
from sigsimnet.app._named import as_named, split_name
from sigsimnet.app._signals import keep, opened
from sigsimnet.errors import ParameterError, SigSimNetError
from sigsimnet.io import files_read, is_remote
from sigsimnet.recording import Recording

__all__ = ["TASKS", "kept_in"]

MOST_KEPT = 6  # recordings in the form to move about in
MOST_MARKS = 200_000
MOST_STRETCHES = 400


def kept_in(work: str, path: str, name: str) -> Path:
    """Return the folder that a recording is kept in: another one when its files have changed, or are read otherwise."""
    stats = [file.stat() for file in files_read(path)]
    name = f"{path} {split_name(name)[1]} {[(one.st_size, one.st_mtime_ns) for one in stats]}"
    return Path(work) / "opened" / hashlib.sha256(name.encode()).hexdigest()[:24]


def open_recording(*, work: str, path: str, name: str) -> dict[str, Any]:
    """Bring a recording into the form to move about in."""
    folder = kept_in(work, path, name)
    found = opened(folder)
    if found is None:
        shutil.rmtree(folder, ignore_errors=True)
        found = keep(_read(path, name), folder)
        everything = sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime)
        for old in everything[:-MOST_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return {"folder": str(folder), **found.about}


def marks(*, work: str, path: str, name: str) -> dict[str, Any]:  # noqa: ARG001
    """Return beats, seconds of low quality and annotations."""
    from sigsimnet.channels import ecg_channels
    from sigsimnet.peaks import detect_peaks
    from sigsimnet.signal_quality import quality

    recording = _read(path, name)
    found: dict[str, Any] = {"beats": [], "channel": "", "bad": {}, "notes": []}
    names = ecg_channels(recording)
    try:
        if names:
            peaks = detect_peaks(recording.pick(list(names)))
            found |= {"beats": [round(float(t), 4) for t in peaks.times[:MOST_MARKS]], "channel": peaks.channel}
            found["notes"] += list(peaks.warnings)
    except SigSimNetError as error:
        found["notes"].append(str(error))
    try:
        judged = quality(recording.pick(list(names)) if names else recording)
        for row, channel in enumerate(judged.channel_names):
            found["bad"][channel] = _runs(judged, row)
        found["notes"] += list(judged.warnings)
    except SigSimNetError as error:
        found["notes"].append(str(error))
    found["annotations"] = [
        {"time": float(recording.time_of([one.sample])[0]), "label": one.label}
        for one in recording.annotations[:MOST_MARKS]
    ]
    return found


def _runs(judged: Any, row: int) -> list[tuple[float, float, str]]:
    """Return stretches of low quality of a channel: from, to, why."""
    found: list[tuple[float, float, str]] = []
    from sigsimnet.signal_quality import REASONS

    bad = ~judged.good[row]
    for k in bad.nonzero()[0]:
        begin = float(judged.times[k])
        end = begin + float(judged.durations[k])
        why = ", ".join(name for name, is_so in zip(REASONS, judged.reasons[row, k], strict=True) if is_so)
        if found and abs(found[-1][1] - begin) < 1e-6 and found[-1][2] == why:
            found[-1] = (found[-1][0], end, why)
        else:
            found.append((begin, end, why))
    return found


def check_source(*, work: str, path: str, name: str) -> None:  # noqa: ARG001
    """Refuse a table that names recordings outside the root.

    Raises
    ------
    ParameterError
        If it does.
    """
    from sigsimnet.datasets import entries_in

    root = Path.cwd()
    for entry in entries_in(path):
        whole = Path(entry.path)
        if is_remote(entry.path) or not whole.resolve().is_relative_to(root):
            raise ParameterError(f"{name}: names {entry.path}, which lies outside the folder that is served")


def compare(
    *,
    work: str,  # noqa: ARG001
    a: list[Any],
    b: list[Any],
    model: str = "ecg",
    channel_a: str | None = None,
    channel_b: str | None = None,
    why: bool = False,
    page: bool = False,
) -> dict[str, Any]:
    from sigsimnet.comparison import compare as compare_recordings
    from sigsimnet.comparison import why as say_why

    first, second = _part(a), _part(b)
    found = compare_recordings(first, second, model=_model(model), channel_a=channel_a, channel_b=channel_b)
    grounds = None
    if why and found.has_score:
        grounds = say_why(first, second, model=_model(model), channel_a=channel_a, channel_b=channel_b)
    made: dict[str, Any] = {"answer": found.to_dict() | ({"why": grounds.to_dict()} if grounds is not None else {})}
    made["answer"]["compared"] = {
        side: {"path": asked[1], "start": asked[2] or 0.0, "stop": (asked[2] or 0.0) + one.duration}
        for side, asked, one in (("a", a, first), ("b", b, second))
    }
    made["answer"]["stretches"] = _stretches(found, a[2] or 0.0, b[2] or 0.0)
    if page:
        from sigsimnet.reports import comparison_html

        made["page"] = comparison_html(found, why=grounds, recordings=(first, second))
    return made


def compare_all(*, work: str, files: list[list[Any]], model: str = "ecg") -> dict[str, Any]:  # noqa: ARG001
    """Compare each recording with each; a pair that cannot be compared says why and ruins no other."""
    from itertools import combinations

    from sigsimnet.comparison import compare as compare_recordings

    recordings = [_part(one) for one in files]
    pairs: list[dict[str, Any]] = []
    for a, b in combinations(range(len(recordings)), 2):
        row: dict[str, Any] = {"a": a, "b": b, "score": None, "probability": None, "verdict": "cannot tell"}
        try:
            found = compare_recordings(recordings[a], recordings[b], model=_model(model))
        except SigSimNetError as error:
            pairs.append(row | {"reason": str(error)})
            continue
        score = float(found.score) if found.has_score else None
        reason = found.reasons[0] if found.reasons else ""
        pairs.append(
            row | {"score": score, "probability": found.probability, "verdict": found.verdict, "reason": reason}
        )
    return {"answer": {"files": [one[1] for one in files], "pairs": pairs}}


def _stretches(found: Any, from_a: float, from_b: float) -> dict[str, Any] | None:
    """Return how alike stretches are, with their times in the files; None where there are too many to show, or none."""
    all_of_it = found.stretches
    if all_of_it is None or max(all_of_it.scores.shape) > MOST_STRETCHES:
        return None
    return {
        "a": [[one.start + from_a, one.stop + from_a] for one in all_of_it.a],
        "b": [[one.start + from_b, one.stop + from_b] for one in all_of_it.b],
        "scores": [[to_jsonable(round(float(score), 4)) for score in row] for row in all_of_it.scores],
    }


def change(*, work: str, files: list[list[Any]], page: bool = False) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.changes import change as find_changes

    recordings = [_part(one) for one in files]
    if len(recordings) < 2:
        raise ParameterError("name at least one baseline and then the new recording")
    found = find_changes(recordings[:-1], recordings[-1], model=_model("ecg"))
    made: dict[str, Any] = {"answer": found.to_dict()}
    if page:
        from sigsimnet.reports import change_html

        made["page"] = change_html(found)
    return made


def search(
    *,
    work: str,  # noqa: ARG001
    index: str,
    query: list[Any] | None = None,
    person: str | None = None,
    k: int = 10,
    level: str = "recording",
    where: str | None = None,
    exclude_same: str | None = None,
    channel: str | None = None,
    page: bool = False,
) -> dict[str, Any]:
    from sigsimnet.archive import Index

    one = Index(index)
    options: dict[str, Any] = {"k": k, "level": level, "where": where or None, "exclude_same": exclude_same or None}
    path: Any = None
    start = stop = None
    if query is not None:
        path, name, start, stop = query
        if split_name(name)[1]:  # how it is read stands in its name
            path = _read(path, name)
        options |= {"channel": channel or None, "start": start, "stop": stop, "name": name}
    found = one.search(path, person=person, **options)
    found = replace(found, hits=_below_root(found.hits))
    made: dict[str, Any] = {"answer": found.to_dict()}
    if page:
        from sigsimnet.reports import search_html

        root = Path.cwd()
        made["page"] = search_html(found, one, path, channel=channel or None, start=start, stop=stop, folder=root)
    return made


def _below_root(hits: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return hits whose files are named as clients name them; the worker's own folder is the root."""
    return tuple(replace(hit, path=_named(hit.path)) for hit in hits)


def _named(paths: str) -> str:
    root = Path.cwd()
    names = [Path(path) for path in paths.split(" + ")]
    return " + ".join(str(one.relative_to(root) if one.is_relative_to(root) else one) for one in names)


def identify(*, work: str, index: str, query: list[Any], fpir: float = 0.01, k: int = 5) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.archive import Index

    path, name, start, stop = query
    if split_name(name)[1]:
        path = _read(path, name)
    found = Index(index).identify(path, k=k, fpir=fpir, start=start, stop=stop, name=name)
    return {"answer": replace(found, found=replace(found.found, hits=_below_root(found.found.hits))).to_dict()}


def index_info(*, work: str, index: str) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.archive import Index

    return {"answer": Index(index).info()}


def map_page(*, work: str, index: str, where: str | None = None) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.archive import Index
    from sigsimnet.reports import map_html

    return {"page": map_html(Index(index).map(where=where or None))}


def groups(*, work: str, file: list[Any]) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.archive import groups as group
    from sigsimnet.reports import groups_html

    found = group(_part(file), model=_model("ecg"))
    return {"answer": found.to_dict(), "page": groups_html(found)}


def profile(*, work: str, file: list[Any], page: bool = False) -> dict[str, Any]:  # noqa: ARG001
    from sigsimnet.analysis import profile as profile_of

    found = profile_of(_part(file), progress=False)
    made: dict[str, Any] = {"answer": found.to_dict()}
    if page:
        from sigsimnet.reports import profile_html

        made["page"] = profile_html(found)
    return made


def clean(*, work: str, file: list[Any], preset: str | None = None, ending: str = ".csv") -> dict[str, Any]:
    """Clean a recording, and keep the result for download and to look at."""
    import secrets

    from sigsimnet.cleaning import preset as chain_of
    from sigsimnet.cleaning import preset_for
    from sigsimnet.io import write

    recording = _part(file)
    found = chain_of(preset or preset_for(recording)).apply(recording)
    drop = secrets.token_hex(8)
    folder = Path(work) / "uploads" / drop
    folder.mkdir(parents=True)
    stem = Path(str(file[1])).stem or "recording"
    target = folder / f"{stem}-clean{ending}"
    write(found.recording, target)
    return {
        "answer": {
            "path": f"upload:{drop}/{target.name}",
            "files": [f"upload:{drop}/{one.name}" for one in sorted(folder.iterdir())],
            "done": [{"step": item.name, "note": item.note} for item in found.log],
        }
    }


def _read(path: str, name: str) -> Recording:
    """Read a file; messages name it as the client does."""
    from sigsimnet.io import read

    file, options = split_name(name)
    try:
        return read(path, **options).replace(source=file)
    except SigSimNetError as error:
        raise type(error)(as_named(str(error).replace(path, file))) from error


def _part(one: list[Any]) -> Recording:
    """Return a recording, or what lies between two times of it: path, name, start and stop."""
    path, name, start, stop = one
    recording = _read(path, name)
    if start is None and stop is None:
        return recording
    try:
        return recording.crop(start or 0.0, stop)
    except SigSimNetError as error:
        raise ParameterError(f"{name} ({recording.duration:g} s): {error}") from error


_MODELS: dict[str, Any] = {}


def _model(name: str) -> Any:
    """Return a model, loaded once."""
    from sigsimnet.model import load_model

    if name not in _MODELS:
        _MODELS.clear()
        _MODELS[name] = load_model(name)
    return _MODELS[name]


TASKS: dict[str, Callable[..., Any]] = {
    "open": open_recording,
    "check_source": check_source,
    "marks": marks,
    "compare": compare,
    "compare_all": compare_all,
    "change": change,
    "search": search,
    "identify": identify,
    "index_info": index_info,
    "map": map_page,
    "groups": groups,
    "profile": profile,
    "clean": clean,
}
