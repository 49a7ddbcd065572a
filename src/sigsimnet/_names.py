"""What a channel's name says about what was recorded."""

from __future__ import annotations

import re

__all__ = ["is_ecg_name"]

# ECG, EKG, the twelve standard leads, Frank's, and the modified leads of Holter recordings (MLII, MLIII, CM5 …).
_LEAD = r"i{1,3}|av[rlf]|v[1-6]|v[xyz]|mli{1,3}|cm[1-6]|cc5"
_ECG = re.compile(rf"(^|[^a-z])(ecg|ekg)|^\W*(lead[\W_]*(\d{{1,2}}|{_LEAD})|{_LEAD})\W*$", re.IGNORECASE)


def is_ecg_name(name: str) -> bool:
    """Return whether a channel is ECG by its name.

    Examples
    --------
    >>> [name for name in ("MLII", "aVR", "ekg1", "Lead II", "EEG I", "leads off") if is_ecg_name(name)]
    ['MLII', 'aVR', 'ekg1', 'Lead II']
    """
    return _ECG.search(name.strip()) is not None
