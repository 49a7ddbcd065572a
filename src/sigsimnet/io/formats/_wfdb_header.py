"""WFDB headers, checked before anything that they claim is believed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError
from sigsimnet.io.formats._wfdb_library import library
from sigsimnet.io.formats._wfdb_plain import plain_header

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_header"]

_DEFAULT_RATE = 250.0  # Hz, by the standard (https://www.physionet.org/physiotools/wag/header-5.htm)
_LOWEST_RATE = 1e-5  # Hz: about a sample a day
_HIGHEST_RATE = 1e7  # Hz: no converter of a biomedical signal is faster
_RATE = re.compile(r"(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?:/.*)?")
_BROKEN = (
    ValueError, IndexError, KeyError, TypeError, AttributeError, OSError, ZeroDivisionError, OverflowError,
    RecursionError,
)  # fmt: skip


def read_header(stem: Path, source: str, stated_rate: float | None = None) -> tuple[Any, list[str]]:
    r"""Return the header of a record, under the names that the wfdb library gives its fields, and warnings.

    Parameters
    ----------
    stem : Path
        Record without extension.
    source : str
        Name for messages.
    stated_rate : float, optional
        In Hz: what the user said, for a header that states no rate or one that cannot be.

    Raises
    ------
    ReadError
        If there is none, it claims more signals than it describes, or its sampling rate cannot be.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> stem = pathlib.Path(tempfile.mkdtemp()) / "r"
    >>> _ = stem.with_suffix(".hea").write_text("r 1\nr.dat 16 200/mV 16 0 0 0 0 ECG\n")
    >>> header, warnings = read_header(stem, "r")
    >>> header.fs, warnings
    (250.0, ["r: r.hea states no sampling rate: 250 Hz, by WFDB's rule; pass sampling_rate= if it is another"])
    """
    path = stem.with_name(f"{stem.name}.hea")
    if not path.is_file():
        raise ReadError(f"{source}: no header {path.name} beside it; a WFDB record needs one")
    if path.stat().st_size == 0:
        raise ReadError(f"{source}: its header {path.name} is empty")
    lines = [line.split() for line in path.read_text(encoding="latin-1").splitlines()]
    lines = [words for words in lines if words and not words[0].startswith("#")]
    if not lines or len(lines[0]) < 2 or not lines[0][1].isdecimal():
        raise ReadError(f"{source}: {path.name} is not a WFDB header (its first line names no record and signals)")
    name, n_signals = lines[0][0], int(lines[0][1])
    if "/" not in name and n_signals > len(lines) - 1:
        plural = "s" if n_signals > 1 else ""
        raise ReadError(f"{source}: {path.name} claims {n_signals:,} signal{plural} but describes {len(lines) - 1}")
    rate, notes = _rate(lines[0][2] if len(lines[0]) > 2 else "", stated_rate, path.name, source)
    plain = plain_header(path)
    try:
        if plain is not None:
            header: Any = replace(plain, fs=rate)
        else:
            with library() as wfdb:
                header = wfdb.rdheader(str(stem))
            header.fs = rate
    except _BROKEN as error:
        raise ReadError(f"{source}: {path.name} is not a WFDB header ({reason_of(error)})") from error
    if "/" not in name and n_signals and header.sig_name is None:
        raise ReadError(f"{source}: {path.name} describes no signals")
    return header, notes


def _rate(text: str, stated: float | None, name: str, source: str) -> tuple[float, list[str]]:
    """Return the sampling rate of the record line in Hz, and a note where it is a guess."""
    found = _RATE.fullmatch(text)
    rate = float(found[1]) if found else 0.0
    if _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        return rate, []
    if stated is not None:
        return stated, []
    if text:
        raise ReadError(f"{source}: {name} states a sampling rate of {text[:20]} Hz; pass sampling_rate= in Hz")
    note = f"{source}: {name} states no sampling rate: {_DEFAULT_RATE:g} Hz, by WFDB's rule; "
    return _DEFAULT_RATE, [f"{note}pass sampling_rate= if it is another"]
