"""Which names are those of an ECG, and that every room has the same idea of it."""

from __future__ import annotations

import pytest

from sigsimnet.channels import is_ecg_name
from sigsimnet.io._diagnose import looks_like_volts
from sigsimnet.io.formats.mne import mne_kind


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
