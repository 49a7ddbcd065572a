"""What is asked with: a recording, or a part of it, as a template; and which recordings of the index are the same."""

from __future__ import annotations

import os
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import as_recording, is_remote
from sigsimnet.model import SigSimNet, Template
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

if TYPE_CHECKING:
    from sigsimnet.archive._store import Store

__all__ = ["EXCLUDED", "Query", "canonical_path", "query_of", "without_same"]

EXCLUDED = ("recording", "subject")


class Query(NamedTuple):
    """What is asked with.

    Attributes
    ----------
    template : Template
    name : str
        For people to read.
    path : str
        As the index keeps paths; empty where it came from no file.
    database, subject : str
    """

    template: Template
    name: str
    path: str = ""
    database: str = ""
    subject: str = ""


def query_of(
    network: SigSimNet, what: Any, *, channel: str | None, start: float | None, stop: float | None, name: str
) -> Query:
    """Return the template of a recording or of a part of it.

    Raises
    ------
    ReadError, SignalError, ParameterError
        If it cannot be read, holds nothing to compare, or nothing lies in that part.
    """
    if isinstance(what, Template):
        return Query(what, name or "template")
    recording = as_recording(what)
    asked = name or recording.source or "recording"
    if start is None and stop is None:
        template = network.enrol(recording, channel)
    else:
        asked += f" ({start or 0:g} to {'its end' if stop is None else f'{stop:g} s'})"
        template = _template_of_part(network, recording, channel, start or 0.0, stop)
    path = canonical_path(what) if isinstance(what, str | os.PathLike) else recording.source
    about = (str(recording.metadata.get(name, "") or "") for name in ("database", "subject"))
    return Query(template, asked, path, *about)


def _template_of_part(
    network: SigSimNet, recording: Recording, channel: str | None, start: float, stop: float | None
) -> Template:
    """Return the template of the segments in a part.

    Windows are cut from that part alone. Beats and cycles are found and aligned in the whole recording, as they are in
    the index, so that a single one can be asked with, and finds itself.
    """
    recording.samples_between(start, stop)  # refuses what is empty
    if network.cutter.kind == "windows":
        return network.enrol(recording.crop(start, stop), channel)
    every, good = network.cut_good(recording, channel)

    def inside(segments: Segments) -> Segments:
        return segments.take((segments.times >= start) & (segments.times <= (inf if stop is None else stop)))

    chosen = inside(good) if len(inside(good)) else inside(every)
    if not len(chosen):
        end = "its end" if stop is None else f"{stop:g} s"
        raise SignalError(f"{recording.source or 'recording'}: has no {every.kind} between {start:g} s and {end}")
    return network.template_of(network.embed(chosen))


def canonical_path(path: str | os.PathLike[str]) -> str:
    """Return the one path that a recording is kept under: of a WFDB record that of its header.

    Examples
    --------
    >>> canonical_path("/data/a.csv")
    '/data/a.csv'
    """
    if is_remote(path):
        return str(path)
    whole = Path(path).resolve()
    header = whole.with_suffix(".hea") if whole.suffix.lower() == ".dat" else Path(f"{whole}.hea")
    if not (whole.is_file() and whole.suffix.lower() != ".dat") and header.is_file():
        return str(header)
    return str(whole)


def without_same(store: Store, wanted: list[int], exclude: str | None, query: Query) -> list[int]:
    """Return the wanted recordings without the query itself, or without all of its person.

    Raises
    ------
    ParameterError
        If nobody says whose the query is.
    """
    if exclude is None:
        return wanted
    rows = store.rows("select id, database, subject from recording where path = ?", [query.path])
    gone = {int(row[0]) for row in rows}
    if exclude == "subject":
        whose = {(row[1], row[2]) for row in rows if row[2]}
        if query.subject:
            whose.add((query.database, query.subject))
        if not whose:
            raise ParameterError("exclude_same='subject': nobody says whose the query is; it is not in the index")
        for database, subject in sorted(whose):
            same = store.rows("select id from recording where database = ? and subject = ?", [database, subject])
            gone |= {int(row[0]) for row in same}
    return [n for n in wanted if n not in gone]
