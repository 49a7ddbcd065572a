r"""WFDB annotation files, whole or damaged (https://www.physionet.org/physiotools/wag/annot-5.htm).

The wfdb library's reader never returns from some damaged files, and drops comments at sample 0; tests compare both on
the files that it reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Annotations", "read_annotations"]

_SYMBOLS = ' NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r'  # by code; a blank has no meaning
_COMMENT, _SKIP, _NOTE = 22, 59, 63  # codes; from 60 on they say more of the annotation before
_TIME_RESOLUTION = re.compile(r"## time resolution: (\d+\.?\d*)")
_OWN_CODES = "## annotation type definitions"
_END_OF_CODES = "## end of definitions"
_OWN_CODE = re.compile(r"(\d{1,2}) (\S+)")


@dataclass(frozen=True)
class Annotations:
    """What an annotation file holds.

    Attributes
    ----------
    sample : list of int
        In samples of ``fs``.
    symbol, aux_note : list of str
        Of each; a code without a symbol is ``"[45]"``.
    fs : float or None
        In Hz, where the file states one.
    warnings : tuple of str
        What is wrong with the file, as ends of a sentence about it.
    """

    sample: list[int]
    symbol: list[str]
    aux_note: list[str]
    fs: float | None
    warnings: tuple[str, ...] = ()


def read_annotations(path: Path) -> Annotations:
    r"""Read an annotation file; of one that ends too soon what is whole.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.atr"
    >>> _ = path.write_bytes(b"\x64\x04\xc8\x14\x00\x00")  # N at 100, then V 200 later
    >>> found = read_annotations(path)
    >>> found.sample, found.symbol
    ([100, 300], ['N', 'V'])
    """
    found, whole = _marks(path.read_bytes())
    warnings = [] if whole else [f"end in the middle of an annotation: {len(found)} were read"]
    definitions = _Definitions()
    kept = [mark for mark in found if not definitions.take(*mark) and mark[1]]
    if definitions.unknown:
        warnings.append(f"begin with an unknown definition ({definitions.unknown[:40]!r}), which was left out")
    return Annotations(
        sample=[sample for sample, _, _ in kept],
        symbol=[definitions.symbols.get(code) or _symbol(code) for _, code, _ in kept],
        aux_note=[note for _, _, note in kept],
        fs=definitions.rate,
        warnings=tuple(warnings),
    )


class _Definitions:
    """What the comments at sample 0 that begin with ``##`` say: the rate, and codes of the file's own."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self.symbols: dict[int, str] = {}
        self.unknown = ""
        self._within = False

    def take(self, sample: int, code: int, note: str) -> bool:
        """Return whether an annotation is a definition; remember what it says."""
        if sample != 0 or code != _COMMENT:
            return False
        if note.startswith(_OWN_CODES):
            self._within = True
        elif note.startswith(_END_OF_CODES):
            self._within = False
        elif self._within and (own := _OWN_CODE.match(note)):
            self.symbols[int(own[1])] = own[2]
        elif found := _TIME_RESOLUTION.match(note):
            self.rate = float(found[1]) or None
        elif note.startswith("##"):
            self.unknown = self.unknown or note
        else:
            return False
        return True


def _marks(stored: bytes) -> tuple[list[tuple[int, int, str]], bool]:
    """Return (sample, code, note) of every annotation, and whether the file holds nothing but whole ones."""
    words = np.frombuffer(stored[: len(stored) // 2 * 2], "<u2").tolist()
    sample, at = 0, 0
    found: list[tuple[int, int, str]] = []
    try:
        while at < len(words) - 1:  # the last word is 0
            while words[at] >> 10 == _SKIP:
                step = (words[at + 1] << 16) + words[at + 2]
                sample += step - (1 << 32) * (step >> 31)
                at += 3
            code = words[at] >> 10
            sample += words[at] & 0x3FF
            note = ""
            at += 1
            while (kind := words[at] >> 10) > _SKIP:
                if kind == _NOTE:
                    length = words[at] & 0xFF
                    note = _text(stored[2 * at + 2 : 2 * at + 2 + length])
                    at += -(-length // 2)
                at += 1
            found.append((sample, code, note))
    except IndexError:
        return found, False
    return found, len(stored) % 2 == 0


def _symbol(code: int) -> str:
    symbol = _SYMBOLS[code] if code < len(_SYMBOLS) else " "
    return symbol if symbol != " " else f"[{code}]"


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
