"""Simple methods that stand beside the network on the same trials. One a file, chosen by name."""

from __future__ import annotations

from sigsimnet.evaluation.baselines._base import BASELINES, Baseline

__all__ = ["BASELINES", "Baseline"]
