"""Recordings that lie far away: ``s3://…`` and whatever else fsspec knows; a copy is read, and nothing stays."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError
from sigsimnet.io._files import words_in
from sigsimnet.io._folder import recordings_among

__all__ = ["fetched", "fetched_if_table", "find_remote", "is_remote", "state_of_remote"]

_TABLES = (".csv", ".tsv", ".txt", ".parquet")
_SAID = ("ETag", "etag", "checksum", "md5Hash", "LastModified", "mtime", "created", "updated")


def is_remote(path: object) -> bool:
    """Return whether a path is a URL.

    Examples
    --------
    >>> is_remote("s3://bucket/a.edf"), is_remote("/data/a.edf"), is_remote("C:/a.edf")
    (True, False, False)
    """
    return isinstance(path, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path) is not None


def find_remote(url: str) -> list[str]:
    r"""Return the URLs of the recordings below a folder that is far away, of a pattern, or of one recording.

    Parameters
    ----------
    url : str
        Such as ``s3://bucket/holters``, ``s3://bucket/holters/**/*.edf`` or ``s3://bucket/a.edf``.

    Raises
    ------
    ReadError
        If nothing is there, or the place cannot be reached.
    MissingExtraError
        If fsspec is not installed.

    Examples
    --------
    >>> import fsspec
    >>> fsspec.filesystem("memory").pipe("/holters/a.csv", b"0.1\n0.2\n")
    >>> find_remote("memory://holters")
    ['memory:///holters/a.csv']
    """
    files, root = _at(url)
    with _reaching(url):
        if any(sign in root for sign in "*?["):
            found = sorted(name for name in files.glob(root) if files.isfile(name))
        elif files.isdir(root):
            found = []
            by_folder: dict[str, list[str]] = {}
            for name in files.find(root):
                parent, _, own = name.rpartition("/")
                by_folder.setdefault(parent, []).append(own)
            for parent, names in sorted(by_folder.items()):
                if not any(part.startswith(".") for part in parent.removeprefix(root).split("/")):
                    one = recordings_among(names, partial(_words, files, parent))
                    found += [f"{parent}/{own}" for own in one]
        else:
            found = [root] if files.isfile(root) or files.isfile(f"{root}.hea") else []
    if not found:
        raise ReadError(f"{url}: no recordings there")
    return [files.unstrip_protocol(name) for name in found]


@contextmanager
def fetched(url: str) -> Iterator[Path]:
    """Give a local copy of a recording that is far away: of a WFDB record all its files.

    Raises
    ------
    ReadError
        If it is not there, or the place cannot be reached.
    """
    files, whole = _at(url)
    with tempfile.TemporaryDirectory(prefix="sigsimnet-") as name:
        folder = Path(name)
        with _reaching(url):
            names = _parts(files, whole)
            if not names:
                raise ReadError(f"{url}: no such file")
            for one in names:
                files.get_file(one, str(folder / PurePosixPath(one).name))
        yield folder / PurePosixPath(whole).name


@contextmanager
def fetched_if_table(url: str) -> Iterator[Path | None]:
    """Give a local copy of a file that may be a table, None of anything else.

    Examples
    --------
    >>> with fetched_if_table("memory://holters/not-there.csv") as table:
    ...     table is None
    True
    """
    files, whole = _at(url)
    with _reaching(url):
        is_table = PurePosixPath(whole).suffix.lower() in _TABLES and files.isfile(whole)
    if is_table:
        with fetched(url) as local:
            yield local
    else:
        yield None


def state_of_remote(url: str) -> str:
    """Return sizes and marks of a recording's files, by which a change is seen; empty where there is none.

    Raises
    ------
    ReadError
        If the place cannot be reached.

    Examples
    --------
    >>> state_of_remote("memory://not-there.csv")
    ''
    """
    files, whole = _at(url)
    said = []
    with _reaching(url):
        for name in _parts(files, whole):
            about = files.info(name)
            mark = next((str(about[key]) for key in _SAID if about.get(key)), "")
            said.append(f"{about.get('size')}:{mark}")
    return " ".join(said)


def _words(files: Any, parent: str, name: str) -> list[str]:
    return words_in(files.cat_file(f"{parent}/{name}"))


def _parts(files: Any, whole: str) -> list[str]:
    """Return the files of a recording."""
    path = PurePosixPath(whole)
    found = [whole] if files.isfile(whole) else []
    stem = whole.removesuffix(path.suffix) if path.suffix.lower() in (".hea", ".dat", ".atr", ".mat") else whole
    headers = [f"{stem}.hea"]
    seen: set[str] = set()
    while headers:
        header = headers.pop()
        if header in seen or not files.isfile(header):
            continue
        seen.add(header)
        found += [header, header.removesuffix(".hea") + ".atr"]
        for name in words_in(files.cat_file(header))[1:]:
            part = str(PurePosixPath(header).parent / name)
            found.append(part)
            headers.append(f"{part}.hea")
    return [name for name in dict.fromkeys(found) if files.isfile(name)]


def _at(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError(f"{url}", "engines") from error
    try:
        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ReadError(f"{url}: cannot be reached ({reason_of(error)})") from error
    return files, str(path)


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except ReadError:
        raise
    except Exception as error:  # what the library of a service says is not known beforehand
        raise ReadError(f"{url}: cannot be reached ({reason_of(error) or os.strerror(5)})") from error
