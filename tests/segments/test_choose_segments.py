"""What suits recordings: beats where hearts beat, else windows, no longer than the shortest."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import Recording, simulate
from sigsimnet.errors import ParameterError
from sigsimnet.segments import BeatCutter, WindowCutter, choose_segments


def noise(rate, seconds, low=0.0, names=("ch1", "ch2"), seed=0):
    """Return noise above a frequency."""
    rng = np.random.default_rng(seed)
    x = np.fft.rfft(rng.normal(size=(len(names), round(rate * seconds))))
    x[:, np.fft.rfftfreq(round(rate * seconds), 1 / rate) < low] = 0
    return Recording(np.fft.irfft(x, round(rate * seconds)), rate, channel_names=names)


@pytest.mark.parametrize("names", [["ECG"], ["ch1"]])
def test_hearts_beat_whatever_the_channel_is_called(names):
    some = [one.replace(channel_names=names) for one in simulate(3, 1, duration=12, seed=1)]
    cutter, notes = choose_segments(some)
    assert cutter == BeatCutter()
    assert notes == ("heart beats: found in 3 of 3 recordings looked at",)


def test_a_noisy_one_among_them_does_not_decide():
    some = [*simulate(3, 1, duration=12, seed=1), noise(250, 12.0, names=("ECG",))]
    cutter, notes = choose_segments(some)
    assert cutter == BeatCutter()
    assert notes == ("heart beats: found in 3 of 4 recordings looked at",)
    assert choose_segments([some[0], *some[3:] * 2]).cutter.kind == "windows"


def test_an_ecg_of_one_beat_is_cut_into_windows():
    some = [one.crop(0, 1.3) for one in simulate(3, 1, duration=12, seed=1)]
    cutter, notes = choose_segments(some)
    assert cutter.kind == "windows"
    assert (cutter.length, cutter.step, cutter.modality) == (0.86, 0.43, "ecg")
    assert "the shortest recording has 1.3 s at a stretch" in notes[-1]


def test_every_recording_gives_a_window():
    some = [noise(250, seconds) for seconds in (1.8, 1.7, 1.6, 1.5, 0.71)]
    cutter, notes = choose_segments(some)
    assert cutter.length == 0.47
    assert all(len(cutter.cut(one)) for one in some)
    assert "the shortest recording has 0.712 s" in notes[-2]
    # A snippet does not decide.
    assert choose_segments([*some[:4], noise(250, 0.2)]).cutter.length == 1.0


def test_windows_are_as_short_as_those_that_were_not_looked_at_ask_for():
    asked = []

    def every_length():
        asked.append(1)
        return [1.8, 1.7, 0.9]

    assert choose_segments([noise(250, 1.8)], every_length=every_length).cutter.length == 0.6
    assert choose_segments([noise(250, 30.0)], every_length=every_length).cutter.length == 4.0
    assert len(asked) == 1


def test_of_signals_that_nobody_named_amplitude_counts():
    cutter, notes = choose_segments([noise(1000, 3.0, low=20.0)])
    assert (cutter.length, cutter.step, cutter.sampling_rate, cutter.band) == (2.0, 1.0, 250, (0.5, 112.5))
    assert cutter.normalise == "asinh"
    assert cutter.scale == pytest.approx(0.38, abs=0.04)  # what noise above 20 Hz has below 112 Hz
    assert "--modality" in notes[0]
    assert choose_segments([noise(100, 20.0)]).cutter.band == (0.5, 45.0)


def test_names_and_what_is_given_come_first():
    eeg = noise(250, 20.0, names=("EEG Cz", "EEG Pz"))
    cutter, notes = choose_segments([eeg])
    assert cutter == WindowCutter.for_modality("eeg")
    assert "eeg by the channel names" in notes[0]
    beating = simulate(1, 1, duration=12, seed=1)
    assert choose_segments(beating, length=2.0).cutter == WindowCutter.for_modality("ecg", length=2.0)
    assert choose_segments([eeg], "resp").cutter.length == 13.0
    with pytest.raises(ParameterError, match="no recording"):
        choose_segments([])
    with pytest.raises(ParameterError, match="known: ecg"):
        choose_segments([eeg], "ekg")


def test_amplitude_is_that_of_the_recording():
    one = noise(1000, 3.0, names=("EMG 1", "EMG 2"))
    for factor in (1e-4, 1.0, 300.0):
        cutter = choose_segments([one.replace(data=one.data * factor)]).cutter
        assert cutter.scale == pytest.approx(0.64 * factor, rel=0.1)
    assert choose_segments([one.replace(data=one.data * 0)], "emg").cutter.scale == 1.0
