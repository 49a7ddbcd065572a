"""Units that other libraries scale or forget come back as the file states them."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.io import read
from sigsimnet.recording import Recording

STATED = {
    "Fp1": ("µV", "µV"), "ECG": ("mV", "mV"), "GSR": ("µS", "µS"), "Temp": ("°C", "°C"), "ABP": ("mmHg", "mmHg"),
    "Imp": ("kΩ", "kΩ"), "acc": ("AU", ""), "x": ("n/a", ""), "z": ("g", "g"),
}  # fmt: skip


def brainvision(folder):
    channels = "".join(f"Ch{k + 1}={name},,1,{unit}\n" for k, (name, (unit, _)) in enumerate(STATED.items()))
    (folder / "a.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n"
        "MarkerFile=a.vmrk\n"
        f"DataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels={len(STATED)}\nSamplingInterval=4000\n\n"
        f"[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n\n[Channel Infos]\n{channels}",
        encoding="utf-8",
    )
    (folder / "a.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n"
        "[Marker Infos]\nMk1=New Segment,,1,1,0,20240301093015000000\n"
    )
    data = np.arange(1.0, len(STATED) + 1) + np.sin(np.arange(1000) / 9)[:, None] / 2
    data.astype("<f4").tofile(folder / "a.eeg")
    return data.T


def test_brainvision_keeps_values_and_units(tmp_path):
    pytest.importorskip("mne", reason="mne is not installed: sigsimnet[mne]")
    data = brainvision(tmp_path)
    found = read(tmp_path / "a.vhdr")
    assert dict(zip(found.channel_names, found.units, strict=True)) == {n: ours for n, (_, ours) in STATED.items()}
    np.testing.assert_allclose(found.data, data, rtol=1e-5)


def test_through_mne_and_back():
    pytest.importorskip("mne", reason="mne is not installed: sigsimnet[mne]")
    data = np.stack([np.linspace(a, a + 1, 500) for a in (0.1, 20.0, 5.0, 36.5, 80.0)])
    names, units = ["ECG", "EEG Fp1", "EDA", "T", "ABP"], ["mV", "µV", "µS", "°C", "mmHg"]
    raw = Recording(data, 250, channel_names=names, units=units).to_mne()
    assert raw.get_channel_types() == ["ecg", "eeg", "gsr", "temperature", "misc"]
    np.testing.assert_allclose(raw.get_data()[2], data[2] * 1e-6, rtol=1e-6)
    back = Recording.from_mne(raw)
    assert back.units == ("mV", "µV", "µS", "°C", "")  # MNE has no place for mmHg
    np.testing.assert_allclose(back.data, data, rtol=1e-6)
