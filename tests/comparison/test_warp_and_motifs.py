"""Warping paths and motifs against what was put there."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sigsimnet import Recording
from sigsimnet.comparison import motifs, warp
from sigsimnet.errors import MissingExtraError, ParameterError, SignalError

GRID = np.arange(200) / 200


def beat(t_at):
    return np.exp(-(((GRID - 0.3) / 0.02) ** 2)) + 0.4 * np.exp(-(((GRID - t_at) / 0.06) ** 2))


def test_a_late_wave_is_found_where_it_is():
    pytest.importorskip("dtaidistance")
    found = warp(beat(0.6), beat(0.65))
    assert found.later[60] == pytest.approx(0, abs=1)
    assert found.later[120] == pytest.approx(10, abs=2)
    assert found.path[0].tolist() == [0, 0]
    assert found.path[-1].tolist() == [199, 199]
    assert (np.diff(found.path, axis=0) >= 0).all()
    assert np.abs(found.path[:, 0] - found.path[:, 1]).max() <= 21
    assert found.distance < np.sqrt(((beat(0.6) - beat(0.65)) ** 2).sum()) / beat(0.6).std()
    assert warp(beat(0.6), 5 * beat(0.6) - 2).distance == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("side", [[1.0], [[1.0, 2.0]], [1.0, np.nan, 2.0], [3.0, 3.0, 3.0]])
def test_what_warp_refuses(side):
    with pytest.raises(ParameterError, match="one row of at least two finite numbers"):
        warp(side, [0.0, 1.0])
    with pytest.raises(ParameterError, match="band"):
        warp([0.0, 1.0], [0.0, 1.0], band=0.0)


def test_libraries_that_are_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "dtaidistance", None)
    with pytest.raises(MissingExtraError, match=r"sigsimnet\[baselines\]"):
        warp([0.0, 1.0], [1.0, 0.0])
    monkeypatch.setitem(sys.modules, "stumpy", None)
    with pytest.raises(MissingExtraError, match=r"sigsimnet\[motifs\]"):
        motifs((np.zeros(100), 10.0), length=1.0)


def test_motifs_of_two_recordings_at_two_rates():
    pytest.importorskip("stumpy")
    rng = np.random.default_rng(1)
    from scipy.ndimage import gaussian_filter1d

    slow = gaussian_filter1d(rng.normal(0, 1, 4000), 8)
    a = Recording(slow, 200, channel_names=["resp"])
    other = gaussian_filter1d(rng.normal(0, 1, 3000), 4)
    other[1000:1300] = -0.3 * 0 + 2 * slow[2000:2600:2] + 1.0
    found = motifs(a, Recording(other, 100, channel_names=["resp"]), length=2.5, top=1)
    assert found.matches[0].start_a == pytest.approx(10.0, abs=0.6)
    assert found.matches[0].start_a - found.matches[0].start_b == pytest.approx(0.0, abs=0.02)
    assert found.matches[0].correlation > 0.99
    assert found.discords[0].correlation < found.matches[0].correlation


def test_motifs_within_one_and_what_it_refuses():
    pytest.importorskip("stumpy")
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, 3000)
    x[2000:2100] = x[500:600]
    x[1000] = np.nan  # one missing sample does not ruin the rest
    found = motifs((x, 100.0), length=0.8, top=2)
    assert (found.matches[0].start_a, found.matches[0].start_b) == pytest.approx((5.0, 20.0), abs=0.21)
    with pytest.raises(SignalError, match="too short for stretches of 20 s"):
        motifs((x, 100.0), length=20.0)
    with pytest.raises(SignalError, match="crop or resample"):
        motifs((np.zeros(200_001), 100.0), length=1.0)
    with pytest.raises(ParameterError, match="length"):
        motifs((x, 100.0), length=0.0)
