"""Which files may be named: those below the root, and those that were uploaded; no links, no way out."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Any

from sigsimnet.app._named import split_name
from sigsimnet.app._settings import Settings
from sigsimnet.errors import ReadError
from sigsimnet.io import files_read, find_recordings

__all__ = ["UPLOAD", "allowed", "known", "listed", "relative", "upload_folder"]

UPLOAD = "upload:"
MOST_LISTED = 2000
MOST_OFFERED, MOST_FOLDERS = 500, 300
MODEL_FILES = ("config.json", "weights.safetensors")  # of `sigsimnet.model.SigSimNet.save`
_TABLES = (".csv", ".tsv")
_KEPT = (".seen.jsonl", ".decisions.json")
_NAME = re.compile(r"[^\x00-\x1f/\\]{1,180}")


def allowed(settings: Settings, name: str, *, folder: bool = False) -> Path:
    """Return the file (or folder) that a name of a client leads to.

    Parameters
    ----------
    settings : Settings
    name : str
        Below the root, with ``/`` between folders; or ``upload:ID/NAME``. What is behind it (`split_name`) is left.
    folder : bool, default False

    Raises
    ------
    ReadError
        If it leads out of the root, through a link, to something that is no plain file, or nowhere.
    """
    name, _ = split_name(name)
    base, rest = settings.root, name
    if name.startswith(UPLOAD):
        drop, _, rest = name.removeprefix(UPLOAD).partition("/")
        base = upload_folder(settings, drop)
    parts = PurePosixPath(rest).parts
    if rest.startswith("/") or any(part in ("..", "") or not _NAME.fullmatch(part) for part in parts):
        raise ReadError(f"{_shown(name)}: is no file below the folder that is served")
    path = base
    for part in parts:
        path /= part
        try:
            kind = path.lstat().st_mode
        except (OSError, ValueError):
            if part == parts[-1] and not folder and files_read(path):
                break  # a WFDB record without an ending
            raise ReadError(f"{_shown(name)}: no such file") from None
        if stat.S_ISLNK(kind):
            raise ReadError(f"{_shown(name)}: is a link, or lies behind one; links are not followed")
    if not path.resolve().is_relative_to(base.resolve()):
        raise ReadError(f"{_shown(name)}: is no file below the folder that is served")
    if folder:
        if not path.is_dir():
            raise ReadError(f"{_shown(name)}: no such folder")
    elif path.exists() and not stat.S_ISREG(path.lstat().st_mode):
        raise ReadError(f"{_shown(name)}: is no plain file")
    return path


def upload_folder(settings: Settings, drop: str) -> Path:
    """Return where the files of one drop lie.

    Raises
    ------
    ReadError
        If it is no name of one.
    """
    if not re.fullmatch(r"[0-9a-f]{8,32}", drop):
        raise ReadError("that is no upload")
    return settings.work / "uploads" / drop


def relative(settings: Settings, path: Path) -> str:
    """Return how clients name a file below the root."""
    return path.relative_to(settings.root).as_posix()


def listed(settings: Settings, name: str) -> dict[str, Any]:
    """Return what lies in a folder: folders, recordings, tables, indexes and models."""
    place = allowed(settings, name, folder=True)
    entries = sorted(place.iterdir(), key=lambda path: path.name.lower())
    seen = [path for path in entries if not path.name.startswith(".") and not path.is_symlink()]
    folders = [path for path in seen if path.is_dir()]
    models = [path for path in folders if all((path / name).is_file() for name in MODEL_FILES)]
    recordings = [path for path in find_recordings(place, deep=False) if _may_be_one(path)]
    return {
        "path": "" if place == settings.root else relative(settings, place),
        "parent": None if place == settings.root else relative(settings, place.parent).removeprefix("."),
        "folders": [relative(settings, path) for path in folders if path not in models][:MOST_LISTED],
        "models": [relative(settings, path) for path in models][:MOST_LISTED],
        "recordings": [
            {
                "path": relative(settings, path),
                "name": path.name,
                "bytes": sum(one.stat().st_size for one in files_read(path)),
            }
            for path in recordings[:MOST_LISTED]
        ],
        "indexes": [relative(settings, path) for path in seen if path.is_file() and path.suffix == ".index"],
        "tables": [relative(settings, path) for path in seen if path.is_file() and path.suffix.lower() in _TABLES],
        "n_more": max(len(recordings) - MOST_LISTED, 0),
    }


def known(settings: Settings) -> dict[str, list[str]]:
    """Return names of recordings and models that forms offer, of the root and of what was uploaded: some hundreds."""
    recordings: list[str] = []
    models: list[str] = []
    for number, (place, folders, _) in enumerate(os.walk(settings.root)):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (here / name).is_symlink())
        if here != settings.root and all((here / name).is_file() for name in MODEL_FILES):
            models.append(relative(settings, here))
            folders.clear()
            continue
        recordings += [relative(settings, path) for path in find_recordings(here, deep=False) if _may_be_one(path)]
        if len(recordings) >= MOST_OFFERED or number >= MOST_FOLDERS:
            break
    uploads = settings.work / "uploads"
    for drop in sorted(uploads.iterdir()) if uploads.is_dir() else ():
        recordings += [f"{UPLOAD}{drop.name}/{path.name}" for path in find_recordings(drop, deep=False)]
    return {"recordings": recordings, "models": models}


def _may_be_one(path: Path) -> bool:
    """Return whether a file may be a recording: no link, no device, no table of paths, nothing that an audit keeps."""
    if path.is_symlink() or (path.exists() and not path.is_file()) or path.name.endswith(_KEPT):
        return False
    if path.suffix.lower() not in _TABLES:
        return True
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            names = re.split(r"[,;\t]", file.readline(10_000).strip().lower())
    except OSError:
        return False
    return "path" not in [name.strip(' "') for name in names]


def _shown(name: str) -> str:
    return re.sub(r"[\x00-\x1f]", "?", name)[:200]
