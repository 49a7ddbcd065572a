"""A recording made fit for looking at beats: short gaps bridged, baseline and noise filtered away."""

from __future__ import annotations

from sigsimnet.clean._clean import clean
from sigsimnet.clean.filters import bandpass
from sigsimnet.clean.missing import fill_short_gaps
from sigsimnet.clean.runs import runs_of

__all__ = ["bandpass", "clean", "fill_short_gaps", "runs_of"]
