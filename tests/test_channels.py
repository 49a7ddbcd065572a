"""Which names are those of an ECG, and that every room has the same idea of it."""

from __future__ import annotations

import pytest

from sigsimnet.channels import by_modality, is_ecg_name, match_channels, modality_of
from sigsimnet.io._diagnose import looks_like_volts
from sigsimnet.io.formats.mne import mne_kind
from sigsimnet.recording import Recording


@pytest.mark.parametrize(
    "name",
    ["ECG", "ekg1", "ECG I", "x_ecg", "I", "iii", "aVR", "V1", "Vx", "MLII", "CM5", "Lead II", "lead 1"],
)
def test_ecg(name):
    assert is_ecg_name(name)
    assert mne_kind(name, "") == "ecg"


@pytest.mark.parametrize("name", ["EEG Fp1", "EOG", "EMG 1", "resp", "IV", "V7", "leads off", "leader", "1", "PPG", ""])
def test_no_ecg(name):
    assert not is_ecg_name(name)
    assert mne_kind(name, "") != "ecg"


def test_one_idea():
    import numpy as np

    volts = np.sin(np.arange(1000) / 50)[None] * 1e-3
    assert looks_like_volts(["Vx"], volts)
    assert looks_like_volts(["Lead II"], volts)
    assert not looks_like_volts(["leads off"], volts)


@pytest.mark.parametrize("source", ["t30_hr_series.txt", "t14_openbci.txt", "a/author.csv", "F001.txt", "thorough.csv"])
def test_what_has_no_name_is_unknown(source):
    recording = Recording([[0.0, 1.0]], 100, channel_names=["ch1"], units="µV", source=source)
    assert by_modality(recording) == {"": ["ch1"]}


def test_a_file_may_say_it_in_a_word():
    for source, kind in (("ecg.txt", "ecg"), ("my_ppg-2.csv", "ppg"), ("ECG200.txt", "ecg"), ("b/emg1.txt", "emg")):
        assert by_modality(Recording([[0.0, 1.0]], 100, source=source)) == {kind: ["ch1"]}
    assert modality_of("T30") == ""
    assert modality_of("T3") == "eeg"


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["b", "a"], ["a", "b"], ["a", "b"]),
        (["Emg_01", "EMG 2"], ["emg1", "emg02"], ["Emg_01", "EMG 2"]),
        (["EEG T3-LE", "EEG P8-LE", "EEG Cz-LE"], ["T7", "T6", "Pz"], ["EEG T3-LE", "EEG P8-LE", None]),
        (["DII", "aVR"], ["Lead II", "AVR", "V1"], ["DII", "aVR", None]),
        (["ch3", "ch1"], ["EMG 1", "EMG 2", "EMG 3"], ["ch1", None, "ch3"]),
        (["EMG 1", "EMG 2"], ["EEG 1", "EOG 2"], [None, None]),  # two words: the number says nothing
        (["Fp1-A1", "Fp1-A2"], ["Fp1"], [None]),  # could be either
        (
            ["Fp1-A2", "Fp1-A1"],
            ["Fp1-A1", "Fp1-A2", "Cz"],
            ["Fp1-A1", "Fp1-A2", None],
        ),  # by their names
        (["Fp1", "EEG Fp1"], ["Fp1", "EEG Fp1"], ["Fp1", "EEG Fp1"]),
        (["ECG", "resp"], ["EMG 1"], [None]),
    ],
)
def test_channels_are_found_by_what_their_names_mean(names, wanted, found):
    assert match_channels(names, wanted) == found
