"""Learnt similarity of biomedical signals: how alike are these two, where, and why.

The names below are the public API; each is imported when it is first used, so that ``import sigsimnet`` stays light.
The rooms (``sigsimnet.cleaning``, ``sigsimnet.peaks`` …) are attributes too, likewise imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.version import __version__ as __version__
from sigsimnet._wiring import wire

if TYPE_CHECKING:
    from sigsimnet.analysis import profile as profile
    from sigsimnet.archive import Index as Index
    from sigsimnet.audits import audit as audit
    from sigsimnet.changes import change as change
    from sigsimnet.cleaning import preprocess as preprocess
    from sigsimnet.comparison import align as align
    from sigsimnet.comparison import compare as compare
    from sigsimnet.comparison import why as why
    from sigsimnet.delineation import delineate as delineate
    from sigsimnet.delineation import measure as measure
    from sigsimnet.errors import SigSimNetError as SigSimNetError
    from sigsimnet.evaluation import evaluate as evaluate
    from sigsimnet.io import as_recording as as_recording
    from sigsimnet.io import as_recordings as as_recordings
    from sigsimnet.io import read as read
    from sigsimnet.io import write as write
    from sigsimnet.model import SigSimNet as SigSimNet
    from sigsimnet.model import load_model as load_model
    from sigsimnet.peaks import detect_peaks as detect_peaks
    from sigsimnet.recording import Recording as Recording
    from sigsimnet.segments import beats as beats
    from sigsimnet.segments import windows as windows
    from sigsimnet.signal_quality import quality as quality
    from sigsimnet.simulation import simulate as simulate

_HOME = {
    "Index": "archive",
    "Recording": "recording",
    "SigSimNet": "model",
    "SigSimNetError": "errors",
    "align": "comparison",
    "as_recording": "io",
    "as_recordings": "io",
    "audit": "audits",
    "beats": "segments",
    "change": "changes",
    "compare": "comparison",
    "delineate": "delineation",
    "detect_peaks": "peaks",
    "evaluate": "evaluation",
    "load_model": "model",
    "measure": "delineation",
    "preprocess": "cleaning",
    "profile": "analysis",
    "quality": "signal_quality",
    "read": "io",
    "simulate": "simulation",
    "why": "comparison",
    "windows": "segments",
    "write": "io",
}
_ROOMS = (
    "analysis",
    "archive",
    "audits",
    "changes",
    "channels",
    "cleaning",
    "comparison",
    "datasets",
    "delineation",
    "errors",
    "evaluation",
    "io",
    "metrics",
    "model",
    "networks",
    "peaks",
    "plotting",
    "recording",
    "reports",
    "segments",
    "signal_quality",
    "simulation",
    "training",
)

__all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605 - a sorted list of strings

wire()


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"sigsimnet.{name}")
    if name in _HOME:
        value = getattr(import_module(f"sigsimnet.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'sigsimnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
