"""Leads that are cut each by itself at the beats that they share."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, cut_leads, fuse_segments, standard_leads, with_limb_leads
from sigsimnet.simulation import simulate_one

TWELVE = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]


@pytest.fixture(scope="module")
def twelve():
    return simulate_one(3, duration=20, leads=TWELVE)


@pytest.mark.parametrize("two", [("I", "II"), ("II", "III"), ("aVR", "V1", "aVF"), ("aVL", "aVR")])
def test_two_limb_leads_give_the_others(two):
    rng = np.random.default_rng(0)
    i, ii = rng.standard_normal((2, 300))
    known = {"I": i, "II": ii, "III": ii - i, "aVR": -(i + ii) / 2, "aVL": i - ii / 2, "aVF": ii - i / 2, "V1": i * ii}
    recorded = Recording(np.stack([known[lead] for lead in two]), 250, channel_names=list(two), units="mV")
    full = with_limb_leads(recorded)
    for lead in TWELVE[:6]:
        np.testing.assert_allclose(full.data[full.channel_index(lead.upper())], known[lead], atol=1e-5)
    assert ("V1" in full.channel_names) == ("V1" in two)


@pytest.mark.parametrize("units", ["", ["mV", "µV"], "%"])
def test_leads_that_cannot_be_added_are_left_alone(units):
    recorded = Recording(np.zeros((2, 99)), 250, channel_names=["I", "II"], units=units)
    assert with_limb_leads(recorded).channel_names == ("I", "II")


def test_standard_leads_by_name():
    recorded = Recording(np.zeros((4, 9)), 250, channel_names=["ECG I", "ECG I filtered", "MLII", "II"])
    assert standard_leads(recorded) == {"I": "ECG I", "II": "MLII"}


def test_every_lead_has_its_own_beats(twelve):
    every, good = cut_leads(with_limb_leads(twelve), BeatCutter())
    assert every.data.shape[1] == every.channel_quality.shape[1] == 12
    assert len(good) == len(every) > 15
    assert every.cut_apart
    single = every.channel(every.channel_names.index("V2"))
    alone = BeatCutter().cut(twelve.pick("V2"))
    assert abs(len(single) - len(alone)) <= 1
    assert np.corrcoef(single.data.mean(axis=0)[0], alone.data.mean(axis=0)[0])[0, 1] > 0.98


def test_an_electrode_that_falls_off_takes_its_lead_only(twelve):
    data = twelve.data.copy()
    row = twelve.channel_index("V3")
    data[row, 2500:] = 0.0  # flat from 10 s on at 250 Hz
    data[twelve.channel_index("V5"), :1250] = np.nan
    every, good = cut_leads(with_limb_leads(twelve.replace(data=data)), BeatCutter())
    v3, v5 = (good.channel_quality[:, good.channel_names.index(lead)] for lead in ("V3", "V5"))
    others = np.delete(good.channel_quality, [good.channel_names.index(lead) for lead in ("V3", "V5")], axis=1)
    late, early = good.times > 11, good.times < 4
    assert not v3[late].any()
    assert v3[good.times < 9].all()
    assert not v5[early].any()
    assert others.all()
    assert len(good) == len(every)
    assert not np.isnan(good.data).any()
    few = good.pick(["V3"])
    assert len(few) == int((v3 > 0).sum())


def test_picking_and_fusing(twelve):
    _, good = cut_leads(with_limb_leads(twelve), BeatCutter())
    less = good.pick(["V1", "I"])
    assert less.channel_names == ("V1", "I")
    both = fuse_segments([good, less])
    assert both.channel_names == ("I", "V1")
    assert len(both) == len(good) + len(less) == len(both.channel_quality)
    with pytest.raises(ParameterError, match="no channel V9"):
        good.pick(["V9"])
    with pytest.raises(ParameterError, match="no common lead"):
        fuse_segments([good.pick(["V2"]), good.pick(["V1"])])
