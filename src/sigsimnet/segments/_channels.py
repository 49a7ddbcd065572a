"""Which channels of a recording are ECG, by their names."""

from __future__ import annotations

import re

from sigsimnet.recording import Recording

__all__ = ["ecg_channels"]

# ECG, EKG, the twelve standard leads, Frank's, and the modified leads of Holter recordings (MLII, MLIII, CM5 …).
_LEAD = re.compile(
    r"(^|[^a-z])(ecg|ekg)|^\W*(i|ii|iii|avr|avl|avf|v[1-6]|v[xyz]|mli{1,3}|mlii|cm[1-6]|cc5)\W*$", re.IGNORECASE
)


def ecg_channels(recording: Recording) -> tuple[str, ...]:
    """Return the channels that are ECG by name; all of them when none is.

    Parameters
    ----------
    recording : Recording

    Examples
    --------
    >>> import numpy as np
    >>> ecg_channels(Recording(np.zeros((3, 9)), 250, channel_names=["EEG Fp1", "ECG ECG", "resp"]))
    ('ECG ECG',)
    """
    named = tuple(name for name in recording.channel_names if _LEAD.search(name.strip()))
    return named or recording.channel_names
