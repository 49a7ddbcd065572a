"""`audit`: what is wrong in an archive of recordings, ranked for review."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.progress import track
from sigsimnet._utils.text import shorten_list
from sigsimnet.audits._copies import findings_of_copies
from sigsimnet.audits._finding import KINDS, Audit, Finding
from sigsimnet.audits._kept import Kept
from sigsimnet.audits._leads import findings_of_leads
from sigsimnet.audits._people import findings_of_people
from sigsimnet.audits._scale import findings_of_rate, findings_of_scale
from sigsimnet.audits._seen import Seen, look
from sigsimnet.datasets import Entry, Manifest, entries_in
from sigsimnet.errors import ParameterError, SigSimNetError
from sigsimnet.model import SigSimNet, load_model

if TYPE_CHECKING:
    from sigsimnet.recording import Recording

__all__ = ["audit"]

_CERTAIN = 0.85  # confidence from which a recording is not held against its person's others any more
_NOISE = 0.6  # correlation of beats with their median below which they are none


def audit(
    what: Manifest | str | os.PathLike[str] | Iterable[Any],
    *,
    model: SigSimNet | str | Path = "ecg",
    people: str = "table",
    keep: str | Path | None = None,
    progress: bool = True,
) -> Audit:
    """Look through an archive for files that are not what they say.

    Parameters
    ----------
    what : path of a folder or of a table, Manifest, or whatever `sigsimnet.datasets.as_dataset` takes
        With a column ``subject``, the files of each person are held against one another.
    model : SigSimNet, path or str, default "ecg"
        A calibrated model of beats that asks for the same person.
    people : {"table", "folder"}
        Whose a file is: as the table says, or whose folder it lies in.
    keep : path, optional
        File that what was measured is kept in, a line a recording: a stopped audit goes on there.
    progress : bool, default True
        Show a bar.

    Returns
    -------
    Audit
        Findings, the surest first.

    Raises
    ------
    ParameterError
        If the model asks another question, or ``people`` is neither.
    ManifestError, ReadError
        If there are no recordings.
    WriteError
        If ``keep`` is something else.

    Examples
    --------
    >>> from sigsimnet import audit, simulate
    >>> recordings = simulate(3, 2, duration=20, seed=1)
    >>> louder = recordings[5].replace(data=10 * recordings[5].data)
    >>> [(one.kind, one.path) for one in audit([*recordings[:5], louder]).findings]
    [('wrong scale', 'simulated S03 session 2 rest')]
    """
    network = model if isinstance(model, SigSimNet) else load_model(model)
    if network.cutter.kind != "beats" or network.head != "cosine" or network.card.same != "subject":
        raise ParameterError(f"an audit takes a model of beats for the same subject, not {network.name!r}")
    if people not in ("table", "folder"):
        raise ParameterError(f"people={people!r}: it is 'table' or 'folder'")
    entries = entries_in(what)
    if people == "folder":
        entries = [replace(entry, subject=Path(entry.path).parent.name, database="") for entry in entries]
    kept = Kept(keep, f"{network.name} {network.digest}") if keep is not None else None
    seen = []
    for entry in track(entries, "looking at recordings", len(entries), show=progress):
        one = kept.get(entry) if kept is not None else None
        if one is None:
            one = look(entry, network)
            if kept is not None:
                kept.add(entry, one)
        seen.append(one)
    places = {id(one): place for place, one in enumerate(seen)}  # names need not be unique

    @lru_cache(maxsize=32)
    def read_at(place: int) -> Recording | None:
        try:
            return entries[place].read()
        except (SigSimNetError, OSError):
            return None

    def read(one: Seen) -> Recording | None:
        return read_at(places[id(one)])

    def again(one: Seen, factor: float) -> Seen | None:
        recording = read(one)
        if recording is None or len(recording.spans) > 1:
            return None
        changed = recording.replace(sampling_rate=recording.sampling_rate * factor, annotations=())
        return look(Entry(one.path, subject=one.person, recording=changed), network)

    copies, notes = findings_of_copies(seen, read)
    # What a recording shows by itself needs no other to be told, and would make it unlike its person's others.
    own = {id(one): (*findings_of_leads(one), *findings_of_rate(one)) for one in seen}
    whole = [one for one in seen if max((found.confidence for found in own[id(one)]), default=0.0) < _CERTAIN]
    found = [
        *(finding for one in seen for finding in _unusable(one)),
        *copies,
        *findings_of_people(whole, network, again),
        *findings_of_scale(seen),
        *(finding for findings in own.values() for finding in findings),
    ]
    if bare := [one for one in seen if one.template is None and not one.error]:
        names = shorten_list([one.name for one in bare], 3)
        notes.append(f"without heart beats, looked at for copies and empty signals only: {len(bare)} ({names})")
    if not any(one.person for one in seen):
        notes.append("nobody says whose a recording is: files of other people were not looked for (a column subject)")
    return Audit(_ranked(found), tuple(seen), tuple(notes), network.name)


def _unusable(one: Seen) -> list[Finding]:
    if one.error:
        return [Finding("cannot be read", one.name, 1.0, one.error, one.person)]
    faults = sorted(one.faults.items(), key=lambda item: -item[1])
    if one.good == 0 and faults and faults[0][0] in ("flat", "no signal") and faults[0][1] > 0.95:
        return [
            Finding(
                "flat", one.name, 1.0, f"no signal in {one.duration:.0f} s of {', '.join(one.channels[:4])}", one.person
            )
        ]
    # Raw recordings with mains or wander have no good second, and yet beats that are alike: they are no noise.
    alike = 0.0 if one.template is None else float(one.template.quality.mean())
    if one.good < 0.02 and alike < _NOISE:
        named = ", ".join(f"{name} {share:.0%}" for name, share in faults[:3])
        what = f"{one.good:.0%} of {one.duration:.0f} s are good ({named})"
        return [Finding("noise only", one.name, 0.9 - 10 * one.good, what, one.person)]
    return []


def _ranked(found: list[Finding]) -> tuple[Finding, ...]:
    """Return one finding of each kind, recording and partner, the surest first."""
    best: dict[tuple[str, str, str], Finding] = {}
    for one in found:
        key = (one.kind, one.path, one.other if one.kind in ("same file", "same samples") else "")
        if key not in best or best[key].confidence < one.confidence:
            best[key] = one
    order = list(KINDS)
    return tuple(
        sorted(best.values(), key=lambda one: (-round(one.confidence, 4), order.index(one.kind), one.path, one.other))
    )
