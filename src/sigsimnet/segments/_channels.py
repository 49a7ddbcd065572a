"""Which channels of a recording are ECG, by their names."""

from __future__ import annotations

import re

from sigsimnet.recording import Recording

__all__ = ["ecg_channels", "is_ecg_name"]

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
    return tuple(filter(is_ecg_name, recording.channel_names)) or recording.channel_names


def is_ecg_name(name: str) -> bool:
    """Return whether a channel is ECG by its name.

    Examples
    --------
    >>> [name for name in ("MLII", "aVR", "ekg1", "EEG I") if is_ecg_name(name)]
    ['MLII', 'aVR', 'ekg1']
    """
    return _LEAD.search(name.strip()) is not None
