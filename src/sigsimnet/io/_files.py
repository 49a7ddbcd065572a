"""Which files belong to a recording: those that reading it opens, and those that writing it makes."""

from __future__ import annotations

from pathlib import Path

from sigsimnet._utils.files import same_file
from sigsimnet.io._archive import split_archive

__all__ = ["files_read", "files_written", "first_words", "overwritten_input", "owner_of", "words_in"]

_PARTS = (".hea", ".dat", ".mat", ".atr")


def files_read(path: str | Path) -> list[Path]:
    """Return the files that belong to a recording that is read: of a WFDB record all, of an archive the archive.

    Examples
    --------
    >>> files_read("not-there.csv")
    []
    """
    try:
        inside = split_archive(path)
        if inside is not None:
            return [inside[0]]
        whole = Path(path)
        stems = [whole, whole.with_suffix("")] if whole.suffix.lower() in _PARTS or not whole.is_file() else [whole]
        found = [file for stem in stems for file in _files_of_record(stem)]
        return [file for file in dict.fromkeys([whole, *found]) if file.is_file()]
    except (OSError, ValueError):  # no file can have this name
        return []


def files_written(path: str | Path) -> list[Path]:
    """Return the files that `write` makes or replaces under a name: of a WFDB record several.

    Examples
    --------
    >>> [file.name for file in files_written("a.dat")]
    ['a.hea', 'a.dat', 'a.atr']
    """
    target = Path(path)
    if target.suffix.lower() not in (".hea", ".dat"):
        return [target]
    from sigsimnet.io.formats._write_wfdb import record_files

    usual = [target.with_suffix(suffix) for suffix in (".hea", ".dat", ".atr")]
    return list(dict.fromkeys([*usual, *record_files(target)]))


def overwritten_input(path: str | Path, source: str | Path) -> Path | None:
    """Return the file of ``source`` that writing to ``path`` would take the place of, if there is one.

    Examples
    --------
    >>> overwritten_input("a.csv", "b.csv") is None
    True
    """
    read = files_read(source)
    for target in files_written(path):
        if any(same_file(target, file) for file in read):
            return target
    return None


def owner_of(path: str | Path) -> Path | None:
    """Return the header of another WFDB record that names a file as its own, if there is one.

    Examples
    --------
    >>> owner_of("not-there.dat") is None
    True
    """
    target = Path(path)
    if target.suffix.lower() not in _PARTS or not target.is_file():
        return None
    for header in sorted(target.parent.glob("*.hea")):
        if header.is_file() and header.stem != target.stem and target.name in first_words(header)[1:]:
            return header
    return None


def _files_of_record(stem: Path) -> list[Path]:
    """Return header, annotations and what the header names, its segments too; empty where there is no header."""
    header = stem.with_name(f"{stem.name}.hea") if stem.name else stem
    if not header.is_file():
        return []
    found = [header, stem.with_name(f"{stem.name}.atr")]
    for name in first_words(header)[1:]:
        part = stem.parent / name
        segment = stem.parent / f"{name}.hea"
        found.append(part)
        if segment.is_file() and segment != header:
            found += [segment, segment.with_suffix(".atr"), *(stem.parent / own for own in first_words(segment)[1:])]
    return found


def first_words(header: Path) -> list[str]:
    """Return the first word of each line of a WFDB header: record, then signal files or segments; "" if there is none.

    Examples
    --------
    >>> first_words(Path("not-there.hea"))
    ['']
    """
    try:
        return words_in(header.read_bytes())
    except OSError:
        return [""]


def words_in(header: bytes) -> list[str]:
    r"""Return the first word of each line of a WFDB header that is no comment.

    Examples
    --------
    >>> words_in(b"# made by hand\na 1 250\na.dat 16")
    ['a', 'a.dat']
    """
    text = header.decode("latin-1")
    lines = [line.split() for line in text.splitlines()]
    return [words[0] for words in lines if words and not words[0].startswith("#")] or [""]
