"""What a channel is, by its name or unit: its modality (ECG, EEG, EMG, EOG, PPG, respiration, EDA) and its lead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigsimnet.errors import ParameterError

if TYPE_CHECKING:  # the command line reads MODALITIES for its help, which must stay light
    from sigsimnet.recording import Recording

__all__ = [
    "CHEST_LEADS",
    "LIMB_LEADS",
    "MODALITIES",
    "USUAL_UNITS",
    "by_modality",
    "check_modality",
    "ecg_channels",
    "is_ecg_name",
    "lead_name",
    "lead_of",
    "match_channels",
    "modality_of",
    "modality_of_unit",
]

MODALITIES = ("ecg", "eeg", "emg", "eog", "ppg", "resp", "eda")
USUAL_UNITS = {"ecg": "mV", "eeg": "µV", "emg": "µV", "eog": "µV"}
"""Unit that the field writes each modality in; of the others there are several."""
LIMB_LEADS = ("I", "II", "III", "AVR", "AVL", "AVF")
CHEST_LEADS = ("V1", "V2", "V3", "V4", "V5", "V6")
"""Leads as `lead_of` names them."""
# What makers call them: EDF+ (Kemp & Olivan 2003, section 2.1.3), wearables' exports, PhysioNet's headers.
_WORDS = {
    "eog": r"(?<![a-z])eog|(?<![a-z])(e[- ]?oc|loc|roc)(?![a-z])",
    "eeg": r"(?<![a-z])eeg|^(fp|af|fc|ft|cp|tp|po|[fctpo])(z|10|[1-9])(?![a-z0-9])",
    "emg": r"emg",
    "ppg": r"ppg|pleth|bvp|pulse",
    "resp": r"resp|breath|thor|abdo|airflow|pzt|rip\b",
    "eda": r"(?<![a-z])eda|gsr|(?<![a-z])scl?(?![a-z])|skin cond|electroderm",
    "ecg": r"ecg|ekg",
}
# Of a file's name only whole words count: t30_hr.txt is no electrode T30, author.csv no thorax.
_IN_FILE_NAMES = {
    "eog": "eog",
    "eeg": "eeg",
    "emg": "emg",
    "ppg": "ppg|pleth|plethysmogra(m|phy)|bvp|pulse",
    "resp": "resp|respiration|breath|breathing",
    "eda": "eda|gsr",
    "ecg": "ecgs?|ekg",
}
_BARE = r"(ch|channel|col|column|signal|value|raw)?[ _-]?\d*"  # what readers call channels without a name
# ECG, EKG, the twelve standard leads, Frank's, and the modified leads of Holter recordings (MLII, MLIII, CM5 …).
_TWELVE = r"i{1,3}|av[rlf]|v[1-6]"
_LEAD = rf"{_TWELVE}|v[xyz]|mli{{1,3}}|cm[1-6]|cc5"
_ECG = re.compile(rf"(^|[^a-z])(ecg|ekg)|^\W*(lead[\W_]*(\d{{1,2}}|{_LEAD})|{_LEAD})\W*$", re.IGNORECASE)
_STANDARD = re.compile(rf"^(?:lead|ecg|ekg)?m?[ld]?({_TWELVE})$")


def check_modality(modality: str) -> None:
    """Refuse what is no modality.

    Raises
    ------
    ParameterError
        If it is not one of `MODALITIES`; the message lists them.

    Examples
    --------
    >>> check_modality("ecg")
    """
    if not isinstance(modality, str) or modality not in MODALITIES:
        raise ParameterError(f"unknown modality {modality!r} (known: {', '.join(MODALITIES)})")


def is_ecg_name(name: str) -> bool:
    """Return whether a channel is ECG by its name.

    Examples
    --------
    >>> [name for name in ("MLII", "aVR", "ekg1", "Lead II", "EEG I", "leads off") if is_ecg_name(name)]
    ['MLII', 'aVR', 'ekg1', 'Lead II']
    """
    return _ECG.search(name.strip()) is not None


def lead_of(name: str) -> str:
    """Return which of the twelve standard leads a channel is by its name, in capitals; ``""`` for none.

    Examples
    --------
    >>> [lead_of(name) for name in ("DI", "avr", "Lead V6", "MLII", "ECG", "ch1")]
    ['I', 'AVR', 'V6', 'II', '', '']
    """
    found = _STANDARD.match(re.sub(r"[^a-z0-9]", "", name.lower()))
    return found.group(1).upper() if found else ""


def lead_name(name: str) -> str:
    """Return the standard lead that a channel is, else its own name in capitals: what tells leads apart.

    Examples
    --------
    >>> [lead_name(name) for name in ("MLII", "ecg", "ECG", " ch1")]
    ['II', 'ECG', 'ECG', 'CH1']
    """
    return lead_of(name) or name.strip().upper()


def ecg_channels(recording: Recording) -> tuple[str, ...]:
    """Return the channels that are ECG by name; all of them when none is.

    Parameters
    ----------
    recording : Recording

    Examples
    --------
    >>> import numpy as np
    >>> from sigsimnet import Recording
    >>> ecg_channels(Recording(np.zeros((3, 9)), 250, channel_names=["EEG Fp1", "ECG ECG", "resp"]))
    ('ECG ECG',)
    """
    return tuple(filter(is_ecg_name, recording.channel_names)) or recording.channel_names


def modality_of(name: str) -> str:
    """Return what a channel is by its name: one of `MODALITIES`, or empty.

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


