"""Files inside zip archives: ``archive.zip/folder/file.txt`` names one."""

from __future__ import annotations

import os
import tempfile
import zipfile
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["list_members", "opened_member", "split_archive"]

_WFDB_PARTS = (".hea", ".dat", ".mat", ".atr")
_BESIDE = (".vhdr", ".vmrk", ".eeg", ".set", ".fdt")  # BrainVision and EEGLAB: several files of one name


def split_archive(path: str | os.PathLike[str]) -> tuple[Path, str] | None:
    """Return the zip file and the name inside it (``""`` for the archive itself), or None if there is no zip.

    Examples
    --------
    >>> split_archive("no-such-file.csv") is None
    True
    """
    whole = Path(path)
    for candidate in (whole, *whole.parents):
        if candidate.suffix.lower() == ".zip" and candidate.is_file():
            inside = whole.relative_to(candidate).as_posix()
            return candidate, "" if inside == "." else inside
    return None


def list_members(path: str | Path) -> list[str]:
    r"""List the files in a zip archive, without folders and without what macOS adds.

    Parameters
    ----------
    path : str or Path
        The archive.

    Returns
    -------
    list of str
        Names in the order of the archive; ``f"{path}/{name}"`` can be passed to `read`.

    Raises
    ------
    ReadError
        If the file is not there or is not a zip archive.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> folder = tempfile.mkdtemp()
    >>> with zipfile.ZipFile(f"{folder}/a.zip", "w") as archive:
    ...     archive.writestr("Z/Z001.txt", "1\n2\n")
    >>> list_members(f"{folder}/a.zip")
    ['Z/Z001.txt']
    """
    return list(_opened(Path(path))[1])


def _opened(path: Path) -> tuple[zipfile.ZipFile, tuple[str, ...], dict[str, list[str]]]:
    """Return an archive, its files, and its files by record (name without ending), read once while it does not change.

    The index of an archive of 10,000 files takes longer to read than a member: a manifest of such members would be
    read at a few files a second.
    """
    if not path.is_file():
        raise ReadError(f"{path}: no such file")
    status = path.stat()
    return _kept_open(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _kept_open(
    path: Path,
    _changed: int,  # in the key: a file that was written anew is opened anew
    _size: int,
) -> tuple[zipfile.ZipFile, tuple[str, ...], dict[str, list[str]]]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, LookupError) as error:
        raise ReadError(f"{path}: is not a readable zip archive ({reason_of(error)})") from error
    infos = archive.infolist()
    members = tuple(
        info.filename for info in infos if info.filename and not info.is_dir() and not _is_clutter(info.filename)
    )
    records: dict[str, list[str]] = {}
    for member in members:
        records.setdefault(PurePosixPath(member).with_suffix("").as_posix(), []).append(member)
    return archive, members, records


@contextmanager
def opened_member(archive: Path, inside: str, max_unpacked: int | None = None) -> Iterator[Path]:
    """Unpack a member, with the other files of its WFDB record, into a folder that lives as long as the context.

    Parameters
    ----------
    archive : Path
    inside : str
        Name of the member; ``""`` for the only one.
    max_unpacked : int, optional
        In bytes: what all of these together may unpack to (`sigsimnet.io._sizes.largest_unpacked`).

    Raises
    ------
    ReadError
        If there is no such member, or none was named and there are several recordings.
    """
    opened, members, records = _opened(archive)
    stem = _choose(archive, inside, members)
    folder = PurePosixPath(stem).parent
    bare = PurePosixPath(stem).name
    if PurePosixPath(stem).suffix.lower() in _WFDB_PARTS:
        parts = list(records[PurePosixPath(stem).with_suffix("").as_posix()])
    else:
        parts = [m for m in records.get(stem, []) if m[len(stem) :].lower() in _WFDB_PARTS]
        parts += [stem] if stem in members else []
    if PurePosixPath(stem).suffix.lower() in _BESIDE:
        beside = records.get(PurePosixPath(stem).with_suffix("").as_posix(), [])
        parts += [m for m in beside if PurePosixPath(m).suffix.lower() in _BESIDE and m not in parts]
    if any(m.lower().endswith(".hea") for m in parts):
        # A multi-segment record names other records of its folder; they are small in number, take the folder's
        # headers' worth only when the header says so.
        parts = _with_segments(opened, archive, parts, members, folder)
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as scratch:
        infos = [opened.getinfo(member) for member in parts]
        check_unpacked(
            f"{archive}/{stem}",
            sum(info.file_size for info in infos),
            sum(info.compress_size for info in infos),
            max_unpacked,
        )
        for member in parts:
            (Path(scratch) / PurePosixPath(member).name).write_bytes(_unpacked(opened, archive, member))
        yield Path(scratch) / bare


def _unpacked(opened: zipfile.ZipFile, archive: Path, member: str) -> bytes:
    """Return the bytes of a member."""
    try:
        return opened.read(member)
    except Exception as error:  # each way of packing has errors of its own
        raise ReadError(f"{archive}/{member}: cannot be unpacked ({reason_of(error)})") from error


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] in {".DS_Store", "Thumbs.db"}


def _choose(archive: Path, inside: str, members: tuple[str, ...]) -> str:
    if not members:
        raise ReadError(f"{archive}: is an empty archive")
    if inside:
        if inside in members or f"{inside}.hea" in members:
            return inside
        # The top folder is often forgotten: accept a unique end.
        ends = [m for m in members if m.endswith((f"/{inside}", f"/{inside}.hea"))]
        if len(ends) == 1:
            return ends[0].removesuffix(".hea") if not inside.endswith(".hea") else ends[0]
        raise ReadError(
            f"{archive}/{inside}: no such file in the archive, which holds {len(members)} files such as {members[0]}"
        )
    if len(members) == 1:
        return members[0]
    stems = {PurePosixPath(m).with_suffix("").as_posix() for m in members}
    if len(stems) == 1 and any(m.endswith(".hea") for m in members):
        return stems.pop()
    raise ReadError(
        f"{archive}: holds {len(members)} files; name one, such as {archive}/{members[0]} (list_members names them all)"
    )


def _with_segments(
    opened: zipfile.ZipFile, archive: Path, parts: list[str], members: tuple[str, ...], folder: PurePosixPath
) -> list[str]:
    header = next(m for m in parts if m.lower().endswith(".hea"))
    check_unpacked(f"{archive}/{header}", opened.getinfo(header).file_size, opened.getinfo(header).compress_size)
    lines = _unpacked(opened, archive, header).decode("latin-1").splitlines()
    named = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    prefix = "" if folder.as_posix() == "." else f"{folder.as_posix()}/"
    known = set(members)
    extra: list[str] = []
    for name in sorted(named):
        for ending in ("", ".hea", ".dat", ".mat"):
            candidate = f"{prefix}{name}{ending}"
            if candidate in known and candidate not in parts:
                extra.append(candidate)
    return parts + extra
