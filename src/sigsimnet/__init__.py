"""Learnt similarity of biomedical signals: how alike are these two, where, and why.

The names below are the public API; each is imported when it is first used, so that ``import sigsimnet`` stays light.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigsimnet.analysis import profile as profile
    from sigsimnet.cleaning import clean as clean
    from sigsimnet.comparison import compare as compare
    from sigsimnet.errors import SigSimNetError as SigSimNetError
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

__version__ = "0.1.0"

_WHERE = {
    "Recording": "recording",
    "SigSimNet": "siamese",
    "SigSimNetError": "errors",
    "beats": "segments",
    "clean": "clean",
    "compare": "compare",
    "detect_peaks": "peaks",
    "load_model": "siamese",
    "profile": "explore",
    "quality": "quality",
    "read": "io",
    "simulate": "simulate",
    "windows": "segments",
    "write": "io",
}

__all__ = sorted([*_WHERE, "__version__"])  # noqa: PLE0605 - a sorted list of strings


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        value = getattr(import_module(f"sigsimnet.{_WHERE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'sigsimnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """Some rooms are called like their one function (`clean`, `compare`, `simulate`).

    Importing such a room makes Python bind its name here to the module. The function is what users mean, so the
    module is not let in; ``from sigsimnet.cleaning import bandpass`` works all the same.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _WHERE):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
