"""What a file was recognised as, and the lines that say so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigsimnet.errors import ReadError
from sigsimnet.io._archive import opened_member, split_archive
from sigsimnet.io._formats import recognise

if TYPE_CHECKING:
    import os

__all__ = ["explain"]

_MOST = 40  # lines


def explain(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    r"""Return what a file was recognised by: what, and the line (or field) of its header that says it.

    Parameters
    ----------
    path : str or path
        As `sigsimnet.read` takes it.

    Raises
    ------
    ReadError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("Rate: 250 Hz\nI (mV)\n0.5\n0.7\n")
    >>> explain(path)
    [('format', 'text table'), ('sampling rate', 'Rate: 250 Hz'), ('headings', 'I (mV)')]
    """
    inside = split_archive(path)
    if inside is not None:
        with opened_member(*inside) as unpacked:
            return [("archive", inside[0].name), *_explained(unpacked)]
    return _explained(Path(path))


def _explained(path: Path) -> list[tuple[str, str]]:
    from sigsimnet.io.formats._wfdb_header import header_file

    # A table beside a header of the same name is a table.
    stems = (path, path.with_suffix("")) if path.suffix.lower() in {".hea", ".dat", ".atr"} else (path,)
    known = recognise(path) if path.is_file() else None
    header = next((found for stem in stems if (found := header_file(stem)) is not None), None)
    if header is not None and (known is None or known.key == "wfdb"):
        text = [line.strip() for line in header.read_text(encoding="latin-1").splitlines() if line.strip()]
        kinds = ["comment" if line.startswith("#") else "record" if n == 0 else "signal" for n, line in enumerate(text)]
        return [("format", "WFDB (PhysioNet)"), *zip(kinds, text, strict=True)][:_MOST]
    if not path.is_file():
        raise ReadError(f"{path}: no such file")
    if known is None:
        return []
    lines = [("format", known.name)]
    if known.key == "text":
        from sigsimnet.io.formats.text import explain_text

        lines += explain_text(path)
    elif known.key == "edf":
        lines += _fields_of_edf(path)
    return lines[:_MOST]


def _fields_of_edf(path: Path) -> list[tuple[str, str]]:
    from sigsimnet.io.formats._edf_header import read_edf_header

    header = read_edf_header(path, path.name)
    lines = [
        ("recording", header.recording),
        ("start", header.start.isoformat(" ") if header.start is not None else ""),
        ("data records", f"{header.n_records} of {header.duration:g} s"),
    ]
    for label, unit, limits, n in zip(header.labels, header.dimensions, header.limits, header.per_record, strict=True):
        low, high, digital_low, digital_high = limits
        scale = f"{digital_low} to {digital_high} are {low} to {high} {unit}"
        lines.append(("signal", f"{label}: {n} samples a record, {scale}"))
    return lines
