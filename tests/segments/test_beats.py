"""Beats: where they are cut, what is left out, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.channels import ecg_channels
from sigsimnet.errors import ParameterError, SignalError, SigSimNetError, UnknownNameError
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import BeatCutter, beats
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def record():
    return simulate_one(4, duration=40, leads=("I", "II"), noise=0.3)


def test_beats_are_aligned_on_the_r_peak(record):
    cut = beats(record, channel="I")
    assert cut.data.shape[1:] == (1, 160)
    assert cut.data.dtype == np.float32
    at = cut.data[:, 0].argmax(axis=1)
    assert np.abs(at - 0.26 * 200).max() <= 1
    np.testing.assert_allclose(cut.times, [t for t in detect_peaks(record, channel="I").times if t in cut.times])


def test_beats_are_the_signal_itself():
    rate = 250.0
    at = np.cumsum(np.full(30, 0.8317)) + 0.3  # between samples
    t = np.arange(int(26 * rate)) / rate
    x = np.exp(-0.5 * ((t[:, None] - at) / 0.02) ** 2).sum(axis=1)
    cut = beats(Recording(x, rate), band=(None, 100.0), sampling_rate=400.0, before=0.2, after=0.3)
    grid = np.arange(200) / 400 - 0.2
    expected = np.exp(-0.5 * (grid / 0.02) ** 2)
    np.testing.assert_allclose(cut.data[:, 0], np.broadcast_to(expected, (len(cut), 200)), atol=0.01)


def test_what_is_said_about_them(record):
    cut = beats(record)
    peaks = detect_peaks(record)
    assert cut.n_r_peaks == len(peaks)
    assert len(cut) + cut.n_rejected == cut.n_r_peaks
    assert cut.heart_rate == pytest.approx(peaks.heart_rate)
    assert (cut.kind, cut.channel_names, cut.source) == ("beats", ("I", "II"), record.source)
    assert cut.sampling_rate == 200
    assert len(cut.times) == len(cut.quality) == len(cut.rr) == len(cut)
    assert cut.quality.min() >= 0
    assert cut.quality.max() <= 1
    assert np.median(cut.quality) > 0.9
    assert cut.polarity == 1
    assert not np.isnan(cut.data).any()
    assert repr(cut) == f"<Segments {len(cut)} beats × 2 × 160 at 200 Hz>"


def test_no_beat_straddles_a_gap_a_pause_or_a_border(record):
    """A gap 0.3 s after one beat, a pause 0.3 s after another: both lose their T wave and are left out."""
    found = detect_peaks(record, channel="I").times
    gap, pause = (round((found[np.searchsorted(found, t)] + 0.3) * 250) for t in (16, 24))
    data = record.data.copy()
    data[1, gap : gap + 100] = np.nan  # 0.4 s in one of two channels
    spans = [Span(0, pause, 0.0), Span(pause, 10000, 500.0)]
    paused = record.replace(data=data, spans=spans, annotations=())
    peaks = detect_peaks(paused)
    cut = beats(paused, peaks=peaks)
    ends = [
        (0.0, gap / 250),
        (gap / 250 + 0.4, pause / 250),
        (500.0, 500.0 + (10000 - pause) / 250),
    ]

    def whole(times, margin):
        return np.array([any(t - 0.26 >= lo + margin and t + 0.54 <= hi - margin for lo, hi in ends) for t in times])

    assert whole(cut.times, -0.01).all()
    assert np.isin(peaks.times[whole(peaks.times, 0.01)], cut.times).all()
    assert cut.n_rejected == len(peaks) - len(cut) >= 2
    assert cut.n_r_peaks == len(peaks)


def test_a_short_gap_is_bridged(record):
    data = record.data.copy()
    data[:, 5000:5020] = np.nan  # 80 ms
    assert abs(len(beats(record.replace(data=data))) - len(beats(record))) <= 1


def test_peaks_may_be_brought_along(record):
    peaks = detect_peaks(record, channel="II")
    np.testing.assert_array_equal(beats(record, peaks=peaks).times, beats(record.pick("II")).times)


def test_upside_down_and_scale(record):
    one = record.pick("I")
    cut, turned = beats(one), beats(one.replace(data=-one.data))
    np.testing.assert_array_equal(turned.data, -cut.data)
    assert turned.polarity == -cut.polarity
    np.testing.assert_allclose(turned.quality, cut.quality)
    larger = one.replace(data=one.data.astype(np.float64) * 1000 + 20)
    np.testing.assert_allclose(beats(larger, normalise="zscore").data, beats(one, normalise="zscore").data, atol=2e-3)


def test_z_scores(record):
    data = beats(record, normalise="zscore").data.astype(np.float64)
    np.testing.assert_allclose(data.mean(axis=-1), 0, atol=1e-5)
    np.testing.assert_allclose(data.std(axis=-1), 1, atol=1e-5)


def t_wave(cut):
    mean = cut.data[:, 0].mean(axis=0)
    after = round((0.26 + 0.14) * 200)
    return (after + int(mean[after:].argmax())) / 200 - 0.26


@pytest.mark.parametrize("person", [1, 2, 5])
def test_rate_normalisation_brings_t_of_two_heart_rates_together(person):
    slow, fast = (simulate_one(person, activity=a, duration=40, noise=0) for a in ("rest", "walking"))
    apart = abs(t_wave(beats(slow)) - t_wave(beats(fast)))
    together = abs(t_wave(beats(slow, rate_normalise=True)) - t_wave(beats(fast, rate_normalise=True)))
    assert apart >= 0.025
    assert together <= 0.021  # four samples of 5 ms
    assert together < apart / 2
    # The QRS complex keeps its width: up to 80 ms after the R peak nothing is stretched.
    qrs = slice(0, round((0.26 + 0.08) * 200))
    np.testing.assert_array_equal(
        beats(fast).take([5]).data[..., qrs],
        BeatCutter(rate_normalise=True, normalise="none").cut(fast).take([5]).data[..., qrs],
    )


@pytest.mark.parametrize("x", [np.zeros(5000), np.arange(5000.0)])
def test_no_beats(x):
    cut = beats(Recording(x, 250))
    assert cut.data.shape == (0, 1, 160)
    assert (len(cut), cut.n_r_peaks, cut.n_rejected) == (0, 0, 0)
    assert np.isnan(cut.heart_rate)


def test_parts_of_segments(record):
    cut = beats(record)
    some = cut.take([3, 1])
    np.testing.assert_array_equal(some.data, cut.data[[3, 1]])
    np.testing.assert_array_equal(some.times, cut.times[[3, 1]])
    np.testing.assert_array_equal(some.rr, cut.rr[[3, 1]])
    np.testing.assert_array_equal(some.quality, cut.quality[[3, 1]])
    assert len(cut.take(cut.times < 20)) == (cut.times < 20).sum()
    assert len(cut.take(slice(2, 5))) == 3
    second = cut.channel(-1)
    assert second.channel_names == ("II",)
    np.testing.assert_array_equal(second.data, cut.data[:, 1:])
    with pytest.raises(ParameterError, match="channel 2 of segments with 2"):
        cut.channel(2)


@pytest.mark.parametrize("bad", [{"before": 0}, {"after": -1}, {"sampling_rate": 0}])
def test_bad_settings(record, bad):
    with pytest.raises(ParameterError, match="positive"):
        beats(record, **bad)


def test_other_errors(record):
    with pytest.raises(SignalError, match="no channel"):
        beats(record, channel="V1")
    with pytest.raises(UnknownNameError, match=r"known: .*sigsimnet"):
        beats(record, detector="nobody")
    with pytest.raises(SigSimNetError, match="80 to 5000 Hz"):
        beats(Recording(np.zeros(500), 50))
    with pytest.raises(ParameterError, match=r"unknown normalisation 'max'.*asinh, none, zscore"):
        beats(record, normalise="max")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["EEG Fp1", "ECG ECG", "resp"], ("ECG ECG",)),
        (["resp", "MLII", "V5"], ("MLII", "V5")),
        (["I", "II", "aVR", "AVF", "v1"], ("I", "II", "aVR", "AVF", "v1")),
        (["ecg1", "ecg2", "acc"], ("ecg1", "ecg2")),
        (["EKG", "PPG"], ("EKG",)),
        (["ch1", "ch2"], ("ch1", "ch2")),
        (["VI", "Signal"], ("VI", "Signal")),
    ],
)
def test_channels_that_are_ecg_by_name(names, expected):
    assert ecg_channels(Recording(np.zeros((len(names), 3)), 1, channel_names=names)) == expected


def test_what_the_beats_cannot_show_does_not_come_back_as_something_else():
    # 190 Hz, cut at 200 Hz, would show as 10 Hz.
    clean_one = simulate_one(1, duration=20, sampling_rate=1000, noise=0)
    times = clean_one.times()
    hum = clean_one.replace(data=clean_one.data + 0.5 * np.sin(2 * np.pi * 190 * times).astype(np.float32))
    peaks = detect_peaks(clean_one)
    wide = beats(clean_one, band=(0.5, 250.0), peaks=peaks), beats(hum, band=(0.5, 250.0), peaks=peaks)
    assert np.abs(wide[0].data - wide[1].data).max() < 0.02
