"""A recording to move about in: every sample at its time, extremes of every stretch, nothing where nothing was."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsimnet import Recording
from sigsimnet._spans import Span
from sigsimnet.app import _signals
from sigsimnet.app._signals import MISSING, keep, opened, window
from sigsimnet.errors import SignalError


def unpack(data):
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    sides = 2 if header["kind"] == "range" else 1
    numbers = np.frombuffer(data[4 + length :], "<i2").reshape(len(header["channels"]), header["n"], sides)
    values = np.where(
        numbers == MISSING,
        np.nan,
        numbers * np.array([one["scale"] for one in header["channels"]])[:, None, None]
        + np.array([one["middle"] for one in header["channels"]])[:, None, None],
    )
    return header, values


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(3, 200_003)).astype(np.float32) * np.array([[1.0], [50.0], [0.001]], np.float32)
    data[1, 1000:5000] = np.nan
    return Recording(data, 250.0, channel_names=["I", "II", "V1"], units=["mV"] * 3)


@pytest.fixture(scope="module")
def kept(noise, tmp_path_factory):
    return keep(noise, tmp_path_factory.mktemp("kept") / "a")


@pytest.mark.parametrize("start", [0.0, 3.21, 700.0])
@pytest.mark.parametrize("span", [1.0, 20.0, 100.0, 5000.0])
@pytest.mark.parametrize("points", [10, 700])
def test_extremes_are_those_of_the_samples(noise, kept, start, span, points):
    header, values = unpack(window(kept, start, start + span, points))
    rate, n = 250.0, noise.n_samples
    assert values.shape[1] <= points * 2 + 2
    begin = round(header["start"] * rate)
    width = round(header["step"] * rate)
    tolerance = 1.01 * np.array([one["scale"] for one in header["channels"]])
    for k in range(0, header["n"] - 1, max(1, header["n"] // 20)):  # the last one may end with the window
        part = noise.data[:, begin + k * width : min(begin + (k + 1) * width, n)].astype(float)
        for row in range(3):
            there = part[row][np.isfinite(part[row])]
            if not len(there):
                assert np.isnan(values[row, k]).all()
            else:
                assert values[row, k, 0] == pytest.approx(there.min(), abs=tolerance[row])
                assert values[row, k, -1] == pytest.approx(there.max(), abs=tolerance[row])
    assert begin <= start * rate + 1e-6
    assert begin + header["n"] * width >= min((start + span) * rate, n) - 1


def test_channels_and_what_is_kept(kept):
    header, values = unpack(window(kept, 0, 10, 5000, [2, 0, 9]))
    assert [one["name"] for one in header["channels"]] == ["V1", "I"]
    assert values.shape[0] == 2
    again = opened(kept.folder)
    assert again.about == json.loads(json.dumps(kept.about))
    assert opened(kept.folder / "none") is None


def test_a_pause_is_a_pause(tmp_path):
    data = np.arange(500, dtype=np.float32)
    one = Recording(data, 100.0, spans=[Span(0, 300), Span(300, 500, 10.0)])
    kept = keep(one, tmp_path / "paused")
    assert kept.about["duration"] == 12.0
    _, values = unpack(window(kept, 0.0, 12.0, 4000))
    x = values[0, :, 0]
    np.testing.assert_allclose(x[:300], data[:300], atol=0.01)
    assert np.isnan(x[300:1000]).all()
    np.testing.assert_allclose(x[1000:1200], data[300:], atol=0.01)


def test_pauses_that_are_too_long_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(_signals, "MOST_BYTES", 1000)
    one = Recording(np.zeros(200), 100.0, spans=[Span(0, 100), Span(100, 200, 86_400.0)])
    with pytest.raises(SignalError, match=r"its pauses last 1\.0 days"):
        keep(one, tmp_path / "long")


def test_a_recording_of_nothing(tmp_path):
    one = Recording(np.full((1, 50), np.nan), 100.0)
    _, values = unpack(window(keep(one, tmp_path / "nan"), 0, 1, 100))
    assert np.isnan(values).all()
