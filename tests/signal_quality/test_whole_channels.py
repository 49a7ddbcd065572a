"""What holds for whole channels: polarity and swapped electrodes."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.channels import lead_of
from sigsimnet.recording import Recording
from sigsimnet.signal_quality import REASONS, quality
from sigsimnet.signal_quality.features.leads import SWAPS
from sigsimnet.simulation import simulate_one

INVERTED, SWAPPED = REASONS.index("polarity inverted"), REASONS.index("leads likely swapped")


def swap(recording, matrix):
    i, ii = np.asarray(matrix) @ recording.data[:2]
    limbs = [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]
    return recording.replace(data=np.vstack([limbs, recording.data[6:]]))


def test_an_upside_down_lead_is_said_and_stays_good(clean):
    upright, inverted = quality(clean), quality(clean.replace(data=-clean.data))
    assert not upright.warnings
    assert inverted.warnings == ("channel I: polarity likely inverted: its waves point down",)
    assert inverted.reasons[0, :, INVERTED].all()
    np.testing.assert_allclose(inverted.index, upright.index, atol=1e-6)


def test_leads_that_may_point_both_ways_are_not_judged(twelve):
    names = ["III", "aVL", "V1", "V2", "V3"]
    assert not quality(twelve.pick(names).replace(data=-twelve.pick(names).data)).warnings


def test_avr_points_down(twelve):
    lead = twelve.pick("aVR")
    assert not quality(lead).warnings
    assert "point up" in quality(lead.replace(data=-lead.data)).warnings[0]


def test_right_names_are_left_alone(twelve):
    found = quality(twelve)
    assert not found.warnings
    assert not found.reasons[..., [INVERTED, SWAPPED]].any()


@pytest.mark.parametrize("name", [name for name in SWAPS if name not in ("none", "left arm and left leg")])
def test_swapped_limbs_are_said(twelve, name):
    found = quality(swap(twelve, SWAPS[name]))
    assert found.reasons[:6, :, SWAPPED].all()
    assert not found.reasons[6:, :, SWAPPED].any()
    assert "limb electrodes likely swapped" in found.warnings[0]
    assert found.good.mean() > 0.9


def test_other_spellings(twelve):
    names = ["DI", "DII", "DIII", "avr", "avl", "avf", *(f"lead v{k}" for k in range(1, 7))]
    found = quality(swap(twelve, SWAPS["right arm and left arm"]).replace(channel_names=names))
    assert found.warnings[0].startswith("leads DI, DII, DIII, avr, avl, avf: limb electrodes likely swapped")
    assert [lead_of(name) for name in ("V7", "EEG I", "vector", "resp")] == [""] * 4


def test_right_arm_on_right_leg_leaves_no_heart_in_lead_two(twelve):
    three = twelve.data[2]
    limbs = [-three, 0 * three, three, three / 2, -three, three / 2]
    noise = np.random.default_rng(0).normal(0, 0.004, (6, twelve.n_samples))
    found = quality(twelve.replace(data=np.vstack([limbs + noise, twelve.data[6:]])))
    assert not found.good[1].any()
    assert found.good[0].all()
    assert any("channel I: polarity likely inverted" in warning for warning in found.warnings)


def test_leads_that_do_not_add_up_are_said(twelve):
    data = twelve.data.copy()
    data[2] *= -1
    assert "do not add up" in quality(twelve.replace(data=data)).warnings[0]


def test_noise_says_nothing_of_polarity():
    assert not quality(Recording(np.random.default_rng(0).normal(size=(2, 6000)), 100)).warnings


@pytest.mark.parametrize("dead", ["I", "III", "aVL", "V3"])
def test_a_lead_of_twelve_that_is_not_there(dead):
    """One missing lead gives no warning of NumPy's, and the others are judged as before."""
    names = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    two = simulate_one(4, duration=20, leads=("I", "II")).data
    one, other = two
    limb = [one, other, other - one, -(one + other) / 2, one - other / 2, other - one / 2]
    data = np.stack([*limb, *(other * k for k in (-0.5, 0.3, 0.8, 1.2, 1.1, 0.9))])
    data[names.index(dead)] = np.nan
    found = quality(Recording(data, 250, channel_names=names, units="mV"))
    assert found.share_good[names.index(dead)] == 0
    assert found.share_good[names.index("II")] > 0.8


def test_whole_channels_are_left_alone_on_request(clean):
    inverted = clean.replace(data=-clean.data)
    full, short = quality(inverted), quality(inverted, whole=False)
    assert full.warnings
    assert not short.warnings
    np.testing.assert_array_equal(full.index, short.index)
