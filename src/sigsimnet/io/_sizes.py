"""What a header claims against what the file holds, before anything is allocated."""

from __future__ import annotations

import os
import re

from sigsimnet._utils.checks import is_number
from sigsimnet.errors import ParameterError, ReadError

__all__ = ["MAX_UNPACKED", "bytes_of", "check_declared_size", "check_unpacked", "largest_unpacked"]

MAX_UNPACKED = "SIGSIMNET_MAX_UNPACKED"
"""Environment variable with the largest size that a packed file may unpack to, such as ``4GB``."""

_ALWAYS = 128 << 20  # bytes that any packed file may unpack to
_USUAL_PACKING = 50  # times its own size: signals as text pack to a tenth, as numbers to a third
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)


def bytes_of(size: float | str, name: str = "max_unpacked") -> int:
    """Return a size in bytes, given as a number or as text such as ``"4GB"`` (1 kB is 1,024 bytes).

    Raises
    ------
    ParameterError
        If it is no size.

    Examples
    --------
    >>> bytes_of(1e6), bytes_of("4 GB"), bytes_of("1.5k")
    (1000000, 4294967296, 1536)
    """
    found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
    number = float(found[1]) * 1024 ** " kmgt".index(found[2].lower() or " ") if found else size
    if not is_number(number) or not 0 < float(number) < 2**63:
        raise ParameterError(f"{name} is {size!r}: it must be a size such as 4GB")
    return int(float(number))


def largest_unpacked(packed: int, limit: int | None = None) -> int:
    """Return how many bytes a file of ``packed`` bytes may unpack to.

    Without a limit (and without `MAX_UNPACKED` in the environment) that is 50 times its size, and 128 MB at least: no
    signal packs so well, and a file that was made to fill the memory packs a thousandfold.

    Raises
    ------
    ParameterError
        If the environment variable holds no size.

    Examples
    --------
    >>> largest_unpacked(1_000_000) >> 20, largest_unpacked(1_000_000, 10), largest_unpacked(10_000_000) >> 20
    (128, 10, 476)
    """
    stated = os.environ.get(MAX_UNPACKED)
    if limit is None and stated:
        limit = bytes_of(stated, MAX_UNPACKED)
    return limit if limit is not None else max(_ALWAYS, _USUAL_PACKING * packed)


def check_unpacked(source: str, unpacked: int, packed: int, limit: int | None = None) -> None:
    """Refuse a file that would unpack to more than `largest_unpacked`.

    Raises
    ------
    ReadError
        With the way out.

    Examples
    --------
    >>> check_unpacked("a.zip/a.csv", 1_000_000, 1_000)
    """
    if unpacked > (most := largest_unpacked(packed, limit)):
        raise ReadError(
            f"{source}: would unpack from {packed:,} to {unpacked:,} bytes or more, and the limit is {most:,}; pass "
            f"max_unpacked=, or set {MAX_UNPACKED}, to a size such as 4GB if it is to be trusted"
        )


def check_declared_size(source: str, claimed: int, held: int, what: str = "samples") -> str | None:
    """Compare the length in a header with the length of the file.

    A file that holds at least half of what its header claims was most likely truncated at the end: what is there is
    read, with the warning returned here. Less than half means that the header is wrong: nobody knows what the bytes
    are, and the file is refused.

    Parameters
    ----------
    source : str
        File, for the message.
    claimed, held : int
        Number of ``what`` in the header and in the file.
    what : str
        What is counted.

    Returns
    -------
    str or None
        A warning when the file is short.

    Raises
    ------
    ReadError
        If the file holds less than half of what the header claims.

    Examples
    --------
    >>> check_declared_size("a.dat", 1000, 900)
    'a.dat: the header says 1,000 samples but the file holds 900: the end is missing and was left out'
    """
    if held >= claimed:
        return None
    if held * 2 < claimed or held < 1:
        raise ReadError(
            f"{source}: the header claims {claimed:,} {what} but the file holds {held:,}; "
            "the header is wrong or most of the file is missing"
        )
    return (
        f"{source}: the header says {claimed:,} {what} but the file holds {held:,}: the end is missing and was left out"
    )
