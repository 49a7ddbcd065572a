"""What a channel is, told from its name and unit."""

from __future__ import annotations

import re

from sigsimnet.recording import Recording
from sigsimnet.segments import is_ecg_name

__all__ = ["MODALITY_WORDS", "by_modality", "modality_of"]

MODALITY_WORDS = ("ecg", "eeg", "emg", "eog", "ppg", "resp", "eda")
# What makers call them: EDF+ (Kemp & Olivan 2003, section 2.1.3), wearables' exports, PhysioNet's headers.
_WORDS = {
    "eog": r"\beog\b|\be[- ]?oc\b|\bloc\b|\broc\b",
    "eeg": r"\beeg\b|^(fp|af|fc|ft|cp|tp|po|[fctpo])(z|\d{1,2})\b",
    "emg": r"emg",
    "ppg": r"ppg|pleth|bvp|pulse",
    "resp": r"resp|breath|thor|abdo|airflow|pzt|rip\b",
    "eda": r"eda|gsr|\bscl?\b|skin",
    "ecg": r"ecg|ekg",
}


def modality_of(name: str) -> str:
    """Return what a channel is by its name: one of `MODALITY_WORDS`, or empty.

    Examples
    --------
    >>> [modality_of(name) for name in ("EEG Fp1", "MLII", "PLETH", "EMG 3", "Resp chest", "ch1")]
    ['eeg', 'ecg', 'ppg', 'emg', 'resp', '']
    """
    lowered = name.casefold()
    for modality, pattern in _WORDS.items():
        if re.search(pattern, lowered):
            return modality
    return "ecg" if is_ecg_name(name) else ""


def by_modality(recording: Recording, modality: str | None = None) -> dict[str, list[str]]:
    """Return the channels of each modality, in order; all of them as the one that is given.

    Where names tell nothing, the file's name may: channels of ``ppg.txt`` are pulse waves.

    Examples
    --------
    >>> by_modality(Recording([[0, 1], [1, 0]], 250, channel_names=["EEG Cz", "ECG"]))
    {'eeg': ['EEG Cz'], 'ecg': ['ECG']}
    """
    if modality is not None:
        return {modality: list(recording.channel_names)}
    found: dict[str, list[str]] = {}
    stem = re.split(r"[\\/]", recording.source)[-1]
    whole = next((m for m, pattern in _WORDS.items() if m != "eeg" and re.search(pattern, stem.casefold())), "")
    for name in recording.channel_names:
        found.setdefault(modality_of(name) or whole, []).append(name)
    return found
