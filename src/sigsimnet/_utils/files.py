"""Output is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sigsimnet.errors import WriteError

__all__ = ["write_folder", "write_whole"]


@contextmanager
def write_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside ``path``; rename it to ``path`` if all goes well, else remove it.

    Raises
    ------
    WriteError
        If the folder is not there or cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        raise WriteError(f"{path}: is a folder; name a file")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written ({error.strerror})") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place (and that of an old one) if all goes well.

    When it cannot take its place, the old folder comes back.

    Raises
    ------
    WriteError
        If the parent folder cannot be written, or ``path`` is a file.
    """
    target = Path(path)
    if target.is_file():
        raise WriteError(f"{path}: is a file; name a folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    except OSError as error:
        raise WriteError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        yield temporary
        mask = _umask()
        temporary.chmod(0o777 & ~mask)
        for file in temporary.rglob("*"):
            file.chmod((0o777 if file.is_dir() else 0o666) & ~mask)
        if target.exists():
            _exchange(temporary, target)
        else:
            temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _exchange(new: Path, target: Path) -> None:
    """Put a folder in the place of another; put that one back if this fails."""
    retired = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-old-"))
    old = retired / "old"
    try:
        target.replace(old)
        new.replace(target)
    except BaseException:
        if old.exists():
            old.replace(target)
        retired.rmdir()  # never with what could not be put back in it
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
