"""Windows that suit a recording: by modality, by what is given, and by what its sampling rate carries."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.channels import MODALITIES
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import WindowCutter, choose_windows, cutter_from_dict, filter_by_quality, why_no_segments


def recording(rate, *names, seconds=2.0):
    rng = np.random.default_rng(0)
    return Recording(rng.normal(size=(len(names), round(rate * seconds))), rate, channel_names=names)


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_modality_has_windows_that_carry_their_band(modality):
    cutter = WindowCutter.for_modality(modality)
    assert cutter.modality == modality
    assert cutter.band[1] <= 0.45 * cutter.sampling_rate
    assert cutter_from_dict(cutter.to_dict()) == cutter
    assert WindowCutter.for_modality(modality, length=1.5).length == 1.5


def test_the_modality_follows_from_the_names_and_is_said():
    cutter, notes = choose_windows(recording(2000, "EMG 1", "EMG 2"))
    assert cutter == WindowCutter.for_modality("emg", scale=cutter.scale)
    assert cutter.scale == pytest.approx(0.45, abs=0.05)  # of white noise of 1 at 2000 Hz, what lies in 20–225 Hz
    assert notes == ("windows of 1 s, one every 0.5 s, at 500 Hz, 20–225 Hz: emg by the channel names",)
    cutter, notes = choose_windows(recording(250, "EEG Cz", "EEG Pz", "ECG"))
    assert cutter.modality == "eeg"
    assert "most channels (eeg 2, ecg 1)" in notes[0]
    cutter, notes = choose_windows(recording(250, "ch1"))
    assert cutter == WindowCutter()
    assert "--modality" in notes[0]
    assert choose_windows(recording(250, "ch1"), "ppg").cutter == WindowCutter.for_modality("ppg")


def test_the_band_is_lowered_to_what_the_recording_carries():
    cutter, notes = choose_windows(recording(200, "EMG"))
    assert (cutter.sampling_rate, cutter.band) == (200, (20.0, 90.0))
    assert notes[1:] == ("band lowered from 225 to 90 Hz, 0.45 of the sampling rate of the recordings",)
    cutter, notes = choose_windows(recording(200, "EMG"), sampling_rate=1000)
    assert (cutter.sampling_rate, cutter.band) == (1000, (20.0, 90.0))
    assert "are interpolated" in notes[1]
    cutter, notes = choose_windows(recording(1000, "EMG"), sampling_rate=400)
    assert cutter.band == (20.0, 180.0)
    assert "of the windows" in notes[1]


def test_a_given_band_raises_the_rate_as_far_as_the_recording_goes():
    cutter, notes = choose_windows(recording(1000, "channel1"), length=0.5, step=0.25, band=(20.0, 450.0))
    assert (cutter.sampling_rate, cutter.band, cutter.n_samples) == (1000, (20.0, 450.0), 500)
    assert len(notes) == 1
    assert choose_windows(recording(500, "channel1"), band=(20.0, 450.0)).cutter.band == (20.0, 225.0)
    # Upper sides that are open end where the recording does.
    assert choose_windows(recording(100, "channel1"), band=(1.0, None)).cutter.band == (1.0, 45.0)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"band": (450.0, 20.0)}, "low corner must lie above 0 Hz and below"),
        ({"band": (-1.0, 20.0)}, "low corner"),
        ({"band": (60.0, 90.0), "sampling_rate": 100}, r"carries up to 45 Hz; raise the rate \(--rate\)"),
        ({"band": (120.0, 300.0)}, r"carries up to 90 Hz; lower the band \(--band\)"),
        ({"modality": "emgg"}, "known: ecg, eeg, emg"),
        ({"length": 0.001}, "fewer than two samples"),
        ({"length": -1.0}, "positive"),
    ],
)
def test_windows_that_cannot_be(settings, says):
    with pytest.raises(ParameterError, match=says):
        choose_windows(recording(200, "EMG"), **settings)


def test_why_there_are_no_windows():
    cutter = WindowCutter(length=1.0, band=(None, None))
    short = recording(100, "a", seconds=0.6)
    assert "window is 1 s long and the recording 0.6 s" in why_no_segments(short, cutter.cut(short), cutter)
    paused = recording(100, "a", seconds=1.5).replace(spans=[Span(0, 80), Span(80, 150, 9.0)])
    assert "longest span without a pause 0.8 s" in why_no_segments(paused, cutter.cut(paused), cutter)
    holes = recording(100, "a", seconds=3).replace(data=np.where(np.arange(300) % 60 < 20, np.nan, 1.0)[None])
    assert "each of the 3 windows of 1 s of a has a gap" in why_no_segments(holes, cutter.cut(holes), cutter)


def test_level_skin_conductance_is_kept():
    t = np.arange(0, 600, 0.25)
    x = np.round((2 + 0.02 * np.sin(2 * np.pi * 0.005 * t)) * 250) / 250  # µS, 4 nS a step: level for seconds
    eda = Recording(x, 4, channel_names=["EDA"], units="µS")
    cutter = choose_windows(eda).cutter
    assert filter_by_quality(cutter.cut(eda), eda, cutter).n_low_quality == 0
    unknown = WindowCutter(length=60, sampling_rate=4, band=(None, 1.0))
    assert filter_by_quality(unknown.cut(eda), eda, unknown).n_low_quality > 0
