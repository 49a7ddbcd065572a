"""Output is written whole or not at all: whatever happens, the old or the new stands under the name."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import WriteError

__all__ = ["same_file", "write_folder", "write_whole", "writing"]

_AT_FDCWD = -100  # fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS


def same_file(a: str | Path, b: str | Path) -> bool:
    """Return whether two paths lead to one file that is there, through links and ``..`` too.

    Examples
    --------
    >>> same_file(__file__, __file__), same_file(__file__, "not-there")
    (True, False)
    """
    try:
        return Path(a).samefile(b)
    except (OSError, ValueError):
        return False


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn whatever the system says about writing (a full disk, no permission) into one sentence.

    Raises
    ------
    WriteError
        For every OSError.

    Examples
    --------
    >>> with writing("a.csv"):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    sigsimnet.errors.WriteError: a.csv: cannot be written (No space left on device)
    """
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written ({reason_of(error)})") from error


@contextmanager
def write_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside ``path``; rename it to ``path`` if all goes well, else remove it.

    Raises
    ------
    WriteError
        If the folder is not there or cannot be written, or the disk is full.
    """
    target = Path(os.path.realpath(path))  # a link goes on leading there
    if target.is_dir():
        raise WriteError(f"{path}: is a folder; name a file")
    with writing(path):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem[:100]}-", suffix=target.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            _keep(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def write_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place (and that of an old one) if all goes well.

    Where the system can exchange two folders at once (Linux, macOS), one of both is there at any moment; elsewhere the
    old one is moved aside first, and comes back if the new one cannot take its place.

    Raises
    ------
    WriteError
        If the parent folder cannot be written, the disk is full, or ``path`` is a file.
    """
    target = Path(os.path.realpath(path))
    if target.is_file():
        raise WriteError(f"{path}: is a file; name a folder")
    with writing(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:100]}-"))
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            for file in temporary.rglob("*"):
                if file.is_dir():
                    file.chmod(0o777 & ~_umask())
                else:
                    _keep(file)
            if not target.exists():
                temporary.replace(target)
            elif not _exchange_at_once(temporary, target):
                _exchange(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _keep(file: Path) -> None:
    """Give a temporary file the usual permissions, and have it on the disk before it takes a name."""
    file.chmod(0o666 & ~_umask())
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _exchange_at_once(new: Path, target: Path) -> bool:
    """Exchange two folders in one step; return whether the system and the file system can."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            done = libc.renameat2(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(target), _RENAME_EXCHANGE)
        elif sys.platform == "darwin":
            done = libc.renamex_np(os.fsencode(new), os.fsencode(target), _RENAME_SWAP)
        else:
            return False
    except (OSError, AttributeError, TypeError):  # an older C library, or none that can be called
        return False
    return bool(done == 0)


def _exchange(new: Path, target: Path) -> None:
    """Put a folder in the place of another; put that one back if this fails."""
    retired = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:100]}-old-"))
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
