"""Bytes of a text file to text: gzip, UTF-8, UTF-16 with and without its mark, Latin-1."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from typing import TYPE_CHECKING

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io._sizes import check_unpacked, largest_unpacked

if TYPE_CHECKING:
    from pathlib import Path

_QUOTED_ROW = re.compile(r'^"[^"]*[,;\t][^"]*"$')

__all__ = ["decode"]


def decode(path: Path, source: str, max_unpacked: int | None = None) -> str:
    r"""Return the text of a file, with line ends ``\n``.

    Raises
    ------
    ReadError
        If it is empty, binary, or packed and damaged.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes("time,ECG\r\n0,1".encode("utf-16-le"))
    >>> decode(path, "a.csv")
    'time,ECG\n0,1'
    """
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            most = largest_unpacked(len(raw), max_unpacked)
            packed, raw = len(raw), gzip.GzipFile(fileobj=io.BytesIO(raw)).read(most + 1)
            check_unpacked(source, len(raw), packed, max_unpacked)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{source}: cannot be read ({reason_of(error)})") from error
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = raw.decode("utf-16", errors="replace")
    elif b"\x00" in raw[:4096]:
        text = raw.decode(_unmarked(raw, source), errors="replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    if not text.strip():
        raise ReadError(f"{source}: is empty")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text[:5000].split("\n")[:-1] if line.strip()][:20]
    if len(lines) > 1 and all(map(_QUOTED_ROW.match, lines)):
        return text.replace('"', "")  # spreadsheets put whole rows of another separator into one cell
    return text


def _unmarked(raw: bytes, source: str) -> str:
    """Tell UTF-16 without its mark by its zeros: every second byte of digits and Latin letters."""
    first = raw[:4096]
    even, odd = first[::2].count(0) / len(first[::2]), first[1::2].count(0) / max(1, len(first[1::2]))
    encoding = "utf-16-le" if odd > 0.5 and even < 0.02 else "utf-16-be" if even > 0.5 and odd < 0.02 else ""
    text = first[: len(first) // 2 * 2].decode(encoding, errors="replace") if encoding else ""
    if not text or sum(letter.isprintable() or letter in "\r\n\t" for letter in text) < 0.98 * len(text):
        raise ReadError(f"{source}: is binary, not text; give it the extension of its format")
    return encoding
