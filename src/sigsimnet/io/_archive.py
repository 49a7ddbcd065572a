"""Files inside zip archives: ``archive.zip/folder/file.txt`` names one."""

from __future__ import annotations

import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sigsimnet.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["list_members", "opened_member", "split_archive"]

_MAX_MEMBER = 4 << 30  # bytes; a larger member is unpacked by the user, who sees what it does to the disk
_WFDB_PARTS = (".hea", ".dat", ".mat", ".atr")


def split_archive(path: str | Path) -> tuple[Path, str] | None:
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
    if not Path(path).is_file():
        raise ReadError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ReadError(f"{path}: is not a readable zip archive ({error})") from error
    return [info.filename for info in infos if not info.is_dir() and not _is_clutter(info.filename)]


@contextmanager
def opened_member(archive: Path, inside: str) -> Iterator[Path]:
    """Unpack a member, with the other files of its WFDB record, into a folder that lives as long as the block.

    Raises
    ------
    ReadError
        If there is no such member, or none was named and there are several recordings.
    """
    members = list_members(archive)
    stem = _choose(archive, inside, members)
    folder = PurePosixPath(stem).parent
    bare = PurePosixPath(stem).name
    parts = [m for m in members if m == stem or (m.startswith(f"{stem}.") and m[len(stem) :].lower() in _WFDB_PARTS)]
    if PurePosixPath(stem).suffix.lower() in _WFDB_PARTS:
        record = PurePosixPath(stem).with_suffix("").as_posix()
        parts = [m for m in members if m.startswith(f"{record}.")]
    if any(m.lower().endswith(".hea") for m in parts):
        # A multi-segment record names other records of its folder; they are small in number, take the folder's
        # headers' worth only when the header says so.
        parts = _with_segments(archive, parts, members, folder)
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as scratch, zipfile.ZipFile(archive) as opened:
        for member in parts:
            info = opened.getinfo(member)
            if info.file_size > _MAX_MEMBER:
                raise ReadError(f"{archive}/{member}: would unpack to {info.file_size:,} bytes; unpack it yourself")
            try:
                (Path(scratch) / PurePosixPath(member).name).write_bytes(opened.read(info))
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
                raise ReadError(f"{archive}/{member}: cannot be unpacked ({error})") from error
        yield Path(scratch) / bare


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] in {".DS_Store", "Thumbs.db"}


def _choose(archive: Path, inside: str, members: list[str]) -> str:
    if not members:
        raise ReadError(f"{archive}: is an empty archive")
    if inside:
        stems = {m for m in members if m in {inside, f"{inside}.hea"}}
        if stems:
            return inside
        # The top folder is often forgotten: accept a unique end.
        ends = [m for m in members if m.endswith((f"/{inside}", f"/{inside}.hea"))]
        if len(ends) == 1:
            return ends[0].removesuffix(".hea") if not inside.endswith(".hea") else ends[0]
        raise ReadError(
            f"{archive}/{inside}: no such file in the archive, which holds {len(members)} files such as {members[0]}"
        )
    stems = {PurePosixPath(m).with_suffix("").as_posix() for m in members}
    if len(members) == 1:
        return members[0]
    if len(stems) == 1 and any(m.endswith(".hea") for m in members):
        return stems.pop()
    raise ReadError(
        f"{archive}: holds {len(members)} files; name one, such as {archive}/{members[0]} (list_members names them all)"
    )


def _with_segments(archive: Path, parts: list[str], members: list[str], folder: PurePosixPath) -> list[str]:
    header = next(m for m in parts if m.lower().endswith(".hea"))
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read(header).decode("latin-1").splitlines()
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
