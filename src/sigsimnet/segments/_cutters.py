"""The kinds of cutters by name, and how one is read back from a model folder."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sigsimnet.errors import ParameterError
from sigsimnet.segments._beats import BeatCutter
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._cycles import CycleCutter
from sigsimnet.segments._windows import WindowCutter

__all__ = ["CUTTERS", "cutter_for", "cutter_from_dict"]

CUTTERS: dict[str, type[BeatCutter | WindowCutter | CycleCutter]] = {
    "beats": BeatCutter,
    "windows": WindowCutter,
    "cycles": CycleCutter,
}

EARLIER = {"fiducial": "r_peak", "qt": "bazett"}  # what beats were cut by before these were settings


def cutter_from_dict(settings: dict[str, Any]) -> Cutter:
    """Return the cutter that `Cutter.to_dict` described.

    Raises
    ------
    ParameterError
        If the kind or a setting is unknown.

    Examples
    --------
    >>> cutter_from_dict({"kind": "windows", "length": 2.0}).n_samples
    200
    """
    values = dict(settings)
    kind = values.pop("kind", None)
    if kind not in CUTTERS:
        raise ParameterError(f"unknown kind of segments {kind!r} (known: {', '.join(CUTTERS)})")
    if kind == "beats":
        values = EARLIER | values
    known = {field.name for field in fields(CUTTERS[kind])}
    unknown = set(values) - known
    if unknown:
        raise ParameterError(f"{kind} have no setting {', '.join(sorted(unknown))} (known: {', '.join(sorted(known))})")
    if isinstance(values.get("band"), list):
        values["band"] = tuple(values["band"])
    return CUTTERS[kind](**values)


def cutter_for(segments: str | Cutter) -> Cutter:
    """Return the cutter of that name with its defaults; a cutter as it is.

    Raises
    ------
    ParameterError
        If there is no such kind of segments.

    Examples
    --------
    >>> cutter_for("windows").kind
    'windows'
    """
    if not isinstance(segments, str):
        return segments
    if segments not in CUTTERS:
        raise ParameterError(f"unknown kind of segments {segments!r} (known: {', '.join(CUTTERS)})")
    return CUTTERS[segments]()