def modality_of_unit(unit: str) -> str:
    """Return the modality that a unit alone implies: only an ECG is written in mV; empty for other units.

    Examples
    --------
    >>> modality_of_unit("mV"), modality_of_unit("µV")
    ('ecg', '')
    """
    implied = [modality for modality, usual in USUAL_UNITS.items() if usual == unit]
    return implied[0] if len(implied) == 1 else ""


def by_modality(recording: Recording, modality: str | None = None) -> dict[str, list[str]]:
    """Return the channels of each modality, in order; all of them as the one that is given.

    Raises
    ------
    ParameterError
        If the modality is unknown.

    Notes
    -----
    Where channels have no names, the file's name may say it in a word: those of ``ppg.txt`` are pulse waves. A unit
    says nothing: accelerometers are written in mV, too. Where nothing says it, the modality is the empty string.

    Examples
    --------
    >>> from sigsimnet import Recording
    >>> by_modality(Recording([[0, 1], [1, 0]], 250, channel_names=["EEG Cz", "ECG"]))
    {'eeg': ['EEG Cz'], 'ecg': ['ECG']}
    """
    if modality is not None:
        check_modality(modality)
        return {modality: list(recording.channel_names)}
    found: dict[str, list[str]] = {}
    stem = re.split(r"[\\/]", recording.source)[-1].casefold()
    whole = next((m for m, words in _IN_FILE_NAMES.items() if re.search(rf"(?<![a-z])({words})(?![a-z])", stem)), "")
    for name in recording.channel_names:
        bare = re.fullmatch(_BARE, name.casefold()) is not None
        found.setdefault(modality_of(name) or (whole if bare else ""), []).append(name)
    return found


# The 10-20 system of 1958 and that of today call four electrodes by two names (Nuwer 2018,
# doi:10.1016/j.clinph.2018.01.026).
_TODAY = {"t3": "t7", "t4": "t8", "t5": "p7", "t6": "p8"}
_ELECTRODE = re.compile(r"^(fp|af|fc|ft|cp|tp|po|[fctpoia])(z|10|[1-9])$")
_NUMBERED = re.compile(r"^(\D*?)[\W_]*0*(\d+)\W*$")


def match_channels(names: Sequence[str], wanted: Sequence[str]) -> list[str | None]:
    """Return for each wanted channel which of ``names`` it is; None where it is missing. The order does not count.

    A name is found as it is; else without regard to case and marks; else by the electrode or lead that it means
    (``EEG T3-A2`` is ``T7``, ``DII`` is ``Lead II``). Where all wanted and all present channels are one word and a
    number, and none was found, the number counts (``EMG 1`` is ``channel1``). What two channels could be is missing.

    Examples
    --------
    >>> match_channels(["EEG T4-A2", "EEG Fp1-A2"], ["Fp1", "T8", "Cz"])
    ['EEG Fp1-A2', 'EEG T4-A2', None]
    >>> match_channels(["EMG 1", "EMG 2"], ["channel2", "channel1"])
    ['EMG 2', 'EMG 1']
    """
    found: list[str | None] = [None] * len(wanted)
    for key in (str, _bare, _meaning):
        taken = {name for name in found if name is not None}
        more = _matched([key(name) for name in names], [key(name) for name in wanted], names)
        found = [known or (name if name not in taken else None) for known, name in zip(found, more, strict=True)]
    if not any(found):
        present, asked = ([_NUMBERED.match(name) for name in some] for some in (names, wanted))
        if all(present) and all(asked):
            words = ({one.group(1).casefold() for one in some if one} for some in (present, asked))
            if all(len(each) == 1 for each in words):
                return _matched([one.group(2) for one in present if one], [one.group(2) for one in asked if one], names)
    return found


def _matched(keys: list[str], wanted: list[str], names: Sequence[str]) -> list[str | None]:
    return [
        names[keys.index(key)] if key and keys.count(key) == 1 and wanted.count(key) == 1 else None for key in wanted
    ]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _meaning(name: str) -> str:
    if lead := lead_of(name):
        return lead
    for word in re.split(r"[\s_\-:./]+", name.casefold()):
        if _ELECTRODE.match(word):  # the first: what follows is the reference
            return _TODAY.get(word, word)
    numbered = _NUMBERED.match(name)
    return f"{_bare(numbered.group(1))}{numbered.group(2)}" if numbered else _bare(name)
