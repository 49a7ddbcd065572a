"""Two files of one recording are told from two recordings of one person."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import compare, simulate
from sigsimnet.comparison._same_samples import SameSamples, same_samples
from sigsimnet.io._rates import resample

ONE, TWO = simulate(1, 2, duration=30, seed=4)
NAMES = ("I", "I")


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.2, -1000.0])
@pytest.mark.parametrize(("begin", "end"), [(0, 30), (7, 30), (0, 12), (11, 19)])
def test_cut_and_rescaled(factor, begin, end):
    part = ONE.crop(begin, end)
    found = same_samples(ONE, part.replace(data=factor * part.data), NAMES)
    assert found.lag == pytest.approx(begin, abs=0.01)
    assert found.scale == pytest.approx(factor, rel=0.01)
    assert found.share == 1.0
    back = same_samples(part.replace(data=factor * part.data), ONE, NAMES)
    assert (back.lag, back.scale) == (pytest.approx(-begin, abs=0.01), pytest.approx(1 / factor, rel=0.01))


@pytest.mark.parametrize("rate", [125, 200, 500])
def test_resampled(rate):
    found = same_samples(ONE, resample(ONE, rate).crop(5, 25), NAMES)
    assert found.resampled
    assert found.lag == pytest.approx(5, abs=0.02)


def test_with_a_little_noise_and_in_part():
    rng = np.random.default_rng(0)
    assert same_samples(ONE, ONE.replace(data=ONE.data + rng.normal(0, 0.001, ONE.data.shape)), NAMES) is not None
    mixed = ONE.data.copy()
    mixed[:, : mixed.shape[1] // 3] = TWO.data[:, : mixed.shape[1] // 3]
    found = same_samples(ONE, ONE.replace(data=mixed), NAMES)
    assert 0.5 <= found.share < 1
    assert "in part" in found.in_words()


def test_two_recordings_of_one_person_are_two():
    assert same_samples(ONE, TWO, NAMES) is None
    for number in range(5):
        a, b = simulate(1, 2, duration=20, noise=0.0, seed=10 + number)
        assert same_samples(a, b, NAMES) is None


def test_what_shows_nothing():
    flat = ONE.replace(data=np.zeros_like(ONE.data))
    assert same_samples(ONE, flat, NAMES) is None
    assert same_samples(flat, flat, NAMES) is None
    assert same_samples(ONE, ONE.crop(0, 0.5), NAMES) is None
    assert same_samples(ONE, ONE.replace(data=np.full_like(ONE.data, np.nan)), NAMES) is None


def test_compare_says_so():
    found = compare(ONE, ONE.replace(data=-ONE.data).crop(4, 30))
    assert found.verdict == "same"
    assert "the same samples, turned over; B begins 4.00 s after A" in found.reasons[0]
    assert found.to_dict()["same_samples"]["share"] == 1.0
    assert compare(ONE, TWO).same_samples is None


def test_words():
    assert "multiplied by 3; at another sampling rate" in SameSamples(1.0, 0.0, 3.0, True).in_words()


@pytest.mark.parametrize(("rate", "begin"), [(125.0, 3.331), (128.0, 4.017), (360.0, 2.503)])
def test_copy_at_another_rate_that_begins_between_two_samples(rate, begin):
    fine = simulate(1, 1, duration=20, sampling_rate=500, seed=5)[0].replace(channel_names=["I"])
    cut = fine.crop(begin, 18)
    found = same_samples(fine, resample(cut.replace(data=-2.0 * cut.data), rate), NAMES)
    assert found is not None
    assert abs(found.lag - begin) < 0.01
    assert found.scale == pytest.approx(-0.5, rel=0.01) or found.scale == pytest.approx(-2.0, rel=0.01)
