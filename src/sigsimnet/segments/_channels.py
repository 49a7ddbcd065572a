"""Which channels of a recording are ECG, by their names."""

from __future__ import annotations

from sigsimnet._names import is_ecg_name
from sigsimnet.recording import Recording

__all__ = ["ecg_channels", "is_ecg_name"]


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
