"""Who made a page, a picture or a model: written into its metadata with a digest, so that its maker knows it again."""

from __future__ import annotations

import hashlib
import re
import zlib
from contextvars import ContextVar
from pathlib import Path

__all__ = ["made_by_words", "producer", "seal", "sealed_by"]

producer: ContextVar[str] = ContextVar("producer", default="")
"""Name of the command that is running, empty in Python; only the metadata of pages and pictures depends on it."""

_BLANK = b"0" * 64
_MARK = re.compile(rb"made by sigsimnet ?([a-z]*) sha256:([0-9a-f]{64})")
_PNG = b"\x89PNG"


def made_by_words(command: str | None = None) -> str:
    """Return the words that pages, pictures and models carry; `seal` puts the digest into them.

    Parameters
    ----------
    command : str, optional
        The one that is running by default.

    Examples
    --------
    >>> made_by_words("compare")[:36]
    'made by sigsimnet compare sha256:000'
    """
    name = producer.get() if command is None else command
    return f"made by sigsimnet {name}{' ' if name else ''}sha256:{_BLANK.decode()}"


def seal(content: bytes) -> bytes:
    """Put the digest of a file into its own words (as if the digest were zeros).

    Examples
    --------
    >>> seal(b"# nothing of ours")
    b'# nothing of ours'
    """
    found = _MARK.search(content)
    return content if found is None else _with_digest(content, found, _digest(content, found))


def sealed_by(path: str | Path) -> str | None:
    """Return the command that made a file, if nobody has changed it since; None otherwise.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.toml"
    >>> _ = path.write_bytes(seal(f"# {made_by_words('tune')}".encode()))
    >>> sealed_by(path)
    'tune'
    """
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None
    found = _MARK.search(content)
    if found is None or found[2] != _digest(content, found):
        return None
    return found[1].decode()


def _digest(content: bytes, found: re.Match[bytes]) -> bytes:
    return hashlib.sha256(_with_digest(content, found, _BLANK)).hexdigest().encode()


def _with_digest(content: bytes, found: re.Match[bytes], digest: bytes) -> bytes:
    changed = content[: found.start(2)] + digest + content[found.end(2) :]
    if not content.startswith(_PNG):
        return changed
    # A chunk of a PNG ends with a checksum: length, type and content stand before it.
    start = changed.rindex(b"tEXt", 0, found.start())
    stop = start + 4 + int.from_bytes(changed[start - 4 : start], "big")
    return changed[:stop] + zlib.crc32(changed[start:stop]).to_bytes(4, "big") + changed[stop + 4 :]
